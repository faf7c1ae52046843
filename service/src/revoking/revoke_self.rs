//! A credential that ends itself. Whoever holds all of it may: that is the proof, and nothing else of it is asked.

use caveats::Bundle;

use super::leaked::prove::{Login, login};
use super::{Asked, Revoker};
use crate::credentials::key_ring::KeyError;
use crate::credentials::verify::{VerifyError, verify};
use revocation::{Entry, Subject};
use storage::revocations::RevokeError;

/// It is not revoked.
#[derive(Debug, thiserror::Error)]
pub enum RevokeSelfError {
    /// It is not all of a credential of ours.
    #[error("not a valid credential of this service")]
    NotOurs,
    /// Our keys could not be had.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// It is not acknowledged.
    #[error(transparent)]
    Revoke(#[from] RevokeError),
}

impl Revoker<'_> {
    /// Revokes a credential and whatever was attenuated from it, on the word of its holder: also one that has expired, that
    /// is too old without a refresh, or that was revoked before. Answers with the entry that says so.
    pub async fn revoke_self(&self, bundle: Bundle, reason: &str) -> Result<Entry, RevokeSelfError> {
        let (root_id, verified) = verify(self.keys, bundle).await.map_err(|error| match error {
            VerifyError::Forged => RevokeSelfError::NotOurs,
            VerifyError::Keys(error) => RevokeSelfError::Keys(error),
        })?;
        let facts = verified.stated(&self.locations);
        let Login { account, .. } = login(&facts).ok_or(RevokeSelfError::NotOurs)?;
        let tail =
            verified.root_tails().last().map(caveats::Tail::fingerprint).ok_or(RevokeSelfError::NotOurs)?;
        let subject = Subject::Credential(root_id.token, tail);
        let asked = Asked { subject, leaked: true, ends: facts.root_expires };
        let entries = self.record(&account, vec![asked], None, reason).await?;
        Ok(entries.into_iter().next().ok_or(RevokeError::Interrupted)?)
    }
}
