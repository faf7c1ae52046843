//! Registered snaps, and the counters from which their revisions and releases are numbered.

use timestamp::Timestamp;

use super::{Records, StorageError, Tx, id};
use model::ids::{AccountId, SnapId};
use model::snap::Snap;

type Row = (String, String, String, i64, i64);

impl Records {
    /// The snap of this name.
    pub async fn snap_by_name(&self, name: &str) -> Result<Option<Snap>, StorageError> {
        let row: Option<Row> =
            sqlx::query_as("SELECT id, name, account_id, private, registered_at FROM snaps WHERE name = $1")
                .bind(name)
                .fetch_optional(&self.pool)
                .await?;
        row.map(snap).transpose()
    }

    /// The snap of this id.
    pub async fn snap_by_id(&self, snap_id: &SnapId) -> Result<Option<Snap>, StorageError> {
        let row: Option<Row> =
            sqlx::query_as("SELECT id, name, account_id, private, registered_at FROM snaps WHERE id = $1")
                .bind(snap_id.as_str())
                .fetch_optional(&self.pool)
                .await?;
        row.map(snap).transpose()
    }

    /// An account's snaps, by name.
    pub async fn snaps_of(&self, account: &AccountId) -> Result<Vec<Snap>, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, name, account_id, private, registered_at FROM snaps WHERE account_id = $1 ORDER BY name",
        )
        .bind(account.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(snap).collect()
    }
}

/// Registers a snap; `false` if its name is taken.
pub async fn insert(tx: &mut Tx, snap: &Snap) -> Result<bool, StorageError> {
    let done = sqlx::query(
        "INSERT INTO snaps (id, name, account_id, private, registered_at, last_revision, last_release)
         VALUES ($1, $2, $3, $4, $5, 0, 0) ON CONFLICT (name) DO NOTHING",
    )
    .bind(snap.id.as_str())
    .bind(snap.name.as_str())
    .bind(snap.account.as_str())
    .bind(i64::from(snap.private))
    .bind(snap.registered_at.micros())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The numbers of a snap's latest revision and release, 0 for none; nobody else changes them before the transaction
/// ends.
pub async fn lock(tx: &mut Tx, snap_id: &SnapId) -> Result<(i64, i64), StorageError> {
    let numbers = sqlx::query_as(
        "UPDATE snaps SET last_revision = last_revision WHERE id = $1 RETURNING last_revision, last_release",
    )
    .bind(snap_id.as_str())
    .fetch_one(&mut **tx)
    .await?;
    Ok(numbers)
}

fn snap((snap_id, name, account, private, registered_at): Row) -> Result<Snap, StorageError> {
    Ok(Snap {
        id: id(&snap_id, "snap id")?,
        name: id(&name, "snap name")?,
        account: id(&account, "account id")?,
        private: private != 0,
        registered_at: Timestamp::from_micros(registered_at),
    })
}
