//! `GET /dev/api/snaps/{snap_id}/history`: every revision and where it was and is; `list-revisions` of snapcraft 2 to 4.3.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::channels::{rfc3339, within_track};
use super::overview::{overview_by_id, query};
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;
use crate::publishing::packages::Overview;
use model::snap::{Release, Revision, SERIES};
use model::track::LATEST;

#[derive(Debug, Deserialize)]
struct Query {
    series: Option<String>,
    arch: Option<String>,
}

/// Tells, newest first, one line a revision and architecture.
pub async fn history(
    state: web::Data<State>,
    credentials: Credentials,
    snap: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let overview = overview_by_id(&state, &credentials, &snap).await?;
    let query: Query = query(&request, "'series' and 'arch'")?;
    let of_the_series = query.series.as_deref().is_none_or(|series| series == SERIES);
    let wanted = |arch: &str| of_the_series && query.arch.as_deref().is_none_or(|wanted| wanted == arch);
    let lines: Vec<Value> = overview
        .revisions
        .iter()
        .flat_map(|revision| revision.meta.architectures.iter().map(move |arch| (revision, arch)))
        .filter(|(_, arch)| wanted(arch))
        .map(|(revision, arch)| line(&overview, revision, arch))
        .collect();
    Ok(HttpResponse::Ok().json(lines))
}

fn line(overview: &Overview, revision: &Revision, arch: &str) -> Value {
    let is_here =
        |release: &&Release| release.architecture == arch && release.revision == Some(revision.number);
    let ever: BTreeSet<String> = overview.releases.iter().filter(is_here).map(short).collect();
    let now: BTreeSet<String> = overview.current().into_iter().filter(is_here).map(short).collect();
    json!({
        "series": [SERIES],
        "channels": ever,
        "current_channels": now,
        "version": revision.meta.version,
        "timestamp": rfc3339(revision.created_at),
        "arch": arch,
        "revision": revision.number,
    })
}

/// A channel's name as these clients know it: without the track `latest`.
fn short(release: &Release) -> String {
    let channel = &release.channel;
    if channel.track() == LATEST { within_track(channel) } else { channel.to_string() }
}
