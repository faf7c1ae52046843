//! The errors of OAuth: one word of RFC 6749 or 6750, and a sentence.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

use crate::http::problem::Problem;

/// A problem, in the words of OAuth.
#[derive(Debug, Clone)]
pub struct OauthProblem(pub Problem);

impl<T: Into<Problem>> From<T> for OauthProblem {
    fn from(problem: T) -> OauthProblem {
        OauthProblem(problem.into())
    }
}

impl OauthProblem {
    fn word(&self) -> &'static str {
        match self.status_code().as_u16() {
            401 => "invalid_token",
            403 => "insufficient_scope",
            503 => "temporarily_unavailable",
            _ => "invalid_request",
        }
    }
}

impl fmt::Display for OauthProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for OauthProblem {
    fn status_code(&self) -> StatusCode {
        self.0.status_code()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")));
        if let Some(challenge) = self.0.code().challenge() {
            response.insert_header((WWW_AUTHENTICATE, HeaderValue::from_static(challenge)));
        }
        if let Some(seconds) = self.0.seconds() {
            response.insert_header((RETRY_AFTER, seconds));
        }
        // RFC 6749 allows neither quotes nor backslashes, nor anything beyond ASCII.
        let plain = |letter: char| match letter {
            '"' | '\\' => '\'',
            ' '..='~' => letter,
            _ => '?',
        };
        let description: String = self.0.message().chars().map(plain).collect();
        response.json(json!({"error": self.word(), "error_description": description}))
    }
}
