//! Channels as the dashboard reads and shows them: names from a request, trees and lists of what is released where.

use std::collections::{BTreeMap, BTreeSet};

use caveats::Channel;
use serde_json::{Map, Value, json};
use timestamp::Timestamp;

use crate::http::problem::{Code, Problem, shown};
use crate::publishing::packages::Overview;
use crate::publishing::release::expiry;
use model::snap::SERIES;
use model::track::{LATEST, RISKS};

const MAX_CHANNELS: usize = 100;

/// The channels of these names.
pub(super) fn parse(names: &[String]) -> Result<Vec<Channel>, Problem> {
    if names.len() > MAX_CHANNELS {
        let message = format!("The field 'channels' may have {MAX_CHANNELS} entries at most.");
        return Err(Problem::new(Code::InvalidField, message).with("field", "channels"));
    }
    names.iter().map(|name| name.parse().map_err(|_| not_a_channel(name))).collect()
}

fn not_a_channel(name: &str) -> Problem {
    let message = format!(
        "Not a valid channel: '{}'. Channels look like edge, 2.0/stable or latest/edge/branch.",
        shown(name)
    );
    Problem::new(Code::InvalidField, message).with("field", "channels")
}

/// A moment as the store's v2 answers spell it: RFC 3339, UTC.
pub(super) fn rfc3339(at: Timestamp) -> String {
    format!("{at}Z")
}

/// The name of a channel within its track: risk, and branch if any.
pub(super) fn within_track(channel: &Channel) -> String {
    match channel.branch() {
        Some(branch) => format!("{}/{branch}", channel.risk()),
        None => channel.risk().to_owned(),
    }
}

/// The tracks of a snap: `latest`, those that were made, and whatever an older service has released to.
pub(super) fn tracks(overview: &Overview) -> BTreeSet<&str> {
    let made = overview.tracks.iter().map(|track| track.name.as_str());
    overview.releases.iter().map(|release| release.channel.track()).chain(made).chain([LATEST]).collect()
}

/// `{TRACK: {"16": {ARCHITECTURE: [entry]}}}`, as the store's v1 answers show what is released where. A track shows the
/// architectures that are released to it; one that is empty, those of the snap, each with nothing.
pub(super) fn tree(overview: &Overview) -> Map<String, Value> {
    let mut architectures: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for release in overview.current() {
        architectures.entry(release.channel.track()).or_default().insert(&release.architecture);
    }
    let of_the_snap = architectures_of(overview);
    let tracks = tracks(overview).into_iter().map(|track| {
        let names = architectures.get(track).unwrap_or(&of_the_snap);
        let lists = names.iter().map(|name| ((*name).to_owned(), Value::Array(list(overview, track, name))));
        (track.to_owned(), json!({ SERIES: Value::Object(lists.collect()) }))
    });
    tracks.collect()
}

/// The architectures that a snap is released for now, or those of its latest revision.
fn architectures_of(overview: &Overview) -> BTreeSet<&str> {
    let released: BTreeSet<&str> =
        overview.current().into_iter().map(|release| release.architecture.as_str()).collect();
    if !released.is_empty() {
        return released;
    }
    overview
        .revisions
        .first()
        .into_iter()
        .flat_map(|latest| &latest.meta.architectures)
        .map(String::as_str)
        .collect()
}

/// The entries of one track and architecture: the four risks, then the branches.
pub(super) fn list(overview: &Overview, track: &str, architecture: &str) -> Vec<Value> {
    let open: Vec<_> = overview
        .current()
        .into_iter()
        .filter(|release| release.channel.track() == track && release.architecture == architecture)
        .collect();
    let entry = |name: &str, info: &str, number: i64| {
        let version = overview.revision(number).map(|revision| revision.meta.version.as_str());
        json!({"channel": name, "info": info, "revision": number, "version": version})
    };
    let mut entries = Vec::new();
    let mut fallback = "none";
    for risk in RISKS {
        let here =
            open.iter().find(|release| release.channel.risk() == risk && release.channel.branch().is_none());
        match here.and_then(|release| release.revision) {
            Some(number) => {
                fallback = "tracking";
                entries.push(entry(risk, "specific", number));
            }
            None => entries.push(json!({"channel": risk, "info": fallback})),
        }
    }
    for release in open.iter().filter(|release| release.channel.branch().is_some()) {
        let mut branch =
            entry(&within_track(&release.channel), "branch", release.revision.unwrap_or_default());
        if let Some(branch) = branch.as_object_mut() {
            // Without a zone, as v1 answers have their times.
            branch.insert("expires_at".to_owned(), expiry(release).map(|end| end.to_string()).into());
        }
        entries.push(branch);
    }
    entries
}
