//! What the token endpoint answers when it refuses (RFC 6749, 5.2).

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;

/// Why a request for tokens is refused. The text goes into `error_description`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("{0}")]
    InvalidRequest(&'static str),
    #[error("the client is not known by this id and secret")]
    InvalidClient,
    #[error("{0}")]
    InvalidGrant(&'static str),
    #[error("only password and refresh_token are supported")]
    UnsupportedGrantType,
    #[error("the scope is malformed, or wider than what was granted")]
    InvalidScope,
    #[error("a fault was asked for")]
    ServerError,
}

/// How a client is told to authenticate (RFC 7617, 2).
pub(super) const CHALLENGE: (actix_web::http::header::HeaderName, &str) =
    (WWW_AUTHENTICATE, "Basic realm=\"sso-mock\", charset=\"UTF-8\"");

impl Refusal {
    fn code(self) -> &'static str {
        match self {
            Refusal::InvalidRequest(_) => "invalid_request",
            Refusal::InvalidClient => "invalid_client",
            Refusal::InvalidGrant(_) => "invalid_grant",
            Refusal::UnsupportedGrantType => "unsupported_grant_type",
            Refusal::InvalidScope => "invalid_scope",
            Refusal::ServerError => "server_error",
        }
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Refusal::InvalidClient => StatusCode::UNAUTHORIZED,
            Refusal::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            Refusal::InvalidRequest(_)
            | Refusal::InvalidGrant(_)
            | Refusal::UnsupportedGrantType
            | Refusal::InvalidScope => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CACHE_CONTROL, "no-store"));
        if *self == Refusal::InvalidClient {
            response.insert_header(CHALLENGE);
        }
        response.json(json!({ "error": self.code(), "error_description": self.to_string() }))
    }
}
