//! `GET /dev/api/account`: the account, its keys and its snaps, in the spellings of every client generation.

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};

use super::account_key;
use super::channels::rfc3339;
use crate::authorization::{Attempt, Refusal};
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;
use crate::publishing::packages;
use model::snap::SERIES;

/// Any valid credential may ask, whatever its permissions: `export-login` ends with this.
pub async fn account(state: web::Data<State>, credentials: Credentials) -> Result<HttpResponse, Problem> {
    let authorized = state.authorize(&credentials, &Attempt::default()).await?;
    let account = state.records.account(authorized.account()).await?.ok_or(Refusal::Forged)?;
    let keys = state.records.signing_keys_of(authorized.account()).await?;
    let keys: Vec<Value> = keys.iter().filter(|key| key.revoked.is_none()).map(account_key::shown).collect();
    let owned = packages::owned(&state.workspace, &authorized).await?;
    let snaps: Map<String, Value> = owned
        .iter()
        .map(|snap| {
            let shown = json!({
                "snap-id": snap.id,
                "status": "Approved",
                "private": snap.private,
                "price": null,
                "since": rfc3339(snap.registered_at),
            });
            (snap.name.to_string(), shown)
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({
        "account_id": account.id,
        "id": account.id,
        "openid_identifier": account.id,
        "email": account.email,
        "username": account.username,
        "namespace": account.username,
        "short_namespace": account.username,
        "display-name": account.display_name,
        "displayname": account.display_name,
        "validation": "unproven",
        "stores": [{"id": "ubuntu", "name": "Global", "roles": ["access", "read", "submit"]}],
        "account_keys": keys,
        "account-keys": keys,
        "snaps": { SERIES: snaps },
    })))
}
