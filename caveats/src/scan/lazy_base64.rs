//! Bytes that are decoded where they are looked at, so that a guess which fails soon has cost little.

use super::work;

/// A text of bytes that may have to be worked out.
pub(super) trait Bytes {
    /// The byte at `index`, if the text reaches there and can be decoded there.
    fn at(&self, index: usize) -> Option<u8>;

    /// Whether these bytes stand at `index`.
    fn has(&self, index: usize, wanted: &[u8]) -> bool {
        wanted.iter().enumerate().all(|(offset, byte)| self.at(index + offset) == Some(*byte))
    }
}

impl Bytes for &[u8] {
    fn at(&self, index: usize) -> Option<u8> {
        work::done(1);
        self.get(index).copied()
    }
}

/// What base64 text stands for, in either alphabet. Whether the two are mixed, and what the last bits are, is left to
/// the strict decoder that has the last word.
pub(super) struct Base64<B>(pub(super) B);

impl<B: Bytes> Bytes for Base64<B> {
    fn at(&self, index: usize) -> Option<u8> {
        let place = index / 3 * 4 + index % 3;
        let high = sextet(self.0.at(place)?)?;
        let low = sextet(self.0.at(place + 1)?)?;
        Some(match index % 3 {
            0 => high << 2 | low >> 4,
            1 => high << 4 | low >> 2,
            _ => high << 6 | low,
        })
    }
}

/// Characters that `length` bytes take without padding.
pub(super) const fn characters(length: usize) -> usize {
    (length * 4).div_ceil(3)
}

/// Whether a byte is a character of either alphabet. Padding is not.
pub(super) fn is_token(byte: u8) -> bool {
    sextet(byte).is_some()
}

/// Tokens of bytes from the start.
pub(super) fn token_length(bytes: &[u8]) -> usize {
    let length = bytes.iter().position(|byte| !is_token(*byte)).unwrap_or(bytes.len());
    work::done(length + 1);
    length
}

fn sextet(character: u8) -> Option<u8> {
    let value = SEXTETS.get(usize::from(character)).copied().unwrap_or(NONE);
    (value != NONE).then_some(value)
}

const NONE: u8 = 0xff;

const SEXTETS: [u8; 256] = {
    let mut table = [NONE; 256];
    let mut character = 0;
    while character < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256, and `try_from` is not const")]
        let byte = character as u8;
        #[expect(clippy::indexing_slicing, reason = "below 256; a wrong index would not compile")]
        {
            table[character] = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'-' | b'+' => 62,
                b'_' | b'/' => 63,
                _ => NONE,
            };
        }
        character += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::base64;

    #[test]
    fn bytes_are_what_the_strict_decoder_says_in_any_order() {
        let bytes: Vec<u8> = (0..=255).rev().collect();
        for length in [1, 2, 3, 254, 255, 256] {
            let bytes = &bytes[..length];
            for text in [base64::encode(bytes), base64::encode_standard(bytes)] {
                let lazy = Base64(text.as_bytes());
                for index in (0..length).rev() {
                    assert_eq!(lazy.at(index), Some(bytes[index]));
                }
                assert_eq!(characters(length), text.trim_end_matches('=').len());
            }
        }
    }

    #[test]
    fn base64_in_base64_is_read_through() {
        let text = base64::encode(base64::encode(b"hello").as_bytes());
        assert!(Base64(Base64(text.as_bytes())).has(0, b"hello"));
        assert!(!Base64(Base64(text.as_bytes())).has(1, b"hello"));
    }
}
