//! `POST /v1/revocations/{position}/lift`: take back a cut that was made by name and turned out too wide.

use actix_web::{HttpResponse, web};
use caveats::Permission;
use serde::Deserialize;
use serde_json::json;

use super::told;
use crate::authorization::Attempt;
use crate::http::body::Json;
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;
use crate::revoking::FindError;

/// The body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    reason: String,
}

/// Lifts. A stolen credential must not undo what was done against its thief: this takes a login of a moment ago.
pub async fn lift(
    state: web::Data<State>,
    credentials: Credentials,
    position: web::Path<String>,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let attempt = Attempt { permissions: &[Permission::CredentialRevoke], ..Attempt::default() };
    let actor = state.authorize(&credentials, &attempt).await?;
    state.authorizer.logged_in_recently(&actor)?;
    let position = position.parse().map_err(|_| FindError::NoSuchPosition)?;
    let entry = state.revoker().lift(&actor, position, &body.reason).await?;
    Ok(HttpResponse::Ok().json(json!({"acknowledged": true, "lifted": told::entry(&entry)})))
}
