//! Base64 as clients write it: URL-safe and unpadded when we write, either alphabet and optional padding when we read.

use base64::Engine as _;
use base64::engine::general_purpose::{
    STANDARD, STANDARD_PAD_INDIFFERENT, URL_SAFE, URL_SAFE_NO_PAD, URL_SAFE_PAD_INDIFFERENT,
};

/// URL-safe, without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Standard alphabet, with padding: the `account` caveat, exported credentials.
pub(crate) fn encode_standard(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// URL-safe, with padding: the `Macaroons` header.
pub(crate) fn encode_padded(bytes: &[u8]) -> String {
    URL_SAFE.encode(bytes)
}

/// Reads the standard alphabet first, as the `account` caveat is written in it, and else what [`decode`] reads.
pub(crate) fn decode_standard(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok().or_else(|| decode(text))
}

/// Reads either alphabet (never both in one text), padded or not. `None` for anything else, also for bits left over.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    // The engines below also take padding that is only begun.
    if text.ends_with('=') && !text.len().is_multiple_of(4) {
        return None;
    }
    match URL_SAFE_PAD_INDIFFERENT.decode(text) {
        Ok(bytes) => Some(bytes),
        Err(_) => STANDARD_PAD_INDIFFERENT.decode(text).ok(),
    }
}

/// Characters that `length` bytes take at most, padding included.
pub(crate) const fn encoded_length(length: usize) -> usize {
    length.div_ceil(3) * 4
}
