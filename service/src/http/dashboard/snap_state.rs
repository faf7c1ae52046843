//! `GET /dev/api/snaps/{snap_id}/state`: what is released where, as a tree; `status` of snapcraft 2 to 6, `promote` of 9.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::channels::tree;
use super::overview::{overview_by_id, query};
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;
use model::snap::SERIES;

#[derive(Debug, Deserialize)]
struct Query {
    series: Option<String>,
    architecture: Option<String>,
}

/// Tells. An empty object, which clients take for "not found", where there is no such series or architecture.
pub async fn state(
    state: web::Data<State>,
    credentials: Credentials,
    snap: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let overview = overview_by_id(&state, &credentials, &snap).await?;
    let query: Query = query(&request, "'series' and 'architecture'")?;
    let mut tree = tree(&overview);
    if let Some(architecture) = &query.architecture {
        tree = tree
            .into_iter()
            .filter_map(|(track, shown)| Some((track, json!({ SERIES: only(&shown, architecture)? }))))
            .collect();
    }
    let known = query.series.as_deref().is_none_or(|series| series == SERIES) && !tree.is_empty();
    Ok(HttpResponse::Ok().json(if known { json!({"channel_map_tree": tree}) } else { json!({}) }))
}

/// A track's entries for one architecture.
fn only(track: &Value, architecture: &str) -> Option<Map<String, Value>> {
    let entries = track.get(SERIES)?.get(architecture)?;
    Some(Map::from_iter([(architecture.to_owned(), entries.clone())]))
}
