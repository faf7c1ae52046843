//! The SQL database: how it is opened, migrated and written to. One file a table family beside this one.
//!
//! One text for SQLite and PostgreSQL: `$n` parameters, TEXT, BIGINT and BYTEA only, times as microseconds.
//! To add a table family, write its migration, then a file here with an `impl Records` for what reads and free
//! functions on a [`Tx`] for what must be written together with something else.

mod accounts;
pub mod journal;
mod keys;
mod list_terms;
pub mod releases;
pub mod revisions;
mod second_factors;
mod sessions;
pub mod snaps;
pub mod uploads;

use std::path::Path;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyPool, ConnectOptions as _, Connection as _, Transaction};

pub use accounts::{Account, Identity, Role};
pub use journal::{LiftError, Page};
pub use keys::{Purpose, SealedKey};
pub use list_terms::Term;
pub use sessions::Session;

/// A write transaction: on SQLite it holds the write lock from its first moment.
pub type Tx = Transaction<'static, sqlx::Any>;

/// The records could not be read or written: nothing is known, so nothing may be concluded.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database refused or could not be reached.
    #[error("the database could not be asked")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A stored value does not have the form it was written in.
    #[error("a stored {0} does not have its form")]
    Corrupt(&'static str),
}

/// The database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Records {
    pool: AnyPool,
    begin: &'static str,
}

impl Records {
    /// Opens `url` (`sqlite:…` or `postgres:…`) and brings its schema up to date.
    pub async fn open(url: &str) -> Result<Records, StorageError> {
        sqlx::any::install_default_drivers();
        let is_sqlite = url.starts_with("sqlite:");
        let options: AnyConnectOptions = url.parse()?;
        let pool = AnyPoolOptions::new()
            .max_connections(8)
            .acquire_timeout(Duration::from_secs(5))
            // A commit that fails may have ended the transaction in the database and not in the connection, which could
            // then begin none ever again: such a one is closed.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if is_sqlite {
                        // FULL: a commit survives the loss of power, not only of the process.
                        for pragma in [
                            "PRAGMA journal_mode = WAL",
                            "PRAGMA synchronous = FULL",
                            "PRAGMA busy_timeout = 5000",
                            "PRAGMA foreign_keys = ON",
                        ] {
                            sqlx::query(pragma).execute(&mut *connection).await?;
                        }
                    }
                    Ok(())
                })
            })
            .connect_with(options.disable_statement_logging())
            .await?;
        sqlx::migrate!("./migrations").run(&pool).await?;
        Ok(Records { pool, begin: if is_sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" } })
    }

    /// Opens the SQLite file of an installation, `macaroond.db` in its data directory.
    pub async fn open_file(data_dir: &Path) -> Result<Records, StorageError> {
        Records::open(&format!("sqlite://{}?mode=rwc", data_dir.join("macaroond.db").display())).await
    }

    /// Begins a transaction that is going to write.
    pub async fn begin(&self) -> Result<Tx, StorageError> {
        Ok(self.pool.begin_with(self.begin).await?)
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
            let mut tx = records.pool.begin().await.unwrap();
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
}
