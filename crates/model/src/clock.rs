//! The one source of time: the system's clock, or one that tests turn by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use timestamp::Timestamp;

/// A clock that can be handed around cheaply; clones show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    /// Microseconds added to the system's time; zero outside tests.
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock::default()
    }

    /// The time now, UTC, to the microsecond.
    #[expect(clippy::disallowed_methods, reason = "this is the door to the system's clock")]
    pub fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let micros = i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(micros.saturating_add(self.offset.load(Ordering::Relaxed)))
    }

    /// Turns this clock, and every clone of it, forward.
    pub fn advance(&self, by: Duration) {
        self.offset.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}
