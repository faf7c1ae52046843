//! JSON bodies that are a list of objects, read and refused like those that are one.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::body;
use super::problem::{Code, Problem};

/// The most entries that a list may have.
const MAX_ENTRIES: usize = 100;

/// A JSON body that is a list of `T`, each an object; never an empty one.
#[derive(Debug)]
pub struct JsonList<T>(pub Vec<T>);

impl<T: DeserializeOwned + 'static> FromRequest for JsonList<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = body::received(request, payload);
        Box::pin(async move { parse(&bytes.await?).map(JsonList) })
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<Vec<T>, Problem> {
    let refused = |message: String| Err(Problem::new(Code::BadRequest, message));
    let Ok(entries) = serde_json::from_slice::<Vec<&RawValue>>(bytes) else {
        return refused("The request body is not a JSON list of objects.".to_owned());
    };
    if entries.is_empty() {
        return refused("The list in the request body is empty.".to_owned());
    }
    if entries.len() > MAX_ENTRIES {
        return refused(format!("The list in the request body may have {MAX_ENTRIES} entries at most."));
    }
    entries.iter().map(|entry| body::parse(entry.get().as_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Entry {
        name: String,
    }

    #[test]
    fn a_list_of_objects_is_read_and_anything_else_refused_in_words() {
        let read = parse::<Entry>(br#"[{"name": "a"}, {"name": "b"}]"#).unwrap();
        assert_eq!(read.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let many = format!("[{}]", vec![r#"{"name": "a"}"#; 101].join(","));
        for (body, says) in [
            ("", "not a JSON list"),
            ("{}", "not a JSON list"),
            ("[] []", "not a JSON list"),
            ("[]", "is empty"),
            ("[[\"a\"]]", "not a JSON object"),
            ("[{}]", "'name' is missing"),
            ("[{\"name\": 7}]", "a string was expected"),
            (&many, "100 entries at most"),
        ] {
            let problem = parse::<Entry>(body.as_bytes()).unwrap_err();
            assert!(problem.to_string().contains(says), "{body}: {problem}");
        }
    }
}
