//! Revisions: with whose credential, and whose signature, each was accepted.

use timestamp::Timestamp;

use super::{Records, StorageError, Tx, from_json, id, to_json};
use model::account::Author;
use model::ids::{SigningKeyId, SnapId};
use model::snap::{Digest384, Revision, Snap, SnapMeta};

type Row = (i64, String, String, i64, String, Option<String>, String, String, String, i64);

impl Records {
    /// A snap's revisions, newest first.
    pub async fn revisions(&self, snap: &Snap) -> Result<Vec<Revision>, StorageError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT revision, upload_id, sha3_384, size, version, base, confinement, grade, architectures, created_at
             FROM revisions WHERE snap_id = $1 ORDER BY revision DESC",
        )
        .bind(snap.id.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| revision(snap, row)).collect()
    }

    /// The revisions that were accepted with a key's signature from a moment on: snap, number and moment, the oldest first.
    pub async fn signed_since(
        &self,
        key: &SigningKeyId,
        since: Timestamp,
    ) -> Result<Vec<(SnapId, i64, Timestamp)>, StorageError> {
        let rows: Vec<(String, i64, i64)> = sqlx::query_as(
            "SELECT snap_id, revision, created_at FROM revisions WHERE build_key = $1 AND created_at >= $2
             ORDER BY created_at, snap_id, revision LIMIT 1000",
        )
        .bind(key.as_str())
        .bind(since.micros())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(snap, number, at)| Ok((id(&snap, "snap id")?, number, Timestamp::from_micros(at))))
            .collect()
    }
}

/// A snap's revision of this number, as the transaction sees it.
pub async fn by_number(tx: &mut Tx, snap: &Snap, number: i64) -> Result<Option<Revision>, StorageError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT revision, upload_id, sha3_384, size, version, base, confinement, grade, architectures, created_at
         FROM revisions WHERE snap_id = $1 AND revision = $2",
    )
    .bind(snap.id.as_str())
    .bind(number)
    .fetch_optional(&mut **tx)
    .await?;
    row.map(|row| revision(snap, row)).transpose()
}

/// The number of the revision that holds this very file.
pub async fn by_digest(tx: &mut Tx, snap: &SnapId, digest: Digest384) -> Result<Option<i64>, StorageError> {
    let row: Option<(i64,)> =
        sqlx::query_as("SELECT revision FROM revisions WHERE snap_id = $1 AND sha3_384 = $2")
            .bind(snap.as_str())
            .bind(digest.hex())
            .fetch_optional(&mut **tx)
            .await?;
    Ok(row.map(|(number,)| number))
}

/// Who stands by a revision besides the holder of a credential.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The publisher's key that signed its file.
    pub key: Option<SigningKeyId>,
    /// Why it would have been refused, where that was only observed.
    pub observed: Option<String>,
}

/// Writes a revision whose number was found under the snap's lock, with whose credential it came, and who signed it.
pub async fn insert(
    tx: &mut Tx,
    snap: &SnapId,
    revision: &Revision,
    author: &Author,
    revocation_in_force: &Provenance,
) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO revisions (snap_id, revision, upload_id, sha3_384, size, version, base, confinement, grade,
                                architectures, created_at, account_id, session_id, token_id, build_key, observed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(snap.as_str())
    .bind(revision.number)
    .bind(revision.upload.as_str())
    .bind(revision.digest.hex())
    .bind(i64::try_from(revision.size).unwrap_or(i64::MAX))
    .bind(revision.meta.version.as_str())
    .bind(revision.meta.base.as_deref())
    .bind(revision.meta.confinement.as_str())
    .bind(revision.meta.grade.as_str())
    .bind(to_json(&revision.meta.architectures, "architectures")?)
    .bind(revision.created_at.micros())
    .bind(author.account.as_str())
    .bind(author.session.as_str())
    .bind(author.token.as_str())
    .bind(revocation_in_force.key.as_ref().map(SigningKeyId::as_str))
    .bind(revocation_in_force.observed.as_deref())
    .execute(&mut **tx)
    .await?;
    sqlx::query("UPDATE snaps SET last_revision = $2 WHERE id = $1")
        .bind(snap.as_str())
        .bind(revision.number)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn revision(snap: &Snap, row: Row) -> Result<Revision, StorageError> {
    let (number, upload, digest, size, version, base, confinement, grade, architectures, created_at) = row;
    Ok(Revision {
        number,
        upload: id(&upload, "upload id")?,
        digest: id(&digest, "digest")?,
        size: u64::try_from(size).map_err(|_| StorageError::Corrupt("size"))?,
        meta: SnapMeta {
            name: snap.name.clone(),
            version,
            base,
            confinement,
            grade,
            architectures: from_json(&architectures, "architectures")?,
        },
        created_at: Timestamp::from_micros(created_at),
    })
}
