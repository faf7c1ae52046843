//! Serialisations of a macaroon: which one a text is in, and what can be wrong with it.

pub(crate) mod base64;
pub(crate) mod json;
pub(crate) mod v1;
pub(crate) mod v2;

use zeroize::Zeroize;

use crate::limits::{MAX_CAVEATS, MAX_MACAROON_BYTES};
use crate::macaroon::{Format, Layout, Macaroon};

/// Why bytes are not a macaroon. Offsets are into the decoded bytes; none of the bytes themselves are repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// More than [`MAX_MACAROON_BYTES`].
    #[error("longer than {MAX_MACAROON_BYTES} bytes")]
    TooLong,
    /// Not base64 in one of the two common alphabets, or with bits left over.
    #[error("not base64")]
    Base64,
    /// Starts neither with a hex digit (V1) nor with 0x02 (V2) nor with a brace (JSON).
    #[error("not a macaroon of any version")]
    Format,
    /// JSON without the members of one version, or with others, or with one twice.
    #[error("JSON that is not a macaroon")]
    Json,
    /// More than [`MAX_CAVEATS`].
    #[error("more than {MAX_CAVEATS} caveats")]
    TooManyCaveats,
    /// Ends inside a field.
    #[error("ends in the middle of the field at byte {at}")]
    Truncated {
        /// Offset of the field.
        at: usize,
    },
    /// A length that is not in the format's one accepted form: four lower-case hex digits, or the shortest varint.
    #[error("no length at byte {at}")]
    Length {
        /// Offset of the length.
        at: usize,
    },
    /// A field other than one that may stand here.
    #[error("an unexpected field at byte {at}")]
    Field {
        /// Offset of the field.
        at: usize,
    },
    /// A location, or in V1 an identifier or a caveat id, that is not UTF-8.
    #[error("text that is not UTF-8 at byte {at}")]
    NotText {
        /// Offset of the field.
        at: usize,
    },
    /// A signature that is not 32 bytes long.
    #[error("a signature of a wrong length at byte {at}")]
    Signature {
        /// Offset of the field.
        at: usize,
    },
    /// Something after the signature.
    #[error("bytes after the signature, from byte {at}")]
    Trailing {
        /// Offset of the first of them.
        at: usize,
    },
}

pub(crate) fn parse(text: &str) -> Result<Macaroon, DecodeError> {
    if text.starts_with('{') {
        return json::decode(text.as_bytes());
    }
    if text.len() > base64::encoded_length(MAX_MACAROON_BYTES) {
        return Err(DecodeError::TooLong);
    }
    decode(base64::decode(text).ok_or(DecodeError::Base64)?)
}

/// The text of a macaroon for headers and files: in the form it was read in, and otherwise V1, the only one that every
/// program reads, unless identifier or caveat ids are not text, which only V2 can carry.
pub(crate) fn token(macaroon: &Macaroon) -> String {
    let v1 = macaroon.format() == Format::V1 && macaroon.is_text();
    base64::encode(&if v1 { v1::encode(macaroon) } else { v2::encode(macaroon) })
}

pub(crate) fn decode(mut bytes: Vec<u8>) -> Result<Macaroon, DecodeError> {
    match layout(&bytes) {
        Ok((layout, format)) => Macaroon::from_layout(bytes, layout, format),
        Err(error) => {
            bytes.zeroize();
            Err(error)
        }
    }
}

fn layout(bytes: &[u8]) -> Result<(Layout, Format), DecodeError> {
    if bytes.len() > MAX_MACAROON_BYTES {
        return Err(DecodeError::TooLong);
    }
    match bytes.first() {
        Some(b'0'..=b'9' | b'a'..=b'f') => Ok((v1::layout(bytes)?, Format::V1)),
        Some(&v2::VERSION) => Ok((v2::layout(bytes)?, Format::V2)),
        _ => Err(DecodeError::Format),
    }
}

/// Whether the bytes are UTF-8; nearly all text is ASCII, which is sooner told.
fn is_text(bytes: &[u8]) -> bool {
    bytes.is_ascii() || std::str::from_utf8(bytes).is_ok()
}

/// Room for as many caveats as so many bytes are likely to hold, so that their vector is allocated once: caveats of a
/// store are longer than this. Not more, as memory of more than a kilobyte is slower to get.
fn room_for_caveats(bytes: usize) -> usize {
    (bytes / 48).clamp(4, MAX_CAVEATS)
}
