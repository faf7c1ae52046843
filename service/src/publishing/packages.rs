//! Reading about packages: an account's snaps, a snap's revisions and releases, the outcome of a push.

use std::time::Duration;

use timestamp::Timestamp;

use super::release::{current, with_ends};
use super::workspace::{PackageError, Workspace};
use crate::authorization::authorized::Authorized;
use model::ids::{PushId, SnapId};
use model::snap::{Outcome, Push, Release, Revision, Snap};
use model::track::Track;
use storage::records::{StorageError, pushes};

/// Everything about one snap.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The snap.
    pub snap: Snap,
    /// Its revisions, newest first.
    pub revisions: Vec<Revision>,
    /// Its releases, newest first.
    pub releases: Vec<Release>,
    /// Its tracks besides `latest`, the oldest first.
    pub tracks: Vec<Track>,
    /// The track that its publisher has chosen as the default one, if any.
    pub default_track: Option<String>,
    /// When all of this was so.
    pub at: Timestamp,
}

impl Overview {
    /// What each channel shows now, for each architecture.
    pub fn current(&self) -> Vec<&Release> {
        current(&self.releases, self.at)
    }

    /// Its releases and the ends of its branches, newest first.
    pub fn history(&self) -> Vec<Release> {
        with_ends(&self.releases, self.at)
    }

    /// The revision of this number.
    pub fn revision(&self, number: i64) -> Option<&Revision> {
        self.revisions.iter().find(|revision| revision.number == number)
    }
}

/// Everything about the authorized snap.
pub async fn overview(publishing: &Workspace, authorized: &Authorized) -> Result<Overview, PackageError> {
    let snap = publishing.package(authorized).await?;
    // Releases first: every revision and track they name is then among the revisions and tracks.
    let releases = publishing.records.releases(&snap.id).await?;
    let revisions = publishing.records.revisions(&snap).await?;
    let tracks = publishing.records.tracks(&snap.id).await?;
    let default_track = publishing.records.default_track(&snap.id).await?;
    Ok(Overview { snap, revisions, releases, tracks, default_track, at: publishing.clock.now() })
}

/// The authorized account's snaps, by name.
pub async fn owned(publishing: &Workspace, authorized: &Authorized) -> Result<Vec<Snap>, StorageError> {
    publishing.records.snaps_of(authorized.account()).await
}

/// The outcome of a push. Its id is proof enough, as clients ask for it without a credential.
///
/// One that should have been settled by now waits in a process that is no more: it is settled here, for good.
pub async fn outcome(
    publishing: &Workspace,
    snap: &SnapId,
    push: &PushId,
) -> Result<Option<Push>, StorageError> {
    let Some(found) = publishing.records.push(push).await?.filter(|found| found.snap == *snap) else {
        return Ok(None);
    };
    let Outcome::Waiting { until } = found.outcome else { return Ok(Some(found)) };
    if until.saturating_add(OVERDUE) > publishing.clock.now() {
        return Ok(Some(found));
    }
    let interrupted = Push { outcome: Outcome::Refused(INTERRUPTED.to_owned()), ..found };
    let mut tx = publishing.records.begin().await?;
    if pushes::settle(&mut tx, &interrupted).await? {
        tx.commit().await?;
    }
    publishing.records.push(push).await
}

/// By how much a push may be late to be settled.
const OVERDUE: Duration = Duration::from_secs(15);
const INTERRUPTED: &str =
    "The service was interrupted while this upload waited for its snap-build assertion. Upload it again.";
