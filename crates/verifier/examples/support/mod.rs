//! What the examples share: where the service is and what is known of it, as options; and what they ask of a credential.
//!
//! Left out: refreshing the discharge that the feed is followed with; more than one root key.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use caveats::{Access, Package, Permission, RootKey, Upload, exported};
use clap::Args;
use model::ids::KeyId;
use verifier::{Bound, Settings, Verdict, Verifier};

/// Where the service is, and what is known of it.
#[derive(Debug, Args)]
pub(crate) struct Service {
    /// The service, as its clients reach it.
    url: String,
    /// A credential with `credential_list`, to follow the revocations with: a file as `macaroond mint` writes it.
    #[arg(long)]
    watcher: PathBuf,
    /// The id of the root key: the second part of a root's identifier.
    #[arg(long)]
    key_id: KeyId,
    /// A file of what `macaroond keys root reveal` prints.
    #[arg(long)]
    key: PathBuf,
    /// The oldest that the list may be for a credential to be accepted.
    #[arg(long, default_value = "5s", value_parser = humantime::parse_duration)]
    bound: Duration,
    /// By how much the clocks may differ: `tokens.clock_skew`.
    #[arg(long, default_value = "2s", value_parser = humantime::parse_duration)]
    skew: Duration,
}

impl Service {
    /// Begins to follow its revocations.
    pub(crate) fn follow(&self) -> anyhow::Result<Verifier> {
        let raw = STANDARD.decode(std::fs::read_to_string(&self.key)?.trim())?;
        let watcher = exported::read(&std::fs::read_to_string(&self.watcher)?)?.into_bundle()?.to_header();
        let settings = Settings::new(&self.url, watcher.into())?
            .root_key(self.key_id.clone(), RootKey::derive(&raw))
            .bound(Bound::new(self.bound))
            .skew(self.skew);
        Ok(Verifier::follow(settings))
    }
}

/// What is asked for here: to read what is the account's. See `Access` for packages, channels and files.
pub(crate) fn check(verifier: &Verifier, header: &str, source: Option<IpAddr>) -> Verdict {
    let access = Access {
        now: verifier.now(),
        permissions: &[Permission::PackageAccess],
        package: Package::None,
        channels: &[],
        upload: Upload::None,
        source,
    };
    verifier.check(header, &access)
}
