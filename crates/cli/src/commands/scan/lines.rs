//! The numbers of lines in a text that comes in pieces, for as far back as a scan hands anything over.

use std::collections::VecDeque;

use caveats::scan::MAX_BUFFERED_BYTES;

/// What a finding may stand behind, and as much again.
const BACK: u64 = 2 * MAX_BUFFERED_BYTES as u64;

/// Where lines end.
#[derive(Default)]
pub(crate) struct Lines {
    /// How many have ended before those that are kept.
    before: u64,
    ends: VecDeque<u64>,
    length: u64,
}

impl Lines {
    /// The next piece of the text.
    pub(crate) fn pass(&mut self, piece: &[u8]) {
        let ends = piece.iter().zip(self.length..).filter(|(byte, _)| **byte == b'\n').map(|(_, at)| at);
        self.ends.extend(ends);
        self.length += piece.len() as u64;
        while self.ends.front().is_some_and(|end| end + BACK < self.length) {
            self.ends.pop_front();
            self.before += 1;
        }
    }

    /// The number of the line in which a byte stands.
    pub(crate) fn number(&self, offset: u64) -> u64 {
        self.before + self.ends.partition_point(|end| *end < offset) as u64 + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_number_however_the_text_is_cut_and_however_long_it_is() {
        let text = b"one\ntwo\n\nfour";
        for size in 1..=text.len() {
            let mut lines = Lines::default();
            text.chunks(size).for_each(|piece| lines.pass(piece));
            assert_eq!([0, 3, 4, 8, 9, 12].map(|offset| lines.number(offset)), [1, 1, 2, 3, 4, 4]);
        }
        let mut lines = Lines::default();
        let line = [vec![b'x'; 1023], vec![b'\n']].concat();
        let count = 2 * BACK / 1024;
        (0..count).for_each(|_| lines.pass(&line));
        assert_eq!(lines.number(count * 1024 - 1), count);
        assert!(lines.ends.len() as u64 <= BACK / 1024 + 1);
    }
}
