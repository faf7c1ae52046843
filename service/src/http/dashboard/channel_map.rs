//! `GET /api/v2/snaps/{name}/channel-map`: which revision each channel shows now.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::channels::{rfc3339, tracks};
use super::overview::overview;
use crate::http::credentials::Credentials;
use crate::http::problem::Problem;
use crate::http::state::State;
use crate::publishing::packages::Overview;
use crate::publishing::release::expiry;
use model::track::{LATEST, RISKS};

/// Tells. Branches are listed with their own names, channels without a revision are not in the map.
pub async fn channel_map(
    state: web::Data<State>,
    credentials: Credentials,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let overview = overview(&state, &credentials, &name).await?;
    let current = overview.current();
    let map: Vec<Value> = current
        .iter()
        .map(|release| {
            json!({
                "architecture": release.architecture,
                "channel": release.channel.as_str(),
                "expiration-date": expiry(release).map(rfc3339),
                "revision": release.revision,
                "progressive": {"paused": null, "percentage": null, "current-percentage": null},
                "when": rfc3339(release.at),
            })
        })
        .collect();
    let shown: BTreeSet<i64> = current.iter().filter_map(|release| release.revision).collect();
    let revisions: Vec<Value> = shown
        .iter()
        .rev()
        .filter_map(|number| overview.revision(*number))
        .map(|revision| {
            json!({
                "revision": revision.number,
                "version": revision.meta.version,
                "architectures": revision.meta.architectures,
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(json!({
        "channel-map": map,
        "revisions": revisions,
        "snap": {
            "name": overview.snap.name.as_str(),
            "channels": channels(&overview),
            "tracks": tracks_of(&overview),
            "default-track": overview.default_track,
        },
    })))
}

/// The four risks of every track, then the branches; each falls back to the next more stable one.
fn channels(overview: &Overview) -> Vec<Value> {
    let mut all = Vec::new();
    for track in tracks(overview) {
        let mut fallback: Option<String> = None;
        for risk in RISKS {
            let name = format!("{track}/{risk}");
            all.push(json!({
                "name": name, "track": track, "risk": risk, "branch": null, "fallback": fallback,
            }));
            fallback = Some(name);
        }
    }
    let branches: BTreeSet<_> = overview
        .current()
        .into_iter()
        .filter_map(|release| release.channel.branch().map(|branch| (&release.channel, branch)))
        .collect();
    for (channel, branch) in branches {
        let (track, risk) = (channel.track(), channel.risk());
        all.push(json!({
            "name": channel.as_str(), "track": track, "risk": risk, "branch": branch,
            "fallback": format!("{track}/{risk}"),
        }));
    }
    all
}

/// Each track; the default one says so in its status.
fn tracks_of(overview: &Overview) -> Vec<Value> {
    let made = |name: &str| overview.tracks.iter().find(|track| track.name == name);
    let first = |name: &str| overview.releases.iter().rev().find(|release| release.channel.track() == name);
    let shown = |name: &str| {
        let track = made(name);
        let since = match (name, track) {
            (LATEST, _) => overview.snap.registered_at,
            (_, Some(track)) => track.created_at,
            (_, None) => first(name).map_or(overview.snap.registered_at, |release| release.at),
        };
        let is_default = overview.default_track.as_deref() == Some(name);
        json!({
            "name": name,
            "status": if is_default { "default" } else { "active" },
            "creation-date": rfc3339(since),
            "version-pattern": track.and_then(|track| Some(track.version_pattern.as_ref()?.as_str())),
        })
    };
    tracks(overview).into_iter().map(shown).collect()
}
