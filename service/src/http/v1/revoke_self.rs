//! `POST /v1/revocations/self`: the credential of the header ends itself, and whatever was attenuated from it.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::told;
use crate::http::body::OptionalJson;
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;

/// The body, which may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    #[serde(default)]
    reason: String,
}

/// Burns. Nothing is asked of the credential but that it is whole and ours: no permission, no age, no place; a credential
/// that is worth nothing any more may still be ended, and one that was revoked is acknowledged again.
pub async fn revoke_self(
    state: web::Data<State>,
    credentials: Credentials,
    OptionalJson(body): OptionalJson<Request>,
) -> Result<HttpResponse, Problem> {
    let entry = state.revoker().revoke_self(credentials.bundle, &body.reason).await?;
    Ok(HttpResponse::Ok().json(json!({"acknowledged": true, "revoked": [told::entry(&entry)]})))
}
