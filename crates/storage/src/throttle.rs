//! Failed logins: how many an account and an address may have within a window before they must wait.
//!
//! Kept in memory, for this process. An attempt without a one-time code is part of every login and never counts.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use timestamp::Timestamp;

/// The window in which failures are counted.
const WINDOW_SECONDS: i64 = 15 * 60;
/// Above this many entries, those whose window has passed are dropped.
const SWEEP_AT: usize = 10_000;

/// Counts failures by key.
#[derive(Debug)]
pub struct Throttle {
    limit: usize,
    /// By the hash of the key, which may be as long as whoever guesses likes.
    failures: Mutex<HashMap<u64, (usize, Timestamp)>>,
    hasher: RandomState,
}

/// Too many failures: try again in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttled {
    /// Seconds until the window ends.
    pub seconds: u32,
}

impl Throttle {
    /// Allows `limit` failures a key in 15 minutes.
    pub fn new(limit: usize) -> Throttle {
        Throttle { limit, failures: Mutex::default(), hasher: RandomState::new() }
    }

    /// Counts an attempt as failed until [`Throttle::forgive`] or [`Throttle::succeeded`] says otherwise, so that
    /// attempts made at once cannot slip past the limit together.
    /// `share` times the limit is allowed to this key.
    pub fn attempt(&self, key: &str, share: usize, now: Timestamp) -> Result<(), Throttled> {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= SWEEP_AT {
            failures.retain(|_, (_, since)| age(*since, now) < WINDOW_SECONDS);
        }
        let entry = failures.entry(self.hasher.hash_one(key)).or_insert((0, now));
        if age(entry.1, now) >= WINDOW_SECONDS {
            *entry = (0, now);
        }
        if entry.0 >= self.limit.saturating_mul(share) {
            let left = WINDOW_SECONDS - age(entry.1, now);
            return Err(Throttled { seconds: u32::try_from(left).unwrap_or(1) });
        }
        entry.0 += 1;
        Ok(())
    }

    /// Takes one attempt back: it was neither a failure nor a success.
    pub fn forgive(&self, key: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((count, _)) = failures.get_mut(&self.hasher.hash_one(key)) {
            *count = count.saturating_sub(1);
        }
    }

    /// Forgets the failures of a key that has succeeded.
    pub fn succeeded(&self, key: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.hasher.hash_one(key));
    }
}

fn age(since: Timestamp, now: Timestamp) -> i64 {
    (now.micros() - since.micros()) / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_holds_until_the_window_ends() {
        let throttle = Throttle::new(2);
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        assert!(throttle.attempt("a", 1, at(0)).is_ok());
        assert!(throttle.attempt("a", 1, at(1)).is_ok());
        assert_eq!(throttle.attempt("a", 1, at(100)), Err(Throttled { seconds: 800 }));
        assert!(throttle.attempt("b", 1, at(100)).is_ok());
        throttle.forgive("a");
        assert!(throttle.attempt("a", 1, at(101)).is_ok());
        assert!(throttle.attempt("a", 1, at(101)).is_err());
        assert!(throttle.attempt("a", 1, at(900)).is_ok());
        throttle.succeeded("a");
        assert!(throttle.attempt("a", 1, at(901)).is_ok());
    }
}
