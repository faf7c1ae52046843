//! snap-build assertions of publishers, by snap, file and key.

use timestamp::Timestamp;

use super::{Records, StorageError, Tx, id};
use model::ids::SnapId;
use model::signing::Build;
use model::snap::Digest384;

/// How many assertions of a snap are kept whose files have not come.
const MAX_AWAITED: i64 = 1000;

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
    forget_oldest(tx, &build.snap).await
}

/// Forgets the oldest assertions for files that never came, beyond [`MAX_AWAITED`] of a snap.
async fn forget_oldest(tx: &mut Tx, snap: &SnapId) -> Result<(), StorageError> {
    sqlx::query(
        "DELETE FROM builds WHERE snap_id = $1
         AND NOT EXISTS (SELECT 1 FROM revisions WHERE revisions.snap_id = $1 AND revisions.sha3_384 = builds.sha3_384)
         AND received_at <= (
             SELECT received_at FROM builds AS awaited WHERE snap_id = $1 AND NOT EXISTS
                 (SELECT 1 FROM revisions WHERE revisions.snap_id = $1 AND revisions.sha3_384 = awaited.sha3_384)
             ORDER BY received_at DESC LIMIT 1 OFFSET $2)",
    )
    .bind(snap.as_str())
    .bind(MAX_AWAITED)
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
