//! The checker: what a history, and what was kept in the end, say about the promise. Pure.

use std::collections::{BTreeMap, HashMap};

use super::history::{At, Events, File, Operation, Outcome, Subject};

/// What was found in the database and the blob store after the run.
#[derive(Debug, Default)]
pub(crate) struct Aftermath {
    /// The journal: number and reason.
    pub(crate) journal: BTreeMap<i64, String>,
    /// The file of each revision, as its row has it, by upload.
    pub(crate) revisions: HashMap<String, File>,
    /// What lies in the blob store, by upload.
    pub(crate) blobs: HashMap<String, File>,
}

/// A broken promise, and the events that break it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) what: &'static str,
    pub(crate) events: Vec<String>,
}

/// Every broken promise.
pub(crate) fn violations(events: &Events, aftermath: &Aftermath) -> Vec<Violation> {
    let mut found = accepted_after_acknowledgement(events);
    found.extend(refused_without_revocation(events));
    found.extend(acknowledged_and_not_recorded(events, aftermath));
    found.extend(not_whole(events, aftermath));
    found.extend(unexpected(events));
    found
}

/// Requests that began after a revocation of their credential was acknowledged, and were accepted.
pub(crate) fn accepted_after_acknowledgement(events: &Events) -> Vec<Violation> {
    let revoked = BySubject::of(events);
    let accepted = events.operations.iter().filter(|operation| operation.outcome == Outcome::Accepted);
    let mut found = Vec::new();
    for operation in accepted {
        let before = |number: &usize| {
            let acknowledged = events.revocations.get(*number).and_then(|one| one.acknowledged);
            acknowledged.is_some_and(|acknowledged| acknowledged.at <= operation.began)
        };
        if let Some(number) = revoked.covering(events, operation).into_iter().find(before) {
            found.push(Violation {
                what: "accepted after its revocation was acknowledged",
                events: vec![tell_revocation(events, number), tell(operation), during(events, operation)],
            });
        }
    }
    found
}

/// Refusals of credentials that nothing had been asked to revoke.
fn refused_without_revocation(events: &Events) -> Vec<Violation> {
    let mut called: HashMap<Subject, At> = HashMap::new();
    for revocation in &events.revocations {
        let first = called.entry(revocation.subject).or_insert(revocation.called);
        *first = revocation.called.min(*first);
    }
    let refused = events.operations.iter().filter(|operation| operation.outcome == Outcome::Refused);
    let groundless = refused.filter(|operation| {
        let subjects = operation.credential.map(|credential| subjects(events, credential));
        // A cut of the account is taken for a ground whenever the login was: its attempts may still be under way.
        !subjects
            .into_iter()
            .flatten()
            .any(|subject| called.get(&subject).is_some_and(|at| *at < operation.ended))
    });
    let tell = |operation| Violation {
        what: "refused, though nobody had asked to revoke it",
        events: vec![tell(operation), during(events, operation)],
    };
    groundless.map(tell).collect()
}

/// Acknowledgements of what is not in the journal, and holes in it.
fn acknowledged_and_not_recorded(events: &Events, aftermath: &Aftermath) -> Vec<Violation> {
    let mut found = Vec::new();
    let by_reason: HashMap<&str, Subject> = events
        .revocations
        .iter()
        .map(|revocation| (revocation.reason.as_str(), revocation.subject))
        .collect();
    for (number, revocation) in events.revocations.iter().enumerate() {
        let Some(acknowledged) = revocation.acknowledged else { continue };
        // What is dead already is answered with the entry that killed it, for whatever reason that was.
        let entry = aftermath.journal.get(&acknowledged.position).map(String::as_str);
        if entry.and_then(|reason| by_reason.get(reason)) != Some(&revocation.subject) {
            found.push(Violation {
                what: "acknowledged, and not in the journal",
                events: vec![tell_revocation(events, number)],
            });
        }
    }
    let last = aftermath.journal.keys().next_back().copied().unwrap_or(0);
    if usize::try_from(last).ok() != Some(aftermath.journal.len()) {
        found.push(Violation {
            what: "the journal has holes",
            events: vec![format!("{} entries, the last is number {last}", aftermath.journal.len())],
        });
    }
    found
}

/// Accepted pushes without a revision, and revisions without their bytes.
fn not_whole(events: &Events, aftermath: &Aftermath) -> Vec<Violation> {
    let mut found = Vec::new();
    for push in &events.pushes {
        if aftermath.revisions.get(&push.upload) != Some(&push.file) {
            found.push(Violation {
                what: "a push was accepted and is no revision with its size and digest",
                events: vec![format!("{} accepted: {} bytes", clock(push.at), push.file.size)],
            });
        }
    }
    for (upload, file) in &aftermath.revisions {
        let kept = aftermath.blobs.get(upload);
        if kept != Some(file) {
            let kept = kept.map_or("no file".to_owned(), |kept| format!("{} bytes", kept.size));
            found.push(Violation {
                what: "a revision without its bytes",
                events: vec![format!("revision of {} bytes; in the blob store: {kept}", file.size)],
            });
        }
    }
    found
}

/// Answers that nothing may be answered with, and what else should never happen.
fn unexpected(events: &Events) -> Vec<Violation> {
    let odd = events.oddities.iter().map(|(at, what)| Violation {
        what: "should never happen",
        events: vec![format!("{} {what}", clock(*at))],
    });
    let answers = events.operations.iter().filter(|one| matches!(one.outcome, Outcome::Unexpected(_)));
    odd.chain(answers.map(|operation| Violation {
        what: "an answer of a status that is never right here",
        events: vec![tell(operation), during(events, operation)],
    }))
    .collect()
}

/// Revocations by what they kill.
pub(crate) struct BySubject(HashMap<Subject, Vec<usize>>);

impl BySubject {
    pub(crate) fn of(events: &Events) -> BySubject {
        let mut by_subject: HashMap<Subject, Vec<usize>> = HashMap::new();
        for (number, revocation) in events.revocations.iter().enumerate() {
            by_subject.entry(revocation.subject).or_default().push(number);
        }
        BySubject(by_subject)
    }

    /// The revocations that kill the operation's credential for certain. A cut of an account kills the logins before
    /// it, so a login that ended before it was asked for.
    pub(crate) fn covering(&self, events: &Events, operation: &Operation) -> Vec<usize> {
        let Some(credential) = operation.credential else { return Vec::new() };
        let Some((_, login)) = events.login(credential) else { return Vec::new() };
        let numbers = subjects(events, credential).into_iter().filter_map(|subject| self.0.get(&subject));
        let certain = |number: &usize| {
            let revocation = events.revocations.get(*number);
            revocation
                .is_some_and(|one| !matches!(one.subject, Subject::Account(_)) || login.ended <= one.called)
        };
        numbers.flatten().copied().filter(certain).collect()
    }
}

/// Everything whose revocation may kill a credential.
fn subjects(events: &Events, credential: usize) -> Vec<Subject> {
    let mut subjects: Vec<Subject> = events.lineage(credential).map(Subject::Credential).collect();
    if let Some((session, login)) = events.login(credential) {
        let others =
            [Subject::Family(login.family), Subject::Session(session), Subject::Account(login.account)];
        subjects.extend(others);
    }
    subjects
}

fn tell(operation: &Operation) -> String {
    let Operation { kind, service, began, ended, outcome, credential } = operation;
    let of = credential.map_or(String::new(), |number| format!(" with credential #{number}"));
    format!("{} to {} service {service}: {kind:?}{of}: {outcome:?}", clock(*began), clock(*ended))
}

fn tell_revocation(events: &Events, number: usize) -> String {
    let Some(revocation) = events.revocations.get(number) else { return String::new() };
    let end = revocation.acknowledged.map_or("never acknowledged".to_owned(), |it| {
        let (asked, at) = (clock(it.asked), clock(it.at));
        format!("asked service {} at {asked}, acknowledged {at} as number {}", it.service, it.position)
    });
    let (called, attempts, subject) = (clock(revocation.called), revocation.attempts, revocation.subject);
    format!("{called} revocation \"{}\" of {subject:?}, attempt {attempts}, {end}", revocation.reason)
}

/// The faults around an operation.
fn during(events: &Events, operation: &Operation) -> String {
    let near = |fault: &&super::history::Fault| {
        fault.began <= operation.ended && fault.ended.saturating_add(NEAR) >= operation.began
    };
    let told = events.faults.iter().filter(near).map(|fault| {
        format!("{} to {} {} ({})", clock(fault.began), clock(fault.ended), fault.kind, fault.what)
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() { "no fault near".to_owned() } else { format!("faults near: {}", told.join("; ")) }
}

/// A moment as `12.3456s`; what has not come yet as `later`.
pub(crate) fn clock(at: At) -> String {
    if at == At::MAX {
        return "later".to_owned();
    }
    format!("{:.4}s", at.as_secs_f64())
}

const NEAR: At = At::from_secs(5);

#[cfg(test)]
mod tests;
