//! `GET /api/v2/snaps/{name}/releases`: every revision, and the history of what was released where.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::channels::rfc3339;
use super::overview::overview;
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;
use crate::publishing::release::expiry;

/// Tells, newest first. Underscores and dashes are mixed as clients' schemas have them; snapcraft 9 refuses more.
pub async fn releases(
    state: web::Data<State>,
    credentials: Credentials,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let overview = overview(&state, &credentials, &name).await?;
    let releases: Vec<Value> = overview
        .history()
        .iter()
        .map(|release| {
            json!({
                "architecture": release.architecture,
                "branch": release.channel.branch(),
                "channel": release.channel.as_str(),
                "expiration-date": expiry(release).map(rfc3339),
                "revision": release.revision,
                "risk": release.channel.risk(),
                "track": release.channel.track(),
                "when": rfc3339(release.at),
            })
        })
        .collect();
    let is_out = |number| overview.releases.iter().any(|release| release.revision == Some(number));
    let revisions: Vec<Value> = overview
        .revisions
        .iter()
        .map(|revision| {
            json!({
                "architectures": revision.meta.architectures,
                "base": revision.meta.base,
                "build_url": null,
                "confinement": revision.meta.confinement,
                "created_at": rfc3339(revision.created_at),
                "grade": revision.meta.grade,
                "revision": revision.number,
                "sha3-384": revision.digest.hex(),
                "size": revision.size,
                "status": if is_out(revision.number) { "Published" } else { "Unpublished" },
                "version": revision.meta.version,
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({"releases": releases, "revisions": revisions})))
}
