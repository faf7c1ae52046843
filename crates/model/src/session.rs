//! Logins: which token family each discharged, for what, and until when.

use timestamp::Timestamp;

use crate::ids::{AccountId, SessionId, TokenId};

/// One login and its refreshes.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id, which stands in the discharge.
    pub id: SessionId,
    /// The family of the root macaroon it discharged.
    pub token: TokenId,
    /// Who logged in.
    pub account: AccountId,
    /// What was asked for, as JSON, for showing to people.
    pub scope: String,
    /// How the client describes itself, such as `snapcraft@host`.
    pub description: String,
    /// The SSO's refresh token, sealed.
    pub sealed_refresh: Vec<u8>,
    /// When password and code were given.
    pub logged_in_at: Timestamp,
    /// When it was refreshed last.
    pub refreshed_at: Timestamp,
    /// When it ends, whatever happens.
    pub expires_at: Timestamp,
    /// How its holder proved who they are.
    pub proof: LoginProof,
}

/// How somebody has proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginProof {
    /// By a password: the account has no one-time codes.
    Password,
    /// By a password and a one-time code.
    PasswordAndCode,
}
