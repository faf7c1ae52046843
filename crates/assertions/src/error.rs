//! Why bytes are no assertion, wherever in them it is seen.

use crate::limits::{
    MAX_ASSERTIONS, MAX_BODY_BYTES, MAX_HEADERS, MAX_HEADERS_BYTES, MAX_NESTING, MAX_STREAM_BYTES,
};
use crate::signature::SignatureError;

/// Why bytes are no assertion. Lines are counted from 1; nothing of the document is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Nothing at all.
    #[error("empty")]
    Empty,
    /// A stream longer than [`MAX_STREAM_BYTES`].
    #[error("longer than {MAX_STREAM_BYTES} bytes")]
    TooLong,
    /// A stream of more than [`MAX_ASSERTIONS`].
    #[error("more than {MAX_ASSERTIONS} assertions")]
    TooMany,
    /// Headers longer than [`MAX_HEADERS_BYTES`].
    #[error("headers longer than {MAX_HEADERS_BYTES} bytes")]
    HeadersTooLong,
    /// More than [`MAX_HEADERS`].
    #[error("more than {MAX_HEADERS} headers")]
    TooManyHeaders,
    /// A body longer than [`MAX_BODY_BYTES`].
    #[error("a body longer than {MAX_BODY_BYTES} bytes")]
    BodyTooLong,
    /// Lists and maps more than [`MAX_NESTING`] deep.
    #[error("lists and maps more than {MAX_NESTING} levels deep in line {line}")]
    TooDeep {
        /// The line that goes deeper.
        line: usize,
    },
    /// Not UTF-8.
    #[error("not UTF-8")]
    NotText,
    /// A control character other than newline and tab. snapd lets them pass; a person who reads the document could not.
    #[error("a control character (a carriage return, perhaps)")]
    ControlCharacter,
    /// No blank line before a signature, or a body that ends early.
    #[error("no blank line and signature at the end")]
    NoSignature,
    /// A line that should start with a name of lower-case letters, digits and single dashes, and a colon.
    #[error("line {line} should start with a name and a colon")]
    NoName {
        /// The line.
        line: usize,
    },
    /// A value that follows its colon or dash without a space.
    #[error("no space before the value in line {line}")]
    NoSpace {
        /// The line.
        line: usize,
    },
    /// A name with nothing after it, and nothing that is indented below it.
    #[error("line {line} has no value, and none below it that is indented enough")]
    NoValue {
        /// The line of the name.
        line: usize,
    },
    /// A header, or a key of a map, that was there before.
    #[error("line {line} repeats a name")]
    Repeated {
        /// The line of the second.
        line: usize,
    },
    /// A header that each assertion, or each of its type, must have.
    #[error("the header \"{0}\" is missing or empty")]
    Missing(&'static str),
    /// A header that holds something else than it must.
    #[error("the header \"{header}\" must be {expected}")]
    Invalid {
        /// The header's name.
        header: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A body of another length than `body-length` says.
    #[error("the body's length is not what the header \"body-length\" says")]
    BodyLength,
    /// An `authority-id` in an assertion that speaks for nobody.
    #[error("an assertion of this type has no header \"authority-id\"")]
    Authority,
    /// A signature that can't be read.
    #[error("the signature is unreadable: {0}")]
    Signature(#[from] SignatureError),
    /// Something after the one assertion.
    #[error("something follows after the assertion")]
    Trailing,
}
