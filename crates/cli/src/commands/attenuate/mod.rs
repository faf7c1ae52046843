//! `macaroond attenuate`: a narrower credential out of a wider one, offline.

mod lookup;
mod narrow;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use caveats::Permission;
use clap::Args;

use crate::credential::Source;
use crate::terminal::output::Output;
use crate::terminal::time::TimeOrDuration;
use crate::terminal::{eprint, permission};
use model::clock::Clock;
use narrow::Narrowing;

/// Make a narrower credential out of a wider one, in the same form.
///
/// Needs no service, no key and no password. Nobody can widen it again, and whoever revokes the wider one revokes the
/// narrower one too.
#[derive(Debug, Args)]
#[command(
    override_usage = "macaroond attenuate [FILE] LIMIT... [--output FILE]",
    after_help = "Every option narrows further; a list may be repeated or separated by commas. What the credential does \
not allow anyway is an error, not an empty promise. Exit codes: 0 written, 1 not written, 2 wrong usage."
)]
pub(crate) struct Attenuate {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    limits: Limits,
    /// Where to look up the ids of snaps that are given by name.
    #[arg(long, env = "STORE_DASHBOARD_URL", value_name = "URL")]
    server: Option<String>,
    #[command(flatten)]
    output: Output,
}

/// What to narrow it to.
#[derive(Debug, Default, Args)]
#[group(required = true, multiple = true)]
struct Limits {
    /// Only these snaps, by id (32 letters and digits); by name with --server.
    #[arg(long = "snap", value_delimiter = ',', value_name = "ID")]
    snaps: Vec<String>,
    /// Only channels like these: edge, 2.0/stable, 'latest/*'.
    #[arg(long = "channel", value_delimiter = ',', value_name = "PATTERN")]
    channels: Vec<String>,
    /// Only these permissions.
    #[arg(long = "permission", value_delimiter = ',', value_name = "NAME", value_parser = permission::parser())]
    permissions: Vec<Permission>,
    /// Only until then: a moment such as 2026-12-24T18:00:00Z (UTC without a zone), or 2h, 7days from now.
    #[arg(long, value_name = "WHEN")]
    expires: Option<TimeOrDuration>,
    /// Only from then on.
    #[arg(long, value_name = "WHEN")]
    not_before: Option<TimeOrDuration>,
    /// Only for uploading files with these SHA3-384 digests, in hexadecimal or as snapd writes them (base64url).
    #[arg(long = "upload-digest", value_delimiter = ',', value_name = "DIGEST")]
    upload_digests: Vec<String>,
    /// Only for uploading these very files.
    #[arg(long = "upload-file", value_name = "FILE")]
    upload_files: Vec<PathBuf>,
    /// Only for uploads whose build is signed by one of these keys (key id, base64url).
    #[arg(long = "build-key", value_delimiter = ',', value_name = "ID")]
    build_keys: Vec<String>,
    /// Only from these addresses, or networks such as 192.0.2.0/24.
    #[arg(long = "source-ip", value_delimiter = ',', value_name = "CIDR")]
    source_ips: Vec<String>,
}

impl Attenuate {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        self.output.check()?;
        let now = Clock::system().now();
        let credential = self.source.read()?;
        let mut narrowing = Narrowing::read(self.limits, now)?;
        if !narrowing.snaps.is_empty() {
            narrowing.snaps = lookup::ids(narrowing.snaps, &credential, self.server.as_deref()).await?;
        }
        let narrower = narrowing.of(&credential, now)?;
        self.output.write(&narrower.write())?;
        if let Some(path) = self.output.file() {
            eprint(format_args!(
                "Wrote the narrower credential to {}; only you can read it.",
                path.display()
            ));
        }
        Ok(())
    }
}
