//! Opening the database: where it is, what its connections must promise, and bringing its schema up to date, once among
//! all who start at the same time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret as _, SecretString};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, ConnectOptions as _, Connection as _, Error, Executor as _};
use tokio::time::timeout;

use super::connection::Pool;
use super::{Records, StorageError};

/// The database that replicas share.
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `postgres://` URL, which may hold a password.
    pub url: SecretString,
}

impl Records {
    /// Opens the shared database, or the file in the data directory if there is none.
    pub async fn open(shared: Option<&DatabaseSettings>, data_dir: &Path) -> Result<Records, StorageError> {
        match shared {
            Some(database) => open(database.url.expose_secret(), &POSTGRES).await,
            None => Records::open_file(data_dir).await,
        }
    }

    /// Opens the SQLite file of an installation, `macaroond.db` in its data directory.
    pub async fn open_file(data_dir: &Path) -> Result<Records, StorageError> {
        let _one_at_a_time = migration_lock(data_dir).await?;
        open(&format!("sqlite://{}?mode=rwc", data_dir.join("macaroond.db").display()), &SQLITE).await
    }
}

/// What differs between the two kinds of database.
struct Kind {
    begin: &'static str,
    connections: u32,
    /// How long to wait for a connection.
    connect_within: Duration,
    /// How long a statement may take.
    patience: Duration,
}

const SQLITE: Kind = Kind {
    begin: "BEGIN IMMEDIATE",
    connections: 8,
    connect_within: Duration::from_secs(5),
    // Longer than the busy_timeout, within which a statement waits for another's lock.
    patience: Duration::from_secs(10),
};

const POSTGRES: Kind = Kind {
    // What a share lock waited for must be seen by the next statement, whatever the server's default is.
    begin: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    connections: 10,
    connect_within: Duration::from_secs(2),
    // Longer than the lock_timeout: a lock that is not had is an answer.
    patience: Duration::from_secs(3),
};

async fn open(url: &str, kind: &Kind) -> Result<Records, StorageError> {
    sqlx::any::install_default_drivers();
    let options = url.parse::<AnyConnectOptions>()?.disable_statement_logging();
    // A connection of its own: it fails with the cause at once, where a pool would try again, and it may take longer.
    let silent = |_| StorageError::Silent;
    let first = timeout(kind.connect_within, AnyConnection::connect_with(&options)).await;
    let mut first = first.map_err(silent)??;
    timeout(kind.patience, promise(&mut first)).await.map_err(silent)??;
    timeout(kind.patience, warn_of_forgetting(&mut first)).await.map_err(silent)??;
    // A migration may wait for others to let go of a table, and a replica for another's migration.
    if first.backend_name() != "SQLite" {
        timeout(kind.patience, first.execute("SET lock_timeout = 0")).await.map_err(silent)??;
    }
    let migrations = sqlx::migrate!("./migrations");
    // `run` is the same, and not `Send`.
    timeout(MIGRATED_WITHIN, migrations.run_direct(None, &mut first, false)).await.map_err(silent)??;
    drop(timeout(kind.patience, first.close()).await);
    let connections = AnyPoolOptions::new()
        .max_connections(kind.connections)
        .acquire_timeout(kind.connect_within)
        .after_connect(|connection, _| Box::pin(promise(connection)))
        .connect_lazy_with(options);
    Ok(Records { pool: Pool::new(connections, kind.patience), begin: kind.begin })
}

/// Makes a connection promise that a commit survives, and that it waits for nothing without end.
async fn promise(connection: &mut AnyConnection) -> Result<(), Error> {
    if connection.backend_name() == "SQLite" {
        // busy_timeout first: to change the journal's mode needs the file for oneself for a moment.
        // FULL: a commit survives the loss of power, not only of the process.
        for pragma in [
            "PRAGMA busy_timeout = 5000",
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA foreign_keys = ON",
        ] {
            connection.execute(pragma).await?;
        }
        return Ok(());
    }
    let (commit, read_only): (String, String) = sqlx::query_as(
        "SELECT current_setting('synchronous_commit'), current_setting('transaction_read_only')",
    )
    .fetch_one(&mut *connection)
    .await?;
    if read_only != "off" {
        return Err(Error::Configuration(READ_ONLY.into()));
    }
    if commit == "off" {
        connection.execute("SET synchronous_commit = on").await?;
    }
    // No statement_timeout: one that strikes while a commit waits for a standby lets that commit pass without it.
    // A replica that is gone must not keep its locks; what it was waiting for, nobody waits for any more.
    connection
        .execute(
            "SET statement_timeout = 0; SET lock_timeout = '2500ms'; \
             SET idle_in_transaction_session_timeout = '10s'; \
             SELECT set_config(name, '2s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'",
        )
        .await?;
    Ok(())
}

/// Tells the operator of a server that may lose what it has acknowledged. Only its operator can change that.
async fn warn_of_forgetting(connection: &mut AnyConnection) -> Result<(), Error> {
    if connection.backend_name() == "SQLite" {
        return Ok(());
    }
    for name in ["fsync", "full_page_writes"] {
        let (value,): (String,) =
            sqlx::query_as("SELECT current_setting($1)").bind(name).fetch_one(&mut *connection).await?;
        if value == "off" {
            tracing::warn!(
                "PostgreSQL runs with {name} = off, so a crash may lose revocations that were acknowledged; set it to on"
            );
        }
    }
    Ok(())
}

/// Waits until no other process brings the schema of this directory's file up to date. SQLite's own locks are not enough:
/// sqlx looks and migrates in transactions of their own.
async fn migration_lock(data_dir: &Path) -> Result<File, StorageError> {
    let began = Instant::now();
    let path = data_dir.join("migration.lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    let file = file.map_err(StorageError::MigrationLock)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if began.elapsed() < MIGRATED_WITHIN => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            Err(TryLockError::WouldBlock) => {
                let why = "another process has held it for five minutes";
                return Err(StorageError::MigrationLock(io::Error::new(io::ErrorKind::TimedOut, why)));
            }
            Err(TryLockError::Error(error)) => return Err(StorageError::MigrationLock(error)),
        }
    }
}

const MIGRATED_WITHIN: Duration = Duration::from_mins(5);
const LOOK_AGAIN: Duration = Duration::from_millis(10);
const READ_ONLY: &str = "PostgreSQL takes no writes here: it is a standby, or default_transaction_read_only is on; \
                         name the primary in database.url";
