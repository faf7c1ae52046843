//! `POST /dev/api/account/account-key`: registers a publisher's key. The login serves for one.

use actix_web::{HttpResponse, web};
use caveats::Permission;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channels::rfc3339;
use crate::authorization::Attempt;
use crate::http::body::Json;
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;
use crate::publishing::signing_keys;
use model::signing::SigningKey;

/// The body.
#[derive(Debug, Deserialize)]
pub struct Request {
    account_key_request: String,
}

/// Registers.
pub async fn register(
    state: web::Data<State>,
    credentials: Credentials,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let attempt = Attempt { permissions: &[Permission::ModifyAccountKey], ..Attempt::default() };
    let authorized = state.authorize(&credentials, &attempt).await?;
    let overlap = state.settings.uploads.key_overlap;
    let registered =
        signing_keys::register(&state.workspace, &authorized, &body.account_key_request, overlap).await?;
    Ok(HttpResponse::Ok().json(json!({ "account_key": shown(&registered) })))
}

/// A key as the dashboard shows it.
pub(in crate::http) fn shown(key: &SigningKey) -> Value {
    let mut shown = json!({
        "account-id": key.account,
        "name": key.name,
        "public-key-sha3-384": key.id,
        "since": rfc3339(key.since),
    });
    if let (Some(until), Some(shown)) = (key.until, shown.as_object_mut()) {
        shown.insert("until".to_owned(), rfc3339(until).into());
    }
    shown
}
