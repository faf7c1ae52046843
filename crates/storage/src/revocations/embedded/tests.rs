//! Cuts and lifts in any order, against a model that remembers every one of them.

use proptest::prelude::*;

use super::*;
use model::ids::{AccountId, KeyId, SessionId, SnapId, TokenId};
use revocation::{Lift, Reach};

/// Something that is decided: a cut of one of the subjects, or the lift of an earlier cut.
#[derive(Debug, Clone)]
enum Step {
    Revocation { subject: usize, reach: Reach },
    Lift { earlier: prop::sample::Index },
}

/// A cut that was made, and whether it still stands.
struct Made {
    subject: usize,
    cut: Revocation,
    lifted: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let reach = prop_oneof![
        4 => (0_i64..6).prop_map(|micros| Reach::LoggedInBefore(Timestamp::from_micros(micros))),
        1 => Just(Reach::All),
    ];
    let step = prop_oneof![
        3 => (0..SUBJECTS, reach).prop_map(|(subject, reach)| Step::Revocation { subject, reach }),
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

/// The strictest of a subject's cuts that stand.
fn strictest(made: &[Made], subject: usize) -> Option<Revocation> {
    let revocation_in_force = made.iter().filter(|made| made.subject == subject && !made.lifted);
    revocation_in_force.map(|made| made.cut.clone()).reduce(Revocation::stricter)
}

proptest! {
    #[test]
    fn a_credential_is_dead_exactly_if_a_cut_covers_it_that_was_not_lifted(steps in steps()) {
        let subjects = subjects();
        let (mut cuts, mut made) = (HashMap::new(), Vec::<Made>::new());
        for (step, at) in steps.into_iter().zip(1..) {
            let at = Timestamp::from_micros(at);
            match step {
                Step::Revocation { subject, reach } => {
                    let cut = Revocation { reach, at, reason: String::new() };
                    made.push(Made { subject, cut: cut.clone(), lifted: false });
                    apply(&mut cuts, subjects[subject].clone(), Action::Revoke(cut), None);
                }
                Step::Lift { earlier } => {
                    let revocation_in_force = made.iter_mut().filter(|made| !made.lifted && made.cut.reach != Reach::All);
                    let mut revocation_in_force: Vec<_> = revocation_in_force.collect();
                    if revocation_in_force.is_empty() {
                        continue;
                    }
                    let index = earlier.index(revocation_in_force.len());
                    revocation_in_force[index].lifted = true;
                    let subject = revocation_in_force[index].subject;
                    let left = strictest(&made, subject);
                    let lift = Lift { lifts: 0, at, reason: String::new(), left };
                    apply(&mut cuts, subjects[subject].clone(), Action::Lift(lift), None);
                }
            }
            // Each subject by itself and all together, for a login before, between and after all moments.
            for login in [None, Some(-1), Some(0), Some(2), Some(5), Some(9)] {
                let login = login.map(Timestamp::from_micros);
                let kills = |made: &&Made| !made.lifted && made.cut.reach.covers(login);
                for (index, subject) in subjects.iter().enumerate() {
                    let question = RevocationQuery { subjects: vec![subject.clone()], login };
                    let dead = made.iter().filter(|made| made.subject == index).any(|made| kills(&made));
                    prop_assert_eq!(covering(&cuts, &question).is_some(), dead);
                }
                let question = RevocationQuery { subjects: subjects.to_vec(), login };
                let strictest = made.iter().filter(kills).map(|made| made.cut.reach).max();
                prop_assert_eq!(covering(&cuts, &question).map(|cut| cut.reach), strictest);
            }
        }
    }
}
