//! Keys of ours, as the database keeps them: sealed under the master key, never in the clear.

use timestamp::Timestamp;

use super::{Records, StorageError, Tx, id};
use model::ids::KeyId;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyPurpose {
    /// Mints and verifies root macaroons.
    Root,
    /// Opens the third-party caveats that are addressed to our discharger.
    Discharge,
    /// Signs, of the store's assertions, those about the store itself and its keys.
    StoreRoot,
    /// Signs the store's assertions about everybody else.
    StoreSigning,
}

impl KeyPurpose {
    /// The word in the database, and in what the sealing binds a key to.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyPurpose::Root => "root",
            KeyPurpose::Discharge => "discharge",
            KeyPurpose::StoreRoot => "store-root",
            KeyPurpose::StoreSigning => "store-signing",
        }
    }
}

/// A key at rest.
#[derive(Debug, Clone)]
pub struct SealedKey {
    /// Its id, which stands in what was made with it.
    pub id: KeyId,
    /// The key, sealed.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Records {
    /// All keys for a purpose, the newest first.
    pub async fn keys(&self, purpose: KeyPurpose) -> Result<Vec<SealedKey>, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, sealed, created_at FROM keys WHERE purpose = $1 ORDER BY created_at DESC, id",
        )
        .bind(purpose.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(sealed_key).collect()
    }

    /// Adds the first key for a purpose, unless there is one: of all replicas that start at once, one makes it.
    pub async fn add_first_key(&self, purpose: KeyPurpose, key: &SealedKey) -> Result<(), StorageError> {
        let mut tx = self.begin().await?;
        // The row is there since the first migration, and serves as the lock.
        sqlx::query("UPDATE counters SET value = value WHERE name = 'journal'").execute(&mut *tx).await?;
        let first: Option<(String,)> = sqlx::query_as("SELECT id FROM keys WHERE purpose = $1 LIMIT 1")
            .bind(purpose.as_str())
            .fetch_optional(&mut *tx)
            .await?;
        if first.is_none() {
            insert(&mut tx, purpose, key).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// The newest key for a purpose, as the transaction sees it.
pub async fn newest(tx: &mut Tx, purpose: KeyPurpose) -> Result<Option<SealedKey>, StorageError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT id, sealed, created_at FROM keys WHERE purpose = $1 ORDER BY created_at DESC, id LIMIT 1",
    )
    .bind(purpose.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    row.map(sealed_key).transpose()
}

/// Adds a key for a purpose.
pub async fn insert(tx: &mut Tx, purpose: KeyPurpose, key: &SealedKey) -> Result<(), StorageError> {
    sqlx::query("INSERT INTO keys (id, purpose, sealed, created_at) VALUES ($1, $2, $3, $4)")
        .bind(key.id.as_str())
        .bind(purpose.as_str())
        .bind(key.sealed.as_slice())
        .bind(key.created_at.micros())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Removes all keys for a purpose, for good.
pub async fn remove(tx: &mut Tx, purpose: KeyPurpose) -> Result<u64, StorageError> {
    let done =
        sqlx::query("DELETE FROM keys WHERE purpose = $1").bind(purpose.as_str()).execute(&mut **tx).await?;
    Ok(done.rows_affected())
}

type Row = (String, Vec<u8>, i64);

fn sealed_key((key, sealed, created_at): Row) -> Result<SealedKey, StorageError> {
    Ok(SealedKey { id: id(&key, "key id")?, sealed, created_at: Timestamp::from_micros(created_at) })
}
