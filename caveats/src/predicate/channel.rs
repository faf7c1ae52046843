//! Channels, and the patterns of the `channel` caveat.

mod overlap;

use std::fmt;
use std::str::FromStr;

use crate::limits::MAX_NAME_BYTES;

/// Where a revision is released to: a track, a risk, and perhaps a branch. Shown in full, `latest/edge`.
///
/// Read as snapd does: `edge` is `latest/edge`, `edge/fix` is `latest/edge/fix`, `2.0` is `2.0/stable`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Channel(String);

/// A text that names no [`Channel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a channel such as edge, 2.0/stable or latest/edge/branch")]
pub struct ChannelError;

impl Channel {
    /// Track, risk and branch in full.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The track; `latest` unless another was named.
    pub fn track(&self) -> &str {
        self.part(0).unwrap_or_default()
    }

    /// `stable`, `candidate`, `beta` or `edge`.
    pub fn risk(&self) -> &str {
        self.part(1).unwrap_or_default()
    }

    /// The branch, if any.
    pub fn branch(&self) -> Option<&str> {
        self.part(2)
    }

    fn part(&self, index: usize) -> Option<&str> {
        words(&self.0).nth(index)
    }

    /// The channel without its branch.
    fn without_branch(&self) -> &str {
        let end = self.track().len() + 1 + self.risk().len();
        self.0.get(..end).unwrap_or(&self.0)
    }
}

impl FromStr for Channel {
    type Err = ChannelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let full = full_name(text).ok_or(ChannelError)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+".contains(&byte);
        if full.bytes().all(plain) && full.len() <= MAX_NAME_BYTES {
            Ok(Self(full))
        } else {
            Err(ChannelError)
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One item of a `channel` caveat: a channel, or a pattern in the syntax of Python's `fnmatch`: `*` any characters
/// (`/` included), `?` one character, `[ab]`, `[a-c]` and `[!a]` one character of, or not of, a set.
///
/// A plain name is read like a [`Channel`]: `edge` allows `latest/edge`. A pattern that begins with a risk is one of the
/// track `latest`; any other pattern is compared with the full name. What allows a channel allows its branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelPattern<'p>(&'p str);

impl<'p> ChannelPattern<'p> {
    /// Reads a pattern. Refused: an empty one, one longer than [`MAX_NAME_BYTES`], other than printable ASCII, or,
    /// without wildcards, one that is no channel.
    pub fn new(text: &'p str) -> Result<Self, ChannelError> {
        if Self::is_well_formed(text) { Ok(Self(text)) } else { Err(ChannelError) }
    }

    /// Whether the pattern allows the channel.
    pub fn matches(&self, channel: &Channel) -> bool {
        if has_wildcard(self.0) {
            return self.allows(channel.as_str()) || self.allows(channel.without_branch());
        }
        parts(self.0).is_some_and(|(track, risk, branch)| {
            let mut named = words(channel.as_str());
            (named.next(), named.next()) == (Some(track), Some(risk))
                && (branch.is_none() || named.next() == branch)
        })
    }

    pub(crate) fn is_well_formed(text: &str) -> bool {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        let sized = (1..=MAX_NAME_BYTES).contains(&text.len());
        printable && sized && (has_wildcard(text) || parts(text).is_some())
    }

    /// Whether the pattern, which has wildcards, matches the name as it is.
    fn allows(&self, full_name: &str) -> bool {
        let first = words(self.0).next().unwrap_or_default();
        let name = if is_risk(first) { full_name.strip_prefix(DEFAULT_TRACK_SLASH) } else { Some(full_name) };
        name.is_some_and(|name| fnmatch(self.0.as_bytes(), name.as_bytes()))
    }
}

/// Track, risk and branch of a channel's name, as snapd's `channel.Parse` finds them.
fn parts(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let mut words = words(text);
    let found = match (words.next(), words.next(), words.next(), words.next()) {
        (Some(word), None, ..) if is_risk(word) => (DEFAULT_TRACK, word, None),
        (Some(word), None, ..) => (word, DEFAULT_RISK, None),
        (Some(risk), Some(branch), None, _) if is_risk(risk) => (DEFAULT_TRACK, risk, Some(branch)),
        (Some(track), Some(risk), None, _) if is_risk(risk) => (track, risk, None),
        (Some(track), Some(risk), Some(branch), None) if is_risk(risk) => (track, risk, Some(branch)),
        _ => return None,
    };
    let (track, _, branch) = found;
    (!track.is_empty() && branch != Some("")).then_some(found)
}

/// What stands between slashes. Names are short: to look at their bytes is faster than `str::split`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let slash = text.bytes().position(|byte| byte == b'/');
        rest = slash.and_then(|slash| text.get(slash + 1..));
        text.get(..slash.unwrap_or(text.len()))
    })
}

fn full_name(text: &str) -> Option<String> {
    let (track, risk, branch) = parts(text)?;
    Some(match branch {
        Some(branch) => format!("{track}/{risk}/{branch}"),
        None => format!("{track}/{risk}"),
    })
}

fn is_risk(word: &str) -> bool {
    matches!(word, "stable" | "candidate" | "beta" | "edge")
}

fn has_wildcard(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}

/// Matches without recursion; on a mismatch it goes back to the last `*` alone, so the work is at most the product of
/// the two lengths, both of which are bounded.
fn fnmatch(pattern: &[u8], name: &[u8]) -> bool {
    let (mut rest, mut left) = (pattern, name);
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        if let [b'*', after @ ..] = rest {
            star = Some((after, left));
            rest = after;
            continue;
        }
        match (left, step(rest, left.first().copied())) {
            ([], _) if rest.is_empty() => return true,
            ([_, shorter @ ..], Some(after)) => (rest, left) = (after, shorter),
            _ => match star {
                Some((after, [_, shorter @ ..])) => {
                    star = Some((after, shorter));
                    (rest, left) = (after, shorter);
                }
                _ => return false,
            },
        }
    }
}

/// The pattern after its first element, if that matches the character.
fn step(pattern: &[u8], character: Option<u8>) -> Option<&[u8]> {
    let character = character?;
    match pattern {
        [] => None,
        [b'?', after @ ..] => Some(after),
        [b'[', body @ ..] => match set(body) {
            Some((members, negated, after)) => (is_member(members, character) != negated).then_some(after),
            None => (character == b'[').then_some(body),
        },
        [literal, after @ ..] => (*literal == character).then_some(after),
    }
}

/// The members, negation and rest of `[…]` after its bracket; `None` if it is never closed, which makes the bracket an
/// ordinary character. A `]` right at the start is a member.
fn set(body: &[u8]) -> Option<(&[u8], bool, &[u8])> {
    let (negated, body) = match body {
        [b'!', body @ ..] => (true, body),
        _ => (false, body),
    };
    let (_, after_first) = body.split_first()?;
    let end = after_first.iter().position(|byte| *byte == b']')? + 1;
    let (members, rest) = body.split_at_checked(end)?;
    Some((members, negated, rest.get(1..)?))
}

fn is_member(mut members: &[u8], character: u8) -> bool {
    loop {
        members = match members {
            [] => return false,
            [low, b'-', high, ..] if (*low..=*high).contains(&character) => return true,
            [_, b'-', _, after @ ..] => after,
            [single, ..] if *single == character => return true,
            [_, after @ ..] => after,
        };
    }
}

const DEFAULT_TRACK: &str = "latest";
const DEFAULT_TRACK_SLASH: &str = "latest/";
const DEFAULT_RISK: &str = "stable";

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(text: &str) -> Channel {
        text.parse().unwrap()
    }

    fn allows(pattern: &str, name: &str) -> bool {
        ChannelPattern::new(pattern).unwrap().matches(&channel(name))
    }

    #[test]
    fn short_names_are_read_as_snapd_reads_them() {
        for (text, full) in [
            ("edge", "latest/edge"),
            ("2.0", "2.0/stable"),
            ("latest", "latest/stable"),
            ("2.0/beta", "2.0/beta"),
            ("edge/fix", "latest/edge/fix"),
            ("2.0/candidate/fix-1", "2.0/candidate/fix-1"),
        ] {
            assert_eq!(channel(text).to_string(), full);
        }
        let named = channel("edge/fix");
        assert_eq!((named.track(), named.risk(), named.branch()), ("latest", "edge", Some("fix")));
    }

    #[test]
    fn what_is_no_channel_is_refused() {
        for text in
            ["", "/", "edge/", "/edge", "2.0/other", "a/b/c", "a/edge/c/d", "2.0/edge/", "2*", "a b", "{x}"]
        {
            assert_eq!(text.parse::<Channel>(), Err(ChannelError), "{text}");
        }
        assert!("t".repeat(300).parse::<Channel>().is_err());
    }

    #[test]
    fn a_plain_name_allows_its_channel_and_the_branches_of_it() {
        assert!(allows("edge", "latest/edge"));
        assert!(allows("edge", "latest/edge/fix"));
        assert!(allows("latest/edge", "edge"));
        assert!(!allows("edge", "2.0/edge"));
        assert!(!allows("edge", "beta"));
        assert!(allows("2.0", "2.0/stable"));
        assert!(!allows("2.0", "2.0/edge"));
        assert!(allows("edge/fix", "latest/edge/fix"));
        assert!(!allows("edge/fix", "latest/edge"));
        assert!(!allows("edge/fix", "latest/edge/fix2"));
    }

    #[test]
    fn wildcards_match_as_in_fnmatch() {
        assert!(allows("*", "latest/stable"));
        assert!(allows("*", "2.0/edge/fix"));
        assert!(allows("*/edge", "2.0/edge"));
        assert!(allows("*/edge", "2.0/edge/fix"));
        assert!(!allows("*/edge", "2.0/beta"));
        assert!(allows("2.?/edge", "2.1/edge"));
        assert!(!allows("2.?/edge", "2.10/edge"));
        assert!(allows("2.[0-3]/*", "2.3/beta"));
        assert!(!allows("2.[0-3]/*", "2.4/beta"));
        assert!(allows("2.[!0-3]/*", "2.4/beta"));
        assert!(allows("edge/*", "latest/edge/fix"));
        assert!(!allows("edge/*", "2.0/edge/fix"));
        assert!(!allows("edge/*", "latest/edge"));
        assert!(!allows("*a*a*b", "latest/stable"));
    }

    #[test]
    fn sets_have_the_corner_cases_of_fnmatch() {
        assert!(fnmatch(b"[]]", b"]"));
        assert!(fnmatch(b"[!]]", b"a"));
        assert!(fnmatch(b"[a", b"[a"));
        assert!(fnmatch(b"[a-]", b"-"));
        assert!(fnmatch(b"[-a]", b"-"));
        assert!(!fnmatch(b"[c-a]", b"b"));
        assert!(fnmatch(b"", b""));
        assert!(!fnmatch(b"", b"a"));
        assert!(fnmatch(b"**", b""));
        assert!(!fnmatch(b"?", b""));
    }

    #[test]
    fn a_hostile_pattern_takes_no_time() {
        let pattern = "*a".repeat(120) + "*b";
        assert!(!fnmatch(pattern.as_bytes(), "a".repeat(10_000).as_bytes()));
    }

    #[test]
    fn a_pattern_that_can_match_nothing_is_refused_rather_than_ignored() {
        for text in ["", "a/b", "edge/", " edge", "édge", "\u{7}"] {
            assert!(ChannelPattern::new(text).is_err(), "{text}");
        }
    }
}
