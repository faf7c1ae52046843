//! Base64 as clients write it: URL-safe and unpadded when we write, either alphabet and optional padding when we read.

use base64::Engine as _;
use base64::engine::general_purpose::{
    STANDARD, STANDARD_PAD_INDIFFERENT, URL_SAFE_NO_PAD, URL_SAFE_PAD_INDIFFERENT,
};

/// URL-safe, without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Standard alphabet, with padding: the `account` caveat, exported credentials.
pub(crate) fn encode_standard(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads either alphabet (never both in one text), padded or not. `None` for anything else, also for bits left over.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    match URL_SAFE_PAD_INDIFFERENT.decode(text) {
        Ok(bytes) => Some(bytes),
        Err(_) => STANDARD_PAD_INDIFFERENT.decode(text).ok(),
    }
}

/// Characters that `length` bytes take at most, padding included.
pub(crate) const fn encoded_length(length: usize) -> usize {
    length.div_ceil(3) * 4
}
