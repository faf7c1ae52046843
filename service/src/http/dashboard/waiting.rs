//! Pushes that wait for the assertion their file needs: bounded in time and number, each asked about when an assertion
//! comes, and every second, as it may come to another replica.
//!
//! The credential waits along, in memory, and is judged anew: what is not allowed any more when the assertion comes is not
//! accepted. A process that ends takes its waiting pushes with it; their clients are told to upload again.

use std::time::Duration;

use actix_web::web;
use tokio::time::{Instant, timeout_at};

use super::admission::{AdmitError, Pusher, Verdict};
use crate::authorization::Refusal;
use crate::authorization::authorized::Authorized;
use crate::http::problem::Problem;
use crate::http::state::State;
use crate::publishing::accept_upload::{self, AcceptError, Place, Prepared};
use crate::publishing::workspace::CommitError;
use model::ids::PushId;
use model::snap::Push;

/// How often it is asked about, should nobody say that something has come.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Claims the file, and lets the push wait; one that may not wait is refused now.
pub(super) async fn begin(
    state: &web::Data<State>,
    pushing: &Authorized,
    pusher: Pusher,
    prepared: Prepared,
    reason: String,
) -> Result<Push, Problem> {
    let patience = state.settings.uploads.assertion_wait;
    let place = state.waiting.clone().try_acquire_owned();
    let (false, Ok(place)) = (patience.is_zero(), place) else {
        return Ok(accept_upload::refuse(state.publishing(), pushing, &prepared, reason).await?);
    };
    let until = state.clock.now().saturating_add(patience);
    let push = accept_upload::wait(state.publishing(), pushing, &prepared, until).await?;
    let (state, id, deadline) = (state.clone().into_inner(), push.id.clone(), Instant::now() + patience);
    tokio::spawn(async move {
        let _place = place;
        let outcome = until_admitted(&state, &pusher, &prepared, &id, deadline, reason).await;
        if let Err(message) = outcome
            && accept_upload::give_up(state.publishing(), &prepared, id, message).await.is_err()
        {
            tracing::error!("a push that waited in vain could not be refused; it ends by itself");
        }
    });
    Ok(push)
}

/// Asks until the file is accepted; `Err` says why it never will be.
async fn until_admitted(
    state: &State,
    pusher: &Pusher,
    prepared: &Prepared,
    id: &PushId,
    deadline: Instant,
    mut reason: String,
) -> Result<(), String> {
    loop {
        // Registered before asking: what comes in between is not missed.
        let mut arrival = std::pin::pin!(state.arrivals.notified());
        arrival.as_mut().enable();
        match once(state, pusher, prepared, id).await {
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

enum Asked {
    Accepted,
    Refused(String),
    NotYet(String),
    CannotTell,
}

async fn once(state: &State, pusher: &Pusher, prepared: &Prepared, id: &PushId) -> Asked {
    let (authorized, admission) = match pusher.admit(state, prepared).await {
        Ok(Verdict::Admitted(authorized, admission)) => (authorized, admission),
        Ok(Verdict::Lacking(message)) => return Asked::NotYet(message),
        Ok(Verdict::Flawed(message)) => return Asked::Refused(message),
        Err(
            AdmitError::Judge(_)
            | AdmitError::Refused(Refusal::Undecided(_) | Refusal::Storage(_) | Refusal::Keys(_)),
        ) => {
            return Asked::CannotTell;
        }
        Err(AdmitError::Refused(refusal)) => {
            return Asked::Refused(Problem::from(refusal).message().to_owned());
        }
    };
    let (publishing, place) = (state.publishing(), Place::Waiting(id.clone()));
    match accept_upload::accept(publishing, &authorized, prepared, &admission, &pusher.channels, place).await
    {
        Ok(_) => Asked::Accepted,
        Err(
            AcceptError::Changed
            | AcceptError::Storage(_)
            | AcceptError::Commit(
                CommitError::Undecided(_) | CommitError::Storage(_) | CommitError::KeyRevoked(_),
            ),
        ) => Asked::CannotTell,
        Err(error) => Asked::Refused(Problem::from(error).message().to_owned()),
    }
}
