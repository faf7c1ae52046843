//! Where long runs of base64 characters begin: the one look that ordinary text gets.
//!
//! Only every forty-third byte is looked at, and from there back to the last byte that ends a run. In prose and source
//! code, that is after a few bytes, and all that lies before it cannot hold a run that is long enough.

use super::lazy_base64::{characters, is_token};
use super::work;
use crate::chain;

/// Shortest run that tells of a credential: the signature of a macaroon in JSON. Any other has one of 52 at least.
pub(super) const SHORTEST: usize = characters(chain::LENGTH);

/// The start of the next long run, or where to go on once there is more text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A run of at least [`SHORTEST`] begins here.
    Run(usize),
    /// No run begins before this offset.
    NotYet(usize),
}

/// Looks for the next long run, from `start` on.
pub(super) fn next(bytes: &[u8], mut start: usize) -> Next {
    // All from `start` to here belongs to one run.
    let mut known = start;
    while let Some(unknown) = bytes.get(known..start + SHORTEST) {
        let end = unknown.iter().rposition(|byte| !is_token(*byte));
        work::done(unknown.len() - end.unwrap_or_default());
        let next = known + unknown.len();
        match end {
            None => return Next::Run(start),
            Some(end) => start = known + end + 1,
        }
        known = next;
    }
    Next::NotYet(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, byte by byte.
    fn slow(bytes: &[u8], start: usize) -> Next {
        let mut begin = start;
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            if !is_token(*byte) {
                begin = at + 1;
            } else if at + 1 - begin == SHORTEST {
                return Next::Run(begin);
            }
        }
        Next::NotYet(begin)
    }

    proptest::proptest! {
        #[test]
        fn a_run_is_found_where_it_begins(parts in proptest::collection::vec((0..150_usize, 0..3_usize), 0..12), start in 0..40_usize) {
            let text: String = parts.iter().map(|(run, gap)| "x".repeat(*run) + &" ".repeat(*gap)).collect();
            let start = start.min(text.len());
            match (next(text.as_bytes(), start), slow(text.as_bytes(), start)) {
                (Next::NotYet(early), Next::NotYet(begin)) => assert!(early <= begin && start <= early),
                (found, wanted) => assert_eq!(found, wanted),
            }
        }
    }

    #[test]
    fn prose_is_hardly_looked_at() {
        let text = "The quick brown fox jumps over the lazy dog, and so on. ".repeat(1000);
        work::take();
        assert!(matches!(next(text.as_bytes(), 0), Next::NotYet(_)));
        assert!(work::take() * 6 < text.len() as u64);
    }
}
