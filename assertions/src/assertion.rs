//! One document as it was received: decoding, its parts, its signature. Knows no type but for the table of them.

use std::fmt;
use std::ops::Range;

use crate::digest::KeyId;
use crate::headers;
use crate::kind::Kind;
use crate::limits::{
    MAX_ASSERTIONS, MAX_BODY_BYTES, MAX_HEADERS, MAX_HEADERS_BYTES, MAX_NESTING, MAX_STREAM_BYTES,
};
use crate::public_key::PublicKey;
use crate::signature::{Signature, SignatureError};
use crate::value::Value;

/// A signed document, decoded and not yet verified.
///
/// The bytes stay as they were received: that is what the signature is over, and what [`Assertion::as_str`] gives back.
#[derive(Clone, PartialEq, Eq)]
pub struct Assertion {
    text: String,
    /// Where the signed part ends.
    content: usize,
    body: Range<usize>,
    headers: Vec<(String, Value)>,
    sign_key: KeyId,
    revision: u64,
    format: u64,
    signature: Signature,
}

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

/// Why an assertion is not one of this key's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// `sign-key-sha3-384` names another key.
    #[error("signed with another key, {0}")]
    OtherKey(KeyId),
    /// The signature is not over these bytes, or was not made with this key.
    #[error("the signature does not fit the document")]
    Forged,
}

impl Assertion {
    /// Reads one assertion, with nothing after it but at most one newline.
    pub fn decode(text: &[u8]) -> Result<Self, DecodeError> {
        // The longest that is within all limits is shorter.
        if text.len() > MAX_STREAM_BYTES {
            return Err(DecodeError::TooLong);
        }
        match decode_first(readable(text)?)? {
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
            (assertion, rest) = decode_first(text)?;
            assertions.push(assertion);
        }
        Ok(assertions)
    }

    /// A stream of assertions: parted by blank lines, with a newline at the end.
    pub fn encode_stream<'a>(assertions: impl IntoIterator<Item = &'a Self>) -> String {
        let texts: Vec<&str> = assertions.into_iter().map(|one| one.text.trim_end_matches('\n')).collect();
        if texts.is_empty() { String::new() } else { texts.join("\n\n") + "\n" }
    }

    /// The document, byte for byte as received.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The document, byte for byte as received.
    pub fn encode(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Its type: the header `type`.
    pub fn kind(&self) -> &str {
        self.text("type").unwrap_or_default()
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&Value> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// A header's value, if it is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.header(name).and_then(Value::as_text)
    }

    /// All headers, in their order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// All headers as JSON: the member `headers` of an assertion with the media type `application/json`.
    pub fn headers_json(&self) -> serde_json::Map<String, serde_json::Value> {
        self.headers().map(|(name, value)| (name.to_owned(), value.to_json())).collect()
    }

    /// The assertion as a store sends it with the media type `application/json`: `headers`, and `body` if it has one.
    pub fn to_json(&self) -> serde_json::Value {
        let mut json = serde_json::Map::new();
        json.insert("headers".into(), self.headers_json().into());
        if !self.body().is_empty() {
            json.insert("body".into(), self.body().into());
        }
        json.into()
    }

    /// The body; empty if there is none.
    pub fn body(&self) -> &str {
        self.text.get(self.body.clone()).unwrap_or_default()
    }

    /// The key it says it is signed with: the header `sign-key-sha3-384`.
    pub fn sign_key(&self) -> &KeyId {
        &self.sign_key
    }

    /// The account it speaks for: the header `authority-id`. An `account-key-request` has none.
    pub fn authority(&self) -> Option<&str> {
        self.text("authority-id")
    }

    /// Its revision: of two with the same primary key, the one with the higher revision holds. 0 unless it says so.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The form of its headers, within its type. 0 unless it says so.
    pub fn format(&self) -> u64 {
        self.format
    }

    /// The values that name this assertion among those of its type, those that were left out at their default; `None`
    /// for a type that is not known.
    pub fn primary_key(&self) -> Option<Vec<&str>> {
        let kind = Kind::find(self.kind())?;
        kind.primary_key.iter().map(|header| self.text(header).or_else(|| kind.default_of(header))).collect()
    }

    /// Whether it is signed with this key: the key is the one it names, and the signature is over the bytes as received.
    /// Not whether the key belongs to the authority.
    pub fn verify(&self, key: &PublicKey) -> Result<(), VerifyError> {
        if key.id() != self.sign_key() {
            return Err(VerifyError::OtherKey(self.sign_key));
        }
        let fits = key.verify(self.content().as_bytes(), &self.signature);
        if fits { Ok(()) } else { Err(VerifyError::Forged) }
    }

    /// The signed part: headers and body.
    pub(crate) fn content(&self) -> &str {
        self.text.get(..self.content).unwrap_or_default()
    }
}

impl fmt::Debug for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Assertion({} {:?}, revision {})", self.kind(), self.primary_key(), self.revision)
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
fn decode_first(text: &str) -> Result<(Assertion, Option<&str>), DecodeError> {
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
        if let Some(kind) = Kind::find(kind) {
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
                    Some(_) => {}
                    None if kind.default_of(header).is_some() => {}
                    None => return Err(DecodeError::Missing(header)),
                }
            }
        }
        Ok(common)
    }
}

/// A number from 0 to 2^63 - 1 without sign and leading zeros.
pub(crate) fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|number| plain && i64::try_from(*number).is_ok())
}

const SIGN_KEY: &str = "sign-key-sha3-384";

const COUNT: &str = "a whole number without sign and leading zeros";
