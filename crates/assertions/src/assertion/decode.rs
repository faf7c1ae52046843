//! Decoding: where headers, body and signature stand, and which headers each assertion must have.

use super::Assertion;
use crate::digest::KeyId;
use crate::headers;
use crate::kind::Kind;
use crate::limits::{
    MAX_ASSERTIONS, MAX_BODY_BYTES, MAX_HEADERS, MAX_HEADERS_BYTES, MAX_NESTING, MAX_STREAM_BYTES,
};
use crate::signature::{Signature, SignatureError};
use crate::value::Value;

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

/// As text, without characters that would not be seen.
pub(super) fn readable(bytes: &[u8]) -> Result<&str, DecodeError> {
    let text = std::str::from_utf8(bytes).map_err(|_| DecodeError::NotText)?;
    let hidden = |byte: u8| byte.is_ascii_control() && byte != b'\n' && byte != b'\t';
    if text.bytes().any(hidden) { Err(DecodeError::ControlCharacter) } else { Ok(text) }
}

/// Reads an assertion from the front of a stream; with it comes what follows after a blank line.
///
/// The body's length says where it ends. It may hold blank lines; a signature never does.
pub(super) fn first(text: &str) -> Result<(Assertion, Option<&str>), DecodeError> {
    if text.is_empty() {
        return Err(DecodeError::Empty);
    }
    let Some((head, after_head)) = text.split_once("\n\n") else {
        return Err(if text.len() > MAX_HEADERS_BYTES {
            DecodeError::HeadersTooLong
        } else {
            DecodeError::NoSignature
        });
    };
    if head.len() > MAX_HEADERS_BYTES {
        return Err(DecodeError::HeadersTooLong);
    }
    let headers = headers::read(head)?;
    let common = Common::read(&headers)?;
    let body_start = head.len() + 2;
    // snapd also reads an empty body with blank lines around it, if its length is said to be 0, or not said.
    let (content, body) = if common.body_length > 0 || after_head.starts_with("\n\n") {
        let end = body_start + common.body_length;
        (end, body_start..end)
    } else {
        (head.len(), head.len()..head.len())
    };
    let after = text.get(content..).ok_or(DecodeError::BodyLength)?;
    let after = after.strip_prefix("\n\n").ok_or(DecodeError::BodyLength)?;
    let (signature, rest) = match after.split_once("\n\n") {
        Some((signature, rest)) => (signature, Some(rest)),
        None => (after, None),
    };
    let mut end = content + 2 + signature.len();
    if rest.is_some() {
        end += 1; // the first of the two newlines is the signature's own
    }
    let signature = Signature::decode(signature)?;
    let Common { sign_key, revision, format, .. } = common;
    let text = text.get(..end).unwrap_or(text).to_owned();
    Ok((Assertion { text, content, body, headers, sign_key, revision, format, signature }, rest))
}

/// The headers that mean the same in every type.
struct Common {
    body_length: usize,
    sign_key: KeyId,
    revision: u64,
    format: u64,
}

impl Common {
    fn read(headers: &[(String, Value)]) -> Result<Self, DecodeError> {
        let find = |name: &str| headers.iter().find(|(other, _)| other == name).map(|(_, value)| value);
        let kind = find("type").and_then(Value::as_text).filter(|kind| !kind.is_empty());
        let kind = kind.ok_or(DecodeError::Missing("type"))?;
        let sign_key = find(SIGN_KEY).ok_or(DecodeError::Missing(SIGN_KEY))?;
        let sign_key = sign_key.as_text().and_then(|id| id.parse().ok());
        let sign_key =
            sign_key.ok_or(DecodeError::Invalid { header: SIGN_KEY, expected: "the id of a key" })?;
        let count = |header| match find(header) {
            Some(value) => {
                value.as_text().and_then(number).ok_or(DecodeError::Invalid { header, expected: COUNT })
            }
            None => Ok(0),
        };
        let body_length = usize::try_from(count("body-length")?).unwrap_or(usize::MAX);
        if body_length > MAX_BODY_BYTES {
            return Err(DecodeError::BodyTooLong);
        }
        let common = Self { body_length, sign_key, revision: count("revision")?, format: count("format")? };
        Kind::find(kind).map_or(Ok(()), |kind| check_kind(kind, find))?;
        Ok(common)
    }
}

/// An authority, if the type has one, and a primary key.
fn check_kind<'a>(kind: &Kind, find: impl Fn(&str) -> Option<&'a Value>) -> Result<(), DecodeError> {
    let authority = find("authority-id");
    if !kind.authority && authority.is_some() {
        return Err(DecodeError::Authority);
    }
    if kind.authority && authority.and_then(Value::as_text).is_none_or(str::is_empty) {
        return Err(DecodeError::Missing("authority-id"));
    }
    for header in kind.primary_key {
        match find(header).map(|value| value.as_text().unwrap_or_default()) {
            Some("") => return Err(DecodeError::Missing(header)),
            Some(value) if value.contains('/') => {
                return Err(DecodeError::Invalid { header, expected: "text without '/'" });
            }
            None if kind.default_of(header).is_none() => return Err(DecodeError::Missing(header)),
            Some(_) | None => {}
        }
    }
    Ok(())
}

/// A number from 0 to 2^63 - 1 without sign and leading zeros.
pub(crate) fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|number| plain && i64::try_from(*number).is_ok())
}

const SIGN_KEY: &str = "sign-key-sha3-384";

const COUNT: &str = "a whole number without sign and leading zeros";
