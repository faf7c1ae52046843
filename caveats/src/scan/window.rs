//! The part of a stream that is still needed, with offsets that count from its beginning. Wiped at the end.

use std::ops::Range;

use zeroize::Zeroizing;

/// The last bytes of a stream.
#[derive(Default)]
pub(super) struct Window {
    bytes: Zeroizing<Vec<u8>>,
    /// The offset of the first byte.
    base: u64,
}

impl Window {
    /// Adds the next bytes of the stream. Where they need more room, what was there moves and is wiped where it was.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let length = self.bytes.len() + bytes.len();
        if length > self.bytes.capacity() {
            let mut larger = Zeroizing::new(Vec::with_capacity(length.next_power_of_two()));
            larger.extend_from_slice(&self.bytes);
            self.bytes = larger;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Drops what lies before an offset, once that is as much as what is kept: then a byte is moved once at most.
    pub(super) fn forget(&mut self, before: u64) {
        let gone = self.index(before);
        if gone >= MIN_FORGOTTEN && gone >= self.bytes.len() - gone {
            self.bytes.drain(..gone);
            self.base += gone as u64;
        }
    }

    /// The bytes in a range, as far as they are there, and the offset of the first.
    pub(super) fn view(&self, range: Range<u64>) -> (&[u8], u64) {
        let start = self.index(range.start);
        (self.bytes.get(start..self.index(range.end)).unwrap_or_default(), self.base + start as u64)
    }

    /// Room for so many bytes is held.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    fn index(&self, at: u64) -> usize {
        usize::try_from(at.saturating_sub(self.base))
            .map_or(self.bytes.len(), |index| index.min(self.bytes.len()))
    }
}

/// Room for most bytes that a window holds of which `needed` are still needed.
pub(super) const fn most(needed: usize) -> usize {
    let held = if needed > MIN_FORGOTTEN { 2 * needed } else { needed + MIN_FORGOTTEN };
    held.next_power_of_two()
}

const MIN_FORGOTTEN: usize = 128 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_is_gone_and_the_rest_keeps_its_offsets() {
        let mut window = Window::default();
        let bytes: Vec<u8> = (0..=255).cycle().take(3 * MIN_FORGOTTEN).collect();
        window.push(&bytes);
        window.forget(MIN_FORGOTTEN as u64);
        assert_eq!(window.view(0..10), (&bytes[..10], 0), "less than what is kept");
        window.forget(2 * MIN_FORGOTTEN as u64 + 7);
        let at = 2 * MIN_FORGOTTEN + 7;
        assert_eq!(window.view(0..at as u64 + 3), (&bytes[at..at + 3], at as u64));
        assert_eq!(window.view(0..u64::MAX), (&bytes[at..], at as u64));
    }

    #[test]
    fn it_holds_no_more_than_it_says() {
        let mut window = Window::default();
        let needed = 5 * MIN_FORGOTTEN / 2;
        for step in 1..200 {
            window.push(&[0; 1000 * 7]);
            window.forget((step * 7000_u64).saturating_sub(needed as u64 - 7000));
            assert!(window.capacity() <= most(needed));
        }
    }
}
