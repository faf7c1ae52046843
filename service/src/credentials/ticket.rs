//! The ticket inside the third-party caveat: what the issuer tells the discharger, sealed to the discharger's key.
//!
//! Text of a caveat id: `1.KEY ID.SEALED`, where SEALED is base64url of a libsodium sealed box (`crypto_box_seal`)
//! around JSON. Sealing to a public key lets issuer and discharger be two processes one day.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use caveats::{Permission, RootKey};
use crypto_box::SecretKey;
use crypto_box::aead::OsRng;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::key_ring::{KeyError, KeyRing};
use model::ids::{KeyId, SnapId, TokenId};
use model::random;

const VERSION: &str = "1";

/// What was asked for when a root macaroon was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The permissions, none of which the account may lack.
    pub permissions: Vec<Permission>,
    /// The packages; `None`: any of the account's.
    pub packages: Option<Vec<SnapId>>,
    /// The channel patterns; `None`: any.
    pub channels: Option<Vec<String>>,
    /// The root's expiry, microseconds; `None`: none.
    pub expires: Option<i64>,
    /// How the client describes itself.
    pub description: String,
}

/// An opened ticket.
#[derive(Debug)]
pub struct Ticket {
    /// The family of the root that it belongs to.
    pub token: TokenId,
    /// What was asked for.
    pub scope: Scope,
    /// The key to mint the discharge with.
    pub caveat_key: RootKey,
}

#[derive(Serialize, Deserialize)]
struct Content {
    key: Zeroizing<String>,
    token: TokenId,
    scope: Scope,
}

/// A ticket could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum TicketError {
    /// It is none of ours.
    #[error("this caveat was not addressed to this service")]
    Foreign,
    /// Our keys could not be had.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Writes a ticket: the caveat's id, and the key that goes with it into the root macaroon.
pub fn write(keys: &KeyRing, token: &TokenId, scope: &Scope) -> Result<(String, RootKey), TicketError> {
    let (key_id, ours) = keys.newest_discharge().ok_or(TicketError::Foreign)?;
    let raw = Zeroizing::new(random::bytes::<32>());
    let content = Content {
        key: Zeroizing::new(STANDARD.encode(raw.as_slice())),
        token: token.clone(),
        scope: scope.clone(),
    };
    let json = serde_json::to_vec(&content).map(Zeroizing::new).map_err(|_| TicketError::Foreign)?;
    let sealed = ours.public_key().seal(&mut OsRng, &json).map_err(|_| TicketError::Foreign)?;
    let id = format!("{VERSION}.{key_id}.{}", URL_SAFE_NO_PAD.encode(sealed));
    Ok((id, RootKey::derive(raw.as_slice())))
}

/// Reads a ticket.
pub async fn read(keys: &KeyRing, caveat_id: &str) -> Result<Ticket, TicketError> {
    let key_id = key_id(caveat_id).ok_or(TicketError::Foreign)?;
    let ours = keys.discharge(&key_id).await?.ok_or(TicketError::Foreign)?;
    open(&ours, caveat_id)
}

/// The key that a caveat id says its ticket is sealed to.
pub fn key_id(caveat_id: &str) -> Option<KeyId> {
    parts(caveat_id)?.0.parse().ok()
}

fn parts(caveat_id: &str) -> Option<(&str, &str)> {
    caveat_id.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')
}

/// Reads a ticket with the key that it is sealed to.
pub fn open(ours: &SecretKey, caveat_id: &str) -> Result<Ticket, TicketError> {
    let (_, sealed) = parts(caveat_id).ok_or(TicketError::Foreign)?;
    let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| TicketError::Foreign)?;
    let json = ours.unseal(&sealed).map(Zeroizing::new).map_err(|_| TicketError::Foreign)?;
    let content: Content = serde_json::from_slice(&json).map_err(|_| TicketError::Foreign)?;
    let raw =
        STANDARD.decode(content.key.as_bytes()).map(Zeroizing::new).map_err(|_| TicketError::Foreign)?;
    Ok(Ticket { token: content.token, scope: content.scope, caveat_key: RootKey::derive(&raw) })
}
