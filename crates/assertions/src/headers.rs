//! The headers of a document: text to values. Knows no type and no header by name.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::DecodeError;
use crate::limits::{MAX_HEADERS, MAX_NESTING};
use crate::value::{Value, is_name};

/// Reads a block of headers, without a newline at its end. Keeps their order.
pub(crate) fn read(block: &str) -> Result<Vec<(String, Value)>, DecodeError> {
    let lines = Lines(block.split('\n').collect());
    let mut headers = Vec::new();
    let mut names = BTreeSet::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let (name, rest) = named(line, at)?;
        if headers.len() == MAX_HEADERS {
            return Err(DecodeError::TooManyHeaders);
        }
        if !names.insert(name) {
            return Err(DecodeError::Repeated { line: at + 1 });
        }
        let value;
        (value, at) = lines.entry(rest, at, 0, 0)?;
        headers.push((name.to_owned(), value));
    }
    Ok(headers)
}

/// The lines of a block. An entry is read from the line it starts in; with its value comes the first line after it.
struct Lines<'a>(Vec<&'a str>);

impl<'a> Lines<'a> {
    fn get(&self, at: usize) -> Option<&'a str> {
        self.0.get(at).copied()
    }

    /// What the line holds after `indent` spaces; `None` if it has fewer, or is not there.
    fn indented(&self, at: usize, indent: usize) -> Option<&'a str> {
        let (spaces, rest) = self.get(at)?.split_at_checked(indent)?;
        spaces.bytes().all(|byte| byte == b' ').then_some(rest)
    }

    /// The value of an entry of which `rest` stands after its introduction, in line `at`. What belongs to it in further
    /// lines is indented by more than `indent`.
    fn entry(
        &self,
        rest: &str,
        at: usize,
        indent: usize,
        depth: usize,
    ) -> Result<(Value, usize), DecodeError> {
        if !rest.is_empty() {
            let text = rest.strip_prefix(' ').ok_or(DecodeError::NoSpace { line: at + 1 })?;
            return Ok((text.into(), at + 1));
        }
        let nested = self.indented(at + 1, indent + 2).unwrap_or_default();
        if nested.is_empty() || nested.starts_with(' ') {
            return self.text(at + 1, indent);
        }
        if depth == MAX_NESTING {
            return Err(DecodeError::TooDeep { line: at + 1 });
        }
        if nested.starts_with('-') {
            self.list(at + 1, indent, depth)
        } else {
            self.map(at + 1, indent, depth)
        }
    }

    fn text(&self, first: usize, indent: usize) -> Result<(Value, usize), DecodeError> {
        let mut text = String::new();
        let mut at = first;
        while let Some(line) = self.indented(at, indent + 4) {
            if at > first {
                text.push('\n');
            }
            text.push_str(line);
            at += 1;
        }
        if at == first { Err(DecodeError::NoValue { line: first }) } else { Ok((text.into(), at)) }
    }

    fn list(&self, first: usize, indent: usize, depth: usize) -> Result<(Value, usize), DecodeError> {
        let mut items = Vec::new();
        let mut at = first;
        while let Some(rest) = self.indented(at, indent + 2).and_then(|line| line.strip_prefix('-')) {
            let item;
            (item, at) = self.entry(rest, at, indent + 2, depth + 1)?;
            items.push(item);
        }
        Ok((Value::List(items), at))
    }

    fn map(&self, first: usize, indent: usize, depth: usize) -> Result<(Value, usize), DecodeError> {
        let mut entries = BTreeMap::new();
        let mut at = first;
        while let Some(line) = self.indented(at, indent + 2) {
            let (key, rest) = named(line, at)?;
            let (entry, after) = self.entry(rest, at, indent + 2, depth + 1)?;
            if entries.insert(key.to_owned(), entry).is_some() {
                return Err(DecodeError::Repeated { line: at + 1 });
            }
            at = after;
        }
        Ok((Value::Map(entries), at))
    }
}

/// The name that a line starts with, and what follows its colon.
fn named(line: &str, at: usize) -> Result<(&str, &str), DecodeError> {
    let (name, rest) = line.split_once(':').ok_or(DecodeError::NoName { line: at + 1 })?;
    if is_name(name) { Ok((name, rest)) } else { Err(DecodeError::NoName { line: at + 1 }) }
}
