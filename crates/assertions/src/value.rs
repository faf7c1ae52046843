//! Values of headers, and how they are written.

use std::collections::BTreeMap;

/// What a header holds: all scalars are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text of one line or several.
    Text(String),
    /// A list; never empty in a document.
    List(Vec<Value>),
    /// A map, written in the order of its keys; never empty in a document.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(_) | Self::Map(_) => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(items),
            Self::Text(_) | Self::Map(_) => None,
        }
    }

    /// The entries, if it is a map.
    pub fn as_map(&self) -> Option<&BTreeMap<String, Value>> {
        match self {
            Self::Map(entries) => Some(entries),
            Self::Text(_) | Self::List(_) => None,
        }
    }

    /// As JSON: strings, arrays and objects.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }
}

impl From<BTreeMap<String, Value>> for Value {
    fn from(entries: BTreeMap<String, Value>) -> Self {
        Self::Map(entries)
    }
}

/// Whether this may be the name of a header or the key of a map: `^[a-z](?:-?[a-z0-9])*$`.
pub(crate) fn is_name(name: &str) -> bool {
    let parts =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('-').all(parts)
}

/// A name, at any depth, that can't be one. Written, it could pass for several headers.
pub(crate) fn wrong_name(entries: &BTreeMap<String, Value>) -> Option<&str> {
    fn inside(value: &Value) -> Option<&str> {
        match value {
            Value::Text(_) => None,
            Value::List(items) => items.iter().find_map(inside),
            Value::Map(entries) => wrong_name(entries),
        }
    }
    entries.iter().find_map(|(name, value)| if is_name(name) { inside(value) } else { Some(name) })
}

/// Appends a header, with a newline in front of it unless it is the first. Empty lists and maps are left out.
pub(crate) fn push_header(text: &mut String, name: &str, value: &Value) {
    push_entry(text, &format!("{name}:"), value, 0);
}

/// Appends an entry whose introduction is `intro`; what belongs to it is indented by more than `indent`.
fn push_entry(text: &mut String, intro: &str, value: &Value, indent: usize) {
    match value {
        Value::Text(content) => {
            start_line(text, intro);
            if content.contains('\n') {
                for line in content.split('\n') {
                    start_line(text, &" ".repeat(indent + 4));
                    text.push_str(line);
                }
            } else {
                text.push(' ');
                text.push_str(content);
            }
        }
        Value::List(items) if !items.is_empty() => {
            start_line(text, intro);
            let item_intro = format!("{}-", " ".repeat(indent + 2));
            for item in items {
                push_entry(text, &item_intro, item, indent + 2);
            }
        }
        Value::Map(entries) if !entries.is_empty() => {
            start_line(text, intro);
            for (key, entry) in entries {
                push_entry(text, &format!("{}{key}:", " ".repeat(indent + 2)), entry, indent + 2);
            }
        }
        Value::List(_) | Value::Map(_) => {}
    }
}

fn start_line(text: &mut String, start: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(start);
}

/// A number from 0 to 2^63 - 1 without sign and leading zeros.
pub(crate) fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|number| plain && i64::try_from(*number).is_ok())
}
