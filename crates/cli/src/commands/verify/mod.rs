//! `macaroond verify`: who vouches for a file, from a trusted root key to its bytes, without asking anybody.

mod fetch;
mod file;
mod report;
mod root;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use assertions::{Assertion, Chain, limits::MAX_STREAM_BYTES};
use clap::Args;

use crate::terminal::{eprint, print};
use fetch::Fetch;
use file::Measured;
use report::Report;
use root::Root;

/// The exit code where nobody vouches for the file.
const NOT_VOUCHED: u8 = 1;
/// The exit code where it can't be told.
const CANNOT_TELL: u8 = 2;

/// Say which revision of which snap a file is, and follow the signatures from a trusted root key to its bytes.
///
/// Nothing is asked and nobody is believed but the root key: the assertions may come from anywhere. What a chain can't show
/// is that it is the newest: a key that was revoked since, or a later revision, only a store tells.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes:
  0  vouched for: these bytes are that revision, by the word of the store whose root key is trusted
  1  NOT vouched for, and why
  2  wrong usage, or it can't be told: something could not be read or fetched

The root key's own assertion comes from `macaroond keys store show --root-assertion`, by a way that you trust.")]
pub(crate) struct Verify {
    /// The snap.
    file: PathBuf,
    /// The root key to trust: the file with its own account-key assertion, or its id.
    #[arg(long, env = "MACAROOND_STORE_ROOT", value_name = "FILE|ID", allow_hyphen_values = true)]
    root: Root,
    /// The assertions, parted by blank lines, as `snap download` writes them. Default: the file beside the snap that ends in
    /// `.assert`.
    #[arg(long, value_name = "FILE")]
    assertions: Option<PathBuf>,
    /// Get the assertions from this store first, and write them to the file.
    #[arg(long, value_name = "URL")]
    fetch: Option<String>,
    /// Print one JSON object instead of the text; times are RFC 3339.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(crate) async fn run(self) -> ExitCode {
        let judged = match self.judge().await {
            Ok(report) => self.eprint(&report),
            Err(error) => Err(error),
        };
        judged.unwrap_or_else(|error| {
            eprint(format_args!(
                "macaroond: it cannot be told who vouches for {}: {error:#}",
                self.file.display()
            ));
            ExitCode::from(CANNOT_TELL)
        })
    }

    async fn judge(&self) -> anyhow::Result<Report> {
        let trusted = self.root.read()?;
        let path = self.assertions.clone().unwrap_or_else(|| self.file.with_extension("assert"));
        let file = Measured::read(&self.file)?;
        let known = match &self.fetch {
            Some(url) => match fetch::fetch(url, &file).await? {
                Fetch::Got(assertions) => {
                    fetch::write(&path, &assertions)?;
                    assertions
                }
                Fetch::Nothing => return Ok(Report::unknown(url, &file)),
            },
            None => read(&path)?,
        };
        let chain = Chain::new(known.iter().cloned().chain(trusted.assertion.clone()), &[trusted.key]);
        Ok(Report::of(chain.vouch(&file.digest, file.size), &file, &known))
    }

    fn eprint(&self, report: &Report) -> anyhow::Result<ExitCode> {
        if self.json {
            print(serde_json::to_string_pretty(report)?)?;
        } else {
            print(report.text(&self.file))?;
        }
        Ok(if report.is_vouched() { ExitCode::SUCCESS } else { ExitCode::from(NOT_VOUCHED) })
    }
}

/// Reads a stream of assertions.
fn read(path: &std::path::Path) -> anyhow::Result<Vec<Assertion>> {
    use std::io::Read as _;
    let unreadable = || format!("cannot read the assertions in {}", path.display());
    let mut text = Vec::new();
    let file = std::fs::File::open(path).with_context(unreadable)?;
    file.take(MAX_STREAM_BYTES as u64 + 1).read_to_end(&mut text).with_context(unreadable)?;
    Assertion::decode_stream(&text).with_context(unreadable)
}
