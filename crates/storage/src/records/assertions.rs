//! What the store has signed: of each assertion the newest revision, by its type and primary key.

use super::{Records, StorageError, Tx};
use model::snap::Digest384;

/// An assertion as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its type.
    pub kind: String,
    /// The values that name it, parted by slashes.
    pub primary_key: String,
    /// Its revision.
    pub revision: u64,
    /// Its text.
    pub text: String,
}

type Row = (String, String, i64, String);

impl Records {
    /// An assertion's text.
    pub async fn assertion(&self, kind: &str, primary_key: &str) -> Result<Option<String>, StorageError> {
        let row: Option<(String,)> =
            sqlx::query_as("SELECT text FROM assertions WHERE type = $1 AND primary_key = $2")
                .bind(kind)
                .bind(primary_key)
                .fetch_optional(&self.pool)
                .await?;
        Ok(row.map(|(text,)| text))
    }

    /// A publisher's word for a file that became a revision: the one it was accepted with, if it is kept.
    pub async fn accepted_build(&self, digest: Digest384) -> Result<Option<String>, StorageError> {
        let row: Option<(String,)> = sqlx::query_as(
            "SELECT b.assertion FROM builds b
             JOIN revisions r ON r.snap_id = b.snap_id AND r.sha3_384 = b.sha3_384
             WHERE b.sha3_384 = $1
             ORDER BY CASE WHEN r.build_key = b.key_id THEN 0 ELSE 1 END, b.received_at DESC, b.key_id LIMIT 1",
        )
        .bind(digest.hex())
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|(text,)| text))
    }

    /// At most a hundred assertions after this type and primary key, in their order.
    pub async fn assertions_after(&self, kind: &str, primary_key: &str) -> Result<Vec<Kept>, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT type, primary_key, revision, text FROM assertions
             WHERE type > $1 OR (type = $1 AND primary_key > $2) ORDER BY type, primary_key LIMIT 100",
        )
        .bind(kind)
        .bind(primary_key)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(kept).collect()
    }

    /// How many assertions there are.
    pub async fn count_assertions(&self) -> Result<u64, StorageError> {
        let (count,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM assertions").fetch_one(&self.pool).await?;
        Ok(count.unsigned_abs())
    }
}

/// An assertion, as the transaction sees it.
pub async fn get(tx: &mut Tx, kind: &str, primary_key: &str) -> Result<Option<Kept>, StorageError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT type, primary_key, revision, text FROM assertions WHERE type = $1 AND primary_key = $2",
    )
    .bind(kind)
    .bind(primary_key)
    .fetch_optional(&mut **tx)
    .await?;
    row.map(kept).transpose()
}

/// The assertions of a type that are signed with a key; perhaps some more.
pub async fn signed_with(tx: &mut Tx, kind: &str, key: &str) -> Result<Vec<Kept>, StorageError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT type, primary_key, revision, text FROM assertions WHERE type = $1 AND text LIKE $2 ORDER BY primary_key",
    )
    .bind(kind)
    .bind(format!("%sign-key-sha3-384: {key}%"))
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(kept).collect()
}

/// Keeps an assertion, unless the one that is kept has the same revision or a higher one.
pub async fn put(tx: &mut Tx, new: &Kept) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO assertions (type, primary_key, revision, text) VALUES ($1, $2, $3, $4)
         ON CONFLICT (type, primary_key) DO UPDATE SET revision = $3, text = $4 WHERE assertions.revision < $3",
    )
    .bind(new.kind.as_str())
    .bind(new.primary_key.as_str())
    .bind(i64::try_from(new.revision).unwrap_or(i64::MAX))
    .bind(new.text.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Shares the store's keys with everybody who signs: they stay what they are until the transaction ends.
pub async fn share_keys(tx: &mut Tx) -> Result<(), StorageError> {
    advisory(tx, "SELECT CAST(pg_advisory_xact_lock_shared(1835093092) AS TEXT)").await
}

/// Takes the store's keys: nobody signs until the transaction ends.
pub async fn take_keys(tx: &mut Tx) -> Result<(), StorageError> {
    advisory(tx, "SELECT CAST(pg_advisory_xact_lock(1835093092) AS TEXT)").await
}

/// On PostgreSQL, a lock of its own; SQLite has one writer anyway. The number is this lock's alone.
async fn advisory(tx: &mut Tx, statement: &'static str) -> Result<(), StorageError> {
    if tx.backend_name() == "PostgreSQL" {
        sqlx::query(statement).execute(&mut **tx).await?;
    }
    Ok(())
}

fn kept((kind, primary_key, revision, text): Row) -> Result<Kept, StorageError> {
    let revision = u64::try_from(revision).map_err(|_| StorageError::Corrupt("revision"))?;
    Ok(Kept { kind, primary_key, revision, text })
}
