//! Writing what is to be signed: the same bytes that snapd would write.

use std::collections::BTreeMap;

use crate::kind::Kind;
use crate::value::{self, Value};

/// An assertion before it is signed. Headers may be given in any order; [`Draft::sign`] puts them into snapd's.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(crate) kind: String,
    pub(crate) headers: BTreeMap<String, Value>,
    pub(crate) body: String,
}

impl Draft {
    /// An assertion of a type, without headers.
    pub fn new(kind: &str) -> Self {
        Self { kind: kind.to_owned(), headers: BTreeMap::new(), body: String::new() }
    }

    /// The account it speaks for: the header `authority-id`.
    #[must_use]
    pub fn authority(self, account_id: &str) -> Self {
        self.header("authority-id", account_id)
    }

    /// Its revision; 0 is not written.
    #[must_use]
    pub fn revision(self, revision: u64) -> Self {
        self.header("revision", revision.to_string())
    }

    /// Sets a header. Empty lists and maps are not written. `type`, `body-length` and `sign-key-sha3-384` are written by
    /// [`Draft::sign`], whatever is set here.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.headers.insert(name.to_owned(), value.into());
        self
    }

    /// Sets a header, if there is a value.
    #[must_use]
    pub fn header_if(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    /// Sets the body. An empty one is not written.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    /// The part that is signed. The order of headers is snapd's (`assembleAndSign` in `asserts/asserts.go`).
    pub(crate) fn content(&self, kind: &Kind, sign_key: &str) -> String {
        let mut text = String::new();
        value::push_header(&mut text, "type", &self.kind.as_str().into());
        let mut rest = self.headers.clone();
        for written in ["type", "body-length", SIGN_KEY] {
            rest.remove(written);
        }
        for name in ["format", "revision"] {
            if rest.get(name).and_then(Value::as_text) == Some("0") {
                rest.remove(name);
            }
        }
        let mut first = vec!["format", "authority-id", "revision"];
        for name in kind.primary_key {
            match (rest.get(*name).map(Value::as_text), kind.default_of(name)) {
                // snapd, asked for a default, leaves it out; not asked, it writes it among the others.
                (None, Some(default)) => drop(rest.insert((*name).to_owned(), default.into())),
                (Some(value), Some(default)) if value == Some(default) => drop(rest.remove(*name)),
                _ => first.push(name),
            }
        }
        for name in first {
            if let Some(value) = rest.remove(name) {
                value::push_header(&mut text, name, &value);
            }
        }
        for (name, value) in &rest {
            value::push_header(&mut text, name, value);
        }
        if !self.body.is_empty() {
            value::push_header(&mut text, "body-length", &self.body.len().to_string().into());
        }
        value::push_header(&mut text, SIGN_KEY, &sign_key.into());
        if !self.body.is_empty() {
            text.push_str("\n\n");
            text.push_str(&self.body);
        }
        text
    }
}

const SIGN_KEY: &str = "sign-key-sha3-384";

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::assertion::Assertion;

    /// From the values of what snapd's tool and the real store have signed, we write the same bytes.
    #[test]
    fn every_valid_vector_is_written_as_it_was() {
        let mut count = 0;
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/valid")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|ending| ending != "assert") {
                continue;
            }
            let assertion = Assertion::decode(&fs::read(&path).unwrap()).unwrap();
            let kind = Kind::find(assertion.kind()).unwrap();
            let mut draft = Draft::new(assertion.kind()).body(assertion.body());
            for (name, value) in assertion.headers() {
                // snapd leaves it out if it is asked to write it, and writes it if it is not.
                if kind.default_of(name).is_none_or(|default| value.as_text() != Some(default)) {
                    draft = draft.header(name, value.clone());
                }
            }
            if kind.default_of("provenance").is_some() && assertion.header("provenance").is_none() {
                draft = draft.header("provenance", "global-upload"); // from before there was such a header
            }
            let written = draft.content(kind, &assertion.sign_key().to_string());
            assert_eq!(written, assertion.content(), "{}", path.display());
            count += 1;
        }
        assert_eq!(count, 21);
    }
}
