#![doc = include_str!("../README.md")]

pub mod rfc3339;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A moment in UTC, in microseconds since 1970-01-01T00:00:00, within the years 1 to 9999 (what the clients'
/// `datetime` can hold).
///
/// Written as the store writes it, naive and with all six digits: `2027-05-20T20:30:22.896621`. Read with a fraction of
/// up to nine digits (those after the sixth are cut off) or none, and without a zone, with `Z`, or with `+00:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is no [`Timestamp`]: another form, a day that does not exist, a zone other than UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a time in UTC such as 2027-05-20T20:30:22.896621")]
pub struct TimestampError;

impl Timestamp {
    /// The first moment of year 1.
    pub const MIN: Self = Self(-62_135_596_800 * MICROS);
    /// The last microsecond of year 9999.
    pub const MAX: Self = Self(253_402_300_800 * MICROS - 1);

    /// From microseconds since 1970; a moment outside the years 1 to 9999 becomes the nearest one inside.
    pub fn from_micros(micros: i64) -> Self {
        Self(micros).clamp(Self::MIN, Self::MAX)
    }

    /// From seconds since 1970; a moment outside the years 1 to 9999 becomes the nearest one inside.
    pub fn from_secs(seconds: i64) -> Self {
        Self::from_micros(seconds.saturating_mul(MICROS))
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// The moment `seconds` later (earlier if negative), or `None` if that leaves the years 1 to 9999.
    pub fn add_secs(self, seconds: i64) -> Option<Self> {
        let moment = Self(seconds.checked_mul(MICROS).and_then(|micros| self.0.checked_add(micros))?);
        (Self::MIN..=Self::MAX).contains(&moment).then_some(moment)
    }

    /// The moment a duration later, or the last of the year 9999.
    #[must_use]
    pub fn saturating_add(self, by: Duration) -> Self {
        Self::from_micros(self.0.saturating_add(whole_micros(by)))
    }

    /// The moment a duration earlier, or the first of the year 1.
    #[must_use]
    pub fn saturating_sub(self, by: Duration) -> Self {
        Self::from_micros(self.0.saturating_sub(whole_micros(by)))
    }
}

fn whole_micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.0.div_euclid(DAY));
        let micros = self.0.rem_euclid(DAY);
        let (seconds, fraction) = (micros / MICROS, micros % MICROS);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}")
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text.as_bytes()).ok_or(TimestampError)
    }
}

fn parse(text: &[u8]) -> Option<Timestamp> {
    let text = text.strip_suffix(b"Z").or_else(|| text.strip_suffix(b"+00:00")).unwrap_or(text);
    let (whole, rest) = text.split_first_chunk::<19>()?;
    let [y1, y2, y3, y4, b'-', mo1, mo2, b'-', d1, d2, b'T', h1, h2, b':', mi1, mi2, b':', s1, s2] = *whole
    else {
        return None;
    };
    let year = number([y1, y2, y3, y4])?;
    let (month, day) = (number([mo1, mo2])?, number([d1, d2])?);
    let (hour, minute, second) = (number([h1, h2])?, number([mi1, mi2])?, number([s1, s2])?);
    let valid = year >= 1
        && (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let fraction = match rest {
        [] => 0,
        [b'.', digits @ ..] => micros_of(digits)?,
        _ => return None,
    };
    let seconds = days_to(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    valid.then_some(Timestamp(seconds * MICROS + fraction))
}

/// The microseconds of one to nine digits after the point; nearly always six.
fn micros_of(digits: &[u8]) -> Option<i64> {
    if let Ok(six) = <[u8; 6]>::try_from(digits) {
        return number(six);
    }
    if !(1..=9).contains(&digits.len()) {
        return None;
    }
    let mut padded = [b'0'; 9];
    padded.iter_mut().zip(digits).for_each(|(to, digit)| *to = *digit);
    Some(number(padded)? / 1000)
}

/// Looks at all digits before it judges, which takes no branch for each.
fn number<const N: usize>(digits: [u8; N]) -> Option<i64> {
    let value = digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit.wrapping_sub(b'0')));
    digits.iter().all(u8::is_ascii_digit).then_some(value)
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar. Counts in eras of 400 years that begin on 1 March, so
/// that the leap day is the last of its year (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn days_to(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_IN_ERA + day_of_era - DAYS_TO_1970
}

/// The date that is this many days after 1970-01-01; the inverse of [`days_to`].
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + DAYS_TO_1970;
    let era = days.div_euclid(DAYS_IN_ERA);
    let day_of_era = days.rem_euclid(DAYS_IN_ERA);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

const MICROS: i64 = 1_000_000;
const DAY: i64 = 86_400 * MICROS;
const DAYS_IN_ERA: i64 = 146_097;
/// From 0000-03-01.
const DAYS_TO_1970: i64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> Option<i64> {
        text.parse().ok().map(Timestamp::micros)
    }

    #[test]
    fn known_moments_are_read_and_written() {
        for (text, expected) in [
            ("1970-01-01T00:00:00.000000", 0),
            ("1969-12-31T23:59:59.999999", -1),
            ("2000-02-29T12:00:00.000001", 951_825_600_000_001),
            ("2024-01-02T03:04:05.000006", 1_704_164_645_000_006),
            ("0001-01-01T00:00:00.000000", Timestamp::MIN.micros()),
            ("9999-12-31T23:59:59.999999", Timestamp::MAX.micros()),
        ] {
            assert_eq!(micros(text), Some(expected), "{text}");
            assert_eq!(Timestamp::from_micros(expected).to_string(), text);
        }
    }

    #[test]
    fn every_form_that_clients_send_is_read() {
        let second = micros("2027-05-20T20:30:22");
        assert!(second.is_some());
        for text in ["2027-05-20T20:30:22Z", "2027-05-20T20:30:22+00:00", "2027-05-20T20:30:22.0"] {
            assert_eq!(micros(text), second, "{text}");
        }
        assert_eq!(micros("2027-05-20T20:30:22.896Z"), second.map(|second| second + 896_000));
        assert_eq!(micros("2027-05-20T20:30:22.896621789+00:00"), second.map(|second| second + 896_621));
    }

    #[test]
    fn days_and_hours_that_do_not_exist_are_refused() {
        for text in [
            "2023-02-29T00:00:00",
            "1900-02-29T00:00:00",
            "2024-04-31T00:00:00",
            "2024-00-10T00:00:00",
            "2024-13-10T00:00:00",
            "2024-01-00T00:00:00",
            "0000-01-01T00:00:00",
            "2024-01-01T24:00:00",
            "2024-01-01T00:60:00",
            "2024-01-01T00:00:60",
        ] {
            assert_eq!(micros(text), None, "{text}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2024-01-01",
            "2024-01-01 00:00:00",
            "2024-01-01T00:00:00+01:00",
            "2024-01-01T00:00:00-00:00",
            "2024-01-01T00:00:00.",
            "2024-01-01T00:00:00.1234567890",
            "2024-01-01T00:00:00ZZ",
            "+024-01-01T00:00:00",
            "2024-01-01t00:00:00",
            " 2024-01-01T00:00:00",
        ] {
            assert_eq!(micros(text), None, "{text}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_is_read_back() {
        for day in 0..DAYS_IN_ERA {
            let moment = Timestamp::from_micros(day * DAY);
            assert_eq!(moment.to_string().parse(), Ok(moment));
        }
    }

    #[test]
    fn arithmetic_stays_within_the_calendar() {
        assert_eq!(Timestamp::from_secs(5).add_secs(-7), Some(Timestamp::from_secs(-2)));
        assert_eq!(Timestamp::MAX.add_secs(1), None);
        assert_eq!(Timestamp::MIN.add_secs(-1), None);
        assert_eq!(Timestamp::from_secs(0).add_secs(i64::MAX), None);
        assert_eq!(Timestamp::from_secs(i64::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::from_micros(i64::MIN), Timestamp::MIN);
    }

    #[test]
    fn a_moment_later_or_earlier_stays_within_the_years() {
        let moment = Timestamp::from_micros(5);
        let second = Duration::from_secs(1);
        assert_eq!(moment.saturating_add(second).micros(), 1_000_005);
        assert_eq!(moment.saturating_sub(second).micros(), -999_995);
        assert_eq!(moment.saturating_add(Duration::from_nanos(1999)).micros(), 6);
        assert_eq!(moment.saturating_add(Duration::MAX), Timestamp::MAX);
        assert_eq!(moment.saturating_sub(Duration::MAX), Timestamp::MIN);
    }
}
