//! `POST /v1/revocations`: kill credentials now. A 200 is the acknowledgement.

use actix_web::{HttpRequest, HttpResponse, web};
use caveats::Permission;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use timestamp::Timestamp;

use super::{paste, told};
use crate::authorization::{Attempt, AttemptKind};
use crate::http::body::parse;
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::revoking::Named;
use crate::revoking::leaked::finding::{Finding, Outcome, Ownership, RevokeScope};
use crate::revoking::leaked::scan::Match;
use crate::revoking::may_revoke::Actor;
use model::ids::{KeyId, SessionId, SigningKeyId, TokenId};

/// The body: exactly one thing to revoke.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    text: Option<SecretString>,
    scope: Option<RevokeScope>,
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
    scope: RevokeScope,
    #[serde(default)]
    reason: String,
}

/// What revoking takes in any case: a credential in force, for nothing in particular.
const REVOKING: Attempt<'static> = Attempt { kind: AttemptKind::Revoking, ..Attempt::NOTHING };

/// Revokes. One's own needs no permission, see
/// [`Revoker::may_revoke_named`](crate::revoking::Revoker::may_revoke_named); everything else needs `credential_revoke`.
pub async fn revoke(
    state: web::Data<State>,
    request: HttpRequest,
    credentials: Credentials,
    mut payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let authorized = state.authorize(&credentials, &REVOKING).await?;
    let actor = Actor { authorized: &authorized, bundle: &credentials.bundle, source: credentials.source };
    if paste::is_raw(&request) {
        let Query { scope, reason } = query(&request)?;
        let matches = paste::sift_raw(&state, &request, &mut payload).await?;
        return revoke_leaked(&state, actor, matches, scope, &reason).await;
    }
    let body: Request = parse(&paste::whole(&mut payload).await?)?;
    let Some(named) = named(&body)? else {
        let Request { text: Some(text), scope, reason, .. } = body else { return Err(one_thing()) };
        let matches = paste::sift(&state, text).await?;
        return revoke_leaked(&state, actor, matches, scope.unwrap_or_default(), &reason).await;
    };
    let revoker = state.revoker();
    let asked = body.issued_before.as_deref().map(moment).transpose()?;
    let before = asked.map(|asked| revoker.moment(asked)).transpose()?;
    let found = revoker.find(&named).await;
    let found_ref = found.as_ref().ok();
    revoker.may_revoke_named(actor, &named, found_ref, &[Permission::CredentialRevoke]).await?;
    let entry = revoker.revoke(&authorized, found?, before, &body.reason).await?;
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

/// Revokes of what was found what the actor may.
async fn revoke_leaked(
    state: &State,
    actor: Actor<'_>,
    matches: Vec<Match>,
    width: RevokeScope,
    reason: &str,
) -> Result<HttpResponse, Problem> {
    let leaked = state.revoker().revoke_leaked(actor, matches, width, reason).await?;
    let found = paste::tell(&leaked.found);
    if leaked.entries.is_empty() {
        let problem = leaked.refusal.map_or_else(|| nothing(&leaked.found), Problem::from);
        return Err(if found.is_empty() { problem } else { problem.with_top("found", found) });
    }
    let revoked: Vec<Value> = leaked.entries.iter().map(told::entry).collect();
    Ok(HttpResponse::Ok().json(json!({"acknowledged": true, "found": found, "revoked": revoked})))
}

/// Why nothing could be revoked.
fn nothing(found: &[(Finding, Outcome)]) -> Problem {
    let message = if found.is_empty() {
        "No credential was found in the text. Paste what export-login wrote, a whole Authorization header, or all of the \
         file; one that is cut off is not found."
    } else if found.iter().any(|(finding, _)| matches!(finding.ownership, Ownership::Unproven(_))) {
        "What was found cannot be revoked here: a discharge that is bound to a root which is not in the text proves nothing. \
         Paste the text with its root, or revoke by 'token_id', 'session_id' or 'account'."
    } else {
        "What was found cannot be revoked here: it is not of this service, or it is incomplete or damaged. Revoke by \
         'token_id', 'session_id' or 'account' instead."
    };
    Problem::new(Code::InvalidField, message).with("field", "text")
}
