//! `POST /dev/api/acl/`: a root macaroon with the caveats asked for. Anonymous.

use std::str::FromStr as _;

use actix_web::{HttpResponse, web};
use caveats::Permission;
use serde::Deserialize;
use serde_json::json;
use timestamp::Timestamp;

use crate::credentials::issue;
use crate::credentials::ticket::Scope;
use crate::http::body::Json;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use model::ids::SnapId;

/// The body.
#[derive(Debug, Deserialize)]
pub struct Request {
    permissions: Vec<String>,
    #[serde(default)]
    packages: Option<Vec<Package>>,
    #[serde(default)]
    channels: Option<Vec<String>>,
    #[serde(default)]
    expires: Option<String>,
    #[serde(default)]
    description: Option<String>,
}

/// A package by name, or by id.
#[derive(Debug, Deserialize)]
struct Package {
    name: Option<String>,
    snap_id: Option<String>,
}

/// Issues.
pub async fn issue(state: web::Data<State>, Json(body): Json<Request>) -> Result<HttpResponse, Problem> {
    let permissions = body.permissions.iter().map(|name| permission(name)).collect::<Result<_, _>>()?;
    // Clients leave an empty list out, or send it, when they mean "any".
    let packages = match body.packages.filter(|packages| !packages.is_empty()) {
        Some(packages) => Some(snap_ids(&state, packages).await?),
        None => None,
    };
    let channels = body.channels.filter(|channels| !channels.is_empty());
    let expires = body.expires.as_deref().map(expiry).transpose()?.map(Timestamp::micros);
    let description = body.description.unwrap_or_default();
    let scope = Scope { permissions, packages, channels, expires, description };
    let lifetime = state.settings.tokens.session_lifetime;
    let root = issue::root(&state.keys, &state.places(), scope, lifetime, state.clock.now())?;
    Ok(HttpResponse::Ok().json(json!({"macaroon": root.to_v1()})))
}

fn permission(name: &str) -> Result<Permission, Problem> {
    Permission::from_str(name).map_err(|_| {
        let known: Vec<&str> = Permission::ALL.iter().map(|known| known.as_str()).collect();
        let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
        let message = format!("The permission '{name}' is not known; there are: {}.", known.join(", "));
        Problem::new(Code::InvalidField, message).with("field", "permissions")
    })
}

fn expiry(text: &str) -> Result<Timestamp, Problem> {
    Timestamp::from_str(text).map_err(|_| {
        let message = "The field 'expires' is not a time in UTC such as 2027-01-31T12:00:00.";
        Problem::new(Code::InvalidField, message).with("field", "expires")
    })
}

/// Names become ids, so that a later rename does not widen the credential.
async fn snap_ids(state: &State, packages: Vec<Package>) -> Result<Vec<SnapId>, Problem> {
    let mut ids = Vec::with_capacity(packages.len().min(100));
    for package in packages.into_iter().take(101) {
        let id = match (&package.name, &package.snap_id) {
            (_, Some(id)) => id.parse().ok(),
            (Some(name), None) => state.records.snap_by_name(name).await?.map(|snap| snap.id),
            (None, None) => {
                let message = "Each entry of 'packages' needs a 'name' or a 'snap_id'.";
                return Err(Problem::new(Code::InvalidField, message).with("field", "packages"));
            }
        };
        let asked = package.name.or(package.snap_id).unwrap_or_default();
        ids.push(id.ok_or_else(|| {
            let asked: String = asked.chars().filter(|c| !c.is_control()).take(64).collect();
            let message = format!("Snap not found for the given snap name: '{asked}' and series: '16'");
            Problem::new(Code::ResourceNotFound, message)
        })?);
    }
    Ok(ids)
}
