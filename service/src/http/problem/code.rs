//! The closed list of problem codes: each one's status, its spelling in the list and on top, its challenge.

use actix_web::http::StatusCode;

/// Why a request was not answered with yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name is its own spelling on the wire, in the table below")]
pub enum Code {
    InvalidCredentials,
    TwofactorRequired,
    TwofactorFailure,
    InvalidData,
    AccountSuspended,
    TooManyRequests,
    MacaroonAuthorizationRequired,
    MacaroonNeedsRefresh,
    MacaroonPermissionRequired,
    ResourceForbidden,
    SnapDeveloperNotFound,
    ResourceNotFound,
    BadRequest,
    InvalidField,
    MissingField,
    Invalid,
    AlreadyRegistered,
    AlreadyOwned,
    Conflict,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    RequestTimeout,
    PayloadTooLarge,
    UnsupportedMediaType,
    FeatureDisabled,
    ServiceUnavailable,
}

impl Code {
    /// One line a code: status, spelling in `error_list`, spelling of the top-level `code`.
    ///
    /// The SSO's codes are upper case on top and the names' codes have underscores, as the real services send them.
    const fn row(self) -> (u16, &'static str, &'static str) {
        match self {
            Code::InvalidCredentials => (401, "invalid-credentials", "INVALID_CREDENTIALS"),
            Code::TwofactorRequired => (401, "twofactor-required", "TWOFACTOR_REQUIRED"),
            Code::TwofactorFailure => (403, "twofactor-failure", "TWOFACTOR_FAILURE"),
            Code::InvalidData => (400, "invalid-data", "INVALID_DATA"),
            Code::AccountSuspended => (403, "account-suspended", "ACCOUNT_SUSPENDED"),
            Code::TooManyRequests => (429, "too-many-requests", "TOO_MANY_REQUESTS"),
            Code::MacaroonAuthorizationRequired => {
                (401, "macaroon-authorization-required", "macaroon-authorization-required")
            }
            Code::MacaroonNeedsRefresh => (401, "macaroon-needs-refresh", "macaroon-needs-refresh"),
            Code::MacaroonPermissionRequired => {
                (403, "macaroon-permission-required", "macaroon-permission-required")
            }
            Code::ResourceForbidden => (403, "resource-forbidden", "resource-forbidden"),
            Code::SnapDeveloperNotFound => (403, "snap-developer-not-found", "snap-developer-not-found"),
            Code::ResourceNotFound => (404, "resource-not-found", "resource-not-found"),
            Code::BadRequest => (400, "bad-request", "bad-request"),
            Code::InvalidField => (400, "invalid-field", "invalid-field"),
            Code::MissingField => (400, "missing-field", "missing-field"),
            Code::Invalid => (400, "invalid", "invalid"),
            Code::AlreadyRegistered => (409, "already_registered", "already_registered"),
            Code::AlreadyOwned => (409, "already_owned", "already_owned"),
            Code::Conflict => (409, "conflict", "conflict"),
            Code::NotFound => (404, "not-found", "not-found"),
            Code::MethodNotAllowed => (405, "method-not-allowed", "method-not-allowed"),
            Code::NotAcceptable => (406, "not-acceptable", "not-acceptable"),
            Code::RequestTimeout => (408, "request-timeout", "request-timeout"),
            Code::PayloadTooLarge => (413, "payload-too-large", "payload-too-large"),
            Code::UnsupportedMediaType => (415, "unsupported-media-type", "unsupported-media-type"),
            Code::FeatureDisabled => (501, "feature-disabled", "feature-disabled"),
            Code::ServiceUnavailable => (503, "service-unavailable", "service-unavailable"),
        }
    }

    /// The status it is answered with.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Its spelling in `error_list` and in `error-list`.
    pub fn in_list(self) -> &'static str {
        self.row().1
    }

    /// Its spelling as the top-level `code`.
    pub fn on_top(self) -> &'static str {
        self.row().2
    }

    /// The `WWW-Authenticate` header that goes with it. snapcraft 2–6 compares the refresh one to the letter.
    pub fn challenge(self) -> Option<&'static str> {
        match self {
            Code::MacaroonNeedsRefresh => Some("Macaroon needs_refresh=1"),
            Code::MacaroonAuthorizationRequired => Some("Macaroon realm=\"Devportal\""),
            _ => None,
        }
    }
}
