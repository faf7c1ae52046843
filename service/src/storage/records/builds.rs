//! snap-build assertions of publishers, by snap, file and key.

use caveats::Timestamp;

use super::{Records, StorageError, Tx, id};
use crate::model::ids::SnapId;
use crate::model::signing::Build;
use crate::model::snap::Digest384;

type Row = (String, String, String, i64);

impl Records {
    /// What was signed of a file for a snap, the newest first.
    pub async fn builds(&self, snap: &SnapId, digest: Digest384) -> Result<Vec<Build>, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT sha3_384, key_id, assertion, received_at FROM builds
             WHERE snap_id = $1 AND sha3_384 = $2 ORDER BY received_at DESC, key_id",
        )
        .bind(snap.as_str())
        .bind(digest.hex())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| build(snap, row)).collect()
    }

    /// The last that was signed for a snap, of whatever file.
    pub async fn last_build(&self, snap: &SnapId) -> Result<Option<Build>, StorageError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT sha3_384, key_id, assertion, received_at FROM builds
             WHERE snap_id = $1 ORDER BY received_at DESC, key_id LIMIT 1",
        )
        .bind(snap.as_str())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| build(snap, row)).transpose()
    }
}

/// Keeps an assertion, in place of an earlier one of the same key for the same file.
pub async fn insert(tx: &mut Tx, build: &Build) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO builds (snap_id, sha3_384, key_id, assertion, received_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (snap_id, sha3_384, key_id) DO UPDATE SET assertion = $4, received_at = $5",
    )
    .bind(build.snap.as_str())
    .bind(build.digest.hex())
    .bind(build.key.as_str())
    .bind(build.assertion.as_str())
    .bind(build.received_at.micros())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn build(snap: &SnapId, (digest, key, assertion, received_at): Row) -> Result<Build, StorageError> {
    Ok(Build {
        snap: snap.clone(),
        digest: id(&digest, "digest")?,
        key: id(&key, "key id")?,
        assertion,
        received_at: Timestamp::from_micros(received_at),
    })
}
