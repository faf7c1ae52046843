//! What a run says in the end: counts, percentiles, ratios; and why it failed.

use std::io::Write as _;
use std::time::Duration;

/// Durations of one kind.
#[derive(Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(crate) fn extend(&mut self, other: Times) {
        self.0.extend(other.0);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The smallest time that this share of all are not above, in milliseconds; nearest rank.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }

    /// `p50 1.2 ms, p99 3.4 ms, worst 5.6 ms`.
    pub(crate) fn summary(&self) -> String {
        let [half, most, worst] = [50, 99, 100].map(|percent| self.percentile(percent));
        format!("p50 {half:.2} ms, p99 {most:.2} ms, worst {worst:.2} ms")
    }
}

/// Writes a line to standard output.
pub(crate) fn say(line: impl std::fmt::Display) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// Writes why it failed to standard error.
pub(crate) fn complain(error: &anyhow::Error) {
    // Nothing can be done where not even this can be written.
    let _unwritable = writeln!(std::io::stderr(), "load-tests: {error:#}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let mut times = Times::default();
        assert!(times.percentile(50).abs() < 1e-9);
        for milliseconds in (1..=200).rev() {
            times.add(Duration::from_millis(milliseconds));
        }
        for (percent, expected) in [(50, 100.0), (99, 198.0), (100, 200.0), (0, 1.0)] {
            assert!((times.percentile(percent) - expected).abs() < 1e-9);
        }
    }
}
