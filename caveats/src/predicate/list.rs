//! JSON lists of strings, the value of most caveats, read item by item without building a list.

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
use std::fmt;

/// Calls `take` with each string of a JSON list. `None` if the text is anything but one JSON list of strings, or as
/// soon as `take` says no. An empty list is well formed.
pub(crate) fn each(text: &str, mut take: impl FnMut(&str) -> bool) -> Option<()> {
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return each_plain(text, &mut take);
    }
    each_json(text, take)
}

/// The same for a text without escapes, as nearly every one is: a string then ends at the next quote.
fn each_plain(text: &str, take: &mut impl FnMut(&str) -> bool) -> Option<()> {
    let mut rest = blanks(text).strip_prefix('[')?;
    rest = blanks(rest);
    if let Some(after) = rest.strip_prefix(']') {
        return blanks(after).is_empty().then_some(());
    }
    loop {
        let string = blanks(rest).strip_prefix('"')?;
        let end = memchr::memchr(b'"', string.as_bytes())?;
        let (item, after) = (string.get(..end)?, string.get(end + 1..)?);
        if item.bytes().any(|byte| byte < b' ') || !take(item) {
            return None;
        }
        rest = blanks(after);
        if let Some(after) = rest.strip_prefix(']') {
            return blanks(after).is_empty().then_some(());
        }
        rest = rest.strip_prefix(',')?;
    }
}

/// Without the white space of JSON at its start.
fn blanks(text: &str) -> &str {
    let blank = text.bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    text.get(blank.count()..).unwrap_or_default()
}

fn each_json(text: &str, take: impl FnMut(&str) -> bool) -> Option<()> {
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_seq(Items(take)).ok()?;
    json.end().ok()
}

/// The JSON list with Python's separators, as the real store writes it: `["a", "b"]`.
pub(crate) fn encode<'s>(items: impl Iterator<Item = &'s str>) -> String {
    let mut text = String::from("[");
    for (index, item) in items.enumerate() {
        if index > 0 {
            text.push_str(", ");
        }
        text.push_str(&serde_json::Value::from(item).to_string());
    }
    text.push(']');
    text
}

struct Items<F>(F);

impl<'de, F: FnMut(&str) -> bool> Visitor<'de> for Items<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Item(&mut self.0))?.is_some() {}
        Ok(())
    }
}

struct Item<'f, F>(&'f mut F);

impl<'de, F: FnMut(&str) -> bool> DeserializeSeed<'de> for Item<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_str(self)
    }
}

impl<F: FnMut(&str) -> bool> Visitor<'_> for Item<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, item: &str) -> Result<(), E> {
        if (self.0)(item) { Ok(()) } else { Err(E::custom("refused")) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn items(text: &str) -> Option<Vec<String>> {
        let mut items = Vec::new();
        each(text, |item| {
            items.push(item.to_owned());
            true
        })?;
        Some(items)
    }

    #[test]
    fn a_list_of_strings_is_read_in_order() {
        assert_eq!(items(r#"["a", "b\u0063" ]"#), Some(vec!["a".into(), "bc".into()]));
        assert_eq!(items("[]"), Some(vec![]));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "a", "\"a\"", "[1]", "[null]", "[[\"a\"]]", "{\"a\": 1}", "[\"a\",]", "[\"a\"", "[\"a\"] x"]
        {
            assert_eq!(items(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_judges_as_the_json_library_does(
            text in r#"[ \t\n]{0,1}\[?([ \n]{0,2}"[a-z\x00-\x1f"/é]{0,3}"?[ ]{0,1},?){0,3}\]?[ \[x]{0,1}"#,
        ) {
            let (mut short, mut long) = (Vec::new(), Vec::new());
            let short_verdict = each_plain(&text, &mut |item: &str| {
                short.push(item.to_owned());
                true
            });
            let long_verdict = each_json(&text, |item| {
                long.push(item.to_owned());
                true
            });
            prop_assert_eq!(short_verdict, long_verdict);
            if long_verdict.is_some() {
                prop_assert_eq!(short, long);
            }
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let text = encode(["a", "quote \" and \\", "é"].into_iter());
        assert_eq!(text, r#"["a", "quote \" and \\", "é"]"#);
        assert_eq!(items(&text), Some(vec!["a".into(), "quote \" and \\".into(), "é".into()]));
    }
}
