//! Accepting an upload: a received file becomes a revision of a snap, whole or not at all.
//!
//! What the file says of itself is read before anything is written. Then one transaction claims the file, writes the
//! revision, its releases and the outcome for the client's polling; revocation is asked again inside it, last.

use caveats::{Channel, Timestamp};

use super::publishing::{CommitError, PackageError, Publishing};
use super::release::lines;
use crate::model::authorized::Authorized;
use crate::model::ids::PushId;
use crate::model::snap::{Outcome, Push, ReceivedFile, Revision, Snap, SnapMeta, SnapName};
use crate::snap::{self, SnapError};
use crate::storage::records::{StorageError, Tx, releases, revisions, snaps, uploads};

/// What a client says of the upload it claims.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The file, if one was received under the id given.
    pub file: Option<&'a ReceivedFile>,
    /// How many bytes it should have.
    pub size: Option<u64>,
    /// Where to release the revision at once.
    pub channels: &'a [Channel],
}

/// An upload was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// No file was received under this id.
    #[error("there is no such upload")]
    NoSuchUpload,
    /// A push has it already.
    #[error("the upload was claimed before")]
    AlreadyClaimed,
    /// It has another size than the client says.
    #[error("{received} bytes were received and {expected} were expected")]
    WrongSize {
        /// What the client says.
        expected: u64,
        /// What came.
        received: u64,
    },
    /// It is not a snap.
    #[error("the file is not a snap")]
    NotASnap(#[from] SnapError),
    /// It is another snap.
    #[error("the file is the snap {found} and not {pushed}")]
    WrongName {
        /// What it was pushed as.
        pushed: SnapName,
        /// What it says it is.
        found: SnapName,
    },
    /// The package it is for is not there.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// It could not be kept.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Makes a received file the next revision of the authorized snap. A file that the snap has already is not refused: the
/// outcome says so, as clients expect.
pub async fn accept(
    publishing: Publishing<'_>,
    authorized: &Authorized,
    claim: Claim<'_>,
) -> Result<Push, AcceptError> {
    let file = claimable(claim)?;
    let snap = publishing.package(authorized).await?;
    let meta = meta(publishing, file).await?;
    if meta.name != snap.name {
        return Err(AcceptError::WrongName { pushed: snap.name, found: meta.name });
    }
    let now = publishing.clock.now();
    let mut tx = publishing.records.begin().await?;
    let outcome = match claimed(&mut tx, &snap, file, now).await? {
        Slot::Taken(number) => Outcome::Duplicate(number),
        Slot::Free { number, last_release } => {
            let (upload, digest, size) = (file.id.clone(), file.digest, file.size);
            let revision = Revision { number, upload, digest, size, meta, created_at: now };
            revisions::insert(&mut tx, &snap.id, &revision, authorized).await?;
            let lines = lines(&revision, claim.channels, now);
            releases::insert(&mut tx, &snap.id, last_release, &lines, authorized).await?;
            Outcome::Accepted(number)
        }
    };
    finish(publishing, authorized, tx, file, Push { id: PushId::generate(), snap: snap.id, outcome }, now)
        .await
}

/// Refuses a delta in the way that makes a client send the whole file.
pub async fn refuse_delta(
    publishing: Publishing<'_>,
    authorized: &Authorized,
    claim: Claim<'_>,
) -> Result<Push, AcceptError> {
    let file = claimable(claim)?;
    let snap = publishing.package(authorized).await?;
    let now = publishing.clock.now();
    let mut tx = publishing.records.begin().await?;
    if !uploads::claim(&mut tx, &file.id, now).await? {
        return Err(AcceptError::AlreadyClaimed);
    }
    let push = Push { id: PushId::generate(), snap: snap.id, outcome: Outcome::DeltaUnsupported };
    finish(publishing, authorized, tx, file, push, now).await
}

fn claimable(claim: Claim<'_>) -> Result<&ReceivedFile, AcceptError> {
    let file = claim.file.ok_or(AcceptError::NoSuchUpload)?;
    if file.claimed_at.is_some() {
        return Err(AcceptError::AlreadyClaimed);
    }
    match claim.size {
        Some(expected) if expected != file.size => {
            Err(AcceptError::WrongSize { expected, received: file.size })
        }
        _ => Ok(file),
    }
}

/// What the file says of itself, read where blocking is allowed. A reader that panics has met something that is no snap.
async fn meta(publishing: Publishing<'_>, file: &ReceivedFile) -> Result<SnapMeta, SnapError> {
    let path = publishing.blobs.path(&file.id);
    tokio::task::spawn_blocking(move || snap::read(&path)).await.unwrap_or(Err(SnapError::Damaged))
}

enum Slot {
    /// The snap has this very file, as this revision.
    Taken(i64),
    /// The next revision, and the number of the latest release.
    Free { number: i64, last_release: i64 },
}

/// Claims the file, and finds its place under the snap's lock.
async fn claimed(tx: &mut Tx, snap: &Snap, file: &ReceivedFile, now: Timestamp) -> Result<Slot, AcceptError> {
    let (last_revision, last_release) = snaps::lock(tx, &snap.id).await?;
    if !uploads::claim(tx, &file.id, now).await? {
        return Err(AcceptError::AlreadyClaimed);
    }
    match revisions::by_digest(tx, &snap.id, file.digest).await? {
        Some(number) => Ok(Slot::Taken(number)),
        None => Ok(Slot::Free { number: last_revision + 1, last_release }),
    }
}

async fn finish(
    publishing: Publishing<'_>,
    authorized: &Authorized,
    mut tx: Tx,
    file: &ReceivedFile,
    push: Push,
    now: Timestamp,
) -> Result<Push, AcceptError> {
    revisions::insert_push(&mut tx, &push, now).await?;
    publishing.commit(tx, authorized).await?;
    if !matches!(push.outcome, Outcome::Accepted(_)) {
        // Claimed, and no revision: nobody can reach these bytes any more. Should they stay, they only take space.
        drop(publishing.blobs.remove(&file.id).await);
    }
    Ok(push)
}
