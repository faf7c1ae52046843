//! How long a service may go on believing in a list without having heard from the database.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Time since the machine booted, also while it slept: no setting of a clock changes it.
pub(super) fn since_boot() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    Duration::new(u64::try_from(now.tv_sec).unwrap_or(0), u32::try_from(now.tv_nsec).unwrap_or(0))
}

/// A moment until which something holds, in time since boot.
#[derive(Debug)]
pub(super) struct Until(AtomicI64);

impl Until {
    /// Until this moment.
    pub(super) fn new(moment: Duration) -> Until {
        Until(AtomicI64::new(nanos(moment)))
    }

    /// Until this moment, if that is later.
    pub(super) fn extend(&self, moment: Duration) {
        self.0.fetch_max(nanos(moment), Ordering::SeqCst);
    }

    /// Not any longer.
    pub(super) fn end(&self) {
        self.0.store(0, Ordering::SeqCst);
    }

    /// What is left of it.
    pub(super) fn left(&self) -> Duration {
        let left = self.0.load(Ordering::SeqCst).saturating_sub(nanos(since_boot()));
        Duration::from_nanos(u64::try_from(left).unwrap_or(0))
    }
}

fn nanos(moment: Duration) -> i64 {
    i64::try_from(moment.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_ends_at_its_moment_and_is_never_shortened_by_an_older_one() {
        let now = since_boot();
        assert_eq!(Until::new(now).left(), Duration::ZERO);
        let lease = Until::new(now + Duration::from_mins(2));
        lease.extend(now + Duration::from_mins(1));
        assert!(lease.left() > Duration::from_mins(1));
        lease.end();
        assert_eq!(lease.left(), Duration::ZERO);
    }
}
