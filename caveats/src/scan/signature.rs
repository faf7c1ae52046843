//! The JSON of a macaroon, found from its signature: the one member that is long and has a known name.
//!
//! A writer may put a hundred caveats before the signature, so the text before it is read backwards, as strings and
//! brackets, to the brace that is its own. That goes no further than to the signature before: an object has but one.

use std::ops::Range;

use zeroize::Zeroizing;

use super::documents::{key_of, unescaped};
use super::header::strip_quote;
use super::json::{self, Quotes};
use super::work;
use crate::exported::{self, Exported, Shape};
use crate::limits::MAX_EXPORTED_BYTES;

/// What is known from the signatures before.
#[derive(Default)]
pub(super) struct Signatures {
    /// Where the last one ends.
    last: u64,
}

/// A macaroon in JSON.
pub(super) struct Found {
    /// Where it stands in the view.
    pub(super) range: Range<usize>,
    /// It, without what escapes its quotes.
    pub(super) text: Zeroizing<Vec<u8>>,
    pub(super) exported: Exported,
}

impl Signatures {
    /// The macaroon whose signature is the text at `token`, with the wrapper of a bakery if it has one. `base` is the
    /// absolute offset of the view.
    pub(super) fn around(&mut self, view: &[u8], base: u64, token: &Range<usize>) -> Option<Found> {
        let before = view.get(..token.start)?;
        let unquoted = strip_quote(before);
        let quotes = match before.len() - unquoted.len() {
            1 => Quotes::Plain,
            2 => Quotes::Escaped,
            _ => return None,
        };
        let is_old = match token.len() {
            BASE64 if key_of(view, token.start) == b"s64" => false,
            HEX if key_of(view, token.start) == b"signature" => true,
            _ => return None,
        };
        let last = usize::try_from(self.last.saturating_sub(base)).ok()?;
        self.last = base + token.end as u64;
        let start = opening(unquoted, last, quotes)?;
        let found = read(view, start, token.end)?;
        if is_old && !OLD_MEMBERS.iter().any(|name| memchr::memmem::find(&found.text, name).is_some()) {
            return None;
        }
        let wrapper = || {
            let before = view.get(..start)?.trim_ascii_end().strip_suffix(b":")?;
            let key = strip_quote(before.trim_ascii_end()).strip_suffix(b"m")?;
            read(view, opening(strip_quote(key), last, quotes)?, found.range.end)
        };
        Some(wrapper().unwrap_or(found))
    }
}

/// The object at `start`, if it is a macaroon and reaches to `end`.
fn read(view: &[u8], start: usize, end: usize) -> Option<Found> {
    let (length, quotes) = json::object(&view.get(start..)?)?;
    let range = start..start + length;
    let raw = view.get(range.clone()).filter(|raw| range.end >= end && raw.len() <= MAX_EXPORTED_BYTES)?;
    let text = unescaped(raw, quotes)?;
    let exported = exported::read(std::str::from_utf8(&text).ok()?).ok()?;
    matches!(exported.shape, Shape::Json | Shape::Bakery).then_some(Found { range, text, exported })
}

/// Where the object begins in which a text ends, between two of its members, at or after `from`.
fn opening(text: &[u8], from: usize, quotes: Quotes) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = text.len();
    while at > from {
        at -= 1;
        match text.get(at)? {
            b'{' if depth == 0 => {
                work::done(text.len() - at);
                return Some(at);
            }
            b'{' | b'[' => depth = depth.checked_sub(1)?,
            b'}' | b']' => depth += 1,
            b'"' => at = string(text.get(..at)?, from, quotes)?,
            byte if byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() => {}
            b':' | b',' | b'+' | b'-' | b'.' | b'\\' => {}
            _ => break,
        }
    }
    work::done(text.len() - at);
    None
}

/// Where the string begins that ends where the text does: at a quote that nothing more escapes than the document's own.
fn string(text: &[u8], from: usize, quotes: Quotes) -> Option<usize> {
    let escapes = match quotes {
        Quotes::Plain => 0,
        Quotes::Escaped => 1,
    };
    let region = text.get(from..)?;
    let is_opening = |quote: &usize| {
        let before = region.get(..*quote).unwrap_or_default().iter().rev();
        before.take(escapes + 1).take_while(|byte| **byte == b'\\').count() == escapes
    };
    let found = memchr::memrchr_iter(b'"', region).find(is_opening);
    work::done(region.len() - found.unwrap_or_default());
    Some(from + found? - escapes)
}

/// Characters of a signature in base64, without padding, and in hex.
const BASE64: usize = 43;
const HEX: usize = 64;

/// Every writer of version 1 writes both. Without either, it is anybody's object with a signature.
const OLD_MEMBERS: [&[u8]; 2] = [b"\"caveats\"", b"\"location\""];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_brace_is_found_behind_strings_and_other_objects() {
        for (text, quotes) in [
            (r#"}{"c": [{"i": "a}"}, {"i": "\"{\\"}], "s64": "#, Quotes::Plain),
            (r#"\"}{\"c\": [{\"i\": \"a}\"}, {\"i\": \"\\\"{\\\\\"}],\n \"s64\": "#, Quotes::Escaped),
            ("}{\n+\"v\": 2,\n+\t\"s64\": ", Quotes::Plain),
        ] {
            let start = text.find("}{").unwrap() + 1;
            assert_eq!(opening(text.as_bytes(), 0, quotes), Some(start), "{text}");
            assert_eq!(opening(text.as_bytes(), start + 1, quotes), None, "{text}");
        }
    }

    #[test]
    fn where_there_is_no_object_there_is_no_brace() {
        for text in ["", "\"s64\": ", "{}, \"s64\": ", "{(\"s64\": ", "{ \"s64: ", "[{\"a\": [\"s64\": "] {
            assert_eq!(opening(text.as_bytes(), 0, Quotes::Plain), None, "{text}");
        }
    }
}
