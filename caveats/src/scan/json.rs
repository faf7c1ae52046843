//! Where a JSON object, or a list of them, ends that begins at the first byte. Knows quotes and brackets, and leaves the
//! rest of the grammar to the parser that has the last word.

use super::lazy_base64::Bytes;

/// Deepest nesting of an object that holds a credential, itself included: that of a bakery's macaroon, with wrapper,
/// macaroon, list of caveats and caveat, and of the list in a `Macaroons` header. It also bounds the work: a byte of a
/// text belongs to that many objects at most.
const MAX_DEPTH: usize = 4;

/// How the quotes of a document are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// `{"a": "b"}`.
    Plain,
    /// `{\"a\": \"b\"}`, the document being a string in another one.
    Escaped,
}

/// The length of the object and its quotes; `None` if it has no end, or does not look like an object.
pub(super) fn object(bytes: &impl Bytes) -> Option<(usize, Quotes)> {
    let (quotes, _) = first_key(bytes, 0)?;
    Some((end(bytes, quotes)?, quotes))
}

/// The length of the list of objects.
pub(super) fn list(bytes: &impl Bytes) -> Option<usize> {
    let (quotes, _) = first_key(bytes, 1)?;
    if bytes.at(0)? != b'[' {
        return None;
    }
    end(bytes, quotes)
}

/// Where the bracket is closed that stands at the start.
fn end(bytes: &impl Bytes, quotes: Quotes) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let byte = bytes.at(at)?;
        at += 1;
        match (byte, quotes) {
            (b'{' | b'[', _) if depth == MAX_DEPTH => return None,
            (b'{' | b'[', _) => depth += 1,
            (b'}' | b']', _) => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            (b'"', Quotes::Plain) => at = string(bytes, at)?,
            (b'\\', _) => match (bytes.at(at)?, quotes) {
                (b'"', Quotes::Escaped) => at = escaped_string(bytes, at + 1)?,
                (b'n' | b'r' | b't', _) => at += 1,
                _ => return None,
            },
            (b'\n', _) if matches!(bytes.at(at), Some(b'+' | b'-')) => at += 1, // a line of a diff
            (b' ' | b'\t' | b'\r' | b'\n' | b':' | b',' | b'+' | b'-' | b'.', _) => {}
            (byte, _) if byte.is_ascii_alphanumeric() => {}
            _ => return None,
        }
    }
}

/// The quotes of the object at `start`, and the offset of its first key.
pub(super) fn first_key(bytes: &impl Bytes, start: usize) -> Option<(Quotes, usize)> {
    if bytes.at(start)? != b'{' {
        return None;
    }
    let mut at = start + 1;
    while at <= start + MAX_BLANKS {
        match (bytes.at(at)?, bytes.at(at + 1)?) {
            (b'"', _) => return Some((Quotes::Plain, at + 1)),
            (b'\\', b'"') => return Some((Quotes::Escaped, at + 2)),
            (b'\\', b'n' | b'r' | b't') | (b'\n', b'+' | b'-') => at += 2,
            (b' ' | b'\t' | b'\r' | b'\n', _) => at += 1,
            _ => return None,
        }
    }
    None
}

/// The end of a string whose content begins at `at`.
fn string(bytes: &impl Bytes, mut at: usize) -> Option<usize> {
    loop {
        match bytes.at(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            0..0x20 => return None,
            _ => at += 1,
        }
    }
}

/// The same, where `\"` is the quote, and `\\` what makes the next character another one.
fn escaped_string(bytes: &impl Bytes, mut at: usize) -> Option<usize> {
    loop {
        match (bytes.at(at)?, bytes.at(at + 1)?) {
            (b'\\', b'"') => return Some(at + 2),
            (b'\\', b'\\') if bytes.at(at + 2)? == b'\\' => at += 4,
            (b'\\', b'\\') => at += 3,
            (b'\\', _) => at += 2,
            (b'"' | 0..0x20, _) => return None,
            _ => at += 1,
        }
    }
}

const MAX_BLANKS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_ends_at_its_own_brace() {
        for text in [
            r#"{"a": 1}"#,
            r#"{ "a": {"b": [1, 2.5e+3, null]}, "c": "}\"" }"#,
            "{\n  \"a\": \"b\"\n}",
            "{\n+  \"a\": \"b\",\n-\"c\": true}",
            r#"{\"a\": \"b\\\"}\", \"c\": {}}"#,
            r#"{\n\"a\": \"\/\\n\"\n}"#,
            r#"{\n "a": "\n"}"#,
        ] {
            let longer = format!("{text}, \"}}\": {{}}}}");
            assert_eq!(object(&longer.as_bytes()).map(|(end, _)| end), Some(text.len()), "{text}");
            assert_eq!(object(&&text.as_bytes()[..text.len() - 1]), None, "{text}");
        }
    }

    #[test]
    fn a_list_of_objects_ends_at_its_own_bracket() {
        let text = r#"[{"c": [{"i": "]"}]}, {}]"#;
        assert_eq!(list(&format!("{text}]").as_bytes()), Some(text.len()));
        for text in ["[", "[]", "[1]", "[[{\"a\": 1}]]", "[{\"a\": 1}", "{{\"a\": 1}}"] {
            assert_eq!(list(&text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_object_has_no_end() {
        for text in [
            "",
            "{",
            "{}",
            "{a: 1}",
            "{\"a\": (1)}",
            "{\"a\n\": 1}",
            r#"{"a":{"b":{"c":{"d":{}}}}}"#,
            r#"{\"a": 1}"#,
        ] {
            assert_eq!(object(&text.as_bytes()), None, "{text}");
        }
    }
}
