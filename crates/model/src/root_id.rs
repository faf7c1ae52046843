//! The identifier of a root macaroon: which key it was minted with, and which family it begins.

use std::fmt;
use std::str::FromStr;

use crate::ids::{InvalidId, KeyId, TokenId};

const VERSION: &str = "1";

/// The parts of a root macaroon's identifier: `VERSION.ROOT KEY ID.TOKEN ID`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootId {
    /// The key it was minted with.
    pub key: KeyId,
    /// The family it begins.
    pub token: TokenId,
}

impl FromStr for RootId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<RootId, InvalidId> {
        let mut parts = text.split('.');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(VERSION), Some(key), Some(token), None) => {
                Ok(RootId { key: key.parse()?, token: token.parse()? })
            }
            _ => Err(InvalidId("root identifier")),
        }
    }
}

impl fmt::Display for RootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}.{}.{}", self.key, self.token)
    }
}
