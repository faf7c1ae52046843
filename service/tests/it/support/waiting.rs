//! Waiting for something that is about to happen: asked again and again until a deadline, never slept for.

use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(20);
const BETWEEN: Duration = Duration::from_millis(10);

/// Asks until the answer is `Some`.
///
/// # Panics
/// If it still is not when the deadline has passed.
#[track_caller]
pub(crate) fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> impl Future<Output = T> {
    let asker = std::panic::Location::caller();
    async move {
        let began = Instant::now();
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            assert!(began.elapsed() < DEADLINE, "{asker}: waited in vain for {what}");
            tokio::time::sleep(BETWEEN).await;
        }
    }
}
