//! `GET` and `PUT /v1/packages/{name}/policy`: whether a package's uploads must be signed.

use actix_web::{HttpResponse, web};
use caveats::Permission;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::authorization::authorized::Authorized;
use crate::authorization::{Attempt, Target, Whose};
use crate::http::body::Json;
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;
use crate::publishing::policy::{self, Direction, PolicyError};
use model::signing::SignedUploads;

/// The body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    signed_uploads: SignedUploads,
}

/// Tells, whoever may read about the package, or set everybody's policies.
pub async fn get(
    state: web::Data<State>,
    credentials: Credentials,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let authorized = authorize(&state, &credentials, &name, Permission::PackageAccess).await?;
    let (policy, observed) = policy::get(&state.workspace, &authorized).await?;
    let observed: Vec<Value> = observed
        .iter()
        .map(|one| json!({"revision": one.revision, "accepted_at": one.at.to_string(), "reason": one.reason}))
        .collect();
    Ok(HttpResponse::Ok().json(json!({"package": *name, "signed_uploads": policy, "observed": observed})))
}

/// Sets: the publisher with `package_manage`, or anybody with `policy_manage`. To anything weaker takes a login of a moment
/// ago with a one-time code, which the finder of a credential has not.
pub async fn put(
    state: web::Data<State>,
    credentials: Credentials,
    name: web::Path<String>,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let authorized = authorize(&state, &credentials, &name, Permission::PackageManage).await?;
    let set =
        async |direction| policy::set(&state.workspace, &authorized, body.signed_uploads, direction).await;
    let before = match set(Direction::Stricter).await {
        Err(PolicyError::Weaker) => {
            state.authorizer.confirmed_recently(&authorized).await?;
            set(Direction::Either).await?
        }
        other => other?,
    };
    let body = json!({"package": *name, "signed_uploads": body.signed_uploads, "before": before});
    Ok(HttpResponse::Ok().json(body))
}

/// As the publisher, or as somebody whose permission is over everybody's packages.
async fn authorize(
    state: &State,
    credentials: &Credentials,
    name: &str,
    own: Permission,
) -> Result<Authorized, Problem> {
    let attempt = Attempt { target: Target::Named(name), ..Attempt::default() };
    let anybodys = Attempt { permissions: &[Permission::PolicyManage], whose: Whose::Anybodys, ..attempt };
    match state.authorize(credentials, &anybodys).await {
        Ok(authorized) => Ok(authorized),
        // Told as the publisher's refusal, which is the one that most people can act on.
        Err(_) => state.authorize(credentials, &Attempt { permissions: &[own], ..attempt }).await,
    }
}
