//! `POST /oauth2/introspect` (RFC 7662): whether a credential is in force, whose it is, and what it can still do.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, ResponseError as _, web};
use caveats::Permission;
use serde_json::{Value, json};
use timestamp::Timestamp;

use super::Form;
use super::problem::OauthProblem;
use crate::authorization::{Attempt, Introspected, Introspection};
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;

/// Introspects. Everybody may ask about what is their own account's, and with `credential_list` about everything. The rest
/// is not in force, as far as they are told.
pub async fn introspect(
    state: web::Data<State>,
    credentials: Result<Credentials, Problem>,
    form: Form,
) -> Result<HttpResponse, OauthProblem> {
    let credentials = credentials?;
    let caller = state.authorize(&credentials, &Attempt::default()).await?;
    let mut introspection = Introspection::Inactive;
    for bundle in form.bundles() {
        introspection = state.authorizer.introspect(bundle).await.map_err(Problem::from)?;
        if !matches!(introspection, Introspection::Inactive) {
            break;
        }
    }
    let body = match &introspection {
        Introspection::Active(known) | Introspection::Stale(known)
            if known.account != *caller.account() && !may_list(&state, &credentials).await? =>
        {
            json!({"active": false})
        }
        Introspection::Active(known) => active(&state, known),
        Introspection::Stale(_) => json!({"active": false, "refresh_required": true}),
        Introspection::Inactive => json!({"active": false}),
    };
    let no_store = (CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(HttpResponse::Ok().insert_header(no_store).json(body))
}

async fn may_list(state: &State, credentials: &Credentials) -> Result<bool, Problem> {
    let attempt = Attempt { permissions: &[Permission::CredentialList], ..Attempt::default() };
    match state.authorize(credentials, &attempt).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.status_code() == StatusCode::FORBIDDEN => Ok(false),
        Err(problem) => Err(problem),
    }
}

fn active(state: &State, known: &Introspected) -> Value {
    let scope = &known.scope;
    let names: Vec<&str> = known.permissions.iter().map(|permission| permission.as_str()).collect();
    let any = |lists: &Vec<Vec<String>>| if lists.is_empty() { Value::Null } else { json!(lists) };
    let mut body = json!({
        "active": true,
        "token_type": "macaroon",
        "scope": names.join(" "),
        "sub": known.account,
        "username": known.username,
        "jti": known.token,
        "iss": state.settings.public_url.as_str().trim_end_matches('/'),
        "session_id": known.session,
        "last_auth": seconds(known.logged_in_at),
        "snap_ids": scope.packages,
        "channels": any(&scope.channels),
        "upload_digests": scope.upload_digests,
        "build_keys": scope.build_keys,
        "source_ips": any(&scope.source_ips),
    });
    let times = [("exp", scope.expires), ("iat", known.issued_at), ("nbf", scope.not_before)];
    if let Some(body) = body.as_object_mut() {
        let times = times.into_iter().filter_map(|(name, moment)| Some((name, seconds(moment?))));
        body.extend(times.map(|(name, moment)| (name.to_owned(), moment.into())));
    }
    body
}

fn seconds(moment: Timestamp) -> i64 {
    moment.micros().div_euclid(1_000_000)
}
