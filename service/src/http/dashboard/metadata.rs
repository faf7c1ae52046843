//! `POST` and `PUT /dev/api/snaps/{snap_id}/metadata`: the default track, which alone is kept of what clients send here.

use actix_web::{HttpResponse, web};
use caveats::Permission;
use serde_json::{Map, Value, json};

use super::overview::authorize_by_id;
use crate::http::body::Json;
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::publishing::tracks::{self, Replace};

const DEFAULT_TRACK: &str = "default_track";
const UNKEPT: &str =
    "Of a snap's metadata only the default track is kept here: no summary, description, licence or the like.";

/// Sets what is not set yet; another value than the one that is kept is refused.
pub async fn set(
    state: web::Data<State>,
    credentials: Credentials,
    snap: web::Path<String>,
    Json(fields): Json<Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    write(&state, &credentials, &snap, &fields, Replace::Never).await
}

/// Sets, whatever is kept.
pub async fn overwrite(
    state: web::Data<State>,
    credentials: Credentials,
    snap: web::Path<String>,
    Json(fields): Json<Map<String, Value>>,
) -> Result<HttpResponse, Problem> {
    write(&state, &credentials, &snap, &fields, Replace::Always).await
}

async fn write(
    state: &web::Data<State>,
    credentials: &Credentials,
    snap: &str,
    fields: &Map<String, Value>,
    replace: Replace,
) -> Result<HttpResponse, Problem> {
    let permissions = &[Permission::PackageUpdate];
    let authorized = authorize_by_id(state, credentials, snap, permissions, &[]).await?;
    if fields.keys().any(|field| field != DEFAULT_TRACK) {
        return Err(Problem::feature_disabled(UNKEPT));
    }
    let track = match fields.get(DEFAULT_TRACK) {
        None => return Ok(HttpResponse::Ok().json(json!({}))),
        Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.as_str()),
        Some(_) => {
            let message = "The field 'default_track' is not the name of a track.";
            return Err(Problem::new(Code::InvalidField, message).with("field", DEFAULT_TRACK));
        }
    };
    tracks::set_default(&state.workspace, &authorized, track, replace).await?;
    Ok(HttpResponse::Ok().json(json!({ DEFAULT_TRACK: track })))
}
