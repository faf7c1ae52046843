//! Uploaded files: a directory in which a file appears under its upload id once it is whole and on the disk.
//!
//! While bytes come in they go to a file of another name, which vanishes with whatever was receiving it. What a file
//! means, and to whom, is known to the records alone.

mod incoming;
mod worker;

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use model::ids::UploadId;

pub use incoming::{Incoming, Stored};

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
        Incoming::begin(&self.directory, max).await
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
                    found.push(Found::Stored(id));
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
    Stored(UploadId),
    /// One that is still coming in, or never will.
    Partial(PathBuf),
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
