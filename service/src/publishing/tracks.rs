//! Tracks: making them, choosing the default one, and whether a release may go to one.

use caveats::Channel;

use super::workspace::{CommitError, PackageError, Workspace};
use crate::authorization::authorized::Authorized;
use model::ids::SnapId;
use model::track::{LATEST, Track, TrackName, VersionPattern};
use storage::records::{StorageError, Tx, snaps, tracks};

/// The most tracks that a snap may have, so that what is told of it stays short.
pub const MAX_TRACKS: usize = 200;

/// A track that somebody wants.
#[derive(Debug, Clone)]
pub struct NewTrack {
    /// Its name.
    pub name: TrackName,
    /// What the versions in it shall be like.
    pub version_pattern: Option<VersionPattern>,
}

/// Tracks were not made, or the default one was not chosen.
#[derive(Debug, thiserror::Error)]
pub enum TrackError {
    /// There is a track of this name, with another pattern.
    #[error("the track {0} exists and is another one")]
    Differs(String),
    /// The snap would have too many.
    #[error("there are too many tracks")]
    TooMany,
    /// There is no track of this name to be the default one.
    #[error("there is no track {0}")]
    Missing(String),
    /// Another track is the default one, and was not to be replaced.
    #[error("the default track is {current}")]
    Conflict {
        /// The one that is kept.
        current: String,
        /// The one that was sent.
        sent: Option<String>,
    },
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

/// Makes tracks of the authorized snap, all or none, and tells how many are new. One that is there already, and the same,
/// stays.
pub async fn make(
    publishing: &Workspace,
    authorized: &Authorized,
    wanted: &[NewTrack],
) -> Result<usize, TrackError> {
    let snap = publishing.package(authorized).await?;
    let mut tx = publishing.records.begin().await?;
    snaps::lock(&mut tx, &snap.id).await?;
    let mut known = tracks::all(&mut tx, &snap.id).await?;
    let before = known.len();
    for NewTrack { name, version_pattern } in wanted {
        match find(&known, name.as_str()) {
            Some(takes) if takes == Takes::of(version_pattern.as_ref()) => {}
            Some(_) => return Err(TrackError::Differs(name.to_string())),
            None => {
                let (name, version_pattern) = (name.to_string(), version_pattern.clone());
                let track = Track { name, version_pattern, created_at: publishing.clock.now() };
                tracks::insert(&mut tx, &snap.id, &track).await?;
                known.push(track);
            }
        }
    }
    if known.len() > MAX_TRACKS {
        return Err(TrackError::TooMany);
    }
    publishing.commit(tx, authorized).await?;
    Ok(known.len() - before)
}

/// What becomes of a default track that was chosen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// It stays; another one is refused.
    Never,
    /// It is replaced.
    Always,
}

/// Chooses the default track of the authorized snap; `None`: none in particular.
pub async fn set_default(
    publishing: &Workspace,
    authorized: &Authorized,
    name: Option<&str>,
    replace: Replace,
) -> Result<(), TrackError> {
    let snap = publishing.package(authorized).await?;
    let mut tx = publishing.records.begin().await?;
    snaps::lock(&mut tx, &snap.id).await?;
    if let Some(name) = name {
        let known = tracks::all(&mut tx, &snap.id).await?;
        find(&known, name).ok_or_else(|| TrackError::Missing(name.to_owned()))?;
    }
    match tracks::default(&mut tx, &snap.id).await? {
        Some(current) if replace == Replace::Never && name != Some(&current) => {
            return Err(TrackError::Conflict { current, sent: name.map(str::to_owned) });
        }
        _ => tracks::set_default(&mut tx, &snap.id, name).await?,
    }
    publishing.commit(tx, authorized).await?;
    Ok(())
}

/// A release may not go where it was to go.
#[derive(Debug, thiserror::Error)]
pub enum OffTrack {
    /// The snap has no such track.
    #[error("there is no track {0}")]
    Missing(String),
    /// The version is not one of the track's.
    #[error("the version {version} does not match the pattern {pattern} of the track {track}")]
    Version {
        /// The track.
        track: String,
        /// Its pattern.
        pattern: String,
        /// The version of the revision.
        version: String,
    },
    /// The records could not be asked.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Whether a revision of this version may be released to these channels; to close them needs no version. Asked under the
/// snap's lock.
pub async fn check(
    tx: &mut Tx,
    snap: &SnapId,
    channels: &[Channel],
    version: Option<&str>,
) -> Result<(), OffTrack> {
    fits(&tracks::all(tx, snap).await?, channels, version)
}

/// The same of the tracks that are known. None is removed or changed again, so what fits stays so.
pub fn fits(known: &[Track], channels: &[Channel], version: Option<&str>) -> Result<(), OffTrack> {
    for channel in channels {
        let track = channel.track();
        let takes = find(known, track).ok_or_else(|| OffTrack::Missing(track.to_owned()))?;
        if let (Takes::Versions(pattern), Some(version)) = (takes, version)
            && !pattern.allows(version)
        {
            return Err(OffTrack::Version {
                track: track.to_owned(),
                pattern: pattern.as_str().to_owned(),
                version: version.to_owned(),
            });
        }
    }
    Ok(())
}

/// What a track takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes<'t> {
    Anything,
    Versions(&'t VersionPattern),
}

impl<'t> Takes<'t> {
    fn of(pattern: Option<&'t VersionPattern>) -> Takes<'t> {
        pattern.map_or(Takes::Anything, Takes::Versions)
    }
}

/// What the track of this name takes, if there is such a track. `latest` takes anything.
fn find<'t>(known: &'t [Track], name: &str) -> Option<Takes<'t>> {
    if name == LATEST {
        return Some(Takes::Anything);
    }
    known.iter().find(|track| track.name == name).map(|track| Takes::of(track.version_pattern.as_ref()))
}
