//! `POST /v1/revocations`: kill credentials now. A 200 is the acknowledgement.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use caveats::Permission;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use timestamp::Timestamp;

use super::{paste, told};
use crate::authorization::authorized::Authorized;
use crate::authorization::{Attempt, Purpose};
use crate::http::body::parse;
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::revoking::Named;
use crate::revoking::leaked::{Fate, Finding, Outcome, Sighting, Width};
use model::ids::{KeyId, SessionId, SigningKeyId, TokenId};

/// The body: exactly one thing to revoke.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    text: Option<SecretString>,
    scope: Option<Width>,
    token_id: Option<TokenId>,
    session_id: Option<SessionId>,
    account: Option<String>,
    package: Option<String>,
    #[serde(default)]
    everything: bool,
    root_key_id: Option<KeyId>,
    signing_key_id: Option<SigningKeyId>,
    issued_before: Option<String>,
    #[serde(default)]
    reason: String,
}

/// The query that goes with a text which is the body itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    #[serde(default)]
    scope: Width,
    #[serde(default)]
    reason: String,
}

const REVOKING: Attempt<'static> = Attempt {
    permissions: &[],
    target: crate::authorization::Target::Nothing,
    channels: &[],
    upload: caveats::Upload::None,
    source: None,
    purpose: Purpose::Revoking,
    whose: crate::authorization::Whose::Own,
};

/// Revokes. One's own needs no permission, see [`Authorizer::ends_own`](crate::authorization::Authorizer::ends_own);
/// everything else needs `credential_revoke`.
pub async fn revoke(
    state: web::Data<State>,
    request: HttpRequest,
    credentials: Credentials,
    mut payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let actor = state.authorize(&credentials, &REVOKING).await?;
    if paste::is_raw(&request) {
        let Query { scope, reason } = query(&request)?;
        let sightings = paste::sift_raw(&state, &request, &mut payload).await?;
        return pasted(&state, &credentials, &actor, sightings, scope, &reason).await;
    }
    let body: Request = parse(&paste::whole(&mut payload).await?)?;
    let Some(named) = named(&body)? else {
        let Request { text: Some(text), scope, reason, .. } = body else { return Err(one_thing()) };
        let sightings = paste::sift(&state, text).await?;
        return pasted(&state, &credentials, &actor, sightings, scope.unwrap_or_default(), &reason).await;
    };
    let revoker = state.revoker();
    let asked = body.issued_before.as_deref().map(moment).transpose()?;
    let before = asked.map(|asked| revoker.moment(asked)).transpose()?;
    let found = revoker.find(&named).await;
    let is_own = state.authorizer.ends_own(&actor, &credentials.bundle, &named, found.as_ref().ok());
    if !is_own.await? {
        others(&state, &credentials).await?;
    }
    let entry = revoker.revoke(&actor, found?, before, &body.reason).await?;
    Ok(HttpResponse::Ok().json(json!({"acknowledged": true, "revoked": [told::entry(&entry)]})))
}

/// What is named, or `None` if it is a text.
fn named(body: &Request) -> Result<Option<Named<'_>>, Problem> {
    let named = [
        body.token_id.as_ref().map(Named::Token),
        body.session_id.as_ref().map(Named::Session),
        body.account.as_deref().map(Named::Account),
        body.package.as_deref().map(Named::Package),
        body.everything.then_some(Named::Everything),
        body.root_key_id.as_ref().map(Named::RootKey),
        body.signing_key_id.as_ref().map(Named::SigningKey),
    ];
    let mut named = named.into_iter().flatten();
    let (first, second) = (named.next(), named.next());
    if second.is_some() || first.is_some() == body.text.is_some() {
        return Err(one_thing());
    }
    if body.scope.is_some() && body.text.is_none() {
        let message = "The field 'scope' goes with 'text' only: what is named is named as widely as it is.";
        return Err(Problem::new(Code::InvalidField, message).with("field", "scope"));
    }
    let by_moment = matches!(first, Some(Named::Account(_) | Named::Package(_) | Named::Everything));
    if body.issued_before.is_some() && !by_moment {
        let message = "The field 'issued_before' goes with 'account', 'package' and 'everything' only: anything else is \
                       revoked for good.";
        return Err(Problem::new(Code::InvalidField, message).with("field", "issued_before"));
    }
    Ok(first)
}

fn one_thing() -> Problem {
    let message = "Name exactly one thing to revoke: 'text' (any text that holds credentials), 'token_id', 'session_id', \
                   'account', 'package', 'everything', 'root_key_id' or 'signing_key_id'.";
    Problem::new(Code::BadRequest, message)
}

fn moment(text: &str) -> Result<Timestamp, Problem> {
    text.parse().map_err(|_| {
        let message = "The field 'issued_before' is not a time in UTC such as 2027-01-31T12:00:00.";
        Problem::new(Code::InvalidField, message).with("field", "issued_before")
    })
}

fn query(request: &HttpRequest) -> Result<Query, Problem> {
    let query = web::Query::<Query>::from_query(request.query_string());
    query.map(web::Query::into_inner).map_err(|_| {
        let message =
            "The query takes 'scope' (credential, family, session or account) and 'reason', each once.";
        Problem::new(Code::BadRequest, message)
    })
}

/// Whether the actor may revoke what is not theirs.
async fn others(state: &State, credentials: &Credentials) -> Result<(), Problem> {
    let attempt = Attempt { permissions: &[Permission::CredentialRevoke], ..REVOKING };
    state.authorize(credentials, &attempt).await.map(|_| ())
}

/// Revokes of what was found what the actor may.
async fn pasted(
    state: &State,
    credentials: &Credentials,
    actor: &Authorized,
    sightings: Vec<Sighting>,
    width: Width,
    reason: &str,
) -> Result<HttpResponse, Problem> {
    let domain = state.revoker();
    let findings = domain.resolve(sightings, width).await?;
    let mut allowed = state.authorizer.ends_pasted(actor, &credentials.bundle, &findings, width).await?;
    let is_ours = |finding: &Finding| matches!(finding.fate, Fate::Ours { .. });
    let mut refusal = None;
    if findings.iter().zip(&allowed).any(|(finding, allowed)| is_ours(finding) && !allowed) {
        match others(state, credentials).await {
            Ok(()) => allowed.fill(true),
            Err(problem) if problem.status_code() == StatusCode::FORBIDDEN => refusal = Some(problem),
            Err(problem) => return Err(problem),
        }
    }
    let (entries, outcomes) = domain.revoke_pasted(actor, &findings, &allowed, reason).await?;
    let found = paste::tell(&findings, &outcomes, &entries);
    if entries.is_empty() {
        let problem = refusal.unwrap_or_else(|| nothing(&findings, &outcomes));
        return Err(if found.is_empty() { problem } else { problem.with_top("found", found) });
    }
    let revoked: Vec<Value> = entries.iter().map(told::entry).collect();
    Ok(HttpResponse::Ok().json(json!({"acknowledged": true, "found": found, "revoked": revoked})))
}

/// Why nothing could be revoked.
fn nothing(findings: &[Finding], outcomes: &[Outcome]) -> Problem {
    let unproven = |finding: &Finding| matches!(finding.fate, Fate::Unproven(_));
    let message = if outcomes.is_empty() {
        "No credential was found in the text. Paste what export-login wrote, a whole Authorization header, or all of the \
         file; one that is cut off is not found."
    } else if findings.iter().any(unproven) {
        "What was found cannot be revoked here: a discharge that is bound to a root which is not in the text proves nothing. \
         Paste the text with its root, or revoke by 'token_id', 'session_id' or 'account'."
    } else {
        "What was found cannot be revoked here: it is not of this service, or it is incomplete or damaged. Revoke by \
         'token_id', 'session_id' or 'account' instead."
    };
    Problem::new(Code::InvalidField, message).with("field", "text")
}
