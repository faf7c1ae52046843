//! Following the feed of revocations: `GET /v1/revocations/stream`, server-sent events.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use secrecy::ExposeSecret as _;

use crate::list::{EventError, Followed};
use crate::settings::Settings;

/// How long to wait before a feed that ended is asked for again.
const PAUSE: Duration = Duration::from_millis(500);
/// The most bytes of one event: it holds a reason of 500 characters, and ids.
const MAX_EVENT: usize = 64 * 1024;

/// Why the feed ended.
#[derive(Debug, thiserror::Error)]
enum FeedError {
    #[error("the service cannot be reached")]
    Http(#[from] reqwest::Error),
    #[error("the service says nothing")]
    Silent(#[from] tokio::time::error::Elapsed),
    #[error("the service answers {0}")]
    Status(u16),
    #[error("the journal is another one, or has lost entries: the list is begun anew")]
    Anew,
    #[error("what the service sends cannot be read")]
    NotAnEvent,
    #[error(transparent)]
    Event(#[from] EventError),
}

/// Follows for ever. A connection that ends is made again, and goes on behind the last entry.
pub(crate) async fn follow(settings: Arc<Settings>, followed: Arc<Mutex<Followed>>) {
    loop {
        match stream(&settings, &followed).await {
            Ok(()) => {}
            Err(error) => {
                if matches!(error, FeedError::Anew | FeedError::NotAnEvent | FeedError::Event(_)) {
                    *lock(&followed) = Followed::default();
                }
                tracing::warn!(error = &error as &dyn std::error::Error, "the feed of revocations ended");
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn stream(settings: &Settings, followed: &Mutex<Followed>) -> Result<(), FeedError> {
    let bound = settings.bound.duration();
    let client = reqwest::Client::builder().connect_timeout(bound).build()?;
    let seen = lock(followed).seen;
    let request = client.get(format!("{}/v1/revocations/stream", settings.url)).header("Last-Event-ID", seen);
    let request = request.header("Authorization", settings.credential.expose_secret());
    let mut response = tokio::time::timeout(bound, request.send()).await??;
    match response.status().as_u16() {
        200 => {}
        409 => return Err(FeedError::Anew),
        status => return Err(FeedError::Status(status)),
    }
    let mut waiting = Vec::new();
    // A connection on which nothing comes any more may be dead.
    while let Some(piece) = tokio::time::timeout(bound, response.chunk()).await?? {
        waiting.extend_from_slice(&piece);
        while let Some(end) = waiting.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = waiting.drain(..end + 2).collect();
            take(&event, followed)?;
        }
        if waiting.len() > MAX_EVENT {
            return Err(FeedError::NotAnEvent);
        }
    }
    Ok(())
}

fn take(event: &[u8], followed: &Mutex<Followed>) -> Result<(), FeedError> {
    let event = std::str::from_utf8(event).map_err(|_| FeedError::NotAnEvent)?;
    let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    let data = serde_json::from_str(field("data: ")).map_err(|_| FeedError::NotAnEvent)?;
    Ok(lock(followed).apply(field("event: "), &data, Instant::now())?)
}

fn lock(followed: &Mutex<Followed>) -> MutexGuard<'_, Followed> {
    followed.lock().unwrap_or_else(PoisonError::into_inner)
}
