//! Uploaded files: a directory in which a file appears under its upload id once it is whole and on the disk.
//!
//! While bytes come in they go to a file of another name, which vanishes with whatever was receiving it. What a file
//! means, and to whom, is known to the records alone.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha3::{Digest as _, Sha3_384};

use crate::model::ids::UploadId;
use crate::model::snap::Digest384;

/// How many bytes are gathered before a thread that may block hashes and writes them.
const CHUNK: usize = 256 * 1024;
/// The end of the names of files that are still coming in.
const PARTIAL: &str = "part";

/// A file could not be taken in or out.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// It has more bytes than allowed.
    #[error("the file is larger than {max} bytes")]
    TooLarge {
        /// The bound.
        max: u64,
    },
    /// The disk is full.
    #[error("there is no space left for the file")]
    Full,
    /// The disk does not work.
    #[error("the file could not be stored")]
    Disk(#[source] io::Error),
}

/// The directory. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Blobs {
    directory: PathBuf,
}

impl Blobs {
    /// Opens `blobs/` under the data directory, and makes it if need be.
    pub fn open(data_dir: &Path) -> io::Result<Blobs> {
        let directory = data_dir.join("blobs");
        fs::create_dir_all(&directory)?;
        sync(data_dir)?;
        Ok(Blobs { directory })
    }

    /// Where the file is that was received under this id.
    pub fn path(&self, id: &UploadId) -> PathBuf {
        self.directory.join(id.as_str())
    }

    /// Begins to receive a file of `max` bytes at most.
    pub async fn begin(&self, max: u64) -> Result<Incoming, BlobError> {
        let id = UploadId::generate();
        let partial = Partial(self.directory.join(format!("{id}.{PARTIAL}")));
        let path = partial.0.clone();
        let file = blocking(move || File::create_new(path).map_err(disk)).await?;
        let sink = Sink { file, hash: Sha3_384::new() };
        Ok(Incoming {
            id,
            target: self.directory.clone(),
            partial,
            sink: Some(sink),
            gathered: Vec::new(),
            size: 0,
            max,
        })
    }

    /// The files that nobody has written to for `age`.
    pub async fn older_than(&self, age: Duration) -> Result<Vec<Found>, BlobError> {
        let directory = self.directory.clone();
        blocking(move || {
            let mut found = Vec::new();
            for entry in fs::read_dir(directory).map_err(disk)? {
                let entry = entry.map_err(disk)?;
                let modified = match entry.metadata().and_then(|data| data.modified()) {
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    other => other.map_err(disk)?,
                };
                if modified.elapsed().unwrap_or_default() < age {
                    continue;
                }
                let name = entry.file_name();
                if let Some(id) = name.to_str().and_then(|name| name.parse().ok()) {
                    found.push(Found::Whole(id));
                } else if Path::new(&name).extension().is_some_and(|end| end == PARTIAL) {
                    found.push(Found::Partial(entry.path()));
                }
            }
            Ok(found)
        })
        .await
    }

    /// Removes what was left half received.
    pub async fn remove_partial(&self, path: PathBuf) -> Result<(), BlobError> {
        blocking(move || remove(&path)).await
    }

    /// Removes a file; one that is not there is fine.
    pub async fn remove(&self, id: &UploadId) -> Result<(), BlobError> {
        let path = self.path(id);
        blocking(move || remove(&path)).await
    }
}

/// A file in the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// One that was received whole.
    Whole(UploadId),
    /// One that is still coming in, or never will.
    Partial(PathBuf),
}

/// A file that is coming in. Dropped before [`Incoming::finish`], it leaves nothing behind.
#[derive(Debug)]
pub struct Incoming {
    id: UploadId,
    target: PathBuf,
    partial: Partial,
    sink: Option<Sink>,
    gathered: Vec<u8>,
    size: u64,
    max: u64,
}

/// A file that is whole and on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name.
    pub id: UploadId,
    /// What it holds.
    pub digest: Digest384,
    /// How many bytes.
    pub size: u64,
}

#[derive(Debug)]
struct Sink {
    file: File,
    hash: Sha3_384,
}

/// The file as long as it is not whole.
#[derive(Debug)]
struct Partial(PathBuf);

impl Incoming {
    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.size > self.max {
            return Err(BlobError::TooLarge { max: self.max });
        }
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= CHUNK { self.flush().await } else { Ok(()) }
    }

    /// How many bytes were taken so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Ends the file: from here on it is there under its id, also after a loss of power.
    pub async fn finish(mut self) -> Result<Stored, BlobError> {
        self.flush().await?;
        let Some(sink) = self.sink.take() else { return Err(disk(ErrorKind::BrokenPipe.into())) };
        let (from, to, target) =
            (self.partial.0.clone(), self.target.join(self.id.as_str()), self.target.clone());
        let digest = blocking(move || {
            sink.file.sync_all().map_err(disk)?;
            fs::rename(from, to).map_err(disk)?;
            sync(&target).map_err(disk)?;
            Ok(Digest384(sink.hash.finalize().into()))
        })
        .await?;
        Ok(Stored { id: self.id.clone(), digest, size: self.size })
    }

    async fn flush(&mut self) -> Result<(), BlobError> {
        let Some(mut sink) = self.sink.take() else { return Err(disk(ErrorKind::BrokenPipe.into())) };
        let mut gathered = std::mem::take(&mut self.gathered);
        let (sink, gathered) = blocking(move || {
            sink.hash.update(&gathered);
            sink.file.write_all(&gathered).map_err(disk)?;
            gathered.clear();
            Ok((sink, gathered))
        })
        .await?;
        self.sink = Some(sink);
        self.gathered = gathered;
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Once renamed it is not there any more; where removing fails, its name says that it is worth nothing.
        drop(fs::remove_file(&self.0));
    }
}

fn remove(path: &Path) -> Result<(), BlobError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(disk(error)),
        _ => Ok(()),
    }
}

fn disk(error: io::Error) -> BlobError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => BlobError::Full,
        _ => BlobError::Disk(error),
    }
}

/// A name in a directory is on the disk once the directory is.
fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|lost| Err(BlobError::Disk(io::Error::other(lost))))
}

#[cfg(test)]
mod tests {
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
        let stored = incoming.finish().await.unwrap();
        assert_eq!(stored.size, 1_000_700);
        let content = fs::read(blobs.path(&stored.id)).unwrap();
        assert_eq!(content, vec![b'x'; 1_000_700]);
        assert_eq!(stored.digest.0, <[u8; 48]>::from(Sha3_384::digest(&content)));
        assert_eq!(names(dir.path()), [stored.id.as_str()]);
        blobs.remove(&stored.id).await.unwrap();
        blobs.remove(&stored.id).await.unwrap();
        assert!(names(dir.path()).is_empty());
    }

    #[tokio::test]
    async fn the_digest_is_sha3_384() {
        let dir = tempfile::tempdir().unwrap();
        let stored = Blobs::open(dir.path()).unwrap().begin(0).await.unwrap().finish().await.unwrap();
        assert_eq!(
            stored.digest.hex(),
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
    }
}
