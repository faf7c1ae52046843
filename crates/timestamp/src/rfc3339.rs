//! RFC 3339 with a zone, as assertions and JSON have it.

use crate::Timestamp;

/// Reads `2016-04-01T00:00:00.0Z` or `2026-11-24T20:30:00+01:00`: a date, a time with any fraction (what is finer than a
/// microsecond is cut off), and a zone.
pub fn read(text: &str) -> Option<Timestamp> {
    let (local, offset) = match text.strip_suffix('Z') {
        Some(local) => (local, 0),
        None => zone(text)?,
    };
    let (whole, fraction) = match local.split_once('.') {
        Some((_, "")) => return None,
        Some((whole, fraction)) => (whole, fraction),
        None => (local, "0"),
    };
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || whole.len() != "2016-04-01T00:00:00".len() {
        return None;
    }
    let fraction = fraction.get(..9).unwrap_or(fraction);
    format!("{whole}.{fraction}").parse::<Timestamp>().ok()?.add_secs(-offset)
}

/// As the store writes them: in UTC, with six digits and a `Z`.
pub fn write(moment: Timestamp) -> String {
    format!("{moment}Z")
}

/// What stands before `+01:00` or `-01:00`, and that in seconds.
fn zone(text: &str) -> Option<(&str, i64)> {
    let (local, zone) = text.split_at_checked(text.len().checked_sub("+01:00".len())?)?;
    let (sign, zone) = match zone.strip_prefix('+') {
        Some(zone) => (1, zone),
        None => (-1, zone.strip_prefix('-')?),
    };
    let (hours, minutes) = zone.split_once(':')?;
    let two_digits = |text: &str, below: i64| {
        let digits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|number| digits && *number < below)
    };
    Some((local, sign * (two_digits(hours, 24)? * 3600 + two_digits(minutes, 60)? * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<i64> {
        read(text).map(|moment| moment.micros() / 1_000_000)
    }

    #[test]
    fn a_moment_is_the_same_in_every_zone() {
        assert_eq!(seconds("2016-01-01T00:00:00Z"), Some(1_451_606_400));
        assert_eq!(seconds("2016-01-01T00:00:00.0Z"), Some(1_451_606_400));
        assert_eq!(seconds("2016-01-01T01:30:00+01:30"), Some(1_451_606_400));
        assert_eq!(seconds("2015-12-31T16:00:00-08:00"), Some(1_451_606_400));
        assert_eq!(seconds("2016-01-01T00:00:00-00:00"), Some(1_451_606_400));
        assert_eq!(read("1970-01-01T00:00:00.123456789123Z").unwrap().micros(), 123_456);
        let moment = read("2026-11-24T20:30:00.5+01:00").unwrap();
        assert_eq!(write(moment), "2026-11-24T19:30:00.500000Z");
        assert_eq!(read(&write(moment)), Some(moment));
    }

    #[test]
    fn a_time_without_zone_or_of_another_form_is_refused() {
        for text in [
            "",
            "Z",
            "2016-01-01",
            "2016-01-01T00:00:00",
            "2016-01-01 00:00:00Z",
            "2016-01-01T00:00Z",
            "2016-01-01T00:00:00.Z",
            "2016-01-01T00:00:00.5",
            "2016-01-01T00:00:00.5.5Z",
            "2016-01-01T00:00:00ZZ",
            "2016-01-01T00:00:00+00:00Z",
            "2016-01-01T00:00:00Z+00:00",
            "2016-01-01T00:00:00.5Z+00:00",
            "2016-01-01T00:00:00z",
            "2016-01-01T00:00:00+1:00",
            "2016-01-01T00:00:00+0100",
            "2016-01-01T00:00:00+24:00",
            "2016-01-01T00:00:00+00:60",
            "2016-01-01T00:00:00++1:00",
            "2016-02-30T00:00:00Z",
            "2016-01-01T00:00:60Z",
            "2016-01-01T00:00:00\u{00e9}00:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
