//! Releasing a revision to channels, and closing channels.

use std::collections::{BTreeMap, BTreeSet};

use caveats::Channel;
use timestamp::Timestamp;

use super::tracks::{self, OffTrack};
use super::workspace::{CommitError, PackageError, Workspace};
use crate::authorization::authorized::Authorized;
use model::snap::{Release, Revision};
use storage::records::{StorageError, releases, revisions, snaps};

/// A release was not made.
#[derive(Debug, thiserror::Error)]
pub enum ReleaseError {
    /// The snap has no such revision.
    #[error("there is no revision {0}")]
    NoSuchRevision(i64),
    /// A track does not take it.
    #[error(transparent)]
    Track(#[from] OffTrack),
    /// The package is not there.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// It could not be kept.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Releases a revision of the authorized snap, for each architecture it runs on.
pub async fn release(
    publishing: &Workspace,
    authorized: &Authorized,
    number: i64,
    channels: &[Channel],
) -> Result<Revision, ReleaseError> {
    let snap = publishing.package(authorized).await?;
    let mut tx = publishing.records.begin().await?;
    let (_, last) = snaps::lock(&mut tx, &snap.id).await?;
    let revision =
        revisions::by_number(&mut tx, &snap, number).await?.ok_or(ReleaseError::NoSuchRevision(number))?;
    tracks::check(&mut tx, &snap.id, channels, Some(&revision.meta.version)).await?;
    let lines = lines(&revision, channels, publishing.clock.now());
    releases::insert(&mut tx, &snap.id, last, &lines, authorized.author()).await?;
    publishing.commit(tx, authorized).await?;
    Ok(revision)
}

/// Closes channels of the authorized snap, for every architecture. One that is not open stays so.
pub async fn close(
    publishing: &Workspace,
    authorized: &Authorized,
    channels: &[Channel],
) -> Result<(), ReleaseError> {
    let snap = publishing.package(authorized).await?;
    let mut tx = publishing.records.begin().await?;
    let (_, last) = snaps::lock(&mut tx, &snap.id).await?;
    tracks::check(&mut tx, &snap.id, channels, None).await?;
    let now = publishing.clock.now();
    let history = releases::history(&mut tx, &snap.id).await?;
    let closing: Vec<Release> = current(&history, now)
        .into_iter()
        .filter(|open| channels.contains(&open.channel))
        .map(|open| Release { revision: None, at: now, ..open.clone() })
        .collect();
    releases::insert(&mut tx, &snap.id, last, &closing, authorized.author()).await?;
    publishing.commit(tx, authorized).await?;
    Ok(())
}

/// The lines that a release adds to the history.
pub(super) fn lines(revision: &Revision, channels: &[Channel], at: Timestamp) -> Vec<Release> {
    let line = |architecture: &String, channel: &Channel| Release {
        architecture: architecture.clone(),
        channel: channel.clone(),
        revision: Some(revision.number),
        at,
    };
    let architectures = revision.meta.architectures.iter().collect::<BTreeSet<_>>().into_iter();
    architectures.flat_map(|name| channels.iter().map(move |channel| line(name, channel))).collect()
}

/// When a branch that nobody releases to any more closes by itself: 30 days after, as the store's documentation says
/// (<https://snapcraft.io/docs/publish-to-a-branch>). `None` for what stays, and for what closes a channel.
pub fn expiry(line: &Release) -> Option<Timestamp> {
    let is_release = line.revision.is_some() && line.channel.branch().is_some();
    if is_release { line.at.add_secs(BRANCH_SECONDS) } else { None }
}

const BRANCH_SECONDS: i64 = 30 * 24 * 60 * 60;

/// What each channel shows now, out of a history that begins with the newest.
pub fn current(history: &[Release], now: Timestamp) -> Vec<&Release> {
    let mut seen = BTreeSet::new();
    history
        .iter()
        .filter(|line| seen.insert((&line.architecture, &line.channel)))
        .filter(|line| line.revision.is_some() && !has_expired(line, now))
        .collect()
}

/// The history with the ends of branches among its lines, newest first: a client takes the first line of a channel for
/// what the channel shows.
pub fn with_ends(history: &[Release], now: Timestamp) -> Vec<Release> {
    let mut newer = BTreeMap::new();
    let mut ends = Vec::new();
    for line in history {
        let next = newer.insert((&line.architecture, &line.channel), line.at);
        if let Some(end) = expiry(line)
            && end <= next.unwrap_or(now)
        {
            ends.push(Release { revision: None, at: end, ..line.clone() });
        }
    }
    // The numbers of the lines count, not their clocks: an end goes right before the first line that is older than it.
    let mut lines = history.to_vec();
    for end in ends {
        let place = lines.iter().position(|line| line.at <= end.at).unwrap_or(lines.len());
        lines.insert(place, end);
    }
    lines
}

fn has_expired(line: &Release, now: Timestamp) -> bool {
    expiry(line).is_some_and(|end| end <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    fn line(architecture: &str, channel: &str, revision: Option<i64>, day: i64) -> Release {
        Release {
            architecture: architecture.to_owned(),
            channel: channel.parse().unwrap(),
            revision,
            at: moment(day),
        }
    }

    fn moment(day: i64) -> Timestamp {
        Timestamp::from_micros(0).add_secs(day * DAY).unwrap()
    }

    #[test]
    fn only_the_newest_line_of_a_channel_counts() {
        let history = [
            line("amd64", "edge", None, 5),
            line("amd64", "stable", Some(3), 4),
            line("arm64", "edge", Some(2), 3),
            line("amd64", "edge", Some(2), 2),
            line("amd64", "stable", Some(1), 1),
        ];
        let shown: Vec<_> = current(&history, moment(5))
            .iter()
            .map(|line| (line.architecture.clone(), line.revision))
            .collect();
        assert_eq!(shown, [("amd64".to_owned(), Some(3)), ("arm64".to_owned(), Some(2))]);
    }

    #[test]
    fn a_branch_ends_thirty_days_after_its_last_release_and_a_channel_does_not() {
        let history = [line("amd64", "edge/fix", Some(2), 10), line("amd64", "edge", Some(1), 0)];
        let shown = |day| current(&history, moment(day)).iter().map(|line| line.revision).collect::<Vec<_>>();
        assert_eq!(shown(39), [Some(2), Some(1)]);
        assert_eq!(shown(40), [Some(1)]);
        assert_eq!(expiry(&history[0]), Some(moment(40)));
        assert_eq!(expiry(&history[1]), None);
        assert_eq!(expiry(&line("amd64", "edge/fix", None, 10)), None);
    }

    #[test]
    fn the_ends_of_branches_stand_where_they_were() {
        let history = [
            line("amd64", "edge/fix", Some(3), 60),
            line("amd64", "edge", Some(2), 31),
            line("arm64", "edge/fix", Some(1), 20),
            line("amd64", "edge/fix", Some(1), 0),
        ];
        let told = |day| -> Vec<(String, Option<i64>)> {
            let lines = with_ends(&history, moment(day));
            lines
                .iter()
                .map(|line| (format!("{} {}", line.architecture, line.channel), line.revision))
                .collect()
        };
        let fix = |architecture: &str, revision| (format!("{architecture} latest/edge/fix"), revision);
        let edge = ("amd64 latest/edge".to_owned(), Some(2));
        assert_eq!(
            told(61),
            [
                fix("amd64", Some(3)),
                fix("arm64", None),
                edge.clone(),
                fix("amd64", None),
                fix("arm64", Some(1)),
                fix("amd64", Some(1)),
            ]
        );
        assert_eq!(told(90).first(), Some(&fix("amd64", None)));
        for day in [61, 90] {
            let now = moment(day);
            let shown = current(&history, now).len();
            assert_eq!(current(&with_ends(&history, now), now).len(), shown, "the lines tell the same");
        }
    }
}
