//! Pushes that wait for the assertion their file needs: bounded in time and number, each asked about when an assertion
//! comes, and every second, as it may come to another replica.
//!
//! The credential waits along, in memory, and is judged anew: what is not allowed any more when the assertion comes is not
//! accepted. A process that ends takes its waiting pushes with it; their clients are told to upload again.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::admit::{AdmitError, Pusher, Verdict};
use super::error::PushError;
use crate::authorization::Refusal;
use crate::authorization::authorized::Authorized;
use crate::publishing::accept_upload::{self, AcceptError, Prepared, PushSlot};
use crate::publishing::workspace::{CommitError, Workspace};
use model::ids::PushId;
use model::snap::Push;

/// How often it is asked about, should nobody say that something has come.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// A push that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) pusher: Pusher,
    pub(super) prepared: Prepared,
    /// What it lacks.
    pub(super) reason: String,
    /// The sentence in which it is refused in the end.
    pub(super) sentence: fn(PushError) -> String,
}

/// Claims the file, and lets the push wait; one that may not wait is refused now.
pub(super) async fn begin(
    workspace: &Workspace,
    pushing: &Authorized,
    waiting: Waiting,
) -> Result<Push, AcceptError> {
    let patience = workspace.patience;
    let place = workspace.waiting.clone().try_acquire_owned();
    let (false, Ok(place)) = (patience.is_zero(), place) else {
        return accept_upload::refuse(workspace, pushing, &waiting.prepared, waiting.reason).await;
    };
    let until = workspace.clock.now().saturating_add(patience);
    let push = accept_upload::wait(workspace, pushing, &waiting.prepared, until).await?;
    let (workspace, id, deadline) = (workspace.clone(), push.id.clone(), Instant::now() + patience);
    tokio::spawn(async move {
        let _place = place;
        if let Err(message) = waiting.until_admitted(&workspace, &id, deadline).await
            && accept_upload::give_up(&workspace, &waiting.prepared, id, message).await.is_err()
        {
            tracing::error!("a push that waited in vain could not be refused; it ends by itself");
        }
    });
    Ok(push)
}

impl Waiting {
    /// Asks until the file is accepted; `Err` says why it never will be.
    async fn until_admitted(
        &self,
        workspace: &Workspace,
        id: &PushId,
        deadline: Instant,
    ) -> Result<(), String> {
        let mut reason = self.reason.clone();
        loop {
            // Registered before asking: what comes in between is not missed.
            let mut arrival = std::pin::pin!(workspace.arrivals.notified());
            arrival.as_mut().enable();
            match self.ask(workspace, id).await {
                Asked::Accepted => return Ok(()),
                Asked::Refused(message) => return Err(message),
                Asked::NotYet(message) => reason = message,
                Asked::CannotTell => {}
            }
            if Instant::now() >= deadline {
                return Err(reason);
            }
            drop(timeout_at(deadline.min(Instant::now() + ASK_EVERY), arrival).await);
        }
    }

    async fn ask(&self, workspace: &Workspace, id: &PushId) -> Asked {
        let Waiting { pusher, prepared, .. } = self;
        let (authorized, admission) = match pusher.admit(workspace, prepared).await {
            Ok(Verdict::Admitted(authorized, admission)) => (authorized, admission),
            Ok(Verdict::Lacking(message)) => return Asked::NotYet(message),
            Ok(Verdict::Flawed(message)) => return Asked::Refused(message),
            Err(
                AdmitError::Judge(_)
                | AdmitError::Refused(Refusal::ListUnavailable(_) | Refusal::Storage(_) | Refusal::Keys(_)),
            ) => {
                return Asked::CannotTell;
            }
            Err(refused @ AdmitError::Refused(_)) => return Asked::Refused((self.sentence)(refused.into())),
        };
        let (channels, place) = (&pusher.channels, PushSlot::Waiting(id.clone()));
        match accept_upload::accept(workspace, &authorized, prepared, &admission, channels, place).await {
            Ok(_) => Asked::Accepted,
            Err(
                AcceptError::Changed
                | AcceptError::Storage(_)
                | AcceptError::Commit(
                    CommitError::ListUnavailable(_) | CommitError::Storage(_) | CommitError::KeyRevoked(_),
                ),
            ) => Asked::CannotTell,
            Err(error) => Asked::Refused((self.sentence)(error.into())),
        }
    }
}

enum Asked {
    Accepted,
    Refused(String),
    NotYet(String),
    CannotTell,
}
