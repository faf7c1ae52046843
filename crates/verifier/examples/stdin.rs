//! Says of each `Authorization` header on its standard input `ACCEPTED`, `REFUSED` or `CANNOT TELL`, and why.
//!
//! Left out: refreshing the discharge it follows with; more than one root key.
#![expect(clippy::print_stdout, reason = "a program to look at")]

use std::io::BufRead as _;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use caveats::{Access, Package, Permission, RootKey, Upload, exported};
use clap::Parser;
use model::ids::KeyId;
use verifier::{Bound, Settings, Verifier};

/// Says of each Authorization header on standard input whether it is accepted.
#[derive(Debug, Parser)]
struct Arguments {
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

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let verifier = Arguments::parse().follow()?;
    tokio::task::spawn_blocking(move || {
        for header in std::io::stdin().lock().lines() {
            // What is asked for here: to read what is the account's. See `Access` for packages, channels and files.
            let access = Access {
                now: verifier.now(),
                permissions: &[Permission::PackageAccess],
                package: Package::None,
                channels: &[],
                upload: Upload::None,
                source: None,
            };
            println!("{}", verifier.check(&header?, &access));
        }
        Ok(())
    })
    .await?
}

impl Arguments {
    fn follow(&self) -> anyhow::Result<Verifier> {
        let raw = STANDARD.decode(std::fs::read_to_string(&self.key)?.trim())?;
        let watcher = exported::read(&std::fs::read_to_string(&self.watcher)?)?.into_bundle()?.to_header();
        let settings = Settings::new(&self.url, watcher.into())?
            .root_key(self.key_id.clone(), RootKey::derive(&raw))
            .bound(Bound::new(self.bound))
            .skew(self.skew);
        Ok(Verifier::follow(settings))
    }
}
