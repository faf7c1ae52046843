//! `POST /dev/api/snaps/{snap_id}/close`: channels that shall show nothing of their own any more.

use actix_web::{HttpResponse, web};
use caveats::Permission;
use serde::Deserialize;
use serde_json::json;

use super::channels;
use super::overview::authorize_by_id;
use crate::http::body::Json;
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::publishing::{packages, release};

/// The body.
#[derive(Debug, Deserialize)]
pub struct Request {
    channels: Vec<String>,
}

/// Closes. A channel that is not open stays so.
pub async fn close(
    state: web::Data<State>,
    credentials: Credentials,
    snap: web::Path<String>,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let channels = channels::parse(&body.channels)?;
    let permissions = &[Permission::PackageRelease];
    let authorized = authorize_by_id(&state, &credentials, &snap, permissions, &channels).await?;
    if channels.is_empty() {
        let message = "The 'channels' field content is not valid: it names no channel to close.";
        return Err(Problem::new(Code::InvalidField, message).with("field", "channels"));
    }
    release::close(&state.workspace, &authorized, &channels).await?;
    let overview = packages::overview(&state.workspace, &authorized).await?;
    Ok(HttpResponse::Ok().json(json!({
        "closed_channels": body.channels,
        "channel_map_tree": channels::tree(&overview),
    })))
}
