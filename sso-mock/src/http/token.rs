//! `POST /token`: a password or a refresh token in, tokens out (RFC 6749, 4.3 and 6; OpenID Connect Core 1.0,
//! 3.1.3.3 and 12.2).

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::client;
use super::form::Form;
use super::refusal::Refusal;
use crate::accounts::Person;
use crate::faults::{Fault, InForce};
use crate::random;
use crate::refresh_tokens::Session;
use crate::scope::Scope;
use crate::state::State;
use crate::tokens::{IdToken, LIFETIME};

/// The endpoint.
pub(super) async fn token(
    state: Data<State>,
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, Refusal> {
    let faults = state.faults.in_force();
    tokio::time::sleep(faults.delay()).await;
    if faults.has(Fault::ServerError) {
        return Err(Refusal::ServerError);
    }
    let form = Form::read(&request, body)?;
    client::authenticate(&state, &request, &form)?;
    let granted = match form.required("grant_type", "grant_type is missing")? {
        "password" => by_password(&state, &form).await?,
        "refresh_token" => by_refresh_token(&state, &form)?,
        _ => return Err(Refusal::UnsupportedGrantType),
    };
    Ok(answer(&state, granted, &faults).await)
}

/// What was granted to whom.
struct Granted {
    person: Person,
    /// What the new refresh token will stand for.
    session: Session,
    /// What the access token is good for; on a refresh, it may be less than the session's.
    scope: Scope,
}

async fn by_password(state: &State, form: &Form) -> Result<Granted, Refusal> {
    let username = form.required("username", "username is missing")?;
    let password = form.required("password", "password is missing")?;
    let scope = requested_scope(form)?.unwrap_or_else(Scope::all);
    let person = state.accounts.log_in(username, password.to_owned()).await;
    let person = person.ok_or(Refusal::InvalidGrant("the user name or the password is wrong"))?;
    let session = Session {
        subject: person.subject.clone(),
        epoch: person.epoch,
        auth_time: state.clock.now(),
        scope: scope.clone(),
    };
    Ok(Granted { person, session, scope })
}

fn by_refresh_token(state: &State, form: &Form) -> Result<Granted, Refusal> {
    let token = form.required("refresh_token", "refresh_token is missing")?;
    let requested = requested_scope(form)?;
    let dead = Refusal::InvalidGrant("the refresh token is unknown, spent or ended");
    let session = state.refresh_tokens.find(token).ok_or(dead)?;
    let scope = requested.unwrap_or_else(|| session.scope.clone());
    // Checked first, so that a mistake does not cost the token.
    if !session.scope.covers(&scope) {
        return Err(Refusal::InvalidScope);
    }
    let session = state.refresh_tokens.spend(token).ok_or(dead)?;
    let person = state.accounts.still(&session.subject, session.epoch).ok_or(dead)?;
    Ok(Granted { person, session, scope })
}

fn requested_scope(form: &Form) -> Result<Option<Scope>, Refusal> {
    form.optional("scope").map(Scope::parse).transpose().map_err(|_| Refusal::InvalidScope)
}

async fn answer(state: &State, granted: Granted, faults: &InForce) -> HttpResponse {
    let Granted { person, session, scope } = granted;
    let mut tokens = json!({
        "access_token": random::secret(),
        "token_type": "Bearer",
        "expires_in": LIFETIME,
        "scope": scope.to_string(),
    });
    // Without `openid` this is plain OAuth, which has no ID tokens (OpenID Connect Core 1.0, 3.1.2.1).
    if scope.has("openid") && !faults.has(Fault::WithoutIdToken) {
        let now = state.clock.now();
        let id_token = IdToken::new(&state.issuer, &state.client_id, &person, session.auth_time, now);
        insert(&mut tokens, "id_token", id_token.signed(&state.keys, faults).await);
    }
    insert(&mut tokens, "refresh_token", state.refresh_tokens.issue(session));
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(tokens)
}

fn insert(tokens: &mut serde_json::Value, name: &str, token: String) {
    if let Some(tokens) = tokens.as_object_mut() {
        tokens.insert(name.to_owned(), token.into());
    }
}
