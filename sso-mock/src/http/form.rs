//! The body of a token request: parameters by name, each at most once (RFC 6749, 3.2).

use std::collections::HashMap;

use actix_web::web::Bytes;
use actix_web::{HttpMessage as _, HttpRequest};
use url::form_urlencoded;

use super::refusal::Refusal;

/// The parameters. Those without a value are left out, as RFC 6749, 3.2 wants.
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// Reads a body that was received, or not.
    pub(super) fn read(
        request: &HttpRequest,
        body: Result<Bytes, actix_web::Error>,
    ) -> Result<Form, Refusal> {
        if request.content_type() != "application/x-www-form-urlencoded" {
            return Err(Refusal::InvalidRequest(
                "the content type must be application/x-www-form-urlencoded",
            ));
        }
        let body =
            body.map_err(|_| Refusal::InvalidRequest("the body is too large or did not arrive whole"))?;
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(&body) {
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(Refusal::InvalidRequest("a parameter is given twice"));
            }
        }
        parameters.retain(|_, value| !value.is_empty());
        Ok(Form(parameters))
    }

    /// A parameter that may be missing.
    pub(super) fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A parameter, or what to say when it is missing.
    pub(super) fn required(&self, name: &str, otherwise: &'static str) -> Result<&str, Refusal> {
        self.optional(name).ok_or(Refusal::InvalidRequest(otherwise))
    }
}
