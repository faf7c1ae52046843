//! The status URL: what became of a push. Its path is a capability, as snapcraft 2 to 6 ask without a credential.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::channels::rfc3339;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::publishing::packages;
use model::ids::{PushId, SnapId};
use model::snap::Outcome;

/// Where outcomes are asked for.
pub const PATH: &str = "/dev/api/snaps/{snap_id}/builds/{push_id}/status";

/// The path of one outcome.
pub(super) fn status_path(snap: &SnapId, push: &PushId) -> String {
    PATH.replace("{snap_id}", snap.as_str()).replace("{push_id}", push.as_str())
}

/// Tells. Every answer has `processed` and `code`, also a refusal: old clients wait forever without them.
pub async fn status(
    state: web::Data<State>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (snap, push) = path.into_inner();
    let (Ok(snap), Ok(push)) = (snap.parse::<SnapId>(), push.parse::<PushId>()) else {
        return Err(unknown());
    };
    let push = packages::outcome(&state.workspace, &snap, &push).await?.ok_or_else(unknown)?;
    let failed = |code: &str, message: &str| {
        json!({
            "processed": true,
            "code": code,
            "can_release": false,
            "errors": [{"code": code, "message": message, "link": null}],
        })
    };
    let body = match push.outcome {
        Outcome::Accepted(revision) => {
            let mut body = json!({
                "processed": true, "code": "ready_to_release", "can_release": true, "revision": revision,
            });
            if let (Some(observed), Some(body)) = (push.observed, body.as_object_mut()) {
                let signed = json!({"policy": "observe", "would_be_refused": observed});
                body.insert("signed_uploads".to_owned(), signed);
            }
            body
        }
        Outcome::Duplicate(revision) => {
            let mut body = failed(
                "processing_error",
                &format!("Duplicate snap already uploaded: this very file is revision {revision}."),
            );
            if let Some(body) = body.as_object_mut() {
                body.insert("revision".to_owned(), revision.into());
            }
            body
        }
        Outcome::Refused(message) => failed("processing_error", &message),
        Outcome::Waiting { until } => json!({
            "processed": false,
            "code": "being_processed",
            "can_release": false,
            "signed_uploads": {"waiting_for": "snap-build", "until": rfc3339(until)},
        }),
        Outcome::DeltaUnsupported => {
            failed("processing_upload_delta_error", "Deltas are not put together here; send the whole snap.")
        }
    };
    Ok(HttpResponse::Ok().json(body))
}

fn unknown() -> Problem {
    Problem::new(Code::ResourceNotFound, "There is no upload at this status URL.")
        .with_top("processed", true)
        .with_top("code", "processing_error")
}
