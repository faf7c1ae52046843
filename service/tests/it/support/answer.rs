//! An answer of the service, and what each kind of refusal must look like in every client's dialect.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// Status, headers and body; the body is null where it is no JSON.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn to(request: reqwest::RequestBuilder) -> Answer {
        Answer::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn read(response: reqwest::Response) -> Answer {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap();
        Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body of a success.
    #[track_caller]
    pub(crate) fn success(self) -> Value {
        assert!((200..300).contains(&self.status), "a success was due: {self:?}");
        self.body
    }

    /// The code in `error_list`.
    #[track_caller]
    pub(crate) fn code(&self) -> &str {
        self.body["error_list"][0]["code"].as_str().unwrap_or_else(|| panic!("no code in {self:?}"))
    }

    /// The message in `error_list`.
    #[track_caller]
    pub(crate) fn message(&self) -> &str {
        self.body["error_list"][0]["message"].as_str().unwrap_or_else(|| panic!("no message in {self:?}"))
    }

    /// A refusal with this status and this code, of the form that every client can read.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> &Answer {
        self.explained();
        assert_eq!((self.status, self.code()), (status, code), "{self:?}");
        self
    }

    /// The same, and the message says this.
    #[track_caller]
    pub(crate) fn refused_saying(&self, status: u16, code: &str, words: &str) -> &Answer {
        self.refused(status, code);
        assert!(self.message().contains(words), "'{words}' was due: {self:?}");
        self
    }

    /// Cannot tell: 503, and when to ask again. Never a yes, and never a 401 that sends a client to log in again.
    #[track_caller]
    pub(crate) fn undecided(&self) -> &Answer {
        self.refused(503, "service-unavailable");
        let seconds: u32 = self.header("retry-after").expect("a Retry-After header").parse().unwrap();
        assert!((1..=60).contains(&seconds), "{self:?}");
        self
    }

    /// A dead credential, in the words of the real store.
    #[track_caller]
    pub(crate) fn dead(&self, words: &str) -> &Answer {
        self.refused_saying(401, "macaroon-authorization-required", words);
        assert_eq!(self.header("www-authenticate"), Some("Macaroon realm=\"Devportal\""), "{self:?}");
        self
    }

    /// A revoked credential.
    #[track_caller]
    pub(crate) fn revoked(&self) -> &Answer {
        self.dead("This credential was revoked at ")
    }

    /// The form of every refusal: a list in both spellings whose first entry has a code and a sentence, and the same
    /// sentence where older clients look; no braces, which snapcraft 2 to 4 would run through a format call.
    #[track_caller]
    pub(crate) fn explained(&self) {
        assert!(self.status >= 400, "a refusal was due: {self:?}");
        let (message, body) = (self.message(), &self.body);
        assert!(!message.is_empty() && !message.contains(['{', '}']), "{self:?}");
        assert!(!self.code().is_empty(), "{self:?}");
        assert_eq!(body["error_list"], body["error-list"], "{self:?}");
        for place in ["message", "error_message", "text"] {
            assert_eq!(body[place], message, "{place} in {self:?}");
        }
        assert!(body["code"].is_string() && body["errors"].is_string(), "{self:?}");
        for reserved in ["snap_name", "status_code", "response"] {
            assert!(body.get(reserved).is_none(), "{reserved} makes snapcraft 2 to 6 stop: {self:?}");
        }
    }
}
