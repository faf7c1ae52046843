//! What begins at a place in base64 text: a macaroon, or a document that holds one.

use std::ops::Range;

use zeroize::Zeroizing;

use super::candidates::{LOCATION, LOCATION_AT};
use super::lazy_base64::{Base64, Bytes, characters};
use super::{extent, ini, json, work};
use crate::exported::{self, Encoding, Exported, Shape};
use crate::macaroon::Macaroon;

/// What was found.
pub(super) enum Leaf {
    /// A macaroon, which may be part of something that is not base64.
    Macaroon(Macaroon),
    /// Exported credentials.
    Documents(Vec<Exported>),
}

impl Leaf {
    /// The first macaroon in it.
    pub(super) fn macaroon(&self) -> Option<&Macaroon> {
        match self {
            Self::Macaroon(macaroon) => Some(macaroon),
            Self::Documents(documents) => documents.first().map(|exported| &exported.root),
        }
    }
}

/// Reads what begins here, and says how many characters are its own, without padding.
///
/// `unread` is where an INI file may begin: not inside another one, or the second of a thousand sections would read the
/// other thousand once more.
pub(super) fn read(text: &[u8], at: usize, unread: &mut usize) -> Option<(Leaf, usize)> {
    let here = text.get(at..)?;
    match here {
        [b'M', ..] if here.get(LOCATION_AT..)?.starts_with(LOCATION) => macaroon(here),
        [b'A', b'g', b'E'..=b'L', ..] => macaroon(here),
        [b'T', b'U', ..] | [b'Q', b'W', ..] => encoded_token(here),
        [b'e', b'y' | b'w', ..] => json(here),
        [b'W', b'3', b's', ..] => list(here),
        [b'W', ..] if at >= *unread => {
            let file = ini_file(here)?;
            *unread = at + characters(file.len());
            ini_documents(&file)
        }
        _ => None,
    }
}

fn macaroon(text: &[u8]) -> Option<(Leaf, usize)> {
    let length = characters(extent::macaroon(&Base64(text))?);
    Some((Leaf::Macaroon(Macaroon::parse(token(text, length)?).ok()?), length))
}

fn encoded_token(text: &[u8]) -> Option<(Leaf, usize)> {
    let outer = Base64(text);
    // Fails at once for most of what begins like this.
    let inner = characters(extent::macaroon(&Base64(Base64(text)))?);
    let length = characters(end_of(&outer, inner, |byte| matches!(byte, b'=' | b'\r' | b'\n')));
    let exported = exported::read(token(text, length)?).ok()?;
    (exported.shape == Shape::EncodedToken).then_some((Leaf::Documents(vec![exported]), length))
}

fn json(text: &[u8]) -> Option<(Leaf, usize)> {
    let document = Base64(text);
    let (_, key) = json::first_key(&document, 0)?;
    if !FIRST_KEYS.iter().any(|known| document.has(key, known.as_bytes())) {
        return None;
    }
    let (end, _) = json::object(&document)?;
    document_to(text, end)
}

/// What a `Macaroons` header holds.
fn list(text: &[u8]) -> Option<(Leaf, usize)> {
    document_to(text, json::list(&Base64(text))?)
}

/// The document in base64 that ends before the byte `end`, but for blanks.
fn document_to(text: &[u8], end: usize) -> Option<(Leaf, usize)> {
    let length = characters(end_of(&Base64(text), end, |byte| matches!(byte, b' ' | b'\r' | b'\n')));
    let exported = exported::read(token(text, length)?).ok()?;
    Some((Leaf::Documents(vec![exported]), length))
}

/// The text that begins with a section.
fn ini_file(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = Base64(text);
    let is_text = |byte: u8| byte >= b' ' || matches!(byte, b'\t' | b'\r' | b'\n');
    let section = (0..ini::MAX_SECTION).map_while(|index| bytes.at(index)).take_while(|byte| is_text(*byte));
    if bytes.at(0)? != b'[' || !section.skip(1).any(|byte| byte == b'\n') {
        return None;
    }
    let end = end_of(&bytes, 0, is_text);
    let mut file = Zeroizing::new(Vec::with_capacity(end));
    file.extend((0..end).map_while(|index| bytes.at(index)));
    Some(file)
}

/// What is in the file: the whole, or those of its sections that are credentials.
fn ini_documents(file: &[u8]) -> Option<(Leaf, usize)> {
    let text = file.utf8_chunks().next()?.valid();
    let sections: Vec<_> = ini::sections(text).collect();
    let end = sections.last()?.end;
    let read = |text: &str| exported::read_document(text.trim_end(), Encoding::Base64).ok();
    let is_whole =
        sections.len() <= ini::MAX_SECTIONS && sections.iter().map(Range::len).sum::<usize>() == end;
    let whole = if is_whole { read(text.get(..end)?) } else { None };
    let documents = match whole {
        Some(whole) => vec![whole],
        None => sections.into_iter().filter_map(|section| read(text.get(section)?)).collect(),
    };
    (!documents.is_empty()).then_some((Leaf::Documents(documents), characters(end)))
}

/// The first index from `at` whose byte does not belong.
fn end_of(bytes: &impl Bytes, mut at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    while bytes.at(at).is_some_and(&belongs) {
        at += 1;
    }
    at
}

fn token(text: &[u8], length: usize) -> Option<&str> {
    work::done(length);
    std::str::from_utf8(text.get(..length)?).ok()
}

/// The members that an exported document in base64 begins with, as they are quoted.
const FIRST_KEYS: [&str; 8] =
    ["t\"", "v\"", "r\"", "d\"", "root\"", "discharge\"", "macaroon\"", "discharges\""];
