//! Tracks: their names, and the versions that may be released to them.

use std::fmt;
use std::str::FromStr;

use regex::bytes::RegexBuilder;
use timestamp::Timestamp;

/// The track that every snap has.
pub const LATEST: &str = "latest";
/// The risks of every track, the most stable first: each falls back to the one before it.
pub const RISKS: [&str; 4] = ["stable", "candidate", "beta", "edge"];

/// The name of a track: 1 to 28 letters, digits and single separators (`.`, `-`, `_`) between them, as craft-store checks
/// it before it asks for a track. Not a risk, as `edge/fix` would then be two channels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackName(String);

/// Why a text cannot be the name of a track; each continues the sentence "it should …".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTrack {
    /// Too long, or empty.
    #[error("have between 1 and 28 characters")]
    Length,
    /// A character that may not be there, or not there.
    #[error("only have ASCII letters and digits, and single '.', '-' and '_' between them")]
    Letters,
    /// `stable`, `candidate`, `beta` or `edge`.
    #[error("not be the name of a risk")]
    Risk,
}

impl TrackName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TrackName {
    type Err = InvalidTrack;

    fn from_str(text: &str) -> Result<TrackName, InvalidTrack> {
        if !(1..=28).contains(&text.chars().count()) {
            return Err(InvalidTrack::Length);
        }
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !text.split(['.', '-', '_']).all(is_word) {
            return Err(InvalidTrack::Letters);
        }
        if RISKS.contains(&text) {
            return Err(InvalidTrack::Risk);
        }
        Ok(TrackName(text.to_owned()))
    }
}

impl fmt::Display for TrackName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A regular expression that the whole version of a revision must match. It knows ASCII only, has no back references, and
/// takes time that grows with the version alone, whatever a publisher writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionPattern(String);

/// The text is no expression, or a larger one than is matched here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a regular expression, or too large a one")]
pub struct InvalidPattern;

impl VersionPattern {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A pattern that was read before, from where it is kept.
    pub fn kept(text: String) -> VersionPattern {
        VersionPattern(text)
    }

    /// Whether a revision of this version may be released to the track.
    pub fn allows(&self, version: &str) -> bool {
        compile(&self.0).is_ok_and(|pattern| pattern.is_match(version.as_bytes()))
    }
}

impl FromStr for VersionPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<VersionPattern, InvalidPattern> {
        if text.is_empty() || text.len() > MAX_PATTERN_BYTES {
            return Err(InvalidPattern);
        }
        compile(text)?;
        Ok(VersionPattern(text.to_owned()))
    }
}

/// The expression between the ends of a text. By itself it must be one, too: `a)|(b` is only within brackets.
fn compile(text: &str) -> Result<regex::bytes::Regex, InvalidPattern> {
    let build = |text: &str| {
        let mut builder = RegexBuilder::new(text);
        builder
            .unicode(false)
            .nest_limit(20)
            .size_limit(MAX_COMPILED_BYTES)
            .dfa_size_limit(MAX_COMPILED_BYTES);
        builder.build().map_err(|_| InvalidPattern)
    };
    build(text)?;
    build(&format!("\\A(?:{text})\\z"))
}

const MAX_PATTERN_BYTES: usize = 200;
const MAX_COMPILED_BYTES: usize = 64 * 1024;

/// A track of a snap, besides `latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Its name; unique within its snap. Text, as a release once made a track of any name.
    pub name: String,
    /// What the versions in it are like; `None`: anything.
    pub version_pattern: Option<VersionPattern>,
    /// When it was made.
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_craft_store_sends_and_no_risk() {
        for good in ["2", "2.0", "v1_2-x", "LTS", "latest", &*"a".repeat(28)] {
            assert_eq!(good.parse::<TrackName>().unwrap().as_str(), good);
        }
        for (bad, reason) in [
            ("", InvalidTrack::Length),
            (&*"a".repeat(29), InvalidTrack::Length),
            ("2.", InvalidTrack::Letters),
            (".2", InvalidTrack::Letters),
            ("2..0", InvalidTrack::Letters),
            ("2.-0", InvalidTrack::Letters),
            ("a b", InvalidTrack::Letters),
            ("a/b", InvalidTrack::Letters),
            ("a+b", InvalidTrack::Letters),
            ("é", InvalidTrack::Letters),
            ("*", InvalidTrack::Letters),
            ("edge", InvalidTrack::Risk),
        ] {
            assert_eq!(bad.parse::<TrackName>(), Err(reason), "{bad}");
        }
    }

    #[test]
    fn every_name_makes_a_channel_of_that_track() {
        for name in ["2", "2.0", "v1_2-x", "LTS", "latest"] {
            let channel: caveats::Channel = format!("{name}/edge").parse().unwrap();
            assert_eq!(channel.track(), name);
        }
    }

    #[test]
    fn a_pattern_is_matched_by_whole_versions() {
        let allows =
            |pattern: &str, version: &str| pattern.parse::<VersionPattern>().unwrap().allows(version);
        assert!(allows(r"2\.\d+", "2.10"));
        assert!(!allows(r"2\.\d+", "2.10-rc1"));
        assert!(!allows(r"2\.\d+", "12.10"));
        assert!(allows("a|ab", "ab"));
        assert!(!allows("a|ab", "xa"));
        assert!(allows(r"^2\..*$", "2.0+git~1"));
        assert!(!allows(r"2\..*", "2.0\n3.0"));
    }

    #[test]
    fn what_is_no_expression_or_too_large_a_one_is_refused() {
        let nested = "(".repeat(30) + "a" + &")".repeat(30);
        for bad in ["", "(", "a)|(b", r"\1", "(?P<a", &"a".repeat(201), r"(\w{100}){100}", &nested] {
            assert_eq!(bad.parse::<VersionPattern>(), Err(InvalidPattern), "{bad}");
        }
        let slow = "(a*)*(a*)*b".parse::<VersionPattern>().unwrap();
        assert!(!slow.allows(&"a".repeat(10_000)));
    }
}
