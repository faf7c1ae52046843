//! What all requests of one provider share.

use crate::accounts::Accounts;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::keys::Keys;
use crate::refresh_tokens::RefreshTokens;

/// Made once, before anything is served.
pub(crate) struct State {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) accounts: Accounts,
    pub(crate) refresh_tokens: RefreshTokens,
    pub(crate) keys: Keys,
    pub(crate) faults: Faults,
    pub(crate) clock: Clock,
}

impl State {
    /// The URL of a path that is served here.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.trim_end_matches('/'))
    }
}
