//! Builds: whether an assertion is its publisher's word for a file, good now. What it says is judged anew each time it
//! is to admit something, as keys end and are revoked.

use std::time::Duration;

use assertions::{Assertion, DecodeError, PublicKey, SnapBuild, TypeError};
use timestamp::Timestamp;

use super::signing_keys::revoked;
use super::workspace::{CommitError, PackageError, Workspace};
use crate::authorization::authorized::Authorized;
use model::ids::{AccountId, SigningKeyId, SnapId};
use model::signing::{Build, SigningKey};
use model::snap::{Digest384, Snap};
use revocation::Revocation;
use storage::records::{StorageError, builds};
use storage::revocations::ListUnavailable;

/// By how much the clock of whoever signs may be ahead of ours.
const AHEAD: Duration = Duration::from_mins(10);

/// A file, for which an assertion may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// SHA3-384 of its bytes.
    pub digest: Digest384,
    /// How many there are.
    pub size: u64,
}

/// The proof that a registered key of the publisher stands by a file. Made by [`judge`] alone; good for a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    key: SigningKeyId,
    assertion: String,
}

impl Signed {
    /// The key that signed.
    pub fn key(&self) -> &SigningKeyId {
        &self.key
    }

    /// As it is kept.
    pub(super) fn build(&self, snap: &SnapId, digest: Digest384, now: Timestamp) -> Build {
        Build {
            snap: snap.clone(),
            digest,
            key: self.key.clone(),
            assertion: self.assertion.clone(),
            received_at: now,
        }
    }
}

/// Why an assertion does not speak for a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// It is no assertion.
    #[error("it is not an assertion: {0}")]
    Malformed(#[from] DecodeError),
    /// It is another assertion, or one of its headers is not as it must be.
    #[error("it is not a snap-build assertion: {0}")]
    Type(#[from] TypeError),
    /// No such key was registered.
    #[error("its key {0} is not registered: run snapcraft register-key")]
    UnknownKey(String),
    /// The key is another account's.
    #[error("its key {0} is not the publisher's, but another account's")]
    OtherAccountsKey(SigningKeyId),
    /// It speaks in the name of another account.
    #[error("it is in the name of the account {0}, which is not the publisher")]
    OtherAuthority(String),
    /// The signature does not hold.
    #[error("its signature by the key {0} does not hold")]
    Signature(SigningKeyId),
    /// It was signed before its key was good.
    #[error("it was signed at {at}, before its key {key} was good")]
    BeforeKey {
        /// The key.
        key: SigningKeyId,
        /// When it was signed.
        at: Timestamp,
    },
    /// The key has ended.
    #[error("its key {key} expired at {until}")]
    KeyExpired {
        /// The key.
        key: SigningKeyId,
        /// When.
        until: Timestamp,
    },
    /// The key was revoked.
    #[error("its key {key} was revoked at {at}")]
    KeyRevoked {
        /// The key.
        key: SigningKeyId,
        /// When.
        at: Timestamp,
    },
    /// It is from the future.
    #[error("it says that it was signed at {0}, which is still to come: check the clock that signed it")]
    Future(Timestamp),
    /// It is for another snap.
    #[error("it is for the snap id {0}, which is another snap")]
    OtherSnap(String),
    /// It is for other bytes.
    #[error("it is for another file, with the digest {0}")]
    OtherFile(String),
    /// It is for as many bytes as the file does not have.
    #[error("it is for a file of {said} bytes, and this one has {size}")]
    OtherSize {
        /// What it says.
        said: u64,
        /// What the file has.
        size: u64,
    },
}

/// An assertion was not kept.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// It speaks for nothing.
    #[error(transparent)]
    Flawed(#[from] Flaw),
    /// The package is not there.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// It could not be kept.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// It could not be judged.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// An assertion could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The revocation list could not be asked.
    #[error(transparent)]
    ListUnavailable(#[from] ListUnavailable),
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Keeps an assertion for the authorized snap, whose file may come before or after it.
pub async fn receive(
    publishing: &Workspace,
    authorized: &Authorized,
    text: &str,
) -> Result<SnapBuild, BuildError> {
    let snap = publishing.package(authorized).await?;
    let build = read(text)?;
    let signed = judge(publishing, &snap, &build, None).await??;
    let mut tx = publishing.records.begin().await?;
    let kept = signed.build(&snap.id, Digest384(*build.digest()), publishing.clock.now());
    builds::insert(&mut tx, &kept).await?;
    publishing.commit(tx, authorized).await?;
    publishing.arrivals.notify_waiters();
    Ok(build)
}

/// What speaks for a file, and why what does not, does not: what was kept for it and what came along with it.
pub async fn candidates(
    publishing: &Workspace,
    snap: &Snap,
    file: File,
    along: Option<&str>,
) -> Result<Vec<Result<Signed, Flaw>>, JudgeError> {
    let kept = publishing.records.builds(&snap.id, file.digest).await?;
    let mut judged = Vec::new();
    for text in kept.iter().map(|build| build.assertion.as_str()).chain(along) {
        judged.push(match read(text) {
            Ok(build) => judge(publishing, snap, &build, Some(file)).await?,
            Err(flaw) => Err(flaw),
        });
    }
    Ok(judged)
}

fn read(text: &str) -> Result<SnapBuild, Flaw> {
    Ok(SnapBuild::read(Assertion::decode(text.as_bytes())?)?)
}

/// Whether an assertion is the word of the snap's publisher now, and for the file if there is one yet.
async fn judge(
    publishing: &Workspace,
    snap: &Snap,
    build: &SnapBuild,
    file: Option<File>,
) -> Result<Result<Signed, Flaw>, JudgeError> {
    let named = build.assertion().sign_key().to_string();
    let key = match named.parse::<SigningKeyId>() {
        Ok(id) => publishing.records.signing_key(&id).await?,
        Err(_) => None,
    };
    let Some(key) = key else { return Ok(Err(Flaw::UnknownKey(named))) };
    let cut = revoked(publishing, &key.id).await?;
    let now = publishing.clock.now();
    Ok(signed(build, &key, cut.as_ref(), &snap.account, now).and_then(|signed| {
        concerns(build, snap, file)?;
        Ok(signed)
    }))
}

/// Whether the key stands by the assertion now. A thief could date an assertion back: a key that has ended or was
/// revoked admits nothing, whenever it says it signed.
fn signed(
    build: &SnapBuild,
    key: &SigningKey,
    cut: Option<&Revocation>,
    publisher: &AccountId,
    now: Timestamp,
) -> Result<Signed, Flaw> {
    let (id, at) = (key.id.clone(), build.timestamp());
    if key.account != *publisher {
        return Err(Flaw::OtherAccountsKey(id));
    }
    if build.authority() != publisher.as_str() {
        return Err(Flaw::OtherAuthority(build.authority().to_owned()));
    }
    let public_key = PublicKey::decode(key.public_key.as_bytes()).map_err(|_| Flaw::Signature(id.clone()))?;
    build.assertion().verify(&public_key).map_err(|_| Flaw::Signature(id.clone()))?;
    if let Some(cut) = cut {
        return Err(Flaw::KeyRevoked { key: id, at: cut.at });
    }
    if let Some(until) = key.until.filter(|until| *until <= now.max(at)) {
        return Err(Flaw::KeyExpired { key: id, until });
    }
    if at < key.since {
        return Err(Flaw::BeforeKey { key: id, at });
    }
    if at > now.saturating_add(AHEAD) {
        return Err(Flaw::Future(at));
    }
    Ok(Signed { key: id, assertion: build.assertion().as_str().to_owned() })
}

fn concerns(build: &SnapBuild, snap: &Snap, file: Option<File>) -> Result<(), Flaw> {
    if build.snap_id() != snap.id.as_str() {
        return Err(Flaw::OtherSnap(build.snap_id().to_owned()));
    }
    let Some(file) = file else { return Ok(()) };
    if *build.digest() != file.digest.0 {
        return Err(Flaw::OtherFile(Digest384(*build.digest()).base64url()));
    }
    if build.size() != file.size {
        return Err(Flaw::OtherSize { said: build.size(), size: file.size });
    }
    Ok(())
}
