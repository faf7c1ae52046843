//! Publishers' keys: registering one with a login that serves once, and letting the one before it end.

use std::time::Duration;

use assertions::{AccountKeyRequest, Assertion, DecodeError, TypeError, VerifyError};
use timestamp::Timestamp;

use super::workspace::{CommitError, Workspace};
use crate::authorization::authorized::Authorized;
use model::ids::{InvalidId, SigningKeyId};
use model::signing::SigningKey;
use revocation::{Revocation, RevocationQuery};
use storage::records::{StorageError, signing_keys};
use storage::revocations::ListUnavailable;

/// The most keys that an account may have, those that have ended included.
pub const MAX_KEYS: usize = 100;

/// A key was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterKeyError {
    /// The text is no assertion.
    #[error("the request is no assertion")]
    Malformed(#[from] DecodeError),
    /// It is another assertion, or one of its headers is not as it must be.
    #[error("the request is no account-key-request")]
    Type(#[from] TypeError),
    /// The key has not signed the request itself.
    #[error("the request is not signed by its own key")]
    Signature(#[from] VerifyError),
    /// The key's id is none.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// It is for another account.
    #[error("the request is for the account {0}")]
    OtherAccount(String),
    /// The key has ended already.
    #[error("the key ended at {0}")]
    Ended(Timestamp),
    /// Another account has registered the same key.
    #[error("the key is another account's")]
    Taken,
    /// The key was revoked.
    #[error("the key was revoked")]
    Revoked(Revocation),
    /// The account has as many keys as it may have.
    #[error("the account has {MAX_KEYS} keys")]
    TooMany,
    /// The login has registered a key already.
    #[error("the login was spent")]
    Spent,
    /// It could not be kept.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The revocation list could not be asked.
    #[error(transparent)]
    ListUnavailable(#[from] ListUnavailable),
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Registers the key of an `account-key-request`. Other keys of its name end `overlap` from now, or when they would anyway.
///
/// The same request again changes nothing and spends nothing: a client that lost the answer may ask once more.
pub async fn register(
    publishing: &Workspace,
    authorized: &Authorized,
    request: &str,
    overlap: Duration,
) -> Result<SigningKey, RegisterKeyError> {
    let now = publishing.clock.now();
    let key = asked(authorized, request, now)?;
    if let Some(cut) = revoked(publishing, &key.id).await? {
        return Err(RegisterKeyError::Revoked(cut));
    }
    publishing.authority.ready(now).await.map_err(CommitError::from)?;
    let mut tx = publishing.records.begin().await?;
    signing_keys::lock_all(&mut tx, authorized.account()).await?;
    let others = signing_keys::all(&mut tx, authorized.account()).await?;
    if let Some(known) = others.iter().find(|known| known.id == key.id) {
        return Ok(known.clone());
    }
    if others.len() >= MAX_KEYS {
        return Err(RegisterKeyError::TooMany);
    }
    if !signing_keys::insert(&mut tx, &key).await? {
        return Err(RegisterKeyError::Taken);
    }
    if !signing_keys::spend_login(&mut tx, authorized.author(), &key.id).await? {
        return Err(RegisterKeyError::Spent);
    }
    let end = now.saturating_add(overlap);
    for other in others.iter().filter(|other| other.name == key.name) {
        if other.until.is_none_or(|until| until > end) {
            signing_keys::end(&mut tx, &other.id, end).await?;
        }
    }
    let keys = signing_keys::all(&mut tx, authorized.account()).await?;
    let vouched = publishing.authority.vouch_for_keys(&mut tx, authorized.account(), &keys, now).await;
    vouched.map_err(CommitError::from)?;
    publishing.commit(tx, authorized).await?;
    tracing::info!(account = %key.account, key = %key.id, "signing key registered");
    Ok(key)
}

/// The key that a request asks to be registered.
fn asked(authorized: &Authorized, request: &str, now: Timestamp) -> Result<SigningKey, RegisterKeyError> {
    let request = AccountKeyRequest::read(Assertion::decode(request.as_bytes())?)?;
    request.verify()?;
    if request.account_id() != authorized.account().as_str() {
        return Err(RegisterKeyError::OtherAccount(request.account_id().to_owned()));
    }
    if let Some(until) = request.until().filter(|until| *until <= now) {
        return Err(RegisterKeyError::Ended(until));
    }
    Ok(SigningKey {
        id: request.public_key().id().to_string().parse()?,
        account: authorized.account().clone(),
        name: request.name().to_owned(),
        public_key: request.public_key().encode(),
        // A clock that is ahead would make a key that signs nothing yet.
        since: request.since().min(now),
        until: request.until(),
        registered_at: now,
        revoked: None,
    })
}

/// The cut that has killed a key, if one has.
pub(super) async fn revoked(
    publishing: &Workspace,
    key: &SigningKeyId,
) -> Result<Option<Revocation>, ListUnavailable> {
    publishing.revocations.check(&RevocationQuery::about_signing_key(key)).await
}
