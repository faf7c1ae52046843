//! Releasing a revision to channels, and closing channels.

use std::collections::BTreeSet;

use caveats::{Channel, Timestamp};

use super::publishing::{CommitError, PackageError, Publishing};
use super::tracks::{self, OffTrack};
use crate::model::authorized::Authorized;
use crate::model::snap::{Release, Revision};
use crate::storage::records::{StorageError, releases, revisions, snaps};

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
    publishing: Publishing<'_>,
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
    releases::insert(&mut tx, &snap.id, last, &lines, authorized).await?;
    publishing.commit(tx, authorized).await?;
    Ok(revision)
}

/// Closes channels of the authorized snap, for every architecture. One that is not open stays so.
pub async fn close(
    publishing: Publishing<'_>,
    authorized: &Authorized,
    channels: &[Channel],
) -> Result<(), ReleaseError> {
    let snap = publishing.package(authorized).await?;
    let mut tx = publishing.records.begin().await?;
    let (_, last) = snaps::lock(&mut tx, &snap.id).await?;
    tracks::check(&mut tx, &snap.id, channels, None).await?;
    let now = publishing.clock.now();
    let history = releases::history(&mut tx, &snap.id).await?;
    let closing: Vec<Release> = current(&history)
        .into_iter()
        .filter(|open| channels.contains(&open.channel))
        .map(|open| Release { revision: None, at: now, ..open.clone() })
        .collect();
    releases::insert(&mut tx, &snap.id, last, &closing, authorized).await?;
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

/// What each channel shows now, out of a history that begins with the newest.
pub(super) fn current(history: &[Release]) -> Vec<&Release> {
    let mut seen = BTreeSet::new();
    history
        .iter()
        .filter(|line| seen.insert((&line.architecture, &line.channel)))
        .filter(|line| line.revision.is_some())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_line_of_a_channel_counts() {
        let line = |architecture: &str, channel: &str, revision| Release {
            architecture: architecture.to_owned(),
            channel: channel.parse().unwrap(),
            revision,
            at: Timestamp::from_micros(0),
        };
        let history = [
            line("amd64", "edge", None),
            line("amd64", "stable", Some(3)),
            line("arm64", "edge", Some(2)),
            line("amd64", "edge", Some(2)),
            line("amd64", "stable", Some(1)),
        ];
        let shown: Vec<_> =
            current(&history).iter().map(|line| (line.architecture.clone(), line.revision)).collect();
        assert_eq!(shown, [("amd64".to_owned(), Some(3)), ("arm64".to_owned(), Some(2))]);
    }
}
