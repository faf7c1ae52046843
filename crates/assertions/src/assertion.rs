//! One document as it was received: its parts, its signature. Knows no type but for the table of them.

mod decode;

use std::fmt;
use std::ops::Range;

use crate::digest::KeyId;
use crate::kind::Kind;
use crate::public_key::PublicKey;
use crate::signature::Signature;
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
