//! `POST /dev/api/snap-push/`: claims uploaded bytes as a revision of a snap; with `dry_run`, asks whether it could.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use caveats::Upload;
use serde::Deserialize;
use serde_json::json;

use super::admission::{Pusher, Verdict};
use super::status::status_path;
use super::{channels, waiting};
use crate::authorization::authorized::Authorized;
use crate::http::body::{Json, missing};
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::publishing::accept_upload::{self, AcceptError, Claim, Place, Prepared};
use crate::publishing::workspace::CommitError;
use model::ids::UploadId;
use model::snap::Push;

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

/// How often what admits an upload may change under it before the client is told to come again.
const ROUNDS: usize = 3;

/// Pushes. A file whose signature is asked for and has not come is claimed and waits for it, see [`waiting`].
pub async fn push(
    state: web::Data<State>,
    credentials: Credentials,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let channels = channels::parse(body.channels.as_deref().unwrap_or_default())?.into();
    let (bundle, source) = (credentials.bundle.clone(), credentials.source);
    let pusher = Pusher { bundle, source, name: body.name, channels };
    if body.dry_run {
        state.authorize(&credentials, &pusher.attempt(Upload::Proposed)).await?;
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
    let upload = file.as_ref().map_or(Upload::Proposed, |file| Upload::Received { digest: &file.digest.0 });
    let authorized = state.authorize(&credentials, &pusher.attempt(upload)).await?;
    let channels = &pusher.channels;
    let claim = Claim { file: file.as_ref(), size: body.binary_filesize, channels };
    let push = if body.delta_format.is_some() {
        accept_upload::refuse_delta(state.publishing(), &authorized, claim).await?
    } else {
        let prepared = accept_upload::prepare(state.publishing(), &authorized, claim).await?;
        decide(&state, &authorized, pusher, prepared).await?
    };
    let url = state.settings.url(&status_path(&push.snap, &push.id));
    Ok(HttpResponse::Accepted().json(json!({"success": true, "status_details_url": url, "status_url": url})))
}

/// Accepts, refuses, or lets it wait. To claim the file takes no more than the proof that it may be pushed; to accept it,
/// one that knows who has signed.
async fn decide(
    state: &web::Data<State>,
    pushing: &Authorized,
    pusher: Pusher,
    prepared: Prepared,
) -> Result<Push, Problem> {
    for _ in 0..ROUNDS {
        let (authorized, admission) = match pusher.admit(state, &prepared).await? {
            Verdict::Admitted(authorized, admission) => (authorized, admission),
            Verdict::Lacking(reason) => {
                return waiting::begin(state, pushing, pusher, prepared, reason).await;
            }
            Verdict::Flawed(reason) => {
                return Ok(accept_upload::refuse(state.publishing(), pushing, &prepared, reason).await?);
            }
        };
        let (publishing, channels) = (state.publishing(), &pusher.channels);
        match accept_upload::accept(publishing, &authorized, &prepared, &admission, channels, Place::New)
            .await
        {
            Err(AcceptError::Changed | AcceptError::Commit(CommitError::KeyRevoked(_))) => {}
            other => return Ok(other?),
        }
    }
    Err(AcceptError::Changed.into())
}
