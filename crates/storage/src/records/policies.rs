//! How strictly each package wants its uploads signed.

use timestamp::Timestamp;

use super::{Records, StorageError, Tx, id};
use model::ids::SnapId;
use model::signing::SignedUploads;

impl Records {
    /// A package's policy.
    pub async fn policy(&self, snap: &SnapId) -> Result<SignedUploads, StorageError> {
        let (policy,): (String,) = sqlx::query_as("SELECT signed_uploads FROM snaps WHERE id = $1")
            .bind(snap.as_str())
            .fetch_one(&self.pool)
            .await?;
        id(&policy, "policy")
    }

    /// What was accepted and would have been refused, were the policy not only observed: the newest first, a hundred at
    /// most.
    pub async fn observed(&self, snap: &SnapId) -> Result<Vec<Observed>, StorageError> {
        let rows: Vec<(i64, i64, String)> = sqlx::query_as(
            "SELECT revision, created_at, observed FROM revisions WHERE snap_id = $1 AND observed IS NOT NULL
             ORDER BY revision DESC LIMIT 100",
        )
        .bind(snap.as_str())
        .fetch_all(&self.pool)
        .await?;
        let observed = |(revision, at, reason)| Observed { revision, at: Timestamp::from_micros(at), reason };
        Ok(rows.into_iter().map(observed).collect())
    }
}

/// A revision that a policy of `required` would have refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Its number.
    pub revision: i64,
    /// When it was accepted.
    pub at: Timestamp,
    /// Why it would have been refused.
    pub reason: String,
}

/// A package's policy; nobody else changes it before the transaction ends.
pub async fn lock(tx: &mut Tx, snap: &SnapId) -> Result<SignedUploads, StorageError> {
    let (policy,): (String,) = sqlx::query_as(
        "UPDATE snaps SET signed_uploads = signed_uploads WHERE id = $1 RETURNING signed_uploads",
    )
    .bind(snap.as_str())
    .fetch_one(&mut **tx)
    .await?;
    id(&policy, "policy")
}

/// Sets a package's policy.
pub async fn set(tx: &mut Tx, snap: &SnapId, policy: SignedUploads) -> Result<(), StorageError> {
    sqlx::query("UPDATE snaps SET signed_uploads = $2 WHERE id = $1")
        .bind(snap.as_str())
        .bind(policy.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
