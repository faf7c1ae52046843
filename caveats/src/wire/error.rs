//! What can be wrong with the text or the bytes of a macaroon.

use crate::limits::{MAX_CAVEATS, MAX_MACAROON_BYTES};

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
