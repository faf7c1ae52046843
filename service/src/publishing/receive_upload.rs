//! Receiving the bytes of a file before anybody says whose they are: the only thing that needs no credential.
//!
//! The id given out is what a push claims the file with, once. What came along with the bytes is kept unread.

use std::pin::pin;

use futures_util::{Stream, StreamExt as _};

use super::upload_quota::{Quota, QuotaError, Source};
use super::workspace::Workspace;
use model::snap::ReceivedFile;
use storage::blobs::BlobError;

/// The most bytes that an assertion may have. One that a publisher signs has two thousand.
pub const MAX_ASSERTION: usize = 256 * 1024;

/// What arrives of an upload: the bytes of a file in their order, and at most one assertion, before or after them.
#[derive(Debug)]
pub enum Arrival<B> {
    /// The next bytes of the file.
    Bytes(B),
    /// What a publisher has signed about the file, at most [`MAX_ASSERTION`] bytes.
    Assertion(String),
}

/// The upload did not come as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Interrupted {
    /// They ended before the file was whole.
    #[error("the file did not arrive whole")]
    Broken,
    /// They stopped coming.
    #[error("the file stopped coming")]
    Silent,
    /// Something came after the file that is no assertion, or not the first.
    #[error("more came than the file and an assertion")]
    More,
    /// The assertion has more than [`MAX_ASSERTION`] bytes.
    #[error("the assertion is too long")]
    AssertionTooLong,
    /// The assertion is not UTF-8, or holds a NUL.
    #[error("the assertion is no text")]
    AssertionNotText,
}

/// A file was not received.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// It did not arrive whole.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It could not be stored.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// Its sender may not send more, or it could not be noted.
    #[error(transparent)]
    Quota(#[from] QuotaError),
}

/// What an upload must stay within.
#[derive(Debug)]
pub struct Bounds<'a> {
    /// The most bytes of a file.
    pub max_size: u64,
    /// What each sender may have here unclaimed.
    pub quota: &'a Quota,
    /// Who sends.
    pub source: Source,
}

/// Receives a file, and what comes along with it. A failure at any point, and a caller that gives up, leave nothing.
pub async fn receive<B: AsRef<[u8]>>(
    publishing: &Workspace,
    bounds: Bounds<'_>,
    arrivals: impl Stream<Item = Result<Arrival<B>, Interrupted>>,
) -> Result<ReceivedFile, ReceiveError> {
    let mut arrivals = pin!(arrivals);
    let mut assertion = None;
    let mut share = bounds.quota.begin(publishing, bounds.source).await?;
    let mut incoming = publishing.blobs.begin(bounds.max_size).await?;
    while let Some(arrival) = arrivals.next().await {
        match arrival? {
            Arrival::Bytes(piece) => {
                share.grow(piece.as_ref().len()).await?;
                incoming.write(piece.as_ref()).await?;
            }
            Arrival::Assertion(text) => {
                share.grow(text.len()).await?;
                assertion = Some(text);
            }
        }
    }
    if incoming.size() == 0 {
        return Err(ReceiveError::Empty);
    }
    let whole = incoming.finish().await?;
    let file = ReceivedFile {
        id: whole.id.clone(),
        digest: whole.digest,
        size: whole.size,
        received_at: publishing.clock.now(),
        claimed_at: None,
        assertion,
    };
    // A file without a record is worth nothing to anybody, so it goes unless this succeeds.
    share.note(&file).await?;
    whole.keep();
    Ok(file)
}
