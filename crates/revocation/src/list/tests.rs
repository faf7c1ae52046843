//! The laws of the list: revocations and lifts in any order, against a model that remembers every one of them.

use proptest::prelude::*;

use model::ids::{AccountId, KeyId, SessionId, SnapId, TokenId};
use timestamp::Timestamp;

use crate::{Action, Entry, Lift, Reach, Revocation, RevocationList, RevocationQuery, Subject};

/// Something that is decided: a revocation of one of the subjects, or the lift of an earlier one.
#[derive(Debug, Clone)]
enum Step {
    Revoke { subject: usize, reach: Reach },
    Lift { earlier: prop::sample::Index },
}

/// A revocation that was made, and whether it still stands.
struct Made {
    subject: usize,
    revocation: Revocation,
    lifted: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let reach = prop_oneof![
        4 => (0_i64..6).prop_map(|micros| Reach::LoggedInBefore(Timestamp::from_micros(micros))),
        1 => Just(Reach::All),
    ];
    let step = prop_oneof![
        3 => (0..SUBJECTS, reach).prop_map(|(subject, reach)| Step::Revoke { subject, reach }),
        2 => any::<prop::sample::Index>().prop_map(|earlier| Step::Lift { earlier }),
    ];
    prop::collection::vec(step, 0..24)
}

const SUBJECTS: usize = 7;

fn subjects() -> [Subject; SUBJECTS] {
    let (account, token) = (AccountId::generate(), TokenId::generate());
    [
        Subject::Credential(token.clone(), [1; 16]),
        Subject::Family(token),
        Subject::Session(account.clone(), SessionId::generate()),
        Subject::Account(account),
        Subject::Package(SnapId::generate()),
        Subject::RootKey(KeyId::generate()),
        Subject::Everything,
    ]
}

/// The strictest of a subject's revocations that stand.
fn strictest(made: &[Made], subject: usize) -> Option<Revocation> {
    let standing = made.iter().filter(|made| made.subject == subject && !made.lifted);
    standing.map(|made| made.revocation.clone()).reduce(Revocation::stricter)
}

fn entry(subject: &Subject, deed: Action) -> Entry {
    Entry { seq: 1, subject: subject.clone(), deed, actor: String::new(), forget_at: None }
}

fn reaches() -> impl Strategy<Value = Reach> {
    prop_oneof![
        4 => (-3_i64..6).prop_map(|micros| Reach::LoggedInBefore(Timestamp::from_micros(micros))),
        1 => Just(Reach::All),
    ]
}

fn revocation(reach: Reach) -> Revocation {
    Revocation { reach, at: Timestamp::from_micros(0), reason: String::new() }
}

proptest! {
    #[test]
    fn of_several_revocations_the_strictest_counts_in_whatever_order(
        one in reaches(), other in reaches(), third in reaches()
    ) {
        let stricter = |one, other| revocation(one).stricter(revocation(other)).reach;
        prop_assert_eq!(stricter(one, other), stricter(other, one));
        prop_assert_eq!(stricter(stricter(one, other), third), stricter(one, stricter(other, third)));
        prop_assert_eq!(stricter(one, one), one);
    }

    #[test]
    fn a_stricter_revocation_kills_whatever_a_looser_one_kills(
        one in reaches(), other in reaches(), login in prop::option::of(-4_i64..8)
    ) {
        let login = login.map(Timestamp::from_micros);
        let both = revocation(one).stricter(revocation(other)).reach;
        prop_assert_eq!(both.covers(login), one.covers(login) || other.covers(login));
    }

    #[test]
    fn an_older_login_is_dead_where_a_younger_one_is(reach in reaches(), age in 0_i64..8, login in -4_i64..8) {
        let covers = |micros| reach.covers(Some(Timestamp::from_micros(micros)));
        prop_assert!(!covers(login) || covers(login - age));
        prop_assert!(!covers(login) || reach.covers(None), "one without a login counts as the oldest");
    }

    #[test]
    fn what_is_kept_for_good_is_never_forgotten(
        ends in prop::collection::vec(prop::option::of(0_i64..9), 1..6), now in 0_i64..12
    ) {
        let (subject, mut list) = (Subject::Everything, RevocationList::default());
        for end in &ends {
            let forget_at = end.map(Timestamp::from_micros);
            list.apply(Entry { forget_at, ..entry(&subject, Action::Revoke(revocation(Reach::All))) });
        }
        list.forget(Timestamp::from_micros(now));
        let query = RevocationQuery { subjects: vec![subject], login: None };
        let stays = ends.iter().any(|end| end.is_none_or(|end| end >= now));
        prop_assert_eq!(list.check(&query).is_some(), stays);
    }

    #[test]
    fn a_credential_is_dead_exactly_if_a_revocation_covers_it_that_was_not_lifted(steps in steps()) {
        let subjects = subjects();
        let (mut list, mut made) = (RevocationList::default(), Vec::<Made>::new());
        for (step, at) in steps.into_iter().zip(1..) {
            let at = Timestamp::from_micros(at);
            match step {
                Step::Revoke { subject, reach } => {
                    let revocation = Revocation { reach, at, reason: String::new() };
                    made.push(Made { subject, revocation: revocation.clone(), lifted: false });
                    list.apply(entry(&subjects[subject], Action::Revoke(revocation)));
                }
                Step::Lift { earlier } => {
                    let standing = made.iter_mut().filter(|made| !made.lifted && made.revocation.reach != Reach::All);
                    let mut standing: Vec<_> = standing.collect();
                    if standing.is_empty() {
                        continue;
                    }
                    let index = earlier.index(standing.len());
                    standing[index].lifted = true;
                    let subject = standing[index].subject;
                    let left = strictest(&made, subject);
                    let lift = Lift { lifts: 0, at, reason: String::new(), left };
                    list.apply(entry(&subjects[subject], Action::Lift(lift)));
                }
            }
            // Each subject by itself and all together, for a login before, between and after all moments.
            for login in [None, Some(-1), Some(0), Some(2), Some(5), Some(9)] {
                let login = login.map(Timestamp::from_micros);
                let kills = |made: &&Made| !made.lifted && made.revocation.reach.covers(login);
                for (index, subject) in subjects.iter().enumerate() {
                    let question = RevocationQuery { subjects: vec![subject.clone()], login };
                    let dead = made.iter().filter(|made| made.subject == index).any(|made| kills(&made));
                    prop_assert_eq!(list.check(&question).is_some(), dead);
                }
                let question = RevocationQuery { subjects: subjects.to_vec(), login };
                let strictest = made.iter().filter(kills).map(|made| made.revocation.reach).max();
                prop_assert_eq!(list.check(&question).map(|revocation| revocation.reach), strictest);
            }
        }
    }
}
