//! The access log: one event a request, when it is answered. Interface for operators; docs/operations.md lists the fields.
//!
//! Routes are logged as the table spells them, never paths, queries, headers or bodies: a status URL is a capability.

use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{Error, HttpMessage as _};
use tracing::Span;
use tracing::field::Empty;
use tracing_actix_web::{RequestId, RootSpanBuilder};

use super::client_address::source;
use super::oauth2::problem::OauthProblem;
use super::problem::Problem;
use crate::authorization::authorized::Authorized;

/// What an operator's filters know these events by, whatever the module is called.
const TARGET: &str = "macaroond::http::access_log";

/// Makes a span for each request, and an event at its end.
#[derive(Debug)]
pub struct AccessLog;

struct Began(Instant);

impl RootSpanBuilder for AccessLog {
    fn on_request_start(request: &ServiceRequest) -> Span {
        request.extensions_mut().insert(Began(Instant::now()));
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
        let client = source(request.request()).map(|address| address.to_string()).unwrap_or_default();
        let method = request.method().as_str();
        tracing::info_span!(
            target: TARGET,
            "request",
            id,
            method,
            route,
            client,
            account = Empty,
            session = Empty,
            token = Empty
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let (status, code, milliseconds) = match outcome {
            Ok(response) => {
                let error = response.response().error();
                let oauth = || error.and_then(|error| error.as_error::<OauthProblem>()).map(|oauth| &oauth.0);
                let code = error.and_then(|error| error.as_error::<Problem>()).or_else(oauth);
                let began = response.request().extensions().get::<Began>().map(|began| began.0);
                let milliseconds = began.map_or(0.0, |began| began.elapsed().as_secs_f64() * 1000.0);
                (response.status(), code.map_or("", |problem| problem.code().in_list()), milliseconds)
            }
            Err(error) => (error.as_response_error().status_code(), "", 0.0),
        };
        let status = status.as_u16();
        if status >= 500 {
            tracing::warn!(target: TARGET, parent: &span, status, code, milliseconds, "answered");
        } else {
            tracing::info!(target: TARGET, parent: &span, status, code, milliseconds, "answered");
        }
    }
}

/// Names whose credential the current request came with, once that is certain.
pub fn note(authorized: &Authorized) {
    let span = Span::current();
    span.record("account", authorized.account().as_str());
    span.record("session", authorized.author().session.as_str());
    span.record("token", authorized.author().token.as_str());
}
