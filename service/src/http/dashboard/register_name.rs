//! `POST /dev/api/register-name/`: a name for a new snap; with `?dry_run`, whether it could be had.

use actix_web::{HttpRequest, HttpResponse, web};
use caveats::Permission;
use serde::Deserialize;
use serde_json::json;

use crate::authorization::{Attempt, Target};
use crate::http::body::Json;
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;
use crate::publishing::register_name::{self, RegisterError, Visibility};
use model::snap::SnapName;

/// The body; clients also send `series` and `store`, of which there is one each.
#[derive(Debug, Deserialize)]
pub struct Request {
    snap_name: String,
    #[serde(default)]
    is_private: bool,
}

/// Registers.
pub async fn register(
    state: web::Data<State>,
    request: HttpRequest,
    credentials: Credentials,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let permissions = &[Permission::PackageRegister];
    let attempt = Attempt { permissions, target: Target::NewPackage, ..Attempt::default() };
    let authorized = state.authorize(&credentials, &attempt).await?;
    let name: SnapName =
        body.snap_name.parse().map_err(|reason| Problem::invalid_name(&body.snap_name, reason))?;
    let explain = |error: RegisterError| {
        let problem = Problem::from(error);
        // snapcraft 2 to 6 put this URL into their own text, and stop with a KeyError without it.
        problem.with_top("register_name_url", state.settings.url("/"))
    };
    if is_dry_run(&request) {
        register_name::available(&state.workspace, &authorized, &name).await.map_err(explain)?;
        return Ok(HttpResponse::Ok().json(json!({"snap_name": name.as_str()})));
    }
    let visibility = if body.is_private { Visibility::Private } else { Visibility::Public };
    let snap =
        register_name::register(&state.workspace, &authorized, name, visibility).await.map_err(explain)?;
    Ok(HttpResponse::Created().json(json!({"snap_id": snap.id, "snap_name": snap.name.as_str()})))
}

fn is_dry_run(request: &HttpRequest) -> bool {
    request
        .query_string()
        .split('&')
        .any(|pair| matches!(pair, "dry_run" | "dry_run=" | "dry_run=1" | "dry_run=true"))
}
