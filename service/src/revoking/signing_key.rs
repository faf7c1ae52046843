//! Revoking a publisher's key: what it has signed admits nothing from the acknowledgement on, whenever it was signed.

use timestamp::Timestamp;

use super::{FindError, Named, Revoker};
use crate::authority::sign::AuthorityError;
use crate::authorization::authorized::Authorized;
use model::cause::chain;
use model::ids::{SigningKeyId, SnapId};
use model::signing::Revoked;
use revocation::{Entry, Subject};
use storage::records::{StorageError, signing_keys};
use storage::revocations::RevokeError;

/// A key was not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeKeyError {
    /// The moment is still to come.
    #[error("the moment is still to come")]
    Future,
    /// It was not found out whose it is.
    #[error(transparent)]
    Find(#[from] FindError),
    /// It is not acknowledged.
    #[error(transparent)]
    Revoke(#[from] RevokeError),
    /// It is acknowledged; what was accepted with it could not be found out.
    #[error("the key is revoked; what was accepted with it could not be found out")]
    Revisions(#[source] AuthorityError),
}

/// A key was revoked.
#[derive(Debug)]
pub struct RevokedKey {
    /// The journal's entry.
    pub entry: Entry,
    /// Revisions that were accepted with its signature since it may have been somebody else's; a thousand at most.
    pub suspects: Vec<Suspect>,
}

/// A revision that a thief may have signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// Its snap.
    pub snap: SnapId,
    /// Its number.
    pub revision: i64,
    /// When it was accepted.
    pub accepted_at: Timestamp,
}

impl Revoker<'_> {
    /// Revokes a key for good. What may have been signed by a thief since `compromised_since` is told, not undone: a
    /// revision that is out is for its publisher to replace.
    pub async fn revoke_key(
        &self,
        actor: &Authorized,
        key: &SigningKeyId,
        compromised_since: Option<Timestamp>,
        reason: &str,
    ) -> Result<RevokedKey, RevokeKeyError> {
        if compromised_since.is_some_and(|since| since > self.clock.now()) {
            return Err(RevokeKeyError::Future);
        }
        let found = self.find(&Named::SigningKey(key)).await?;
        let entry = self.cut(actor, found, None, reason).await?;
        let suspects = self.suspects(key, Revoked { at: entry.at(), compromised_since }).await;
        Ok(RevokedKey { entry, suspects: suspects.map_err(RevokeKeyError::Revisions)? })
    }

    /// Notes of a key that it was revoked, for lists of keys: what it may still do, the journal and the list decide.
    pub(crate) async fn tell_keys(&self, entry: &Entry) {
        let Subject::SigningKey(key) = &entry.subject else { return };
        let revoked = Revoked { at: entry.at(), compromised_since: None };
        if let Err(error) = self.note(key, revoked).await {
            tracing::error!(error = %chain(&error), %key, "a revoked key is still listed as good, and is not");
        }
    }

    /// Notes what was said of the key, and finds what was accepted with it since.
    async fn suspects(&self, key: &SigningKeyId, revoked: Revoked) -> Result<Vec<Suspect>, AuthorityError> {
        self.note(key, revoked).await?;
        let Some(since) = revoked.compromised_since else { return Ok(Vec::new()) };
        let revisions = self.records.signed_since(key, since).await?;
        let suspect = |(snap, revision, accepted_at)| Suspect { snap, revision, accepted_at };
        Ok(revisions.into_iter().map(suspect).collect())
    }

    /// Notes what was said of a key that somebody has registered, and lets the store say it, too.
    async fn note(&self, key: &SigningKeyId, revoked: Revoked) -> Result<(), AuthorityError> {
        let Some(known) = self.records.signing_key(key).await? else { return Ok(()) };
        let now = self.clock.now();
        self.authority.ready(now).await?;
        let mut tx = self.records.begin().await?;
        signing_keys::lock_all(&mut tx, &known.account).await?;
        signing_keys::note_revoked(&mut tx, key, revoked).await?;
        let keys = signing_keys::all(&mut tx, &known.account).await?;
        self.authority.vouch_for_keys(&mut tx, &known.account, &keys, now).await?;
        Ok(tx.commit().await.map_err(StorageError::from)?)
    }
}
