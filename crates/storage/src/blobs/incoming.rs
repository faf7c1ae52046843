//! A file that is coming in: while one piece is received, those before it are hashed and written.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha3::{Digest as _, Sha3_384};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, spawn_blocking};

use super::worker::{Buffers, Worker};
use super::{BlobError, PARTIAL, blocking, disk, sync};
use model::ids::UploadId;
use model::snap::Digest384;

/// How many bytes are handed over at once, and in how many buffers: together, the memory of an upload.
const CHUNK: usize = 256 * 1024;
const CHUNKS: usize = 16;
/// After how many chunks the disk is told to begin, so that in the end little is left to wait for.
const WRITE_BACK: usize = 128;

/// A file that is coming in. Dropped before [`Incoming::finish`], it leaves nothing behind.
#[derive(Debug)]
pub struct Incoming {
    id: UploadId,
    directory: PathBuf,
    max: u64,
    size: u64,
    filling: Vec<u8>,
    buffers: Buffers,
    hashing: Worker<Sha3_384>,
    writing: Worker<Arc<File>>,
    /// Chunks since the disk was last told to begin.
    waiting: usize,
    writing_back: Option<JoinHandle<io::Result<()>>>,
    // In this order: it is removed, and then closed.
    unkept: RemoveOnDrop,
    file: Open,
}

/// Closes a file where blocking is allowed: one that was removed gives its space back in that moment, which takes the
/// longer the larger it is.
#[derive(Debug)]
struct Open(Option<Arc<File>>);

/// A file that is whole, on the disk and under its name. Dropped before [`Stored::keep`], it leaves nothing behind.
#[derive(Debug)]
pub struct Stored {
    /// Its name.
    pub id: UploadId,
    /// What it holds.
    pub digest: Digest384,
    /// How many bytes.
    pub size: u64,
    unkept: RemoveOnDrop,
}

/// A file that goes when this does.
#[derive(Debug)]
struct RemoveOnDrop(Option<PathBuf>);

impl Incoming {
    /// Begins to receive a file of `max` bytes at most.
    pub(super) async fn begin(directory: &Path, max: u64) -> Result<Incoming, BlobError> {
        let id = UploadId::generate();
        let path = directory.join(format!("{id}.{PARTIAL}"));
        let (file, unkept) = blocking(move || {
            let file = File::create_new(&path).map_err(disk)?;
            Ok((Arc::new(file), RemoveOnDrop(Some(path))))
        })
        .await?;
        Ok(Incoming {
            id,
            directory: directory.to_owned(),
            max,
            size: 0,
            filling: Vec::new(),
            buffers: Buffers::new(CHUNKS),
            hashing: Worker::new(Sha3_384::new(), |hash, bytes| {
                hash.update(bytes);
                Ok(())
            }),
            writing: Worker::new(file.clone(), io::Write::write_all),
            waiting: 0,
            writing_back: None,
            unkept,
            file: Open(Some(file)),
        })
    }

    /// Takes the next bytes. Waits while hashing and writing are behind.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), BlobError> {
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.size > self.max {
            return Err(BlobError::TooLarge { max: self.max });
        }
        while !bytes.is_empty() {
            if self.filling.capacity() == 0 {
                self.filling = self.buffers.spare().await;
                self.filling.reserve_exact(CHUNK);
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.filling.len()));
            self.filling.extend_from_slice(now);
            bytes = later;
            if self.filling.len() == CHUNK {
                self.hand_over().await?;
            }
        }
        Ok(())
    }

    /// How many bytes were taken so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Ends the file: from here on it is there under its id, also after a loss of power.
    pub async fn finish(mut self) -> Result<Stored, BlobError> {
        self.hand_over().await?;
        let Incoming { id, directory, size, hashing, writing, writing_back, mut unkept, file: _open, .. } =
            self;
        let (hash, file) = tokio::join!(hashing.finish(), writing.finish());
        let (digest, file) = (Digest384(hash.map_err(disk)?.finalize().into()), file.map_err(disk)?);
        // What it failed with, the next one would not be told.
        written_back(writing_back).await?;
        let name = directory.join(id.as_str());
        // Who gives up while this waits for the disk leaves nothing either: what it answers is dropped.
        let unkept = blocking(move || {
            file.sync_all().map_err(disk)?;
            if let Some(partial) = &unkept.0 {
                fs::rename(partial, &name).map_err(disk)?;
            }
            unkept.0 = Some(name);
            sync(&directory).map_err(disk)?;
            Ok(unkept)
        })
        .await?;
        Ok(Stored { id, digest, size, unkept })
    }

    async fn hand_over(&mut self) -> Result<(), BlobError> {
        let full = self.buffers.full(std::mem::take(&mut self.filling));
        self.hashing.push(full.clone()).await.map_err(disk)?;
        self.writing.push(full).await.map_err(disk)?;
        self.waiting += 1;
        if self.waiting >= WRITE_BACK && self.writing_back.as_ref().is_none_or(JoinHandle::is_finished) {
            written_back(self.writing_back.take()).await?;
            self.waiting = 0;
            let file = self.file.0.clone();
            self.writing_back = Some(spawn_blocking(move || file.map_or(Ok(()), |file| file.sync_data())));
        }
        Ok(())
    }
}

impl Stored {
    /// Keeps it.
    pub fn keep(mut self) {
        self.unkept.0 = None;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let file = self.0.take();
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn_blocking(move || drop(file));
        }
    }
}

impl Drop for RemoveOnDrop {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // Where removing fails, nothing knows of the file, and a sweep finds it.
            drop(fs::remove_file(path));
        }
    }
}

async fn written_back(running: Option<JoinHandle<io::Result<()>>>) -> Result<(), BlobError> {
    match running {
        Some(running) => running.await.map_err(io::Error::other).flatten().map_err(disk),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Blobs;
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(dir.join("blobs")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn a_finished_file_is_whole_and_hashed() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path()).unwrap();
        let mut incoming = blobs.begin(10_000_000).await.unwrap();
        let piece = [b'x'; 10_007];
        for _ in 0..100 {
            incoming.write(&piece).await.unwrap();
        }
        let whole = incoming.finish().await.unwrap();
        let id = whole.id.clone();
        assert_eq!(whole.size, 1_000_700);
        let content = fs::read(blobs.path(&id)).unwrap();
        assert_eq!(content, vec![b'x'; 1_000_700]);
        assert_eq!(whole.digest.0, <[u8; 48]>::from(Sha3_384::digest(&content)));
        whole.keep();
        assert_eq!(names(dir.path()), [id.as_str()]);
        blobs.remove(&id).await.unwrap();
        blobs.remove(&id).await.unwrap();
        assert!(names(dir.path()).is_empty());
    }

    #[tokio::test]
    async fn the_digest_is_sha3_384() {
        let dir = tempfile::tempdir().unwrap();
        let whole = Blobs::open(dir.path()).unwrap().begin(0).await.unwrap().finish().await.unwrap();
        assert_eq!(
            whole.digest.hex(),
            "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2ac3713831264adb47fb6bd1e058d5f004"
        );
    }

    #[tokio::test]
    async fn an_abandoned_or_oversized_file_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path()).unwrap();
        let mut incoming = blobs.begin(1_000_000).await.unwrap();
        incoming.write(&vec![0; 600_000]).await.unwrap();
        assert_eq!(names(dir.path()).len(), 1);
        assert!(matches!(
            incoming.write(&vec![0; 600_000]).await,
            Err(BlobError::TooLarge { max: 1_000_000 })
        ));
        drop(incoming);
        assert!(names(dir.path()).is_empty());
        let mut incoming = blobs.begin(1_000_000).await.unwrap();
        incoming.write(b"whole").await.unwrap();
        let whole = incoming.finish().await.unwrap();
        assert_eq!(names(dir.path()), [whole.id.as_str()]);
        drop(whole);
        assert!(names(dir.path()).is_empty(), "it was whole, and nobody kept it");
    }
}
