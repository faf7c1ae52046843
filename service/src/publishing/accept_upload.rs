//! Accepting an upload: a received file becomes a revision of a snap, whole or not at all.
//!
//! What the file says of itself is read before anything is written. Then one transaction claims the file, writes the
//! revision, its releases and the outcome for the client's polling; the package's policy, the key that signed and
//! revocation are asked again inside it, last. A push may wait for its signature in between: then the file is claimed, and
//! the same transaction settles it.

use caveats::Channel;
use timestamp::Timestamp;

use super::builds::{File, Signed};
use super::release::lines;
use super::tracks::{self, OffTrack};
use super::workspace::{CommitError, PackageError, Workspace};
use crate::authorization::authorized::Authorized;
use model::ids::PushId;
use model::signing::SignedUploads;
use model::snap::{Outcome, Push, ReceivedFile, Revision, Snap, SnapMeta, SnapName};
use snap_file::{self, SnapError};
use storage::records::revisions::Provenance;
use storage::records::{
    StorageError, Tx, builds, policies, pushes, releases, revisions, signing_keys, snaps, uploads,
};

/// What a client says of the upload it claims.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    /// The file, if one was received under the id given.
    pub file: Option<&'a ReceivedFile>,
    /// How many bytes it should have.
    pub size: Option<u64>,
    /// Where the revision is to be released at once.
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
    /// What it was admitted by is not enough, or not good, any more.
    #[error("the policy or the key has changed meanwhile")]
    Changed,
    /// It is to be released to a track that does not take it.
    #[error(transparent)]
    Track(#[from] OffTrack),
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

/// A file that may become a revision, were it admitted.
#[derive(Debug, Clone)]
pub struct Prepared {
    /// The snap.
    pub snap: Snap,
    /// The file.
    pub file: ReceivedFile,
    /// What it says of itself.
    meta: SnapMeta,
}

impl Prepared {
    /// What an assertion for it must say.
    pub fn identity(&self) -> File {
        File { digest: self.file.digest, size: self.file.size }
    }
}

/// What an upload is admitted by.
#[derive(Debug, Clone)]
pub enum Admission {
    /// Its publisher's signature.
    Signed(Signed),
    /// Nothing, and nothing is asked for.
    Unsigned,
    /// Nothing; were the policy not only observed, it would be refused for this reason.
    Observed(String),
}

/// Where the outcome of a push is written.
#[derive(Debug, Clone)]
pub enum PushSlot {
    /// Nowhere yet: the file is still to be claimed.
    New,
    /// In the place of its waiting.
    Waiting(PushId),
}

/// Reads what a claimed file says of itself, and that it is for the authorized snap and for the tracks it shall go to.
pub async fn prepare(
    publishing: &Workspace,
    authorized: &Authorized,
    claim: Claim<'_>,
) -> Result<Prepared, AcceptError> {
    let file = claimable(claim)?;
    let snap = publishing.package(authorized).await?;
    let meta = meta(publishing, file).await?;
    if meta.name != snap.name {
        return Err(AcceptError::WrongName { pushed: snap.name, found: meta.name });
    }
    let known = publishing.records.tracks(&snap.id).await?;
    tracks::fits(&known, claim.channels, Some(&meta.version))?;
    Ok(Prepared { snap, file: file.clone(), meta })
}

/// Makes a file the next revision of its snap. A file that the snap has already is not refused: the outcome says so, as
/// clients expect.
pub async fn accept(
    publishing: &Workspace,
    authorized: &Authorized,
    prepared: &Prepared,
    admission: &Admission,
    channels: &[Channel],
    place: PushSlot,
) -> Result<Push, AcceptError> {
    let (snap, file, now) = (&prepared.snap, &prepared.file, publishing.clock.now());
    publishing.authority.ready(now).await.map_err(CommitError::from)?;
    let mut tx = publishing.records.begin().await?;
    let (last_revision, last_release) = snaps::lock(&mut tx, &snap.id).await?;
    take(&mut tx, file, &place, now).await?;
    let standing = still_admitted(&mut tx, snap, admission, now).await?;
    let known = revisions::by_digest(&mut tx, &snap.id, file.digest).await?;
    let outcome = if let Some(number) = known {
        Outcome::Duplicate(number)
    } else {
        let number = last_revision + 1;
        let (upload, digest, size) = (file.id.clone(), file.digest, file.size);
        let meta = prepared.meta.clone();
        let revision = Revision { number, upload, digest, size, meta, created_at: now };
        revisions::insert(&mut tx, &snap.id, &revision, authorized.author(), &standing).await?;
        if let Admission::Signed(signed) = admission {
            builds::insert(&mut tx, &signed.build(&snap.id, file.digest, now)).await?;
        }
        let vouched = publishing
            .authority
            .vouch_for_revision(&mut tx, snap, &revision, authorized.account(), now)
            .await;
        vouched.map_err(CommitError::from)?;
        let lines = lines(&revision, channels, now);
        releases::insert(&mut tx, &snap.id, last_release, &lines, authorized.author()).await?;
        Outcome::Accepted(number)
    };
    if let (Outcome::Accepted(number), Some(reason)) = (&outcome, &standing.observed) {
        tracing::warn!(snap = %snap.id, number, reason, "accepted what a policy of required would have refused");
    }
    let push = Push { id: id(&place), snap: snap.id.clone(), outcome, observed: standing.observed };
    write(&mut tx, &push, &place, now).await?;
    publishing.commit_signed(tx, authorized, standing.key.as_ref()).await?;
    discard(publishing, file, &push).await;
    Ok(push)
}

/// Claims a file whose signature may still come until a moment.
pub async fn wait(
    publishing: &Workspace,
    authorized: &Authorized,
    prepared: &Prepared,
    until: Timestamp,
) -> Result<Push, AcceptError> {
    claim(publishing, authorized, &prepared.file, &prepared.snap, Outcome::Waiting { until }).await
}

/// Refuses a file in a sentence, so that it serves for nothing any more.
pub async fn refuse(
    publishing: &Workspace,
    authorized: &Authorized,
    prepared: &Prepared,
    message: String,
) -> Result<Push, AcceptError> {
    claim(publishing, authorized, &prepared.file, &prepared.snap, Outcome::Refused(message)).await
}

/// Refuses a delta in the way that makes a client send the whole file.
pub async fn refuse_delta(
    publishing: &Workspace,
    authorized: &Authorized,
    claimed: Claim<'_>,
) -> Result<Push, AcceptError> {
    let file = claimable(claimed)?;
    let snap = publishing.package(authorized).await?;
    claim(publishing, authorized, file, &snap, Outcome::DeltaUnsupported).await
}

/// Ends the waiting of a push with a refusal. Nobody needs to be authorized for that.
pub async fn give_up(
    publishing: &Workspace,
    prepared: &Prepared,
    waiting: PushId,
    message: String,
) -> Result<(), StorageError> {
    let outcome = Outcome::Refused(message);
    let push = Push { id: waiting, snap: prepared.snap.id.clone(), outcome, observed: None };
    let mut tx = publishing.records.begin().await?;
    if pushes::settle(&mut tx, &push).await? {
        tx.commit().await?;
        discard(publishing, &prepared.file, &push).await;
    }
    Ok(())
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
async fn meta(publishing: &Workspace, file: &ReceivedFile) -> Result<SnapMeta, SnapError> {
    let path = publishing.blobs.path(&file.id);
    tokio::task::spawn_blocking(move || snap_file::read(&path)).await.unwrap_or(Err(SnapError::Damaged))
}

/// Claims a file for an outcome that makes no revision.
async fn claim(
    publishing: &Workspace,
    authorized: &Authorized,
    file: &ReceivedFile,
    snap: &Snap,
    outcome: Outcome,
) -> Result<Push, AcceptError> {
    let now = publishing.clock.now();
    let push = Push { id: PushId::generate(), snap: snap.id.clone(), outcome, observed: None };
    let mut tx = publishing.records.begin().await?;
    take(&mut tx, file, &PushSlot::New, now).await?;
    pushes::insert(&mut tx, &push, now).await?;
    publishing.commit(tx, authorized).await?;
    discard(publishing, file, &push).await;
    Ok(push)
}

/// Takes the file for this push alone.
async fn take(tx: &mut Tx, file: &ReceivedFile, place: &PushSlot, now: Timestamp) -> Result<(), AcceptError> {
    match place {
        PushSlot::New if uploads::claim(tx, &file.id, now).await? => Ok(()),
        PushSlot::New => Err(AcceptError::AlreadyClaimed),
        PushSlot::Waiting(_) if uploads::hold(tx, &file.id).await? => Ok(()),
        PushSlot::Waiting(_) => Err(AcceptError::NoSuchUpload),
    }
}

/// Whether what the file was admitted by is still enough, under the locks of the policy and the key.
async fn still_admitted(
    tx: &mut Tx,
    snap: &Snap,
    admission: &Admission,
    now: Timestamp,
) -> Result<Provenance, AcceptError> {
    let policy = policies::lock(tx, &snap.id).await?;
    match admission {
        Admission::Signed(signed) => {
            let key = signing_keys::lock(tx, signed.key()).await?.ok_or(AcceptError::Changed)?;
            if key.until.is_some_and(|until| until <= now) {
                return Err(AcceptError::Changed);
            }
            Ok(Provenance { key: Some(key.id), observed: None })
        }
        Admission::Unsigned if policy == SignedUploads::Off => Ok(Provenance::default()),
        Admission::Observed(reason) if policy <= SignedUploads::Observe => {
            Ok(Provenance { key: None, observed: Some(reason.clone()) })
        }
        Admission::Unsigned | Admission::Observed(_) => Err(AcceptError::Changed),
    }
}

fn id(place: &PushSlot) -> PushId {
    match place {
        PushSlot::New => PushId::generate(),
        PushSlot::Waiting(id) => id.clone(),
    }
}

async fn write(tx: &mut Tx, push: &Push, place: &PushSlot, now: Timestamp) -> Result<(), AcceptError> {
    match place {
        PushSlot::New => Ok(pushes::insert(tx, push, now).await?),
        PushSlot::Waiting(_) if pushes::settle(tx, push).await? => Ok(()),
        PushSlot::Waiting(_) => Err(AcceptError::AlreadyClaimed),
    }
}

/// Removes a file that is claimed and makes no revision: nobody can reach it any more. Should it stay, it only takes space
/// until the next sweep.
async fn discard(publishing: &Workspace, file: &ReceivedFile, push: &Push) {
    if !matches!(push.outcome, Outcome::Accepted(_) | Outcome::Waiting { .. }) {
        drop(publishing.blobs.remove(&file.id).await);
    }
}
