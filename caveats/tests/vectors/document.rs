//! The files of the vectors: finding them, and reading texts and bytes out of them.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Every vector in a folder, with its file's name, in order.
pub(crate) fn read_folder(folder: &str) -> Vec<(String, Value)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(folder);
    let mut vectors: Vec<(String, Value)> = std::fs::read_dir(&path)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let vector = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).expect(&name);
            (name, vector)
        })
        .collect();
    vectors.sort_by(|(one, _), (other, _)| one.cmp(other));
    vectors
}

/// A text; one with long repetitions is a list of texts and of `[text, times]`.
pub(crate) fn text(value: &Value) -> String {
    match value.as_array() {
        Some(parts) => parts.iter().map(part).collect(),
        None => value.as_str().unwrap().to_owned(),
    }
}

fn part(value: &Value) -> String {
    match value {
        Value::Array(repeated) => {
            let times = repeated[1].as_u64().unwrap();
            repeated[0].as_str().unwrap().repeat(usize::try_from(times).unwrap())
        }
        single => single.as_str().unwrap().to_owned(),
    }
}

/// Bytes: a text, or `{"base64": text}`.
pub(crate) fn bytes(value: &Value) -> Vec<u8> {
    match value.get("base64") {
        Some(encoded) => URL_SAFE_NO_PAD.decode(text(encoded)).unwrap(),
        None => text(value).into_bytes(),
    }
}

/// Bytes in hex digits.
pub(crate) fn hex(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// The items of a list; none if it is absent.
pub(crate) fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
