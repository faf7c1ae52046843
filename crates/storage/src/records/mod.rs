//! The SQL database: how it is opened, migrated and written to. One file a table family beside this one.
//!
//! One text for SQLite and PostgreSQL: `$n` parameters, TEXT, BIGINT and BYTEA only, times as microseconds.
//! To add a table family, write its migration, then a file here with an `impl Records` for what reads and free
//! functions on a [`Tx`] for what must be written together with something else.

pub mod accounts;
pub mod assertions;
pub mod builds;
mod connection;
mod history;
pub mod journal;
pub mod keys;
mod opening;
pub mod policies;
pub mod pushes;
pub mod releases;
pub mod revisions;
mod second_factors;
mod sessions;
pub mod signing_keys;
pub mod snaps;
mod subject;
mod terms;
pub mod tracks;
pub mod uploads;

use connection::Pool;

pub use connection::Tx;
pub use history::Told;
pub use journal::{LiftError, Page};
pub use keys::{KeyPurpose, SealedKey};
pub use opening::DatabaseSettings;
pub use terms::Term;

/// The records could not be read or written: nothing is known, so nothing may be concluded.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database refused or could not be reached.
    #[error("the database could not be asked")]
    Database(#[from] sqlx::Error),
    /// The database took the connection and said nothing.
    #[error("the database did not answer in time")]
    Silent,
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Another process is at it, or the file cannot be used.
    #[error("the lock on the schema, migration.lock in the data directory, could not be had")]
    MigrationLock(#[source] std::io::Error),
    /// A stored value does not have the form it was written in.
    #[error("a stored {0} does not have its form")]
    Corrupt(&'static str),
}

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Records {
    pool: Pool,
    begin: &'static str,
}

impl Records {
    /// Begins a transaction that is going to write.
    pub async fn begin(&self) -> Result<Tx, StorageError> {
        Ok(self.pool.begin(self.begin).await?)
    }

    /// Ends every connection, after the statements under way.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StorageError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }
}

/// JSON text of a list, as columns keep it.
fn to_json<T: serde::Serialize>(value: &T, what: &'static str) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|_| StorageError::Corrupt(what))
}

/// The list in a column.
fn from_json<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|_| StorageError::Corrupt(what))
}

/// An id in a column.
fn id<T: std::str::FromStr>(text: &str, what: &'static str) -> Result<T, StorageError> {
    text.parse().map_err(|_| StorageError::Corrupt(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_that_was_full_is_used_again_once_there_is_room() {
        let dir = tempfile::tempdir().unwrap();
        let records = Records::open_file(dir.path()).await.unwrap();
        let insert = "INSERT INTO counters (name, value) VALUES (hex(zeroblob(100000)), 1)";
        // Every connection of the pool meets a full database within a transaction.
        let mut begun = Vec::new();
        for _ in 0..8 {
            let mut tx = records.pool.begin("BEGIN").await.unwrap();
            sqlx::query("PRAGMA max_page_count = 1").execute(&mut *tx).await.unwrap();
            begun.push(tx);
        }
        for mut tx in begun {
            let full = sqlx::query(insert).execute(&mut *tx).await;
            assert!(full.is_err(), "the database is full");
            drop(tx.commit().await);
        }
        for _ in 0..16 {
            let mut tx = records.begin().await.unwrap();
            sqlx::query("PRAGMA max_page_count = 100000").execute(&mut *tx).await.unwrap();
            sqlx::query("UPDATE counters SET value = value + 1").execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_several_that_open_a_new_database_at_once_none_fails() {
        for _ in 0..10 {
            let dir = tempfile::tempdir().unwrap();
            let opening = (0..6).map(|_| {
                let dir = dir.path().to_owned();
                tokio::spawn(async move { Records::open_file(&dir).await.unwrap() })
            });
            for opened in opening.collect::<Vec<_>>() {
                opened.await.unwrap().ping().await.unwrap();
            }
        }
    }
}
