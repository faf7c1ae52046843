//! Pushing: a received file is claimed for a snap, and accepted, refused, or left waiting for the signature it needs.

mod admit;
mod error;
mod wait;

use caveats::Upload;
use model::ids::UploadId;
use model::snap::Push;

pub use admit::{AdmitError, Pusher};
pub use error::PushError;

use super::accept_upload::{self, AcceptError, Claim, Prepared, PushSlot};
use super::workspace::{CommitError, Workspace};
use crate::authorization::Refusal;
use crate::authorization::authorized::Authorized;
use admit::Verdict;

/// How often what admits an upload may change under it before the client is told to come again.
const ROUNDS: usize = 3;

/// The file that is pushed, as a client describes it.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// The id it was received under; `None` where what the client sent is no id of any file.
    pub upload: Option<UploadId>,
    /// How many bytes it should have.
    pub size: Option<u64>,
    /// Whether it is a difference to a file from before, which is never accepted.
    pub is_delta: bool,
}

/// What is told elsewhere while a push goes on.
#[derive(Debug, Clone, Copy)]
pub struct Reports {
    /// Hears who pushes, once that is known.
    pub known: fn(&Authorized),
    /// The sentence in which a push that waited in vain is refused: its client reads it later, in the push's status.
    pub sentence: fn(PushError) -> String,
}

/// Whether a file could be pushed.
pub async fn may_push(workspace: &Workspace, pusher: &Pusher, known: fn(&Authorized)) -> Result<(), Refusal> {
    known(&authorize(workspace, pusher, Upload::Proposed).await?);
    Ok(())
}

/// Pushes. To claim the file takes no more than the proof that it may be pushed; to accept it, one that knows who has
/// signed. A file whose signature is asked for and has not come is claimed and waits for it.
pub async fn push(
    workspace: &Workspace,
    pusher: Pusher,
    file: &Pushed,
    reports: Reports,
) -> Result<Push, PushError> {
    let received = match &file.upload {
        Some(id) => workspace.records.upload(id).await?,
        None => None,
    };
    let upload = received.as_ref().map_or(Upload::Proposed, |it| Upload::Received { digest: &it.digest.0 });
    let pushing = authorize(workspace, &pusher, upload).await?;
    (reports.known)(&pushing);
    let claim = Claim { file: received.as_ref(), size: file.size, channels: &pusher.channels };
    if file.is_delta {
        return Ok(accept_upload::refuse_delta(workspace, &pushing, claim).await?);
    }
    let prepared = accept_upload::prepare(workspace, &pushing, claim).await?;
    decide(workspace, &pushing, pusher, prepared, reports.sentence).await
}

async fn authorize(
    workspace: &Workspace,
    pusher: &Pusher,
    upload: Upload<'_>,
) -> Result<Authorized, Refusal> {
    workspace.authorizer.authorize(pusher.bundle.clone(), &pusher.attempt(upload)).await
}

/// Accepts, refuses, or lets it wait.
async fn decide(
    workspace: &Workspace,
    pushing: &Authorized,
    pusher: Pusher,
    prepared: Prepared,
    sentence: fn(PushError) -> String,
) -> Result<Push, PushError> {
    for _ in 0..ROUNDS {
        let (authorized, admission) = match pusher.admit(workspace, &prepared).await? {
            Verdict::Admitted(authorized, admission) => (authorized, admission),
            Verdict::Lacking(reason) => {
                return Ok(wait::begin(
                    workspace,
                    pushing,
                    wait::Waiting { pusher, prepared, reason, sentence },
                )
                .await?);
            }
            Verdict::Flawed(reason) => {
                return Ok(accept_upload::refuse(workspace, pushing, &prepared, reason).await?);
            }
        };
        let channels = &pusher.channels;
        match accept_upload::accept(workspace, &authorized, &prepared, &admission, channels, PushSlot::New)
            .await
        {
            Err(AcceptError::Changed | AcceptError::Commit(CommitError::KeyRevoked(_))) => {}
            other => return Ok(other?),
        }
    }
    Err(AcceptError::Changed.into())
}
