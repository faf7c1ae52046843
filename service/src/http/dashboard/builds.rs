//! `POST /dev/api/snaps/{snap_id}/builds`: a publisher's word for a file, before the file comes or after it.

use actix_web::{HttpResponse, web};
use caveats::Permission;
use serde::Deserialize;

use crate::authorization::{Attempt, Refusal, Target};
use crate::http::body::Json;
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;
use crate::publishing::builds;
use model::ids::SnapId;

/// The body.
#[derive(Debug, Deserialize)]
pub struct Request {
    assertion: String,
}

/// Keeps the assertion, and answers with its headers.
pub async fn receive(
    state: web::Data<State>,
    credentials: Credentials,
    snap: web::Path<String>,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let snap: SnapId = snap.parse().map_err(|_| Refusal::NoSuchPackage(snap.to_string()))?;
    let attempt = Attempt {
        permissions: &[Permission::PackagePush],
        target: Target::Id(&snap),
        upload: caveats::Upload::Proposed,
        ..Attempt::default()
    };
    let authorized = state.authorize(&credentials, &attempt).await?;
    let build = builds::receive(&state.workspace, &authorized, &body.assertion).await?;
    Ok(HttpResponse::Ok().json(build.assertion().headers_json()))
}
