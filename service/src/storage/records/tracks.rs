//! Tracks that publishers have made, and which of them is a snap's default.

use caveats::Timestamp;

use super::{Records, StorageError, Tx};
use crate::model::ids::SnapId;
use crate::model::track::{Track, VersionPattern};

type Row = (String, Option<String>, i64);

const ALL: &str =
    "SELECT name, version_pattern, created_at FROM tracks WHERE snap_id = $1 ORDER BY created_at, name";

impl Records {
    /// The tracks that were made for a snap, the oldest first; `latest`, which every snap has, is not among them.
    pub async fn tracks(&self, snap: &SnapId) -> Result<Vec<Track>, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(ALL).bind(snap.as_str()).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().map(track).collect())
    }

    /// The track that a snap is installed from where nothing else is said, if its publisher has chosen one.
    pub async fn default_track(&self, snap: &SnapId) -> Result<Option<String>, StorageError> {
        let row: Option<(Option<String>,)> = sqlx::query_as("SELECT default_track FROM snaps WHERE id = $1")
            .bind(snap.as_str())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.and_then(|(track,)| track))
    }
}

/// The tracks that were made for a snap, as the transaction sees them.
pub async fn all(tx: &mut Tx, snap: &SnapId) -> Result<Vec<Track>, StorageError> {
    let rows: Vec<Row> = sqlx::query_as(ALL).bind(snap.as_str()).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(track).collect())
}

/// Writes a track that the snap does not have, which was found under the snap's lock.
pub async fn insert(tx: &mut Tx, snap: &SnapId, track: &Track) -> Result<(), StorageError> {
    sqlx::query("INSERT INTO tracks (snap_id, name, version_pattern, created_at) VALUES ($1, $2, $3, $4)")
        .bind(snap.as_str())
        .bind(track.name.as_str())
        .bind(track.version_pattern.as_ref().map(VersionPattern::as_str))
        .bind(track.created_at.micros())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The default track, as the transaction sees it.
pub async fn default(tx: &mut Tx, snap: &SnapId) -> Result<Option<String>, StorageError> {
    let row: Option<(Option<String>,)> = sqlx::query_as("SELECT default_track FROM snaps WHERE id = $1")
        .bind(snap.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.and_then(|(track,)| track))
}

/// Sets the default track, or forgets it.
pub async fn set_default(tx: &mut Tx, snap: &SnapId, name: Option<&str>) -> Result<(), StorageError> {
    sqlx::query("UPDATE snaps SET default_track = $2 WHERE id = $1")
        .bind(snap.as_str())
        .bind(name)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn track((name, pattern, created_at): Row) -> Track {
    let version_pattern = pattern.map(VersionPattern::kept);
    Track { name, version_pattern, created_at: Timestamp::from_micros(created_at) }
}
