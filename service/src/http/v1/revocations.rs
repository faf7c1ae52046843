//! `POST /v1/revocations`: kill a credential now. A 200 is the acknowledgement.

use actix_web::{HttpResponse, web};
use caveats::Permission;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::authorization::{Attempt, Purpose};
use crate::domain::revoke::{Named, Width};
use crate::http::body::Json;
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::model::ids::TokenId;
use crate::model::revocation::{Entry, Subject};

/// The body: exactly one of `text`, `token_id` and `account`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    text: Option<SecretString>,
    #[serde(default)]
    scope: Width,
    token_id: Option<TokenId>,
    account: Option<String>,
    #[serde(default)]
    reason: String,
}

/// Revokes. One's own needs no permission, see [`Authorizer::ends_own`](crate::authorization::Authorizer::ends_own);
/// everything else needs `credential_revoke`.
pub async fn revoke(
    state: web::Data<State>,
    credentials: Credentials,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let attempt = Attempt { purpose: Purpose::Revoking, ..Attempt::default() };
    let actor = state.authorize(&credentials, &attempt).await?;
    let named = match (&body.text, &body.token_id, &body.account) {
        (Some(text), None, None) => Named::Text(text.expose_secret(), body.scope),
        (None, Some(token), None) => Named::Token(token),
        (None, None, Some(account)) => Named::Account(account),
        _ => {
            let message = "Name exactly one thing to revoke: 'text' (a credential as a client stores it), \
                           'token_id' or 'account'.";
            return Err(Problem::new(Code::BadRequest, message));
        }
    };
    let revoker = state.revoker();
    let found = revoker.find(&named).await;
    if !state.authorizer.ends_own(&actor, &credentials.bundle, &named, found.as_ref()).await? {
        let attempt = Attempt { permissions: &[Permission::CredentialRevoke], ..attempt };
        state.authorize(&credentials, &attempt).await?;
    }
    let entry = revoker.revoke(&actor, found?, &body.reason).await?;
    Ok(HttpResponse::Ok().json(json!({"acknowledged": true, "revoked": [describe(&entry)]})))
}

/// What was done, without anything secret.
fn describe(entry: &Entry) -> Value {
    let subject = &entry.subject;
    let mut body = json!({
        "kind": subject.kind(),
        "position": entry.seq,
        "at": entry.at().to_string(),
        "reason": entry.reason(),
    });
    let name = match subject {
        Subject::Credential(token, _) | Subject::Family(token) => Some(("token_id", token.to_string())),
        Subject::Session(_, session) => Some(("session_id", session.to_string())),
        Subject::Account(account) => Some(("account_id", account.to_string())),
        Subject::Package(package) => Some(("snap_id", package.to_string())),
        Subject::SigningKey(key) => Some(("signing_key_id", key.to_string())),
        Subject::RootKey(key) => Some(("root_key_id", key.to_string())),
        Subject::Everything => None,
    };
    if let (Some((key, value)), Some(body)) = (name, body.as_object_mut()) {
        body.insert(key.to_owned(), value.into());
    }
    body
}
