//! Base64 as clients write it: URL-safe and unpadded when we write, either alphabet and optional padding when we read.

use base64_simd::{AsOut as _, Base64, STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// URL-safe, without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// The same of 48 bytes, which fill 64 characters, without allocation.
pub(crate) fn encode_48(bytes: &[u8; 48]) -> [u8; 64] {
    let mut text = [0; 64];
    let _filled = URL_SAFE_NO_PAD.encode(bytes, text.as_mut_slice().as_out());
    text
}

/// Standard alphabet, with padding: the `account` caveat, exported credentials.
pub(crate) fn encode_standard(bytes: &[u8]) -> String {
    STANDARD.encode_to_string(bytes)
}

/// URL-safe, with padding: the `Macaroons` header.
pub(crate) fn encode_padded(bytes: &[u8]) -> String {
    URL_SAFE.encode_to_string(bytes)
}

/// Reads what [`decode`] reads, and tries the standard alphabet first, as the `account` caveat is written in it.
pub(crate) fn decode_standard(text: &str) -> Option<Vec<u8>> {
    decode_in([&STANDARD_NO_PAD, &URL_SAFE_NO_PAD], text)
}

/// Reads either alphabet (never both in one text), padded or not. `None` for anything else, also for bits left over.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    decode_in([&URL_SAFE_NO_PAD, &STANDARD_NO_PAD], text)
}

fn decode_in(alphabets: [&Base64; 2], text: &str) -> Option<Vec<u8>> {
    let text = without_padding(text);
    alphabets.iter().find_map(|alphabet| alphabet.decode_to_vec(text).ok())
}

/// Without what fills the last four characters. Of padding that is only begun, or does not belong there, something stays,
/// and no alphabet has it.
fn without_padding(text: &str) -> &str {
    if !text.len().is_multiple_of(4) {
        return text;
    }
    text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text)
}

/// Characters that `length` bytes take at most, padding included.
pub(crate) const fn encoded_length(length: usize) -> usize {
    length.div_ceil(3) * 4
}

#[cfg(test)]
mod tests {
    use ::base64::Engine as _;
    use ::base64::engine::general_purpose as theirs;
    use proptest::prelude::*;

    use super::*;

    /// What the crate `base64` reads, which has no vector instructions.
    fn theirs(text: &str) -> Option<Vec<u8>> {
        if text.ends_with('=') && !text.len().is_multiple_of(4) {
            return None;
        }
        let standard = || theirs::STANDARD_PAD_INDIFFERENT.decode(text).ok();
        theirs::URL_SAFE_PAD_INDIFFERENT.decode(text).ok().or_else(standard)
    }

    fn agree(text: &str) {
        assert_eq!(decode(text), theirs(text), "{text}");
        assert_eq!(decode_standard(text), theirs(text), "{text}");
    }

    #[test]
    fn every_end_of_a_text_is_judged_as_the_other_library_judges_it() {
        let alphabet = b"ABfw/+-_=!";
        for before in ["", "AbCd", "+/+/", "-_-_", "=AAA", "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGh"] {
            for number in 0..10_usize.pow(4) {
                let end = [1000, 100, 10, 1].map(|place| char::from(alphabet[number / place % 10]));
                for taken in 0..=4 {
                    agree(
                        &end.iter().take(taken).fold(before.to_owned(), |text, end| text + &end.to_string()),
                    );
                }
            }
        }
    }

    #[test]
    fn every_character_is_judged_alike_wherever_it_stands() {
        let text = "AbCd".repeat(20);
        for at in 0..text.len() {
            for character in '\0'..='\u{17f}' {
                let mut text = text.clone();
                text.replace_range(at..=at, &character.to_string());
                agree(&text);
            }
        }
    }

    proptest! {
        #[test]
        fn bytes_are_written_as_the_other_library_writes_them_and_read_back(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            prop_assert_eq!(encode(&bytes), theirs::URL_SAFE_NO_PAD.encode(&bytes));
            prop_assert_eq!(encode_padded(&bytes), theirs::URL_SAFE.encode(&bytes));
            prop_assert_eq!(encode_standard(&bytes), theirs::STANDARD.encode(&bytes));
            for text in [encode(&bytes), encode_padded(&bytes), encode_standard(&bytes)] {
                prop_assert_eq!(decode(&text), Some(bytes.clone()));
                prop_assert_eq!(decode_standard(&text), Some(bytes.clone()));
            }
        }

        #[test]
        fn any_text_is_judged_as_the_other_library_judges_it(text in "[A-Za-z0-9+/_=é -]{0,80}|[A-Za-z0-9_-]{0,200}={0,3}") {
            prop_assert_eq!(decode(&text), theirs(&text));
            prop_assert_eq!(decode_standard(&text), theirs(&text));
        }
    }
}
