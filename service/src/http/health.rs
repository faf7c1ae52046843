//! Is the process alive (`/healthz`); could it answer a request now (`/readyz`).

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::state::State;

/// Alive: answers whatever else is broken.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "alive"}))
}

/// Ready: database and revocation list answer. 503 names what does not.
pub async fn ready(state: web::Data<State>) -> HttpResponse {
    let word = |answers: bool| if answers { "ok" } else { "unavailable" };
    let database = state.records.ping().await.is_ok();
    let revocations = state.revocations.ready().await.is_ok();
    let body = json!({"database": word(database), "revocations": word(revocations)});
    if database && revocations {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable().insert_header(("Retry-After", "1")).json(body)
    }
}
