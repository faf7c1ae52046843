//! The time that tokens are stamped with: the system's, unless a test has turned it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock that shows the system's time plus what it was turned forward by.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// In seconds.
    ahead: AtomicI64,
}

impl Clock {
    /// Seconds since the epoch, UTC: a `NumericDate` (RFC 7519, 2).
    #[expect(clippy::disallowed_methods, reason = "this is the door to the system's clock")]
    pub(crate) fn now(&self) -> i64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        seconds(since_epoch).saturating_add(self.ahead.load(Ordering::Relaxed))
    }

    /// Turns the clock forward, by whole seconds.
    pub(crate) fn advance(&self, by: Duration) {
        self.ahead.fetch_add(seconds(by), Ordering::Relaxed);
    }
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
