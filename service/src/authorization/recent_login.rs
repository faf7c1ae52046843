//! What takes a login of a moment ago: what a leaked credential's finder must not be able to do.

use std::time::Duration;

use super::{Authorizer, Refusal};
use crate::authorization::authorized::Authorized;
use model::session::LoginProof;

/// How old the login may be.
const RECENT: Duration = Duration::from_mins(15);

impl Authorizer {
    /// Whether the actor has given password and code a moment ago, which a found credential's finder has not.
    pub fn logged_in_recently(&self, actor: &Authorized) -> Result<(), Refusal> {
        let login = actor.question().login.map_or(0, timestamp::Timestamp::micros);
        let age_seconds = (self.clock.now().micros() - login) / 1_000_000;
        let at_most_seconds = i64::try_from(RECENT.as_secs()).unwrap_or(i64::MAX);
        if age_seconds > at_most_seconds {
            return Err(Refusal::LoginTooOld { age_seconds, at_most_seconds });
        }
        Ok(())
    }

    /// Whether the actor has given password and one-time code a moment ago.
    pub async fn confirmed_recently(&self, actor: &Authorized) -> Result<(), Refusal> {
        self.logged_in_recently(actor)?;
        match self.records.session(&actor.author().session).await?.map(|session| session.proof) {
            Some(LoginProof::PasswordAndCode) => Ok(()),
            Some(LoginProof::Password) | None => Err(Refusal::LoginWithoutCode),
        }
    }
}
