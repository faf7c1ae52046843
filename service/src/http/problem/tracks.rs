//! From the errors of tracks, and of releases that go to a wrong one, to problems.

use super::{Code, Problem, shown};
use crate::publishing::tracks::{MAX_TRACKS, OffTrack, TrackError};
use model::track::InvalidTrack;

impl Problem {
    /// A text that cannot be the name of a track.
    pub fn invalid_track(name: &str, reason: InvalidTrack) -> Problem {
        let message = format!("The track name '{}' is not valid: it should {reason}.", shown(name));
        Problem::new(Code::InvalidField, message).with("field", "name")
    }
}

impl From<OffTrack> for Problem {
    fn from(error: OffTrack) -> Problem {
        match error {
            OffTrack::Missing(track) => {
                let message = format!(
                    "There is no track '{}' of this snap. Tracks are made with POST /v1/snap/NAME/tracks.",
                    shown(&track)
                );
                Problem::new(Code::InvalidField, message).with("field", "channels")
            }
            OffTrack::Version { track, pattern, version } => {
                let message = format!(
                    "The track '{}' does not take the version '{}': it does not match the track's version pattern.",
                    shown(&track),
                    shown(&version)
                );
                let problem = Problem::new(Code::InvalidField, message).with("field", "channels");
                problem.with("version-pattern", pattern)
            }
            OffTrack::Storage(error) => error.into(),
        }
    }
}

impl From<TrackError> for Problem {
    fn from(error: TrackError) -> Problem {
        match error {
            TrackError::Differs(name) => {
                let message = format!(
                    "The track '{name}' exists and has another version pattern, which is not changed."
                );
                Problem::new(Code::Conflict, message).with("name", name)
            }
            TrackError::TooMany => Problem::new(
                Code::Conflict,
                format!("A snap may have {MAX_TRACKS} tracks; no track was made."),
            ),
            TrackError::Missing(name) => {
                let message = format!(
                    "There is no track '{}' of this snap to be its default one. Tracks are made with POST \
                     /v1/snap/NAME/tracks.",
                    shown(&name)
                );
                Problem::new(Code::InvalidField, message).with("field", "default_track")
            }
            TrackError::Conflict { current, sent } => {
                let message = format!("The default track is '{}'; PUT replaces it.", shown(&current));
                let problem = Problem::new(Code::Conflict, message).with("name", "default_track");
                problem.with("current", current).with("value", sent)
            }
            TrackError::Package(error) => error.into(),
            TrackError::Commit(error) => error.into(),
            TrackError::Storage(error) => error.into(),
        }
    }
}
