//! Serialisations of a macaroon: which one a text is in, and how each is written.

pub(crate) mod base64;
pub(crate) mod error;
pub(crate) mod json;
pub(crate) mod v1;
pub(crate) mod v2;

use zeroize::Zeroize;

pub use error::DecodeError;

use crate::limits::{MAX_CAVEATS, MAX_MACAROON_BYTES};
use crate::macaroon::{Format, Layout, Macaroon};

impl Macaroon {
    /// Reads a macaroon from text: JSON (version 2, or 1) if it begins with a brace, else base64 in either alphabet, with or without padding, of V1 or V2.
    pub fn parse(text: &str) -> Result<Self, DecodeError> {
        if text.starts_with('{') {
            return json::decode(text.as_bytes());
        }
        if text.len() > base64::encoded_length(MAX_MACAROON_BYTES) {
            return Err(DecodeError::TooLong);
        }
        Self::decode(base64::decode(text).ok_or(DecodeError::Base64)?)
    }

    /// Reads a macaroon from bytes, V1 or V2 by the first one: a hex digit or 0x02. Takes the bytes over instead of a copy:
    /// everything it gives out is borrowed from them, but the signature is moved out and wiped from them, and what is
    /// added later stands behind them, for which a borrowed slice would not do.
    pub fn decode(mut bytes: Vec<u8>) -> Result<Self, DecodeError> {
        match layout(&bytes) {
            Ok((layout, format)) => {
                Self::from_layout(bytes, layout, format).map_err(|_| DecodeError::TooLong)
            }
            Err(error) => {
                bytes.zeroize();
                Err(error)
            }
        }
    }

    /// The V1 form in URL-safe base64 without padding, the one form every client understands.
    ///
    /// V1 is read back only if identifier and caveat ids are UTF-8, see [`Self::is_text`].
    pub fn to_v1(&self) -> String {
        base64::encode(&v1::encode(self))
    }

    /// The V2 form in URL-safe base64 without padding. What was read from V2 gives the same bytes again.
    pub fn to_v2(&self) -> String {
        base64::encode(&v2::encode(self))
    }

    /// The JSON form of version 2, as pymacaroons writes it.
    pub fn to_json(&self) -> String {
        json::encode(self)
    }
}

/// The text of a macaroon for headers and files: in the form it was read in, and otherwise V1, the only one that every
/// program reads, unless identifier or caveat ids are not text, which only V2 can carry.
pub(crate) fn token(macaroon: &Macaroon) -> String {
    let v1 = macaroon.format() == Format::V1 && macaroon.is_text();
    base64::encode(&if v1 { v1::encode(macaroon) } else { v2::encode(macaroon) })
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
