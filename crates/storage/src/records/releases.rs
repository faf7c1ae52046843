//! The history of releases: which revision a channel showed for an architecture, since when.

use timestamp::Timestamp;

use super::{Records, StorageError, Tx, id};
use model::account::Author;
use model::ids::SnapId;
use model::snap::Release;

type Row = (String, String, String, String, Option<i64>, i64);

impl Records {
    /// A snap's releases, newest first.
    pub async fn releases(&self, snap: &SnapId) -> Result<Vec<Release>, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT architecture, track, risk, branch, revision, released_at FROM releases
             WHERE snap_id = $1 ORDER BY seq DESC",
        )
        .bind(snap.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(release).collect()
    }
}

/// A snap's releases as the transaction sees them, newest first.
pub async fn history(tx: &mut Tx, snap: &SnapId) -> Result<Vec<Release>, StorageError> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT architecture, track, risk, branch, revision, released_at FROM releases
         WHERE snap_id = $1 ORDER BY seq DESC",
    )
    .bind(snap.as_str())
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter().map(release).collect()
}

/// Writes releases behind number `last`, the latest so far, which was found under the snap's lock.
pub async fn insert(
    tx: &mut Tx,
    snap: &SnapId,
    last: i64,
    releases: &[Release],
    author: &Author,
) -> Result<(), StorageError> {
    let mut seq = last;
    for release in releases {
        seq += 1;
        sqlx::query(
            "INSERT INTO releases (snap_id, seq, architecture, track, risk, branch, revision, released_at, account_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(snap.as_str())
        .bind(seq)
        .bind(release.architecture.as_str())
        .bind(release.channel.track())
        .bind(release.channel.risk())
        .bind(release.channel.branch().unwrap_or_default())
        .bind(release.revision)
        .bind(release.at.micros())
        .bind(author.account.as_str())
        .execute(&mut **tx)
        .await?;
    }
    sqlx::query("UPDATE snaps SET last_release = $2 WHERE id = $1")
        .bind(snap.as_str())
        .bind(seq)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn release((architecture, track, risk, branch, revision, at): Row) -> Result<Release, StorageError> {
    let slash = if branch.is_empty() { "" } else { "/" };
    Ok(Release {
        architecture,
        channel: id(&format!("{track}/{risk}{slash}{branch}"), "channel")?,
        revision,
        at: Timestamp::from_micros(at),
    })
}
