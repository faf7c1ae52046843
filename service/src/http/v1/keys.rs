//! `GET /v1/keys` and `POST /v1/keys/{id}/revoke`: publishers' signing keys, for themselves and for a security team.

use actix_web::{HttpRequest, HttpResponse, web};
use caveats::Permission;
use serde::Deserialize;
use serde_json::{Value, json};
use timestamp::Timestamp;

use super::told;
use crate::authorization::{Attempt, AttemptKind};
use crate::http::body::OptionalJson;
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::revoking::may_revoke::Actor;
use crate::revoking::signing_key::{RevokedKey, Suspect};
use crate::revoking::{FindError, Named};
use model::ids::SigningKeyId;
use model::signing::SigningKey;

/// The query.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    account: Option<String>,
}

/// The body.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    compromised_since: Option<String>,
    #[serde(default)]
    reason: String,
}

/// Lists an account's keys: one's own, with any credential, or with `key_manage` anybody's.
pub async fn list(
    state: web::Data<State>,
    request: HttpRequest,
    credentials: Credentials,
) -> Result<HttpResponse, Problem> {
    let query = web::Query::<Query>::from_query(request.query_string()).map_err(|_| {
        Problem::new(Code::BadRequest, "The query takes 'account' alone: an account's id or e-mail address.")
    })?;
    let account = match &query.account {
        None => state.authorize(&credentials, &Attempt::default()).await?.account().clone(),
        Some(account) => {
            let attempt = Attempt { permissions: &[Permission::KeyManage], ..Attempt::default() };
            state.authorize(&credentials, &attempt).await?;
            let found = state.revoker().find(&Named::Account(account)).await?;
            found.owners.into_iter().next().ok_or(FindError::NoSuchAccount)?
        }
    };
    let keys = state.records.signing_keys_of(&account).await?;
    let keys: Vec<Value> = keys.iter().map(shown).collect();
    Ok(HttpResponse::Ok().json(json!({"account_id": account, "keys": keys})))
}

/// Revokes a key. One's own takes a credential that may manage all of one's packages; anybody's `key_manage` or
/// `credential_revoke`. A 200 is the acknowledgement.
pub async fn revoke(
    state: web::Data<State>,
    credentials: Credentials,
    key: web::Path<String>,
    OptionalJson(body): OptionalJson<Request>,
) -> Result<HttpResponse, Problem> {
    let key: SigningKeyId = key.parse().map_err(|_| {
        let message = "A key's id is 64 letters, digits, - and _: the SHA3-384 that snapcraft keys shows.";
        Problem::new(Code::InvalidField, message).with("field", "id")
    })?;
    let since = body.compromised_since.as_deref().map(moment).transpose()?;
    let revoking = Attempt { kind: AttemptKind::Revoking, ..Attempt::default() };
    let authorized = state.authorize(&credentials, &revoking).await?;
    let actor = Actor { authorized: &authorized, bundle: &credentials.bundle, source: credentials.source };
    let revoker = state.revoker();
    let named = Named::SigningKey(&key);
    let found = revoker.find(&named).await?;
    let others = [Permission::KeyManage, Permission::CredentialRevoke];
    revoker.may_revoke_named(actor, &named, Some(&found), &others).await?;
    let done = revoker.revoke_key(&authorized, &key, since, &body.reason).await?;
    Ok(HttpResponse::Ok().json(told_revoked(&done)))
}

fn moment(text: &str) -> Result<Timestamp, Problem> {
    text.parse().map_err(|_| {
        let message = "The field 'compromised_since' is not a time in UTC such as 2027-01-31T12:00:00.";
        Problem::new(Code::InvalidField, message).with("field", "compromised_since")
    })
}

fn told_revoked(revoked: &RevokedKey) -> Value {
    let suspect = |suspect: &Suspect| {
        json!({
            "snap_id": suspect.snap,
            "revision": suspect.revision,
            "accepted_at": suspect.accepted_at.to_string(),
        })
    };
    let suspects: Vec<Value> = revoked.suspects.iter().map(suspect).collect();
    json!({"acknowledged": true, "revoked": [told::entry(&revoked.entry)], "suspect_revisions": suspects})
}

fn shown(key: &SigningKey) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "since": key.since.to_string(),
        "until": key.until.map(|until| until.to_string()),
        "registered_at": key.registered_at.to_string(),
        "revoked_at": key.revoked.map(|revoked| revoked.at.to_string()),
        "compromised_since":
            key.revoked.and_then(|revoked| revoked.compromised_since).map(|since| since.to_string()),
    })
}
