//! How long a macaroon is that begins at the first byte: both formats tell, without a look at most of the bytes.
//!
//! Only what has to be known to find the end is read. Whether it is a macaroon is for the strict decoder to say.

use super::lazy_base64::Bytes;
use crate::limits::{MAX_CAVEATS, MAX_MACAROON_BYTES};

/// The length of the macaroon in bytes; `None` if there is none, or if it is longer than what is accepted.
pub(super) fn macaroon(bytes: &impl Bytes) -> Option<usize> {
    let length = if bytes.at(0)? == V2 { v2(bytes)? } else { v1(bytes)? };
    (length <= MAX_MACAROON_BYTES).then_some(length)
}

fn v1(bytes: &impl Bytes) -> Option<usize> {
    let location = packet(bytes, 0, b"location ")?;
    let mut at = packet(bytes, location, b"identifier ")?;
    for _ in 0..=MAX_CAVEATS {
        if let Some(end) = packet(bytes, at, b"signature ") {
            return Some(end);
        }
        at = packet(bytes, at, b"cid ")?;
        if let Some(vid) = packet(bytes, at, b"vid ") {
            at = packet(bytes, vid, b"cl ")?;
        }
    }
    None
}

/// The end of the packet at `at`, if it has this key and an end.
fn packet(bytes: &impl Bytes, at: usize, key: &[u8]) -> Option<usize> {
    if !bytes.has(at + LENGTH_DIGITS, key) {
        return None;
    }
    let digit = |index| char::from(bytes.at(at + index)?).to_digit(16);
    let length = (0..LENGTH_DIGITS).try_fold(0, |length, index| Some(length << 4 | digit(index)?))?;
    let end = at + usize::try_from(length).ok()?;
    (end > at + LENGTH_DIGITS && end <= MAX_MACAROON_BYTES && bytes.at(end - 1)? == b'\n').then_some(end)
}

fn v2(bytes: &impl Bytes) -> Option<usize> {
    let mut at = field(bytes, optional(bytes, 1, LOCATION)?, IDENTIFIER)?;
    at = end_of_section(bytes, at)?;
    for _ in 0..=MAX_CAVEATS {
        if let Some(after) = end_of_section(bytes, at) {
            return field(bytes, after, SIGNATURE);
        }
        at = field(bytes, optional(bytes, at, LOCATION)?, IDENTIFIER)?;
        at = end_of_section(bytes, optional(bytes, at, VERIFICATION_ID)?)?;
    }
    None
}

/// The end of the field at `at`, or `at` if another stands there.
fn optional(bytes: &impl Bytes, at: usize, kind: u8) -> Option<usize> {
    if bytes.at(at)? == kind { field(bytes, at, kind) } else { Some(at) }
}

fn field(bytes: &impl Bytes, at: usize, kind: u8) -> Option<usize> {
    if bytes.at(at)? != kind {
        return None;
    }
    let mut length = 0;
    for (index, shift) in [0, 7, 14].into_iter().enumerate() {
        let byte = bytes.at(at + 1 + index)?;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let end = at + 2 + index + length;
            return (end <= MAX_MACAROON_BYTES).then_some(end);
        }
    }
    None
}

fn end_of_section(bytes: &impl Bytes, at: usize) -> Option<usize> {
    (bytes.at(at)? == 0).then_some(at + 1)
}

const LENGTH_DIGITS: usize = 4;
const V2: u8 = 2;
const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const VERIFICATION_ID: u8 = 4;
const SIGNATURE: u8 = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{v1, v2};
    use crate::{Macaroon, RootKey};

    #[test]
    fn the_end_is_where_the_encoder_stopped_and_nothing_shorter_has_one() {
        let key = RootKey::derive(b"k");
        let mut macaroon_ = Macaroon::mint(&key, "", "").unwrap();
        for _ in 0..3 {
            for mut bytes in [v1::encode(&macaroon_), v2::encode(&macaroon_)] {
                let length = bytes.len();
                for shorter in 0..length {
                    // The last bytes of V2 are the signature, which is not looked at.
                    let cut = &bytes[..shorter];
                    assert!(macaroon(&cut).is_none_or(|end| end == length));
                }
                bytes.extend_from_slice(b"more");
                assert_eq!(macaroon(&bytes.as_slice()), Some(length));
            }
            macaroon_.attenuate("a|b|c").unwrap();
            macaroon_.attenuate_third_party("sso", &"x".repeat(300), &key, [7; 24]).unwrap();
        }
    }

    #[test]
    fn other_bytes_have_no_end() {
        for bytes in
            [&b"\x02\x02\x01a"[..], b"\x02\x02\xff\xff\xff\x01", b"0010location", b"0000location \n", b"\x02"]
        {
            assert_eq!(macaroon(&bytes), None);
        }
    }
}
