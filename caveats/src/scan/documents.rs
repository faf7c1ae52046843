//! The JSON object that a macaroon or an export stands in.

use std::collections::VecDeque;
use std::ops::Range;

use zeroize::Zeroizing;

use super::header::strip_quote;
use super::json::{self, Quotes};
use super::work;
use crate::exported::{self, Exported, Shape};
use crate::limits::MAX_EXPORTED_BYTES;

/// The last places where an object may begin. Each is looked at once, however many tokens stand after it.
#[derive(Default)]
pub(super) struct Documents {
    braces: VecDeque<Brace>,
    /// Everything before is searched for braces.
    seen: u64,
}

/// A `{`.
struct Brace {
    at: u64,
    object: Object,
}

/// What is known about what begins at a brace.
#[derive(Clone, Copy)]
enum Object {
    Unread,
    Ends(u64, Quotes),
    /// It has no end, or its content was looked at.
    Done,
}

impl Documents {
    /// The innermost object around the token that is a credential, unless it was returned before. `base` is the
    /// absolute offset of the view.
    pub(super) fn around(
        &mut self,
        view: &[u8],
        base: u64,
        token: &Range<usize>,
    ) -> Option<(Range<usize>, Exported)> {
        if strip_quote(view.get(..token.start)?).len() == token.start {
            return None;
        }
        self.search(view, base, token.start);
        for brace in self.braces.iter_mut().rev() {
            let Some(start) = brace.at.checked_sub(base).and_then(|at| usize::try_from(at).ok()) else {
                break;
            };
            let rest = view.get(start..)?;
            if let Object::Unread = brace.object {
                brace.object = match json::object(&rest) {
                    Some((length, quotes)) => Object::Ends(brace.at + length as u64, quotes),
                    None => Object::Done,
                };
            }
            let Object::Ends(end, quotes) = brace.object else { continue };
            let end = usize::try_from(end.saturating_sub(base)).ok()?;
            if end < token.end {
                continue;
            }
            brace.object = Object::Done;
            let Some(exported) = view.get(start..end).and_then(|raw| read(raw, quotes)) else { continue };
            if exported.shape == Shape::KeyringFile && !is_host(key_of(view, token.start)) {
                continue;
            }
            return Some((start..end, exported));
        }
        None
    }

    /// Notes the last braces before `until`.
    fn search(&mut self, view: &[u8], base: u64, until: usize) {
        let from = usize::try_from(self.seen.saturating_sub(base)).unwrap_or(until).min(until);
        let region = view.get(from..until).unwrap_or_default();
        let mut found = [0; MAX_BRACES];
        let mut count = 0;
        for (slot, at) in found.iter_mut().zip(memchr::memrchr_iter(b'{', region)) {
            *slot = base + (from + at) as u64;
            count += 1;
        }
        work::done(region.len());
        for at in found.iter().take(count).rev() {
            if self.braces.len() == MAX_BRACES {
                self.braces.pop_front();
            }
            self.braces.push_back(Brace { at: *at, object: Object::Unread });
        }
        self.seen = base + until as u64;
    }
}

fn read(raw: &[u8], quotes: Quotes) -> Option<Exported> {
    let raw = Some(raw).filter(|raw| raw.len() <= MAX_EXPORTED_BYTES)?;
    exported::read(std::str::from_utf8(&unescaped(raw, quotes)?).ok()?).ok()
}

/// An object without what escapes its quotes.
pub(super) fn unescaped(raw: &[u8], quotes: Quotes) -> Option<Zeroizing<Vec<u8>>> {
    work::done(raw.len());
    let mut text = Zeroizing::new(Vec::with_capacity(raw.len()));
    let mut bytes = raw.iter().copied().peekable();
    let mut in_string = false;
    while let Some(byte) = bytes.next() {
        match (byte, quotes) {
            (b'\\', Quotes::Plain) if in_string => text.extend([b'\\', bytes.next()?]),
            (b'\\', _) => match bytes.next()? {
                // Between members. What a string holds of them is escaped twice.
                b'n' | b'r' | b't' => text.push(b' '),
                b'u' => text.extend(b"\\u"),
                b'\\' => {
                    text.push(b'\\');
                    // What the inner document escapes is escaped itself, if it is a quote or a backslash.
                    text.extend(match bytes.next()? {
                        b'\\' => bytes.next(),
                        escaped => Some(escaped),
                    });
                }
                escaped => text.push(escaped),
            },
            (b'"', _) => {
                in_string = !in_string;
                text.push(byte);
            }
            // The sign of a diff. A line of JSON begins with no other.
            (b'\n', _) if bytes.next_if(|byte| matches!(byte, b'+' | b'-')).is_some() => text.push(b' '),
            _ => text.push(byte),
        }
    }
    Some(text)
}

/// The name of the member whose quoted value begins at `value`.
pub(super) fn key_of(view: &[u8], value: usize) -> &[u8] {
    let before =
        strip_quote(view.get(value.saturating_sub(MAX_KEY)..value).unwrap_or_default()).trim_ascii_end();
    let Some(before) = before.strip_suffix(b":") else { return b"" };
    work::done(before.len());
    let key = strip_quote(before.trim_ascii_end());
    let start = memchr::memrchr(b'"', key).map_or(0, |quote| quote + 1);
    key.get(start..).unwrap_or_default()
}

/// Whether a member is named after a host, as those of `credentials.json` are; any other object of objects of texts is
/// somebody else's.
fn is_host(key: &[u8]) -> bool {
    memchr::memchr2(b'.', b':', key).is_some() || key == b"localhost"
}

const MAX_BRACES: usize = 8;
const MAX_KEY: usize = 256;
