//! Histories written by hand: good ones, in which nothing is found, and one for each way to break a promise.

use super::super::history::{Acknowledged, Credential, Fault, Kind, Login, Push, Revocation};
use super::*;

/// Account 0 logged in twice, as logins 0 and 1 with roots of their own; account 1 once. Credential 0 is login 0's, 1 a
/// child of it and 2 a child of that; 3 is login 1's, 4 the other account's.
fn people() -> Events {
    let login = |family, account| Login { family, account, ended: at(1) };
    let credential = |parent, login| Credential { parent, login };
    Events {
        logins: vec![login(0, 0), login(1, 0), login(2, 1)],
        credentials: vec![
            credential(None, 0),
            credential(Some(0), 0),
            credential(Some(1), 0),
            credential(None, 1),
            credential(None, 2),
        ],
        ..Events::default()
    }
}

/// Revoked from 10 to 20.
fn revoked(subject: Subject) -> Events {
    let mut events = people();
    let acknowledged = Acknowledged { at: at(20), asked: at(10), service: 0, position: 1 };
    events.revocations.push(Revocation {
        subject,
        reason: "one".to_owned(),
        called: at(10),
        attempts: 1,
        acknowledged: Some(acknowledged),
    });
    events
}

fn asked(credential: usize, began: u64, ended: u64, outcome: Outcome) -> Operation {
    let (began, ended) = (at(began), at(ended));
    Operation { kind: Kind::Whoami, credential: Some(credential), service: 1, began, ended, outcome }
}

fn recorded() -> Aftermath {
    Aftermath { journal: BTreeMap::from([(1, "one".to_owned())]), ..Aftermath::default() }
}

fn found(events: &Events, aftermath: &Aftermath) -> Vec<&'static str> {
    violations(events, aftermath).into_iter().map(|violation| violation.what).collect()
}

fn at(milliseconds: u64) -> At {
    At::from_millis(milliseconds)
}

#[test]
fn a_request_that_began_before_the_acknowledgement_may_end_either_way() {
    let mut events = revoked(Subject::Credential(1));
    events.operations.extend([
        asked(1, 5, 8, Outcome::Accepted),
        asked(1, 19, 90, Outcome::Accepted),
        asked(1, 11, 12, Outcome::Refused),
        asked(1, 21, 22, Outcome::Refused),
        asked(1, 21, 22, Outcome::CannotTell),
        asked(1, 21, 22, Outcome::Unknown),
    ]);
    assert_eq!(found(&events, &recorded()), Vec::<&str>::new());
}

#[test]
fn one_accepted_after_the_acknowledgement_is_a_violation_whatever_was_revoked() {
    for (subject, dead, alive) in [
        (Subject::Credential(1), vec![1, 2], vec![0, 3, 4]),
        (Subject::Family(0), vec![0, 1, 2], vec![3, 4]),
        (Subject::Session(0), vec![0, 1, 2], vec![3, 4]),
        (Subject::Account(0), vec![0, 1, 2, 3], vec![4]),
    ] {
        for credential in 0..5 {
            let mut events = revoked(subject);
            events.operations.push(asked(credential, 20, 21, Outcome::Accepted));
            let accepted = found(&events, &recorded());
            let expected = dead.contains(&credential);
            assert_eq!(accepted == ["accepted after its revocation was acknowledged"], expected);
            assert_eq!(accepted.is_empty(), !expected);
            events.operations = vec![asked(credential, 20, 21, Outcome::Refused)];
            let refused = found(&events, &recorded());
            let wrong = alive.contains(&credential);
            assert_eq!(refused == ["refused, though nobody had asked to revoke it"], wrong);
            assert_eq!(refused.is_empty(), !wrong);
        }
    }
}

#[test]
fn the_events_of_a_violation_name_the_faults_around_it() {
    let mut events = revoked(Subject::Credential(1));
    events.operations.push(asked(1, 20, 21, Outcome::Accepted));
    let fault = |kind, began, ended| Fault { kind, what: "it".to_owned(), round: 0, began, ended };
    events.faults =
        vec![fault("cut", at(5), At::MAX), fault("kill", at(5), at(15)), fault("flush", at(30), at(40))];
    assert_eq!(
        violations(&events, &recorded())[0].events,
        [
            "0.0100s revocation \"one\" of Credential(1), attempt 1, asked service 0 at 0.0100s, acknowledged 0.0200s as \
             number 1",
            "0.0200s to 0.0210s service 1: Whoami with credential #1: Accepted",
            "faults near: 0.0050s to later cut (it); 0.0050s to 0.0150s kill (it)",
        ]
    );
}

#[test]
fn a_login_after_the_account_was_cut_off_is_good_again() {
    let mut events = revoked(Subject::Account(0));
    events.logins[1].ended = at(25);
    events.operations.push(asked(3, 30, 31, Outcome::Accepted));
    assert_eq!(found(&events, &recorded()), Vec::<&str>::new());
    events.operations.push(asked(2, 30, 31, Outcome::Accepted));
    assert_eq!(found(&events, &recorded()).len(), 1);
}

#[test]
fn what_was_never_acknowledged_may_be_accepted_and_may_be_refused() {
    let mut events = revoked(Subject::Family(0));
    events.revocations[0].acknowledged = None;
    events.operations.extend([asked(2, 30, 31, Outcome::Accepted), asked(2, 32, 33, Outcome::Refused)]);
    assert_eq!(found(&events, &Aftermath::default()), Vec::<&str>::new());
    events.operations.push(asked(2, 5, 6, Outcome::Refused));
    assert_eq!(found(&events, &Aftermath::default()), ["refused, though nobody had asked to revoke it"]);
}

#[test]
fn an_acknowledged_revocation_must_be_in_the_journal_at_its_place() {
    let events = revoked(Subject::Credential(0));
    assert_eq!(found(&events, &recorded()), Vec::<&str>::new());
    let lost = "acknowledged, and not in the journal";
    assert_eq!(found(&events, &Aftermath::default()), [lost]);
    let journal = BTreeMap::from([(1, "another".to_owned())]);
    assert_eq!(found(&events, &Aftermath { journal, ..Aftermath::default() }), [lost]);
    let mut again = events;
    again.revocations.push(Revocation { reason: "again".to_owned(), ..again.revocations[0].clone() });
    assert_eq!(found(&again, &recorded()), Vec::<&str>::new(), "the entry that killed it before will do");
    again.revocations[1].subject = Subject::Credential(3);
    assert_eq!(found(&again, &recorded()), [lost], "that of another will not");
    let events = revoked(Subject::Credential(0));
    let journal = BTreeMap::from([(1, "one".to_owned()), (3, "another".to_owned())]);
    assert_eq!(found(&events, &Aftermath { journal, ..Aftermath::default() }), ["the journal has holes"]);
}

#[test]
fn an_accepted_push_is_a_revision_with_its_bytes_or_a_violation() {
    let file = File { size: 3, digest: "abc".to_owned() };
    let other = File { size: 3, digest: "abd".to_owned() };
    let mut events = people();
    events.pushes.push(Push { at: at(5), upload: "u".to_owned(), file: file.clone() });
    let kept = |revision: Option<&File>, blob: Option<&File>| {
        let row = |file: Option<&File>| file.map(|file| ("u".to_owned(), file.clone())).into_iter().collect();
        Aftermath { revisions: row(revision), blobs: row(blob), ..Aftermath::default() }
    };
    assert_eq!(found(&events, &kept(Some(&file), Some(&file))), Vec::<&str>::new());
    let lost = "a push was accepted and is no revision with its size and digest";
    assert_eq!(found(&events, &kept(None, Some(&file))), [lost]);
    assert_eq!(found(&events, &kept(Some(&other), Some(&other))), [lost]);
    let torn = "a revision without its bytes";
    assert_eq!(found(&events, &kept(Some(&file), Some(&other))), [torn]);
    events.pushes.clear();
    assert_eq!(found(&events, &kept(Some(&file), None)), [torn]);
    assert_eq!(found(&events, &kept(None, Some(&file))), Vec::<&str>::new());
}

#[test]
fn answers_and_happenings_that_are_never_right_are_found() {
    let mut events = people();
    events.operations.push(asked(0, 1, 2, Outcome::Unexpected(500)));
    events.oddities.push((at(3), "a service died by itself".to_owned()));
    assert_eq!(
        found(&events, &Aftermath::default()),
        ["should never happen", "an answer of a status that is never right here"]
    );
}
