//! Sweeping the blob store: files that nobody claimed in time, and what a killed process left half received.

use std::time::Duration;

use timestamp::Timestamp;

use storage::blobs::{BlobError, Blobs, Found};
use storage::records::{Records, StorageError};

/// The sweep stopped; the next one goes on.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The directory could not be read, or a file not be removed.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// How far a sweep looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// At what the records say is no revision, and at what is half received.
    Routine,
    /// Also for files that no record knows, which a process leaves behind that is killed at the wrong moment. Asks about
    /// every file there is.
    Thorough,
}

/// Removes what is older than `keep` and is no revision, and answers how many files. What a push has claimed counts from
/// then on, so that one may wait within `keep` for what is still to come, and nothing is left of one that was refused.
/// A record goes before its file, so that a crash in between leaves a file without a record, which a thorough sweep finds.
pub async fn sweep(
    records: &Records,
    blobs: &Blobs,
    depth: Depth,
    keep: Duration,
    now: Timestamp,
) -> Result<usize, SweepError> {
    let mut removed = 0;
    let before = now.saturating_sub(keep);
    // They are told in bounded numbers, and more may come between two sweeps.
    loop {
        let (ids, so_far) = (records.uploads_without_revision(before).await?, removed);
        for id in ids {
            if records.forget_upload(&id, before).await? {
                blobs.remove(&id).await?;
                removed += 1;
            }
        }
        if removed == so_far {
            break;
        }
    }
    for found in blobs.older_than(keep).await? {
        match found {
            Found::Partial(path) => blobs.remove_partial(path).await?,
            Found::Stored(id) if depth == Depth::Thorough && records.upload(&id).await?.is_none() => {
                blobs.remove(&id).await?;
            }
            Found::Stored(_) => continue,
        }
        removed += 1;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ids::UploadId;
    use model::snap::ReceivedFile;
    use storage::records::uploads;

    #[tokio::test]
    async fn a_claimed_file_is_kept_from_its_claim_on_and_then_goes_too() {
        let dir = tempfile::tempdir().unwrap();
        let (blobs, records) =
            (Blobs::open(dir.path()).unwrap(), Records::open_file(dir.path()).await.unwrap());
        let (waits, unclaimed) = (received(&blobs, &records).await, received(&blobs, &records).await);
        let hour = Duration::from_hours(1);
        let at = |minutes: i64| Timestamp::from_micros(1).add_secs(60 * minutes).unwrap();
        let before = |now: i64| at(now - 60);
        // Found by a sweep, and claimed before it is forgotten.
        assert_eq!(records.uploads_without_revision(before(61)).await.unwrap().len(), 2);
        let mut tx = records.begin().await.unwrap();
        assert!(uploads::claim(&mut tx, &waits, at(59)).await.unwrap());
        tx.commit().await.unwrap();
        assert!(!records.forget_upload(&waits, before(61)).await.unwrap());

        let swept = async |minutes| sweep(&records, &blobs, Depth::Routine, hour, at(minutes)).await.unwrap();
        assert_eq!(swept(61).await, 1);
        assert!(blobs.path(&waits).exists() && !blobs.path(&unclaimed).exists());
        assert_eq!(swept(119).await, 0, "an hour after its claim it is still there");
        assert_eq!(swept(120).await, 1);
        assert!(!blobs.path(&waits).exists());
    }

    async fn received(blobs: &Blobs, records: &Records) -> UploadId {
        let mut incoming = blobs.begin(10).await.unwrap();
        incoming.write(b"x").await.unwrap();
        let whole = incoming.finish().await.unwrap();
        let (id, digest, size) = (whole.id.clone(), whole.digest, whole.size);
        whole.keep();
        let received_at = Timestamp::from_micros(1);
        let file =
            ReceivedFile { id: id.clone(), digest, size, received_at, claimed_at: None, assertion: None };
        assert!(records.insert_upload(&file, "192.0.2.1", u64::MAX).await.unwrap());
        id
    }

    #[tokio::test]
    async fn only_old_files_that_are_no_revision_go() {
        let dir = tempfile::tempdir().unwrap();
        let (blobs, records) =
            (Blobs::open(dir.path()).unwrap(), Records::open_file(dir.path()).await.unwrap());
        let (kept, unclaimed) = (received(&blobs, &records).await, received(&blobs, &records).await);
        let whole = blobs.begin(10).await.unwrap().finish().await.unwrap();
        let orphan = whole.id.clone();
        whole.keep();
        let left = dir.path().join("blobs/left-behind.part");
        std::fs::write(&left, "half").unwrap();
        let mut tx = records.begin().await.unwrap();
        for statement in [
            "INSERT INTO accounts VALUES ('a', 'i', 's', 'e', 'u', 'd', '[]', 0, 0)",
            "INSERT INTO snaps (id, name, account_id, private, registered_at, last_revision, last_release)
             VALUES ('s', 'n', 'a', 0, 0, 1, 0)",
            "INSERT INTO revisions (snap_id, revision, upload_id, sha3_384, size, version, confinement, grade,
                                    architectures, created_at, account_id, session_id, token_id)
             VALUES ('s', 1, $1, 'd', 1, 'v', 'strict', 'stable', '[]', 0, 'a', 's', 't')",
        ] {
            sqlx::query(statement).bind(kept.as_str()).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();

        let now = Timestamp::from_micros(2);
        let swept = async |depth, keep| sweep(&records, &blobs, depth, keep, now).await.unwrap();
        assert_eq!(swept(Depth::Thorough, Duration::from_hours(1)).await, 0);
        assert_eq!(swept(Depth::Routine, Duration::ZERO).await, 2);
        assert!(blobs.path(&orphan).exists(), "no record knows it");
        assert_eq!(swept(Depth::Thorough, Duration::ZERO).await, 1);
        assert!(blobs.path(&kept).exists());
        for gone in [blobs.path(&unclaimed), blobs.path(&orphan), left] {
            assert!(!gone.exists());
        }
        assert!(records.upload(&unclaimed).await.unwrap().is_none());
        assert_eq!(swept(Depth::Thorough, Duration::ZERO).await, 0);
    }
}
