//! Accounts: who someone is to the organisation's SSO, and what they may do here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use timestamp::Timestamp;

use crate::ids::{AccountId, SessionId, TokenId};

/// What an account may do beyond publishing its own packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Registers names, uploads and releases.
    Publisher,
    /// Lists and revokes other people's credentials, reads the audit trail.
    Security,
}

/// The text names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no role; there are: publisher, security")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Role, UnknownRole> {
        match text {
            "publisher" => Ok(Role::Publisher),
            "security" => Ok(Role::Security),
            other => Err(UnknownRole(other.to_owned())),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Publisher => "publisher",
            Role::Security => "security",
        })
    }
}

/// Somebody as the SSO describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The SSO's issuer URL.
    pub issuer: String,
    /// The SSO's own id for the person; it never changes.
    pub subject: String,
    /// E-mail address.
    pub email: String,
    /// Whether the SSO has seen that it is theirs.
    pub email_verified: bool,
    /// User name.
    pub username: String,
    /// Name shown to people.
    pub display_name: String,
    /// What their groups make them here.
    pub roles: Vec<Role>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Our id for it.
    pub id: AccountId,
    /// E-mail address, as of the last login.
    pub email: String,
    /// User name, as of the last login.
    pub username: String,
    /// Name shown to people, as of the last login.
    pub display_name: String,
    /// What it may do, as of the last login or refresh.
    pub roles: Vec<Role>,
    /// When it first logged in.
    pub created_at: Timestamp,
}

/// Who did something, as it is kept with what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// Whose credential it was.
    pub account: AccountId,
    /// The login it came from.
    pub session: SessionId,
    /// The token family it belonged to.
    pub token: TokenId,
}
