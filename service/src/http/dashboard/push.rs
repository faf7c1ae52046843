//! `POST /dev/api/snap-push/`: claims uploaded bytes as a revision of a snap; with `dry_run`, asks whether it could.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::channels;
use super::status::status_path;
use crate::http::access_log;
use crate::http::body::{Json, missing};
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::publishing::push::{self, Pushed, Pusher, Reports};

/// The body; of `series`, `source_uploaded`, `built_at` and the hashes of a delta nothing is needed here.
#[derive(Debug, Deserialize)]
pub struct Request {
    name: String,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    updown_id: Option<String>,
    #[serde(default)]
    binary_filesize: Option<u64>,
    #[serde(default)]
    channels: Option<Vec<String>>,
    #[serde(default)]
    delta_format: Option<String>,
    #[serde(default)]
    components: Option<BTreeMap<String, String>>,
}

const REPORTS: Reports =
    Reports { known: access_log::note, sentence: |error| Problem::from(error).message().to_owned() };

/// Pushes. A file whose signature is asked for and has not come is claimed and waits for it.
pub async fn push(
    state: web::Data<State>,
    credentials: Credentials,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let channels = channels::parse(body.channels.as_deref().unwrap_or_default())?.into();
    let Credentials { bundle, source, .. } = credentials;
    let pusher = Pusher { bundle, source, name: body.name, channels };
    if body.dry_run {
        push::may_push(&state.workspace, &pusher, access_log::note).await?;
        return Ok(HttpResponse::Ok().json(json!({"success": true})));
    }
    if body.components.as_ref().is_some_and(|components| !components.is_empty()) {
        let message = "Components cannot be uploaded here yet; push the snap without them.";
        return Err(Problem::new(Code::InvalidField, message).with("field", "components"));
    }
    let upload = body.updown_id.ok_or_else(|| missing("updown_id"))?.parse().ok();
    let file = Pushed { upload, size: body.binary_filesize, is_delta: body.delta_format.is_some() };
    let push = push::push(&state.workspace, pusher, &file, REPORTS).await?;
    let url = state.settings.url(&status_path(&push.snap, &push.id));
    Ok(HttpResponse::Accepted().json(json!({"success": true, "status_details_url": url, "status_url": url})))
}
