//! `POST /dev/api/snap-release/`: a revision for one or more channels.

use actix_web::{HttpResponse, web};
use caveats::Permission;
use serde::Deserialize;
use serde_json::{Value, json};

use super::channels;
use crate::authorization::{Attempt, Target};
use crate::http::body::Json;
use crate::http::credentials::Credentials;
use crate::http::problem::{Code, Problem};
use crate::http::state::State;
use crate::publishing::{packages, release as releasing};

/// The body.
#[derive(Debug, Deserialize)]
pub struct Request {
    name: String,
    /// Digits: snapcraft sends them as text, Launchpad as a number.
    revision: Value,
    channels: Vec<String>,
    #[serde(default)]
    progressive: Option<Progressive>,
}

#[derive(Debug, Deserialize)]
struct Progressive {
    percentage: Option<f64>,
    #[serde(default)]
    paused: Option<bool>,
}

impl Progressive {
    /// Whether it is for everybody at once, as snapcraft 4 to 6 spells an ordinary release.
    fn is_whole(&self) -> bool {
        self.percentage.is_none_or(|part| part.total_cmp(&100.0).is_eq()) && self.paused != Some(true)
    }
}

/// Releases.
pub async fn release(
    state: web::Data<State>,
    credentials: Credentials,
    Json(body): Json<Request>,
) -> Result<HttpResponse, Problem> {
    let channels = channels::parse(&body.channels)?;
    let attempt = Attempt {
        permissions: &[Permission::PackageRelease],
        target: Target::Named(&body.name),
        channels: &channels,
        ..Attempt::default()
    };
    let authorized = state.authorize(&credentials, &attempt).await?;
    let refuse =
        |field: &str, message: &str| Err(Problem::new(Code::InvalidField, message).with("field", field));
    if channels.is_empty() {
        return refuse("channels", "The field 'channels' names no channel to release to.");
    }
    // No device asks this service what to install, so there is nobody to choose a part of.
    if body.progressive.is_some_and(|progressive| !progressive.is_whole()) {
        let message = "Progressive releases are not made here, as no device installs from this service: release to \
                       everybody, or not yet.";
        return refuse("progressive", message);
    }
    let Some(number) = number(&body.revision) else {
        return refuse("revision", "The field 'revision' is not the number of a revision.");
    };
    let revision = releasing::release(&state.workspace, &authorized, number, &channels).await?;
    let overview = packages::overview(&state.workspace, &authorized).await?;
    let first = revision.meta.architectures.first().map(String::as_str).unwrap_or_default();
    let map = channels.first().map(|channel| channels::list(&overview, channel.track(), first));
    Ok(HttpResponse::Ok().json(json!({
        "success": true,
        "opened_channels": body.channels,
        "channel_map": map,
        "channel_map_tree": channels::tree(&overview),
    })))
}

fn number(revision: &Value) -> Option<i64> {
    match revision {
        Value::String(digits) => digits.parse().ok(),
        number => number.as_i64(),
    }
    .filter(|number| *number > 0)
}
