//! Sweeping the blob store: files that nobody claimed in time, and what a killed process left half received.

use std::time::Duration;

use crate::storage::blobs::{BlobError, Blobs, Found};
use crate::storage::records::{Records, StorageError};

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

/// Removes files older than `keep` that no push has claimed, and answers how many. A record goes before its file, so that
/// a crash in between leaves a file without a record, which the next sweep removes.
pub async fn sweep(records: &Records, blobs: &Blobs, keep: Duration) -> Result<usize, SweepError> {
    let mut removed = 0;
    for found in blobs.older_than(keep).await? {
        match found {
            Found::Whole(id) => {
                if !records.forget_upload(&id).await? {
                    continue;
                }
                blobs.remove(&id).await?;
            }
            Found::Partial(path) => blobs.remove_partial(path).await?,
        }
        removed += 1;
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::snap::ReceivedFile;
    use crate::storage::records::uploads;
    use caveats::Timestamp;

    #[tokio::test]
    async fn only_old_unclaimed_files_go() {
        let dir = tempfile::tempdir().unwrap();
        let (blobs, records) =
            (Blobs::open(dir.path()).unwrap(), Records::open_file(dir.path()).await.unwrap());
        let now = Timestamp::from_micros(1);
        let mut ids = Vec::new();
        for _ in 0..2 {
            let mut incoming = blobs.begin(10).await.unwrap();
            incoming.write(b"x").await.unwrap();
            let stored = incoming.finish().await.unwrap();
            let (id, digest, size) = (stored.id, stored.digest, stored.size);
            ids.push(id.clone());
            records
                .insert_upload(&ReceivedFile { id, digest, size, received_at: now, claimed_at: None })
                .await
                .unwrap();
        }
        let orphan = blobs.begin(10).await.unwrap().finish().await.unwrap();
        let left = dir.path().join("blobs/left-behind.part");
        std::fs::write(&left, "half").unwrap();
        let mut tx = records.begin().await.unwrap();
        assert!(uploads::claim(&mut tx, &ids[0], now).await.unwrap());
        tx.commit().await.unwrap();

        assert_eq!(sweep(&records, &blobs, Duration::from_hours(1)).await.unwrap(), 0);
        assert_eq!(sweep(&records, &blobs, Duration::ZERO).await.unwrap(), 3);
        assert!(blobs.path(&ids[0]).exists(), "claimed");
        for gone in [blobs.path(&ids[1]), blobs.path(&orphan.id), left] {
            assert!(!gone.exists());
        }
        assert!(records.upload(&ids[1]).await.unwrap().is_none());
        assert_eq!(sweep(&records, &blobs, Duration::ZERO).await.unwrap(), 0);
    }
}
