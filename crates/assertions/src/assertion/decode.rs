//! Decoding: where headers, body and signature stand, and which headers each assertion must have.

use super::Assertion;
use crate::digest::KeyId;
use crate::error::DecodeError;
use crate::headers;
use crate::kind::Kind;
use crate::limits::{MAX_ASSERTIONS, MAX_BODY_BYTES, MAX_HEADERS_BYTES, MAX_STREAM_BYTES};
use crate::signature::Signature;
use crate::value::{Value, number};

impl Assertion {
    /// Reads one assertion, with nothing after it but at most one newline.
    pub fn decode(text: &[u8]) -> Result<Self, DecodeError> {
        // The longest that is within all limits is shorter.
        if text.len() > MAX_STREAM_BYTES {
            return Err(DecodeError::TooLong);
        }
        match first(readable(text)?)? {
            (assertion, None) => Ok(assertion),
            (_, Some(_)) => Err(DecodeError::Trailing),
        }
    }

    /// Reads assertions that are parted by blank lines, as a store sends several. None at all is an empty stream.
    pub fn decode_stream(text: &[u8]) -> Result<Vec<Self>, DecodeError> {
        if text.len() > MAX_STREAM_BYTES {
            return Err(DecodeError::TooLong);
        }
        let mut assertions = Vec::new();
        let mut rest = Some(readable(text)?);
        while let Some(text) = rest.filter(|rest| !rest.is_empty()) {
            if assertions.len() == MAX_ASSERTIONS {
                return Err(DecodeError::TooMany);
            }
            let assertion;
            (assertion, rest) = first(text)?;
            assertions.push(assertion);
        }
        Ok(assertions)
    }
}

/// As text, without characters that would not be seen.
fn readable(bytes: &[u8]) -> Result<&str, DecodeError> {
    let text = std::str::from_utf8(bytes).map_err(|_| DecodeError::NotText)?;
    let hidden = |byte: u8| byte.is_ascii_control() && byte != b'\n' && byte != b'\t';
    if text.bytes().any(hidden) { Err(DecodeError::ControlCharacter) } else { Ok(text) }
}

/// Reads an assertion from the front of a stream; with it comes what follows after a blank line.
///
/// The body's length says where it ends. It may hold blank lines; a signature never does.
fn first(text: &str) -> Result<(Assertion, Option<&str>), DecodeError> {
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

const SIGN_KEY: &str = "sign-key-sha3-384";

const COUNT: &str = "a whole number without sign and leading zeros";
