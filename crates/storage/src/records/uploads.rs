//! Files that were received, and whether a push has claimed them.

use sqlx::{Any, Executor};
use timestamp::Timestamp;

use super::{Records, StorageError, Tx, id};
use model::ids::UploadId;
use model::snap::{LEAST_WEIGHT, ReceivedFile};

/// Digest, size, when it was received, when it was claimed, assertion.
type Row = (String, i64, i64, Option<i64>, Option<String>);

/// The files of one source that no push has claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unclaimed {
    /// As how many bytes they count together.
    pub weight: u64,
    /// When the oldest came.
    pub oldest: Option<Timestamp>,
}

impl Records {
    /// Notes a file that was received from this source; `false` if its unclaimed files would then count as more than
    /// `limit` bytes.
    pub async fn insert_upload(
        &self,
        file: &ReceivedFile,
        source: &str,
        limit: u64,
    ) -> Result<bool, StorageError> {
        let mut tx = self.begin().await?;
        if unclaimed(&mut *tx, source).await?.weight.saturating_add(file.weight()) > limit {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO uploads (id, sha3_384, size, received_at, assertion, source)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(file.id.as_str())
        .bind(file.digest.hex())
        .bind(i64::try_from(file.size).unwrap_or(i64::MAX))
        .bind(file.received_at.micros())
        .bind(file.assertion.as_deref())
        .bind(source)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What a source has sent that no push has claimed.
    pub async fn unclaimed(&self, source: &str) -> Result<Unclaimed, StorageError> {
        unclaimed(&self.pool, source).await
    }

    /// A file that was received under this id.
    pub async fn upload(&self, upload: &UploadId) -> Result<Option<ReceivedFile>, StorageError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT sha3_384, size, received_at, claimed_at, assertion FROM uploads WHERE id = $1",
        )
        .bind(upload.as_str())
        .fetch_optional(&self.pool)
        .await?;
        let Some((digest, size, received_at, claimed_at, assertion)) = row else { return Ok(None) };
        Ok(Some(ReceivedFile {
            id: upload.clone(),
            digest: id(&digest, "digest")?,
            size: u64::try_from(size).map_err(|_| StorageError::Corrupt("size"))?,
            received_at: Timestamp::from_micros(received_at),
            claimed_at: claimed_at.map(Timestamp::from_micros),
            assertion,
        }))
    }
}

impl Records {
    /// Files received before a moment, and claimed before it or never, that are no revision; a thousand at most.
    ///
    /// A claimed file counts from its claim: its push may be waiting, for less than such files are kept.
    pub async fn uploads_without_revision(&self, before: Timestamp) -> Result<Vec<UploadId>, StorageError> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "SELECT id FROM uploads WHERE received_at < $1 AND (claimed_at IS NULL OR claimed_at < $1)
             AND NOT EXISTS (SELECT 1 FROM revisions WHERE upload_id = uploads.id) LIMIT 1000",
        )
        .bind(before.micros())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|(upload,)| id(&upload, "upload id")).collect()
    }

    /// Forgets a file that is no revision and was not claimed since that moment; `false` if it is, or was. A file that
    /// was never noted counts as forgotten.
    pub async fn forget_upload(&self, upload: &UploadId, before: Timestamp) -> Result<bool, StorageError> {
        let mut tx = self.begin().await?;
        // Under the row's lock: a push that has claimed it is waited for, and its claim seen by the next statement.
        sqlx::query("UPDATE uploads SET size = size WHERE id = $1")
            .bind(upload.as_str())
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "DELETE FROM uploads WHERE id = $1 AND (claimed_at IS NULL OR claimed_at < $2)
             AND NOT EXISTS (SELECT 1 FROM revisions WHERE upload_id = $1)",
        )
        .bind(upload.as_str())
        .bind(before.micros())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(self.upload(upload).await?.is_none())
    }
}

/// Claims a file for a push; `false` if another push has it.
pub async fn claim(tx: &mut Tx, upload: &UploadId, at: Timestamp) -> Result<bool, StorageError> {
    let done = sqlx::query("UPDATE uploads SET claimed_at = $2 WHERE id = $1 AND claimed_at IS NULL")
        .bind(upload.as_str())
        .bind(at.micros())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Holds a file that was claimed, so that nobody collects it before the transaction ends; `false` if it is gone.
pub async fn hold(tx: &mut Tx, upload: &UploadId) -> Result<bool, StorageError> {
    let done = sqlx::query("UPDATE uploads SET size = size WHERE id = $1 AND claimed_at IS NOT NULL")
        .bind(upload.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

async fn unclaimed<'c>(
    executor: impl Executor<'c, Database = Any>,
    source: &str,
) -> Result<Unclaimed, StorageError> {
    let (weight, oldest): (i64, Option<i64>) = sqlx::query_as(
        "SELECT CAST(COALESCE(SUM(CASE WHEN bytes < $2 THEN $2 ELSE bytes END), 0) AS BIGINT), MIN(received_at)
         FROM (SELECT size + COALESCE(LENGTH(assertion), 0) AS bytes, received_at FROM uploads
               WHERE source = $1 AND claimed_at IS NULL) AS unclaimed",
    )
    .bind(source)
    .bind(i64::try_from(LEAST_WEIGHT).unwrap_or(i64::MAX))
    .fetch_one(executor)
    .await?;
    let weight = u64::try_from(weight).map_err(|_| StorageError::Corrupt("size"))?;
    Ok(Unclaimed { weight, oldest: oldest.map(Timestamp::from_micros) })
}
