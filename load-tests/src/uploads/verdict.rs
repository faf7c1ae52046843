//! What one race says: a signed upload, and a revocation of something it needs, at once. Pure.

use super::ledger::Told;
use super::upload::{Asked, End, Style, What};
use crate::breaker::history::At;

use super::board::Phase;

/// What is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Credential,
    Family,
    Session,
    Key,
}

impl Kind {
    pub(crate) const ALL: [Kind; 4] = [Kind::Credential, Kind::Family, Kind::Session, Kind::Key];
}

/// Everything about one race, on the clock of the driver.
#[derive(Debug, Clone)]
pub(crate) struct Race {
    pub(crate) number: usize,
    pub(crate) who: usize,
    pub(crate) kind: Kind,
    pub(crate) style: Style,
    pub(crate) snap: String,
    pub(crate) digest: String,
    /// When the upload began.
    pub(crate) began: At,
    /// When the revocation was asked for, and where the upload was then; `None`: at its end.
    pub(crate) called: At,
    pub(crate) at: Option<Phase>,
    /// When its acknowledgement had been received.
    pub(crate) acknowledged: At,
    /// How many revisions had the file when the database was asked right after that, and when it had answered.
    pub(crate) there: i64,
    pub(crate) read: At,
    pub(crate) asked: Vec<Asked>,
    /// When the upload had ended, and how.
    pub(crate) ended: At,
    pub(crate) end: End,
    /// How many revisions had the file in the end.
    pub(crate) there_in_the_end: i64,
}

/// On which side of the revocation an upload came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// It was a revision when the revocation was acknowledged.
    Before,
    /// It was refused, and is none.
    Refused,
    /// Neither: something is wrong.
    Neither,
}

impl Race {
    pub(crate) fn side(&self) -> Side {
        match (self.there, self.there_in_the_end, &self.end) {
            // Whoever asks once more, or was asked when it was done, may be refused though it is there.
            (1, 1, _) => Side::Before,
            (0, 0, End::Denied(..) | End::Told(Told::Refused(_))) => Side::Refused,
            _ => Side::Neither,
        }
    }

    /// What promises it breaks.
    pub(crate) fn violations(&self) -> Vec<&'static str> {
        let mut all = Vec::new();
        if self.there == 0 && self.there_in_the_end > 0 {
            all.push(COMMITTED_AFTER);
        }
        if self.asked.iter().any(|asked| self.is_accepted_after(asked)) {
            all.push("a request was accepted that began after the acknowledgement");
        }
        if matches!(self.end, End::Told(Told::Ready(_))) && self.there_in_the_end == 0 {
            all.push("acknowledged, and lost");
        }
        let refused = matches!(self.end, End::Denied(..) | End::Told(Told::Refused(_)) | End::Lost);
        if refused && self.ended < self.called {
            all.push("refused, though nobody had asked to revoke anything");
        }
        if all.is_empty() && self.side() == Side::Neither {
            all.push("an upload that came to no end it may come to");
        }
        all
    }

    /// A credential that is revoked serves for nothing, a key for no assertion; a push may begin and wait all the same.
    fn is_accepted_after(&self, asked: &Asked) -> bool {
        let concerned = self.kind != Kind::Key || asked.what == What::Build;
        concerned
            && asked.began >= self.acknowledged
            && asked.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// As lines of a history.
    pub(crate) fn tell(&self) -> Vec<String> {
        let clock = |at: At| format!("{:.4}s", at.as_secs_f64());
        let mut lines = vec![
            format!("race {}, client {}: {:?} revoked, {:?}", self.number, self.who, self.kind, self.style),
            format!("{} the upload began", clock(self.began)),
            format!("{} asked to revoke, while at {:?}", clock(self.called), self.at),
            format!("{} acknowledged", clock(self.acknowledged)),
            format!("{} the database had answered: {} revisions", clock(self.read), self.there),
        ];
        lines.extend(self.asked.iter().map(|asked| {
            format!("{} to {} {:?}: {:?}", clock(asked.began), clock(asked.ended), asked.what, asked.status)
        }));
        lines.push(format!("{} ended: {:?}", clock(self.ended), self.end));
        lines.push(format!("in the end {} revisions", self.there_in_the_end));
        lines
    }
}

/// The violation that the whole is about.
pub(crate) const COMMITTED_AFTER: &str = "a revision was committed after the acknowledgement";

#[cfg(test)]
mod tests {
    use super::*;

    /// Revoked from 10 to 20, looked at until 21, ended at 30.
    fn race(kind: Kind, there: i64, end: End, there_in_the_end: i64) -> Race {
        Race {
            number: 0,
            who: 0,
            kind,
            style: Style::Before,
            snap: "s".to_owned(),
            digest: "d".to_owned(),
            began: at(0),
            called: at(10),
            at: Some(Phase::Pushing),
            acknowledged: at(20),
            there,
            read: at(21),
            asked: Vec::new(),
            ended: at(30),
            end,
            there_in_the_end,
        }
    }

    fn at(milliseconds: u64) -> At {
        At::from_millis(milliseconds)
    }

    fn refused() -> End {
        End::Told(Told::Refused("revoked".to_owned()))
    }

    fn ready() -> End {
        End::Told(Told::Ready(1))
    }

    #[test]
    fn one_side_or_the_other_is_fine() {
        for (there, end, last, side) in [
            (1, ready(), 1, Side::Before),
            (1, End::Denied(401, "revoked".to_owned()), 1, Side::Before),
            (0, refused(), 0, Side::Refused),
            (0, End::Denied(401, "revoked".to_owned()), 0, Side::Refused),
        ] {
            let race = race(Kind::Credential, there, end, last);
            assert_eq!((race.side(), race.violations()), (side, Vec::new()));
        }
    }

    #[test]
    fn a_revision_that_was_not_there_at_the_acknowledgement_is_a_violation() {
        for kind in Kind::ALL {
            assert_eq!(race(kind, 0, ready(), 1).violations(), [COMMITTED_AFTER]);
            assert_eq!(
                race(kind, 0, refused(), 1).violations(),
                [COMMITTED_AFTER],
                "whatever the client heard"
            );
        }
    }

    #[test]
    fn a_request_that_begins_after_the_acknowledgement_is_refused() {
        let after = "a request was accepted that began after the acknowledgement";
        let with = |kind, what, began, status| {
            let mut race = race(kind, 0, refused(), 0);
            race.asked.push(Asked { what, began: at(began), ended: at(40), status: Some(status) });
            race.violations()
        };
        assert_eq!(with(Kind::Session, What::Push, 20, 202), [after]);
        assert_eq!(with(Kind::Session, What::Push, 19, 202), Vec::<&str>::new());
        assert_eq!(with(Kind::Session, What::Push, 20, 401), Vec::<&str>::new());
        assert_eq!(with(Kind::Key, What::Build, 20, 200), [after]);
        assert_eq!(with(Kind::Key, What::Push, 20, 202), Vec::<&str>::new(), "the credential is good");
    }

    #[test]
    fn an_end_that_nothing_explains_is_a_violation() {
        assert_eq!(race(Kind::Key, 0, ready(), 0).violations(), ["acknowledged, and lost"]);
        let mut early = race(Kind::Key, 0, refused(), 0);
        early.ended = at(9);
        assert_eq!(early.violations(), ["refused, though nobody had asked to revoke anything"]);
        let lost = race(Kind::Key, 0, End::Lost, 0);
        assert_eq!(lost.violations(), ["an upload that came to no end it may come to"]);
    }
}
