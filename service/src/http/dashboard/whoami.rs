//! `GET /api/v2/tokens/whoami`: whose credential this is and what it can still do.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::scope::{channels, packages, permissions, scope};
use crate::authorization::{Attempt, Refusal};
use crate::credentials::verify as chain;
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;

/// Any valid credential may ask. `expires` is left out where there is none: snapcraft would print `NoneZ`.
pub async fn whoami(state: web::Data<State>, credentials: Credentials) -> Result<HttpResponse, Problem> {
    let authorized = state.authorize(&credentials, &Attempt::default()).await?;
    let account = state.records.account(authorized.account()).await?.ok_or(Refusal::Forged)?;
    let (_, verified) = chain::verify(&state.keys, credentials.bundle).await.map_err(Refusal::from)?;
    let scope = scope(&verified, &state.authorizer.locations())?;
    let mut body = json!({
        "account": {
            "email": account.email,
            "id": account.id,
            "name": account.display_name,
            "username": account.username,
        },
        "permissions": permissions(&scope),
        "packages": packages(&scope),
        "channels": channels(&scope),
        "store_ids": null,
    });
    if let (Some(expires), Some(body)) = (scope.expires, body.as_object_mut()) {
        let text = expires.to_string();
        // Milliseconds, as the real store sends them.
        body.insert("expires".to_owned(), text.get(..23).unwrap_or(&text).into());
    }
    Ok(HttpResponse::Ok().json(body))
}
