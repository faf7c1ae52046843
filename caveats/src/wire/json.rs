//! Macaroons as JSON: version 2 read and written, version 1 read.
//!
//! ```text
//! v2  {"v": 2?, "i" or "i64", "s" or "s64", "l" or "l64"?, "c"?: [{"i" or "i64", "v" or "v64"?, "l" or "l64"?}]}
//! v1  {"identifier", "signature" (hex), "location"?, "caveats"?: [{"cid", "vid"?, "cl"?}]}
//! ```
//!
//! A member that ends in `64` is base64 of its bytes, in either alphabet, as Go and Python differ; one without is text.
//! Reading is strict: members of one version, each once, and of a binary field one form. Written as pymacaroons does.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use super::base64;
use super::error::DecodeError;
use crate::chain;
use crate::limits::{MAX_CAVEATS, MAX_MACAROON_BYTES};
use crate::macaroon::Macaroon;
use crate::macaroon::parts::Parts;

/// Longest text, in bytes: `\u0000` is six times as long as what it stands for, and members take less than the rest.
pub(crate) const MAX_JSON_BYTES: usize = 8 * MAX_MACAROON_BYTES;

pub(crate) fn decode(text: &[u8]) -> Result<Macaroon, DecodeError> {
    if text.len() > MAX_JSON_BYTES {
        return Err(DecodeError::TooLong);
    }
    document(text)?.assemble()
}

/// The same, and it must be of version 2, as in a bakery's wrapper of version 3.
pub(crate) fn decode_v2(text: &[u8]) -> Result<Macaroon, DecodeError> {
    let document = document(text)?;
    if document.identifier.is_some() { Err(DecodeError::Json) } else { document.assemble() }
}

fn document(text: &[u8]) -> Result<Document<'_>, DecodeError> {
    serde_json::from_slice(text).map_err(|_| DecodeError::Json)
}

/// Writes version 2 as `json.dumps` in pymacaroons does: `{"i": …, "s64": …, "l": …, "c": […]}`.
pub(crate) fn encode(macaroon: &Macaroon) -> String {
    let mut text = String::from("{");
    member(&mut text, "i", macaroon.identifier());
    text.push_str(", \"s64\": \"");
    text.push_str(&base64::encode(macaroon.signature().as_bytes()));
    text.push('"');
    location(&mut text, macaroon.location());
    for (index, caveat) in macaroon.caveats().enumerate() {
        text.push_str(if index == 0 { ", \"c\": [{" } else { ", {" });
        member(&mut text, "i", caveat.id);
        if let Some(third_party) = caveat.third_party {
            text.push_str(", ");
            member(&mut text, "v", third_party.vid);
            location(&mut text, third_party.location);
        }
        text.push('}');
    }
    text.push_str(if macaroon.caveats().len() == 0 { "}" } else { "]}" });
    text
}

/// `"NAME": "text"`, or `"NAME64": "base64"` where the bytes are no text.
fn member(text: &mut String, name: &str, bytes: &[u8]) {
    let (suffix, value) = match std::str::from_utf8(bytes) {
        Ok(plain) => ("", Value::from(plain).to_string()),
        Err(_) => ("64", format!("\"{}\"", base64::encode(bytes))),
    };
    text.extend(["\"", name, suffix, "\": ", &value]);
}

fn location(text: &mut String, location: &str) {
    if !location.is_empty() {
        text.extend([", \"l\": ", &Value::from(location).to_string()]);
    }
}

/// The members of both versions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'t> {
    v: Option<u8>,
    #[serde(borrow)]
    i: Option<Text<'t>>,
    #[serde(borrow)]
    i64: Option<Text<'t>>,
    #[serde(borrow)]
    s: Option<Text<'t>>,
    #[serde(borrow)]
    s64: Option<Text<'t>>,
    #[serde(borrow)]
    l: Option<Text<'t>>,
    #[serde(borrow)]
    l64: Option<Text<'t>>,
    #[serde(borrow)]
    c: Option<Vec<Caveat<'t>>>,
    #[serde(borrow)]
    identifier: Option<Text<'t>>,
    #[serde(borrow)]
    signature: Option<Text<'t>>,
    #[serde(borrow)]
    location: Option<Text<'t>>,
    #[serde(borrow)]
    caveats: Option<Vec<OldCaveat<'t>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Caveat<'t> {
    #[serde(borrow)]
    i: Option<Text<'t>>,
    #[serde(borrow)]
    i64: Option<Text<'t>>,
    #[serde(borrow)]
    v: Option<Text<'t>>,
    #[serde(borrow)]
    v64: Option<Text<'t>>,
    #[serde(borrow)]
    l: Option<Text<'t>>,
    #[serde(borrow)]
    l64: Option<Text<'t>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldCaveat<'t> {
    #[serde(borrow)]
    cid: Option<Text<'t>>,
    #[serde(borrow)]
    vid: Option<Text<'t>>,
    #[serde(borrow)]
    cl: Option<Text<'t>>,
}

/// A string, borrowed where nothing in it is escaped.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'t>(#[serde(borrow)] Cow<'t, str>);

impl Document<'_> {
    fn assemble(self) -> Result<Macaroon, DecodeError> {
        match self {
            Document {
                v: None | Some(2),
                identifier: None,
                signature: None,
                location: None,
                caveats: None,
                i,
                i64,
                s,
                s64,
                l,
                l64,
                c,
            } => {
                let identifier = binary(i, i64)?.ok_or(DecodeError::Json)?;
                let signature = signature(&binary(s, s64)?.ok_or(DecodeError::Json)?)?;
                let mut parts = Parts::begin(text(l, l64)?.as_deref(), &identifier)?;
                for caveat in within_limit(c.unwrap_or_default())? {
                    caveat.add_to(&mut parts)?;
                }
                parts.finish(signature)
            }
            Document {
                v: None | Some(1),
                i: None,
                i64: None,
                s: None,
                s64: None,
                l: None,
                l64: None,
                c: None,
                identifier: Some(identifier),
                signature: Some(hex),
                location,
                caveats,
            } => {
                let signature = signature(&unhex(hex.as_str()).ok_or(DecodeError::Json)?)?;
                let mut parts =
                    Parts::begin(location.as_ref().map(Text::as_str), identifier.as_str().as_bytes())?;
                for caveat in within_limit(caveats.unwrap_or_default())? {
                    caveat.add_to(&mut parts)?;
                }
                parts.finish(signature)
            }
            _ => Err(DecodeError::Json),
        }
    }
}

impl Caveat<'_> {
    fn add_to(self, parts: &mut Parts) -> Result<(), DecodeError> {
        // pymacaroons leaves an empty id out.
        let id = binary(self.i, self.i64)?.unwrap_or_default();
        match (binary(self.v, self.v64)?, text(self.l, self.l64)?) {
            (Some(vid), location) => parts.third_party(&id, location.as_deref(), &vid),
            (None, None) => parts.first_party(&id),
            (None, Some(_)) => Err(DecodeError::Json),
        }
    }
}

impl OldCaveat<'_> {
    fn add_to(self, parts: &mut Parts) -> Result<(), DecodeError> {
        let id = self.cid.as_ref().map(Text::as_str).unwrap_or_default().as_bytes();
        match (self.vid, self.cl) {
            (Some(vid), location) => {
                let vid = base64::decode(vid.as_str()).ok_or(DecodeError::Base64)?;
                parts.third_party(id, location.as_ref().map(Text::as_str), &vid)
            }
            (None, None) => parts.first_party(id),
            (None, Some(_)) => Err(DecodeError::Json),
        }
    }
}

impl Text<'_> {
    fn as_str(&self) -> &str {
        &self.0
    }
}

/// The bytes of a field that has a plain and a base64 member, of which one may be there.
fn binary(plain: Option<Text<'_>>, encoded: Option<Text<'_>>) -> Result<Option<Vec<u8>>, DecodeError> {
    match (plain, encoded) {
        (Some(plain), None) => Ok(Some(plain.0.into_owned().into_bytes())),
        (None, Some(encoded)) => base64::decode(encoded.as_str()).map(Some).ok_or(DecodeError::Base64),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(DecodeError::Json),
    }
}

/// The text of a location.
fn text(plain: Option<Text<'_>>, encoded: Option<Text<'_>>) -> Result<Option<String>, DecodeError> {
    let bytes = binary(plain, encoded)?;
    bytes.map(|bytes| String::from_utf8(bytes).map_err(|_| DecodeError::NotText { at: 0 })).transpose()
}

fn signature(bytes: &[u8]) -> Result<[u8; chain::LENGTH], DecodeError> {
    bytes.try_into().map_err(|_| DecodeError::Signature { at: 0 })
}

fn within_limit<T>(caveats: Vec<T>) -> Result<Vec<T>, DecodeError> {
    if caveats.len() > MAX_CAVEATS { Err(DecodeError::TooManyCaveats) } else { Ok(caveats) }
}

/// Bytes from lower-case hex digits.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests;
