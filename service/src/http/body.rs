//! JSON bodies: read within a bound, parsed into a type, and refused with a sentence that repeats no value.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use super::problem::{Code, Problem, shown};

/// The most bytes a JSON body may have, unless its route says otherwise.
pub const MAX_JSON: usize = 256 * 1024;

/// How long a client may take to send a JSON body, and how long it may pause within an upload.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A JSON body of type `T`. Its content type is not looked at: old clients send none.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = received(request, payload);
        Box::pin(async move { parse(&bytes.await?).map(Json) })
    }
}

/// The same, where the body may be left out.
#[derive(Debug)]
pub struct OptionalJson<T>(pub T);

impl<T: DeserializeOwned + Default + 'static> FromRequest for OptionalJson<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = received(request, payload);
        Box::pin(async move {
            let bytes = bytes.await?;
            Ok(OptionalJson(if bytes.is_empty() { T::default() } else { parse(&bytes)? }))
        })
    }
}

/// A whole body, within the bounds of size and time.
pub fn received(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<Bytes, Problem>> + use<> {
    let bytes = Bytes::from_request(request, payload);
    async move {
        let bytes = tokio::time::timeout(PATIENCE, bytes).await.map_err(|_| too_slow())?;
        bytes.map_err(|error| unreadable(&error))
    }
}

/// Parses a JSON text, or says where it is wrong. Values never stand in the message: one may be a password.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.is_empty() {
        return Err(Problem::new(Code::BadRequest, "The request has no body; a JSON object was expected."));
    }
    // A list would be taken for an object's members in their order.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(Problem::new(Code::BadRequest, "The request body is not a JSON object."));
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        let place = format!("line {}, column {}", error.line(), error.column());
        if let Some(field) = quoted_after(&text, "missing field") {
            return missing(field);
        }
        if let Some(field) = quoted_after(&text, "unknown field").or(quoted_after(&text, "duplicate field")) {
            let field = shown(field);
            let message = format!("The field '{field}' is not known here, or there twice.");
            return Problem::new(Code::BadRequest, message).with("field", field);
        }
        let message = match text.split_once("expected ") {
            Some((before, expected)) if before.starts_with("invalid") => {
                let expected = expected.split(" at line").next().unwrap_or_default();
                // Of our own types nobody outside knows the names.
                let expected = match expected {
                    ours if ours.starts_with("struct") => "an object",
                    "a sequence" => "a list",
                    plain => plain,
                };
                format!(
                    "The request body does not have the expected form: {expected} was expected at {place}."
                )
            }
            // Our own types say what they are not, and nothing of what was given.
            _ if text.starts_with("not a valid ") => {
                let (what, _) = text.split_once(" at line").unwrap_or((&text, ""));
                format!("The request body does not have the expected form: {what}, at {place}.")
            }
            _ if error.is_data() => format!("The request body does not have the expected form: see {place}."),
            _ => format!("The request body is not valid JSON: see {place}."),
        };
        Problem::new(Code::BadRequest, message)
    })
}

/// A field that must be there.
pub fn missing(field: &str) -> Problem {
    Problem::new(Code::MissingField, format!("The field '{field}' is missing.")).with("field", field)
}

/// A body that could not be received, in our words.
pub fn unreadable(error: &actix_web::Error) -> Problem {
    match error.as_response_error().status_code().as_u16() {
        413 => Problem::new(Code::PayloadTooLarge, "The request body is larger than this endpoint accepts."),
        _ => Problem::new(Code::BadRequest, "The request body could not be received whole."),
    }
}

/// A body that does not come.
pub fn too_slow() -> Problem {
    Problem::new(Code::RequestTimeout, "The request body did not arrive in time. Send it again.")
}

fn quoted_after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    text.strip_prefix(start)?.split('`').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only its parsing is looked at")]
    struct Login {
        email: String,
        password: String,
    }

    #[test]
    fn a_refused_body_is_explained_without_its_values() {
        for (body, says) in [
            ("", "no body"),
            ("{", "not valid JSON"),
            ("{\"email\": 3}", "a string was expected at line 1"),
            ("{\"email\": \"a\"}", "'password' is missing"),
            ("[\"a@b.example\", \"secret-value\"]", "not a JSON object"),
            ("3", "not a JSON object"),
            ("{\"email\": \"a\", \"password\": {\"secret-value\": 1}}", "a string was expected"),
        ] {
            let problem = parse::<Login>(body.as_bytes()).unwrap_err();
            assert!(problem.to_string().contains(says), "{body}: {problem}");
            assert!(!problem.to_string().contains("secret-value"), "{problem}");
        }
        let deep = format!("{{\"other\": {}", "[".repeat(1000));
        assert!(parse::<Login>(deep.as_bytes()).unwrap_err().to_string().contains("not valid JSON"));
    }
}
