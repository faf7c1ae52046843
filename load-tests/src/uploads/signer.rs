//! Publishers' keys: what `snap create-key` makes, and what `snap export-key` and `snap sign-build` write with one.

use anyhow::Context as _;
use assertions::{NewAccountKeyRequest, NewSnapBuild, PrivateKey};
use model::clock::Clock;
use sha3::{Digest as _, Sha3_384};
use timestamp::Timestamp;

/// The smallest that is taken: how long the service checks is not in question here.
const BITS: usize = 2048;

/// A key, and what signs with it.
#[derive(Debug)]
pub(crate) struct Signer {
    key: PrivateKey,
    id: String,
}

impl Signer {
    pub(crate) async fn make() -> anyhow::Result<Signer> {
        let made = tokio::task::spawn_blocking(|| PrivateKey::generate(BITS)).await;
        let key = made.context("a key was being made")?.context("no key could be made")?;
        let id = key.public().id().to_string();
        Ok(Signer { key, id })
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The request to register it.
    pub(crate) fn request(&self, account_id: &str, name: &str) -> anyhow::Result<String> {
        let (since, public_key) = (now(), self.key.public());
        let new = NewAccountKeyRequest { account_id, name, since, until: None, public_key };
        Ok(new.draft().sign(&self.key, since)?.as_str().to_owned())
    }

    /// Its word for a file.
    pub(crate) fn build(&self, account: &str, snap: &str, file: &[u8]) -> anyhow::Result<String> {
        let (timestamp, digest) = (now(), Sha3_384::digest(file).into());
        let size = u64::try_from(file.len())?;
        let new = NewSnapBuild {
            authority: account,
            snap_id: snap,
            digest: &digest,
            size,
            grade: "stable",
            timestamp,
        };
        Ok(new.draft().sign(&self.key, timestamp)?.as_str().to_owned())
    }
}

/// Assertions are dated in whole seconds, and no later than they are made.
fn now() -> Timestamp {
    Timestamp::from_micros(Clock::system().now().micros() / 1_000_000 * 1_000_000)
}
