//! `POST /dev/api/snap-push/`: claims uploaded bytes as a revision of a snap; with `dry_run`, asks whether it could.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use caveats::{Channel, Permission, Upload};
use serde::Deserialize;
use serde_json::json;

use super::channels;
use super::status::status_path;
use crate::authorization::{Attempt, Target};
use crate::domain::accept_upload::{self, Claim};
use crate::http::body::{Json, missing};
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::model::ids::UploadId;

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

/// Pushes. The channels of `upload --release` are named only here, so releasing there needs its permission here.
pub async fn push(
    state: web::Data<State>,
    credentials: Credentials,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let channels = channels::parse(body.channels.as_deref().unwrap_or_default())?;
    if body.dry_run {
        state.authorize(&credentials, &attempt(&body, &channels, Upload::Proposed)).await?;
        return Ok(HttpResponse::Ok().json(json!({"success": true})));
    }
    if body.components.as_ref().is_some_and(|components| !components.is_empty()) {
        let message = "Components cannot be uploaded here yet; push the snap without them.";
        return Err(Problem::new(Code::InvalidField, message).with("field", "components"));
    }
    let file = match body.updown_id.as_deref().map(str::parse::<UploadId>) {
        Some(Ok(id)) => state.records.upload(&id).await?,
        Some(Err(_)) => None,
        None => return Err(missing("updown_id")),
    };
    let upload = match &file {
        Some(file) => Upload::File { digest: &file.digest.0, build_key: None },
        None => Upload::Proposed,
    };
    let authorized = state.authorize(&credentials, &attempt(&body, &channels, upload)).await?;
    let claim = Claim { file: file.as_ref(), size: body.binary_filesize, channels: &channels };
    let push = if body.delta_format.is_some() {
        accept_upload::refuse_delta(state.publishing(), &authorized, claim).await?
    } else {
        accept_upload::accept(state.publishing(), &authorized, claim).await?
    };
    let url = state.settings.url(&status_path(&push.snap, &push.id));
    Ok(HttpResponse::Accepted().json(json!({"success": true, "status_details_url": url, "status_url": url})))
}

fn attempt<'a>(body: &'a Request, channels: &'a [Channel], upload: Upload<'a>) -> Attempt<'a> {
    let permissions: &[Permission] = if channels.is_empty() {
        &[Permission::PackagePush]
    } else {
        &[Permission::PackagePush, Permission::PackageRelease]
    };
    Attempt { permissions, target: Target::Named(&body.name), channels, upload, ..Attempt::default() }
}
