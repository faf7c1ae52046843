//! The `Authorization` header that a macaroon stands in.

use std::ops::Range;

use zeroize::Zeroizing;

use super::base64_runs::SHORTEST;
use super::lazy_base64::token_length;
use super::work;
use crate::exported::{self, Exported, Shape};
use crate::limits::MAX_HEADER_BYTES;

/// The header whose first macaroon stands at `token` in the text.
pub(super) fn around(view: &[u8], token: &Range<usize>) -> Option<(Range<usize>, Exported)> {
    let (start, value) = begin(view, token.start)?;
    let end = match value {
        Value::Bare => token.end,
        Value::Named(quote) => pairs(view, token.end, quote)?,
    };
    // Quotes are escaped where a header stands in a string; nothing in a header is a backslash.
    let raw = view.get(start..end).filter(|raw| raw.len() <= MAX_HEADER_BYTES)?;
    let mut text = Zeroizing::new(String::with_capacity(raw.len()));
    text.extend(raw.iter().filter(|byte| **byte != b'\\').map(|byte| char::from(*byte)));
    work::done(raw.len());
    let exported = exported::read(&text).ok()?;
    (exported.shape == Shape::Header).then_some((start..end, exported))
}

/// How the first macaroon of a header is written.
enum Value {
    /// By itself.
    Bare,
    /// After `root=` or `discharge=`, in quotes or not.
    Named(Option<Quote>),
}

#[derive(Clone, Copy)]
struct Quote;

/// Where the header begins whose first value begins at `token`.
fn begin(view: &[u8], token: usize) -> Option<(usize, Value)> {
    let before = view.get(..token)?;
    let unquoted = strip_quote(before);
    let quote = (unquoted.len() < before.len()).then_some(Quote);
    let name = NAMES.iter().find_map(|name| strip_word(unquoted, name));
    let (before, value) = match name {
        Some(before) => (before, Value::Named(quote)),
        None => (before, Value::Bare),
    };
    let blanks = before.iter().rev().take(MAX_BLANKS).take_while(|byte| is_separator(**byte)).count();
    let scheme = before.get(..before.len() - blanks).filter(|_| blanks > 0)?;
    let before = match (strip_word(scheme, b"macaroon"), &value) {
        (Some(before), _) => before,
        (None, Value::Bare) => strip_word(scheme, b"bearer")?,
        (None, Value::Named(_)) => return None,
    };
    let alone = before.last().is_none_or(|byte| !byte.is_ascii_alphanumeric());
    alone.then_some((before.len(), value))
}

/// Where the last of a header's pairs ends, the first value of which ends at `at`.
fn pairs(view: &[u8], at: usize, quote: Option<Quote>) -> Option<usize> {
    let mut end = close(view, at, quote)?;
    let limit = end + MAX_HEADER_BYTES;
    while end < limit {
        match pair(view, end) {
            Some(next) => end = next,
            None => break,
        }
    }
    Some(end)
}

/// The end of the pair that follows at `at`, after separators.
fn pair(view: &[u8], at: usize) -> Option<usize> {
    let rest = view.get(at..)?;
    let blanks = rest.iter().take(MAX_BLANKS).take_while(|byte| is_separator(**byte)).count();
    let rest = rest.get(blanks..).filter(|_| blanks > 0)?;
    let name = NAMES.iter().find(|name| rest.starts_with(name))?;
    let value = at + blanks + name.len();
    let rest = view.get(value..)?;
    let escapes = rest.iter().take(MAX_BACKSLASHES).take_while(|byte| **byte == b'\\').count();
    let quoted = rest.get(escapes) == Some(&b'"');
    let token = if quoted { value + escapes + 1 } else { value };
    let rest = view.get(token..)?;
    let length = token_length(rest.get(..rest.len().min(MAX_HEADER_BYTES))?);
    if length < SHORTEST {
        return None;
    }
    let padding = view.get(token + length..)?.iter().take(2).take_while(|byte| **byte == b'=').count();
    close(view, token + length + padding, quoted.then_some(Quote))
}

/// The end of a value, its closing quote included.
fn close(view: &[u8], at: usize, quote: Option<Quote>) -> Option<usize> {
    let Some(Quote) = quote else { return Some(at) };
    let rest = view.get(at..)?;
    let escapes = rest.iter().take(MAX_BACKSLASHES).take_while(|byte| **byte == b'\\').count();
    (rest.get(escapes) == Some(&b'"')).then_some(at + escapes + 1)
}

/// Without the quote at the end, escaped or not.
pub(super) fn strip_quote(text: &[u8]) -> &[u8] {
    let [before @ .., b'"'] = text else { return text };
    let escapes = before.iter().rev().take(MAX_BACKSLASHES).take_while(|byte| **byte == b'\\').count();
    before.get(..before.len() - escapes).unwrap_or_default()
}

/// What stands before a word, in any case.
fn strip_word<'t>(text: &'t [u8], word: &[u8]) -> Option<&'t [u8]> {
    let (before, end) = text.split_at_checked(text.len().checked_sub(word.len())?)?;
    end.eq_ignore_ascii_case(word).then_some(before)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b',')
}

const NAMES: [&[u8]; 2] = [b"root=", b"discharge="];
const MAX_BLANKS: usize = 16;
const MAX_BACKSLASHES: usize = 3;
