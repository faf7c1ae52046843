//! JSON from outside: parsed into a type, or refused with a sentence that repeats no value (one may be a password).

use serde::de::DeserializeOwned;

/// A text is not the JSON that was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}, at line {line}, column {column}")]
pub struct MalformedJson {
    problem: String,
    line: usize,
    column: usize,
}

/// Parses a whole text.
pub(crate) fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, MalformedJson> {
    serde_json::from_slice(text).map_err(|error| MalformedJson {
        problem: problem(&error),
        line: error.line(),
        column: error.column(),
    })
}

fn problem(error: &serde_json::Error) -> String {
    if !error.is_data() {
        return "this is not JSON".to_owned();
    }
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    // These name fields, never values.
    if ["missing field", "unknown field", "duplicate field"].iter().any(|start| text.starts_with(start)) {
        return text.to_owned();
    }
    match text.rsplit_once("expected ") {
        Some((_, expected)) => format!("{expected} was expected"),
        None => "another form was expected".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::NewAccount;

    #[test]
    fn a_refused_text_is_explained_without_its_values() {
        for (text, explanation) in [
            (r#"[{"email": "a@example.com"}]"#, "missing field `username`, at line 1, column 27"),
            (r#"[{"passwrd": "hunter2"}]"#, "unknown field `passwrd`, expected one of "),
            (r#"[{"groups": "hunter2"}]"#, "a sequence was expected, at line 1"),
            (r#""hunter2""#, "a sequence was expected"),
            (r#"["hunter2"#, "this is not JSON, at line 1"),
            (r#"["expected hunter2 "]"#, "struct NewAccount was expected"),
        ] {
            let error = parse::<Vec<NewAccount>>(text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(explanation), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{text}: {error}");
        }
    }
}
