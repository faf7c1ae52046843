//! Tracks that publishers have made, and which of them is a snap's default.

use timestamp::Timestamp;

use super::{Records, StorageError, Tx};
use model::ids::SnapId;
use model::track::{Track, VersionPattern};

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

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;

    #[tokio::test]
    async fn what_was_released_to_before_tracks_were_made_has_its_track() {
        let mut old = sqlx::SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let rows = "INSERT INTO accounts VALUES ('a', 'i', 's', 'e', 'u', 'd', '[]', 0, 0);
                    INSERT INTO snaps VALUES ('one', 'one', 'a', 0, 0, 1, 4), ('two', 'two', 'a', 0, 0, 1, 1);
                    INSERT INTO releases VALUES
                        ('one', 1, 'amd64', 'latest', 'edge', '', 1, 10, 'a'),
                        ('one', 2, 'amd64', '2.0', 'edge', '', 1, 20, 'a'),
                        ('one', 3, 'arm64', '2.0', 'edge', '', 1, 20, 'a'),
                        ('one', 4, 'amd64', '2.0', 'edge', '', NULL, 30, 'a'),
                        ('two', 1, 'amd64', '3+', 'beta', 'fix', 1, 40, 'a')";
        for text in [
            include_str!("../../migrations/0001_start.sql"),
            include_str!("../../migrations/0002_revocations.sql"),
            rows,
            include_str!("../../migrations/0003_signed_uploads.sql"),
        ] {
            sqlx::raw_sql(text).execute(&mut old).await.unwrap();
        }
        let tracks: Vec<(String, String, Option<String>, i64)> =
            sqlx::query_as("SELECT snap_id, name, version_pattern, created_at FROM tracks ORDER BY snap_id")
                .fetch_all(&mut old)
                .await
                .unwrap();
        let track = |snap: &str, name: &str, at| (snap.to_owned(), name.to_owned(), None, at);
        assert_eq!(tracks, [track("one", "2.0", 20), track("two", "3+", 40)]);
    }
}
