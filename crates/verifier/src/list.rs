//! What the feed has told so far.

use std::time::{Duration, Instant};

use model::ids::InvalidId;
use revocation::{Action, Entry, Fingerprint, Lift, Reach, Revocation, RevocationList, Subject};
use serde_json::Value;
use timestamp::{Timestamp, TimestampError};

use crate::verdict::Unknown;

/// The list, how far it has come, and when there was nothing more to know.
#[derive(Debug, Default)]
pub(crate) struct Followed {
    pub(crate) list: RevocationList,
    /// The last entry, to go on behind.
    pub(crate) seen: i64,
    pub(crate) level: Option<Level>,
}

/// A moment at which there was nothing more to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level {
    /// When the service read its journal, by its clock.
    pub(crate) as_of: Timestamp,
    /// When that was heard, by a clock that nobody sets.
    pub(crate) heard: Instant,
}

impl Level {
    /// Whether a list that is complete as of this level may say yes. By both clocks: the wall clock sees what was late on its
    /// way, and the other one a feed that fell silent, though the wall clock was wrong or was set back.
    pub(crate) fn is_fresh(
        self,
        (now, instant): (Timestamp, Instant),
        bound: Duration,
        skew: Duration,
    ) -> Result<(), Unknown> {
        let Level { as_of, heard } = self;
        if instant.saturating_duration_since(heard) > bound || as_of.saturating_add(bound) < now {
            return Err(Unknown::Silent { since: as_of });
        }
        if now.saturating_add(skew) < as_of {
            return Err(Unknown::ClockAhead { says: as_of, here: now });
        }
        Ok(())
    }
}

/// An event that can't be understood may be a revocation: a list without it is no good.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EventError {
    #[error("an event without {0}")]
    Missing(&'static str),
    #[error("an event of another form: {0}")]
    Id(#[from] InvalidId),
    #[error("an event of another form: {0}")]
    Time(#[from] TimestampError),
    #[error("an event of an unknown kind: {0}")]
    Unknown(String),
    #[error("the journal has lost entries")]
    Behind,
    #[error("entry {0} comes behind a later one")]
    Disorder(i64),
}

impl Followed {
    /// Takes an event in: its name, its data, and when it was heard.
    pub(crate) fn apply(&mut self, event: &str, data: &Value, heard: Instant) -> Result<(), EventError> {
        let position = data["position"].as_i64().ok_or(EventError::Missing("position"))?;
        if event == "level" {
            if position < self.seen {
                return Err(EventError::Behind);
            }
            self.level = Some(Level { as_of: moment(data, "as_of")?, heard });
            return Ok(());
        }
        let deed = match event {
            "cut" => Action::Revoke(revocation(data)?),
            "lift" => {
                let left = Some(&data["left"]).filter(|left| !left.is_null());
                let left = left.map(revocation).transpose()?;
                let (at, reason) = (moment(data, "at")?, String::new());
                Action::Lift(Lift { lifts: 0, at, reason, left })
            }
            other => return Err(EventError::Unknown(other.to_owned())),
        };
        // Applied behind what came after it, a lift could free what was cut again since.
        if position <= self.seen {
            return Err(EventError::Disorder(position));
        }
        let subject = subject(data)?;
        // What may be forgotten, the service forgets; a verifier begins anew when it is started.
        self.list.apply(Entry { seq: position, subject, deed, actor: String::new(), forget_at: None });
        self.seen = position;
        Ok(())
    }
}

fn subject(data: &Value) -> Result<Subject, EventError> {
    Ok(match text(data, "kind")? {
        "everything" => Subject::Everything,
        "credential" => Subject::Credential(text(data, "token_id")?.parse()?, fingerprint(data)?),
        "session" => Subject::Session(text(data, "account_id")?.parse()?, text(data, "session_id")?.parse()?),
        "family" => Subject::Family(text(data, "token_id")?.parse()?),
        "account" => Subject::Account(text(data, "account_id")?.parse()?),
        "package" => Subject::Package(text(data, "snap_id")?.parse()?),
        "signing-key" => Subject::SigningKey(text(data, "signing_key_id")?.parse()?),
        "root-key" => Subject::RootKey(text(data, "root_key_id")?.parse()?),
        other => return Err(EventError::Unknown(other.to_owned())),
    })
}

fn revocation(data: &Value) -> Result<Revocation, EventError> {
    let reach = if data["reach"] == "all" {
        Reach::All
    } else {
        Reach::LoggedInBefore(moment(&data["reach"], "logged_in_before")?)
    };
    let reason = data["reason"].as_str().unwrap_or_default().to_owned();
    Ok(Revocation { reach, at: moment(data, "at")?, reason })
}

fn fingerprint(data: &Value) -> Result<Fingerprint, EventError> {
    let digits = text(data, "fingerprint")?;
    let number = u128::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 32);
    number.map(u128::to_be_bytes).ok_or(EventError::Missing("fingerprint"))
}

fn moment(data: &Value, name: &'static str) -> Result<Timestamp, EventError> {
    Ok(text(data, name)?.parse()?)
}

fn text<'a>(data: &'a Value, name: &'static str) -> Result<&'a str, EventError> {
    data[name].as_str().ok_or(EventError::Missing(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_understood_is_refused_and_no_entry_may_be_lost() {
        let (mut followed, heard) = (Followed::default(), Instant::now());
        let at = "2027-01-31T12:00:00.000000";
        let known = json!({"position": 3, "kind": "everything", "reach": "all", "at": at, "reason": "x"});
        followed.apply("cut", &known, heard).unwrap();
        assert_eq!(followed.seen, 3);
        let query = revocation::RevocationQuery { subjects: vec![Subject::Everything], login: None };
        assert!(followed.list.check(&query).is_some());
        for (event, data) in [
            ("cut", json!({"position": 4, "kind": "planet", "reach": "all", "at": at})),
            ("cut", json!({"position": 4, "kind": "everything", "reach": "half", "at": at})),
            ("cut", json!({"kind": "everything", "reach": "all", "at": at})),
            ("cut", json!({"position": 4, "kind": "family", "token_id": "../x", "reach": "all", "at": at})),
            ("news", known.clone()),
            ("cut", known.clone()),
            ("lift", json!({"position": 2, "kind": "everything", "at": at, "left": null})),
            ("level", json!({"position": 2, "as_of": at})),
            ("level", json!({"position": 3})),
        ] {
            assert!(followed.apply(event, &data, heard).is_err(), "{event} {data}");
        }
        assert!(followed.seen == 3 && followed.level.is_none());
        followed.apply("level", &json!({"position": 3, "as_of": at}), heard).unwrap();
        assert!(followed.level.is_some());
        followed
            .apply("lift", &json!({"position": 4, "kind": "everything", "at": at, "left": null}), heard)
            .unwrap();
        assert!(followed.list.check(&query).is_none());
    }

    #[test]
    fn no_wall_clock_makes_a_silent_feed_fresh() {
        let (bound, skew, heard) = (Duration::from_secs(3), Duration::from_secs(2), Instant::now());
        let as_of = Timestamp::from_secs(1_800_000_000);
        let level = Level { as_of, heard };
        // By how much this clock is off, in seconds: to ten years, either way.
        for off in [-315_360_000, -3_600, -2, 0, 3, 3_600, 315_360_000] {
            for silent in [4, 60, 3_600, 3_602, 315_360_000_u64] {
                let now = as_of.add_secs(off + i64::try_from(silent).unwrap()).unwrap();
                let instant = heard + Duration::from_secs(silent);
                let fresh = level.is_fresh((now, instant), bound, skew);
                assert!(fresh.is_err(), "silent for {silent} s, with a clock that is {off} s off");
            }
        }
        assert_eq!(level.is_fresh((as_of, heard), bound, skew), Ok(()));
        let ahead = level.is_fresh((as_of.add_secs(-3).unwrap(), heard), bound, skew);
        assert!(matches!(ahead, Err(Unknown::ClockAhead { .. })));
        let late = level.is_fresh((as_of.add_secs(4).unwrap(), heard), bound, skew);
        assert!(matches!(late, Err(Unknown::Silent { .. })), "it was long on its way");
    }
}
