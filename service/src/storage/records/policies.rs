//! How strictly each package wants its uploads signed.

use super::{Records, StorageError, Tx, id};
use crate::model::ids::SnapId;
use crate::model::signing::SignedUploads;

impl Records {
    /// A package's policy.
    pub async fn policy(&self, snap: &SnapId) -> Result<SignedUploads, StorageError> {
        let (policy,): (String,) = sqlx::query_as("SELECT signed_uploads FROM snaps WHERE id = $1")
            .bind(snap.as_str())
            .fetch_one(&self.pool)
            .await?;
        id(&policy, "policy")
    }
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
