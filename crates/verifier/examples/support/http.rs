//! What the examples that speak HTTP answer to a request that is not let through.

use actix_web::HttpResponse;
use actix_web::http::header::RETRY_AFTER;
use verifier::{Holder, Refusal, Verdict};

/// Whose request it is, or the answer instead: 401, 403 where a caveat denies, 503 where nobody can tell. `None` is a request
/// without a header that could be judged.
pub(crate) fn admitted(verdict: Option<Verdict>) -> Result<Holder, Box<HttpResponse>> {
    let answer = match verdict {
        Some(Verdict::Accepted(holder)) => return Ok(holder),
        None => {
            HttpResponse::Unauthorized().body("The request has no Authorization header with a macaroon.\n")
        }
        Some(Verdict::Refused(Refusal::Denied(denial)))
            if !matches!(denial, caveats::Refusal::Expired { .. }) =>
        {
            HttpResponse::Forbidden().body(format!("The credential does not allow this: {denial}.\n"))
        }
        Some(Verdict::Refused(refusal)) => HttpResponse::Unauthorized()
            .body(format!("The credential is refused: {refusal}. Log in again.\n")),
        Some(Verdict::CannotTell(unknown)) => HttpResponse::ServiceUnavailable()
            .insert_header((RETRY_AFTER, "1"))
            .body(format!("Nobody can tell whether the credential was revoked: {unknown}.\n")),
    };
    Err(Box::new(answer))
}
