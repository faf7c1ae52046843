//! What a client is told when the answer is not yes: one body that every client's dialect can read.
//!
//! craft-store reads `error-list` or `error_list`; snapcraft 2–6 reads `error_list`, `message`, `error_message`,
//! `text` or `errors`, by endpoint; snapd reads the top-level `code`, `message` and `extra`. All of them are served
//! at once. Messages hold no braces: snapcraft 2–4 sends some through a format call.

mod code;
mod feed;
mod mapping;
mod publishing;
mod revoking;
mod signing;
mod tracks;

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

pub use code::Code;

/// A refusal, or the admission that the answer is not known.
#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    status: Option<StatusCode>,
    message: String,
    extra: Map<String, Value>,
    top: Map<String, Value>,
    retry_after: Option<u32>,
    reason: Option<&'static str>,
}

impl Problem {
    /// A problem of this code, with a sentence that a person can act on.
    pub fn new(code: Code, message: impl Into<String>) -> Problem {
        let message = message.into().replace('{', "(").replace('}', ")");
        Problem {
            code,
            status: None,
            message,
            extra: Map::new(),
            top: Map::new(),
            retry_after: None,
            reason: None,
        }
    }

    /// What this service does not do at all. snapcraft 2 to 6 prints of an answer from 500 on its reason phrase alone, so
    /// the sentence stands there, too.
    pub fn feature_disabled(sentence: &'static str) -> Problem {
        let reason = sentence.strip_suffix('.').unwrap_or(sentence);
        Problem { reason: Some(reason), ..Problem::new(Code::FeatureDisabled, sentence) }
    }

    /// Adds a member to the entry's `extra`.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Problem {
        self.extra.insert(key.to_owned(), value.into());
        self
    }

    /// Adds a top-level member, for clients that look there.
    #[must_use]
    pub fn with_top(mut self, key: &str, value: impl Into<Value>) -> Problem {
        self.top.insert(key.to_owned(), value.into());
        self
    }

    /// Says when to ask again, in seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Problem {
        self.retry_after = Some(seconds);
        self
    }

    /// Answers with another status than the code's own.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Problem {
        self.status = Some(status);
        self
    }

    /// The code, for the access log.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The sentence.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// When to ask again, in seconds.
    pub fn seconds(&self) -> Option<u32> {
        self.retry_after
    }

    fn body(&self) -> Value {
        let mut entry = json!({"code": self.code.in_list(), "message": self.message});
        if !self.extra.is_empty()
            && let Some(entry) = entry.as_object_mut()
        {
            entry.insert("extra".to_owned(), Value::Object(self.extra.clone()));
        }
        let mut body = json!({
            "code": self.code.on_top(),
            "message": self.message,
            "error_message": self.message,
            "text": self.message,
            "errors": self.message,
            "extra": self.extra,
            "error_list": [entry],
            "error-list": [entry],
        });
        if let Some(body) = body.as_object_mut() {
            body.extend(self.top.clone());
        }
        body
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.in_list(), self.message)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status.unwrap_or_else(|| self.code.status())
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(reason) = self.reason {
            response.reason(reason);
        }
        if let Some(challenge) = self.code.challenge() {
            response.insert_header((WWW_AUTHENTICATE, HeaderValue::from_static(challenge)));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        response.json(self.body())
    }
}

/// Text of others, fit for a message: short, without control characters.
pub fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}
