//! `POST /dev/api/acl/verify/`: what a credential, given in the body, can still do.

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::scope::{channels, packages, permissions, scope};
use crate::authorization::Refusal;
use crate::credentials::verify as chain;
use crate::http::body::Json;
use crate::http::client_address::source;
use crate::http::credentials::parse;
use crate::http::problem::Problem;
use crate::http::state::State;

/// The body.
#[derive(Debug, Deserialize)]
pub struct Request {
    auth_data: AuthData,
}

#[derive(Deserialize)]
struct AuthData {
    authorization: String,
}

impl std::fmt::Debug for AuthData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuthData([redacted])")
    }
}

/// Verifies.
pub async fn verify(
    state: web::Data<State>,
    request: HttpRequest,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    // snapcraft 7 puts its stored JSON into the body, and the credential into a header that others do not send.
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bundle = match (parse(&body.auth_data.authorization), header) {
        (Ok(bundle), _) => bundle,
        (Err(_), Some(header)) => parse(header)?,
        (Err(problem), None) => return Err(problem),
    };
    let refresh_required = match state.authorize_bundle(bundle.clone(), source(&request)).await {
        Ok(_) => false,
        // snapcraft 4.6 to 6 would repeat a 401 with its old body: say that it is stale in a 200.
        Err(Refusal::Stale { .. }) => true,
        Err(refusal) => return Err(refusal.into()),
    };
    let (_, verified) = chain::verify(&state.keys, bundle).await.map_err(Refusal::from)?;
    let locations = state.authorizer.locations();
    let scope = scope(&verified, &locations)?;
    let facts = verified.facts(&locations).map_err(Refusal::Denied)?;
    let account = facts.account.as_ref().map(|account| {
        json!({
            "email": account.email,
            "displayname": account.displayname,
            "openid": account.openid,
            "verified": account.is_verified,
        })
    });
    Ok(HttpResponse::Ok().json(json!({
        "allowed": true,
        "refresh_required": refresh_required,
        "permissions": permissions(&scope),
        "snap_ids": packages(&scope),
        "channels": channels(&scope),
        "expires": scope.expires.map(|moment| moment.to_string()),
        "account": account,
        "last_auth": facts.last_auth.map(|moment| moment.to_string()),
    })))
}
