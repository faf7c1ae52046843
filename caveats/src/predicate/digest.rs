//! SHA3-384 values as snapd writes them, of files and of keys: URL-safe base64 without padding, 64 characters.

use crate::wire::base64;

/// Characters of an encoded digest.
pub(crate) const ENCODED_LENGTH: usize = 64;

/// Whether the text has the form of a digest. 48 bytes fill 64 characters exactly, so every such text is one.
pub(crate) fn is_encoded(text: &str) -> bool {
    let in_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == ENCODED_LENGTH && text.bytes().all(in_alphabet)
}

/// Writes a digest into an array, without allocation.
pub(crate) fn encode(digest: &[u8; 48]) -> [u8; ENCODED_LENGTH] {
    base64::encode_48(digest)
}
