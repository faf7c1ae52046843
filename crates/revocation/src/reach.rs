//! Which of a subject's credentials a revocation kills, and which of several revocations counts.

use timestamp::Timestamp;

/// Which credentials of a subject are dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Those whose login was before this moment.
    LoggedInBefore(Timestamp),
    /// All of them, for good. Greater than every moment.
    All,
}

impl Reach {
    /// Whether a credential whose login was at `login` is dead. One without a login moment counts as the oldest.
    pub fn covers(self, login: Option<Timestamp>) -> bool {
        match (self, login) {
            (Reach::All, _) | (Reach::LoggedInBefore(_), None) => true,
            (Reach::LoggedInBefore(moment), Some(login)) => login < moment,
        }
    }
}

/// One revocation as it is kept: of several for a subject the one with the greater reach counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Which of the subject's credentials it kills.
    pub reach: Reach,
    /// When it was decided.
    pub at: Timestamp,
    /// Why, in the words of who decided it.
    pub reason: String,
}

impl Revocation {
    /// The stricter of two cuts of one subject: no later, looser cut can re-admit anything.
    #[must_use]
    pub fn stricter(self, other: Revocation) -> Revocation {
        if other.reach > self.reach { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_looser_cut_never_wins() {
        let cut = |reach| Revocation { reach, at: Timestamp::from_micros(0), reason: String::new() };
        let moment = |micros| Reach::LoggedInBefore(Timestamp::from_micros(micros));
        for (one, other, wins) in [
            (moment(5), moment(9), moment(9)),
            (moment(9), moment(5), moment(9)),
            (Reach::All, moment(9), Reach::All),
            (moment(9), Reach::All, Reach::All),
        ] {
            assert_eq!(cut(one).stricter(cut(other)).reach, wins);
        }
    }

    #[test]
    fn a_credential_without_a_login_moment_counts_as_the_oldest() {
        assert!(Reach::LoggedInBefore(Timestamp::from_micros(1)).covers(None));
        assert!(!Reach::LoggedInBefore(Timestamp::from_micros(1)).covers(Some(Timestamp::from_micros(1))));
    }
}
