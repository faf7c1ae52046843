//! Moments as people give them, `2026-12-24T18:00:00Z` or `7days`, and as they read them, "in 3 days 4 hours".

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context as _;
use serde::{Serialize, Serializer};
use timestamp::Timestamp;

/// A moment, or how far away it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeOrDuration {
    At(Timestamp),
    In(Duration),
}

/// A text that names no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give a moment such as 2026-12-24T18:00:00Z, or a duration from now such as 2h or 7days")]
pub(crate) struct NotAMoment;

impl FromStr for TimeOrDuration {
    type Err = NotAMoment;

    fn from_str(text: &str) -> Result<TimeOrDuration, NotAMoment> {
        let text = text.trim();
        let moment = moment(text).map(TimeOrDuration::At);
        moment.or_else(|| humantime::parse_duration(text).ok().map(TimeOrDuration::In)).ok_or(NotAMoment)
    }
}

impl TimeOrDuration {
    /// The moment, counted from now.
    pub(crate) fn from(self, now: Timestamp) -> anyhow::Result<Timestamp> {
        match self {
            TimeOrDuration::At(moment) => Ok(moment),
            TimeOrDuration::In(duration) => i64::try_from(duration.as_secs())
                .ok()
                .and_then(|seconds| now.add_secs(seconds))
                .context("the calendar ends before that"),
        }
    }
}

/// A moment, and no duration: something that has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PastTime(pub(crate) Timestamp);

/// A text that names no moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give a moment such as 2026-12-24T18:00:00Z")]
pub(crate) struct NotPast;

impl FromStr for PastTime {
    type Err = NotPast;

    fn from_str(text: &str) -> Result<PastTime, NotPast> {
        moment(text.trim()).map(PastTime).ok_or(NotPast)
    }
}

/// RFC 3339 with any offset, or without one, which means UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let mut text = text.to_ascii_uppercase();
    if text.as_bytes().get(10) == Some(&b' ') {
        text.replace_range(10..11, "T");
    }
    let split = text.len().checked_sub("+02:00".len()).filter(|at| *at >= "2026-12-24T18:00:00".len());
    let (Some((naive, zone)), false) = (split.and_then(|at| text.split_at_checked(at)), text.ends_with('Z'))
    else {
        return text.parse().ok();
    };
    let sign = match zone.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return text.parse().ok(),
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let possible = (0..24).contains(&hours) && (0..60).contains(&minutes);
    let offset = Some(sign * (hours * 3600 + minutes * 60)).filter(|_| possible)?;
    naive.parse::<Timestamp>().ok()?.add_secs(-offset)
}

/// A moment for people: to the second, as `--expires` takes it.
pub(crate) fn shown(at: Timestamp) -> String {
    let exact = at.to_string();
    format!("{}Z", exact.get(..19).unwrap_or(&exact))
}

/// A moment for programs: RFC 3339, UTC, all digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}Z", self.0))
    }
}

/// How far away a moment is: "in 3 days 4 hours", "3 days 4 hours ago", "just now".
pub(crate) fn relative(at: Timestamp, now: Timestamp) -> String {
    let seconds = (at.micros() - now.micros()) / 1_000_000;
    match seconds {
        0 if at > now => "in a moment".to_owned(),
        0 => "just now".to_owned(),
        1.. => format!("in {}", span(seconds)),
        _ => format!("{} ago", span(-seconds)),
    }
}

/// A number of seconds in its two largest units.
pub(crate) fn span(seconds: i64) -> String {
    const UNITS: [(i64, &str); 5] =
        [(365 * 86_400, "year"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    let largest = UNITS.iter().position(|(length, name)| {
        // A year of days is easier to judge in days; from two years on it is not.
        seconds >= if *name == "year" { 2 * length } else { *length }
    });
    let mut rest = seconds;
    let mut words = Vec::new();
    for (length, name) in UNITS.iter().skip(largest.unwrap_or(UNITS.len() - 1)).take(2) {
        let count = rest / length;
        rest %= length;
        match count {
            0 if !words.is_empty() => {}
            1 => words.push(format!("1 {name}")),
            count => words.push(format!("{count} {name}s")),
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_is_read_in_every_spelling_of_rfc_3339_and_naive_as_utc() {
        let moment = TimeOrDuration::At(at("2026-12-24T18:00:00"));
        for text in [
            "2026-12-24T18:00:00Z",
            "2026-12-24t18:00:00z",
            "2026-12-24 18:00:00Z",
            "2026-12-24T18:00:00",
            "2026-12-24T18:00:00.000",
            "2026-12-24T20:00:00+02:00",
            "2026-12-24T12:30:00.000-05:30",
            " 2026-12-24T18:00:00+00:00 ",
        ] {
            assert_eq!(text.parse(), Ok(moment), "{text}");
        }
    }

    #[test]
    fn a_duration_counts_from_now() {
        let now = at("2026-11-23T20:00:00");
        let from = |text: &str| text.parse::<TimeOrDuration>().unwrap().from(now);
        assert_eq!(from("2h").unwrap(), at("2026-11-23T22:00:00"));
        assert_eq!(from("7days").unwrap(), at("2026-11-30T20:00:00"));
        assert_eq!(from("1h 30m").unwrap(), at("2026-11-23T21:30:00"));
        assert_eq!(from("9000years").unwrap_err().to_string(), "the calendar ends before that");
    }

    #[test]
    fn what_names_no_moment_is_refused() {
        for text in [
            "",
            "soon",
            "30",
            "2026-12-24",
            "2026-12-24T18:00",
            "2026-02-30T00:00:00Z",
            "2026-12-24T18:00:00+25:00",
            "2026-12-24T18:00:00+0200",
            "é026-12-24T18:00:00+02:00",
            "-2h",
        ] {
            assert_eq!(text.parse::<TimeOrDuration>(), Err(NotAMoment), "{text}");
        }
    }

    #[test]
    fn distances_are_told_in_two_units() {
        let now = at("2026-11-23T20:00:00");
        for (text, words) in [
            ("2026-11-27T00:00:00", "in 3 days 4 hours"),
            ("2026-11-20T16:00:00", "3 days 4 hours ago"),
            ("2026-11-23T21:00:01", "in 1 hour"),
            ("2026-11-23T20:01:01", "in 1 minute 1 second"),
            ("2026-11-23T19:59:59", "1 second ago"),
            ("2026-11-23T20:00:00.9", "in a moment"),
            ("2026-11-23T19:59:59.1", "just now"),
            ("2027-11-23T20:00:00", "in 365 days"),
            ("2029-11-23T20:00:00", "in 3 years 1 day"),
        ] {
            assert_eq!(relative(at(text), now), words, "{text}");
        }
    }

    #[test]
    fn a_moment_that_is_shown_can_be_given_back() {
        let moment = at("2026-12-24T18:00:00.123456");
        assert_eq!(shown(moment), "2026-12-24T18:00:00Z");
        assert_eq!(serde_json::to_value(Moment(moment)).unwrap(), "2026-12-24T18:00:00.123456Z");
    }
}
