#![doc = include_str!("../README.md")]

use timestamp::Timestamp;

use model::ids::{AccountId, KeyId, SessionId, SigningKeyId, SnapId, TokenId};

/// The first 16 bytes of SHA-256 over a tail; the tail itself never leaves `caveats`.
pub type Fingerprint = [u8; 16];

/// A fingerprint as the journal and the list spell it: 32 lower-case hexadecimal digits.
pub fn hex(fingerprint: &Fingerprint) -> String {
    format!("{:032x}", u128::from_be_bytes(*fingerprint))
}

/// Something that can be revoked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Subject {
    /// One credential and everything attenuated from it.
    Credential(TokenId, Fingerprint),
    /// Everything ever attenuated from one root macaroon.
    Family(TokenId),
    /// One login and its refreshes.
    Session(AccountId, SessionId),
    /// An account's logins.
    Account(AccountId),
    /// Every credential that touches a package.
    Package(SnapId),
    /// A publisher's key: what it has signed admits nothing any more.
    SigningKey(SigningKeyId),
    /// Every credential made with one root key.
    RootKey(KeyId),
    /// Every credential.
    Everything,
}

impl Subject {
    /// The word for this kind in the journal and in answers.
    pub fn kind(&self) -> &'static str {
        match self {
            Subject::Credential(..) => "credential",
            Subject::Family(_) => "family",
            Subject::Session(..) => "session",
            Subject::Account(_) => "account",
            Subject::Package(_) => "package",
            Subject::SigningKey(_) => "signing-key",
            Subject::RootKey(_) => "root-key",
            Subject::Everything => "everything",
        }
    }

    /// Whether a cut of it may ever be lifted: one that cuts off everybody up to a moment, as a precaution. What may have
    /// leaked, a credential or a key, stays dead.
    pub fn is_liftable(&self) -> bool {
        matches!(self, Subject::Account(_) | Subject::Package(_) | Subject::Everything)
    }
}

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

/// A revocation about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRevocation {
    /// What it kills.
    pub subject: Subject,
    /// How much of it, since when, why.
    pub cut: Revocation,
    /// Who decided it: an account's id, or who else the service knows.
    pub actor: String,
    /// Whether it was made because something leaked, so that it may never be lifted.
    pub leaked: bool,
    /// When nothing it concerns can be valid any more, so that it can be forgotten; `None`: never.
    pub forget_at: Option<Timestamp>,
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the journal: 1, 2, 3, … without gaps.
    pub seq: i64,
    /// What it is about.
    pub subject: Subject,
    /// What was decided about it.
    pub deed: Action,
    /// Who decided it.
    pub actor: String,
    /// When nothing it concerns can be valid any more; `None`: never.
    pub forget_at: Option<Timestamp>,
}

/// What an entry of the journal does to its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It cuts, beside all cuts before it.
    Revoke(Revocation),
    /// It takes an earlier cut back.
    Lift(Lift),
}

/// A cut taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lift {
    /// The entry that is taken back.
    pub lifts: i64,
    /// When it was decided.
    pub at: Timestamp,
    /// Why, in the words of who decided it.
    pub reason: String,
    /// The strictest of the subject's cuts that stand before this entry; none, and the subject is free again.
    pub left: Option<Revocation>,
}

impl Entry {
    /// When it was decided.
    pub fn at(&self) -> Timestamp {
        match &self.deed {
            Action::Revoke(cut) => cut.at,
            Action::Lift(lift) => lift.at,
        }
    }

    /// Why.
    pub fn reason(&self) -> &str {
        match &self.deed {
            Action::Revoke(cut) => &cut.reason,
            Action::Lift(lift) => &lift.reason,
        }
    }
}

/// Everything about one credential that could have been revoked.
#[derive(Debug, Clone)]
pub struct RevocationQuery {
    /// The subjects to look for.
    pub subjects: Vec<Subject>,
    /// When its holder last gave a password and a code.
    pub login: Option<Timestamp>,
}

impl RevocationQuery {
    /// What to ask about a publisher's signing key.
    pub fn about_signing_key(key: &SigningKeyId) -> RevocationQuery {
        RevocationQuery { subjects: vec![Subject::SigningKey(key.clone())], login: None }
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
