//! The section of an INI file that a macaroon stands in: in a file, in a diff, or in a string where `\n` breaks lines.

use std::ops::Range;

use zeroize::Zeroizing;

use super::work;
use crate::exported::{self, Encoding, Exported};

/// Longest first line that is looked for.
pub(super) const MAX_SECTION: usize = 256;

/// Most sections of a file that is read as a whole.
pub(super) const MAX_SECTIONS: usize = 16;

/// The section whose `macaroon` or `unbound_discharge` stands at `token` in the text. What it says is `value`, if not
/// the text itself.
pub(super) fn around(
    view: &[u8],
    token: &Range<usize>,
    value: Option<&[u8]>,
) -> Option<(Range<usize>, Exported)> {
    let file = File::of(view, token.start)?;
    let here = file.line_at(token);
    let before_value = view.get(here.start..token.start)?.trim_ascii_end();
    let name = name(unsigned(before_value, file.sign)?)?;
    if !is_one_of(name, &CREDENTIALS) {
        return None;
    }
    let value = value.or(view.get(token.clone()))?;
    let rest = view.get(token.end..file.content_end(here.end)).unwrap_or_default();
    let after = text_of(rest);
    let line = Zeroizing::new([name, b" = ", value, after].concat());
    let mut lines = vec![line.as_slice()];
    let section = file.back(here.start, &mut lines)?;
    lines.reverse();
    let is_last = after.len() < rest.len();
    let end = if is_last { token.end + after.len() } else { file.forward(here.end, &mut lines) };
    let length = lines.iter().map(|line| line.len() + 1).sum();
    work::done(length);
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    for line in lines {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    let exported = exported::read_document(std::str::from_utf8(&text).ok()?, Encoding::Plain).ok()?;
    Some((section..end, exported))
}

/// The places of the sections of a file, each with the entries and empty lines that follow it, up to [`MAX_ENTRIES`]:
/// the reader compares each with all before it.
pub(super) fn sections(file: &str) -> impl Iterator<Item = Range<usize>> {
    let starts = file.match_indices('[').map(|(at, _)| at);
    let starts = starts.filter(|at| *at == 0 || file.as_bytes().get(at - 1) == Some(&b'\n'));
    starts.filter_map(|start| {
        let mut lines = file.get(start..)?.split_inclusive('\n');
        let first = lines.next()?;
        let entries = lines.take_while(|line| is_entry(line.as_bytes())).take(MAX_ENTRIES);
        let length = first.len() + entries.map(str::len).sum::<usize>();
        work::done(length);
        Some(start..start + length)
    })
}

/// The text around a macaroon, cut into lines.
struct File<'v> {
    view: &'v [u8],
    breaks: Breaks,
    /// The sign of a diff that the line begins with.
    sign: Option<u8>,
}

/// What ends a line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Breaks {
    /// A line feed.
    Real,
    /// `\n`, in a string.
    Escaped,
}

impl<'v> File<'v> {
    fn of(view: &'v [u8], at: usize) -> Option<Self> {
        let from = at.saturating_sub(MAX_BEFORE_VALUE);
        let before = view.get(from..at)?;
        let real = memchr::memrchr(b'\n', before);
        let escaped = memchr::memmem::rfind(before, ESCAPED);
        let breaks = if escaped > real { Breaks::Escaped } else { Breaks::Real };
        let sign = match breaks {
            Breaks::Real => view.get(from + real? + 1).copied().filter(|byte| matches!(byte, b'+' | b'-')),
            Breaks::Escaped => None,
        };
        Some(Self { view, breaks, sign })
    }

    /// The line that a value is in, with its break. In the value may be what would end a string.
    fn line_at(&self, value: &Range<usize>) -> Range<usize> {
        self.start_of(value.start)..self.end_of(value.end)
    }

    /// Collects the lines before `start` up to that of a section, and tells where that begins.
    fn back(&self, mut start: usize, lines: &mut Vec<&'v [u8]>) -> Option<usize> {
        for _ in 0..MAX_LINES {
            let end = start;
            start = self.start_of(end.checked_sub(self.break_length())?);
            let line = self.content(start, end);
            if let Some(at) = memchr::memrchr(b'[', line).filter(|_| line.ends_with(b"]")) {
                lines.push(line.get(at..)?);
                return Some(start + at);
            }
            match unsigned(line, self.sign) {
                Some(line) if is_entry(line) => lines.push(line),
                Some(_) => return None,
                None => {}
            }
        }
        None
    }

    /// Collects the lines from `start` that belong to the credential, and tells where the last one ends.
    fn forward(&self, mut start: usize, lines: &mut Vec<&'v [u8]>) -> usize {
        let mut last = self.content_end(start);
        for _ in 0..MAX_LINES {
            let end = self.end_of(start);
            let content = self.content(start, end);
            let text = text_of(content);
            match unsigned(text, self.sign) {
                Some(line) if name(line).is_some_and(|name| is_one_of(name, &ENTRIES)) => {
                    lines.push(line);
                    last = start + text.len();
                    if text.len() < content.len() {
                        break;
                    }
                }
                Some(_) => break,
                None if start == end => break,
                None => {}
            }
            start = end;
        }
        last
    }

    /// Where the line begins that ends at or after `at`.
    fn start_of(&self, at: usize) -> usize {
        let before = self.view.get(..at).unwrap_or_default();
        let start = match self.breaks {
            Breaks::Real => memchr::memrchr(b'\n', before).map_or(0, |at| at + 1),
            Breaks::Escaped => {
                let line = memchr::memmem::rfind(before, ESCAPED).map_or(0, |at| at + ESCAPED.len());
                let rest = before.get(line..).unwrap_or_default();
                memchr::memrchr3(b'\n', b'"', b'\'', rest).map_or(line, |at| line + at + 1)
            }
        };
        work::done(at - start);
        start
    }

    /// Where the line ends that `at` is in, its break included.
    fn end_of(&self, at: usize) -> usize {
        let rest = self.view.get(at..).unwrap_or_default();
        let length = match self.breaks {
            Breaks::Real => memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1),
            Breaks::Escaped => {
                let line = memchr::memmem::find(rest, ESCAPED).map_or(rest.len(), |at| at + ESCAPED.len());
                let rest = rest.get(..line).unwrap_or_default();
                memchr::memchr3(b'\n', b'"', b'\'', rest).unwrap_or(line)
            }
        };
        work::done(length);
        at + length
    }

    /// A line without its break.
    fn content(&self, start: usize, end: usize) -> &'v [u8] {
        self.view.get(start..self.content_end(end)).unwrap_or_default()
    }

    /// Where the content ends of the line that ends at `end`.
    fn content_end(&self, end: usize) -> usize {
        let line = self.view.get(..end).unwrap_or_default();
        let line = match self.breaks {
            Breaks::Real => line.strip_suffix(b"\n").unwrap_or(line),
            Breaks::Escaped => line.strip_suffix(ESCAPED).unwrap_or(line),
        };
        let line = line.strip_suffix(b"\r").or(line.strip_suffix(b"\\r")).unwrap_or(line);
        // In a string, the last line ends before what escapes the closing quote.
        line.strip_suffix(b"\\").unwrap_or(line).len()
    }

    fn break_length(&self) -> usize {
        match self.breaks {
            Breaks::Real => 1,
            Breaks::Escaped => ESCAPED.len(),
        }
    }
}

/// A line without its indentation, or that of a diff without its sign. `None` if it is of the diff's other side.
fn unsigned(line: &[u8], sign: Option<u8>) -> Option<&[u8]> {
    match (sign, line) {
        (None, _) => Some(line.trim_ascii_start()),
        (Some(sign), [first, rest @ ..]) if *first == sign || *first == b' ' => Some(rest),
        (Some(_), [b'+' | b'-', ..]) => None,
        (Some(_), _) => Some(line),
    }
}

/// What stands in a line before binary data.
fn text_of(line: &[u8]) -> &[u8] {
    let text = line.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let end = text.bytes().position(|byte| byte < b' ' && byte != b'\t').unwrap_or(text.len());
    work::done(end);
    line.get(..end).unwrap_or_default()
}

/// Whether a line is one that a section may hold: empty, a comment, or a name with a value.
fn is_entry(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    matches!(line, [] | [b'#' | b';', ..]) || name(line).is_some()
}

/// The name in a line `name = value`, or `name: value`.
fn name(line: &[u8]) -> Option<&[u8]> {
    let end = memchr::memchr2(b'=', b':', line.get(..line.len().min(MAX_BEFORE_VALUE))?)?;
    let name = line.get(..end)?.trim_ascii();
    let simple = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (!name.is_empty() && name.iter().all(simple)).then_some(name)
}

fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

const ESCAPED: &[u8] = b"\\n";
const CREDENTIALS: [&str; 2] = ["macaroon", "unbound_discharge"];
/// What snapcraft writes, and candid's clients.
const ENTRIES: [&str; 5] = ["macaroon", "unbound_discharge", "auth", "email", "account_id"];
const MAX_ENTRIES: usize = 64;
const MAX_BEFORE_VALUE: usize = 64;
/// Most lines between a section and its macaroon, and of a credential after it.
const MAX_LINES: usize = 16;
