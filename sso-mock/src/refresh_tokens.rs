//! Refresh tokens: opaque, and each good for one use (RFC 6749, 6; RFC 9700, 4.14.2).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::accounts::Epoch;
use crate::random;
use crate::scope::Scope;

/// What a login granted, and what every refresh goes back to.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// Whose it is.
    pub(crate) subject: String,
    /// The epoch of the account at the login.
    pub(crate) epoch: Epoch,
    /// When the password was checked, in seconds since the epoch.
    pub(crate) auth_time: i64,
    /// What was granted.
    pub(crate) scope: Scope,
}

/// The refresh tokens that have not been spent.
#[derive(Default)]
pub(crate) struct RefreshTokens(Mutex<HashMap<String, Session>>);

impl RefreshTokens {
    /// Makes one.
    pub(crate) fn issue(&self, session: Session) -> String {
        let token = random::secret();
        self.lock().insert(token.clone(), session);
        token
    }

    /// What one stands for. It stays good.
    pub(crate) fn find(&self, token: &str) -> Option<Session> {
        self.lock().get(token).cloned()
    }

    /// What one stands for. It is good no more: of two who spend it, one is told.
    pub(crate) fn spend(&self, token: &str) -> Option<Session> {
        self.lock().remove(token)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
