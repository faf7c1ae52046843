//! What a run says in the end: counts, times, how long nothing was accepted, and what was broken of the promise.

use std::collections::BTreeMap;

use super::check::{BySubject, Violation, clock};
use super::history::{At, Events, Kind, Outcome};
use crate::report::{Times, say};

/// Violations that are printed; of the others, how many there are.
const SHOWN: usize = 20;

/// Prints the report.
pub(crate) fn summarize(events: &Events, violations: &[Violation], services: usize) -> anyhow::Result<()> {
    say(format_args!("\n{} logins, {} credentials", events.logins.len(), events.credentials.len()))?;
    operations(events)?;
    revocations(events)?;
    faults(events, services)?;
    if violations.is_empty() {
        return say("\nno violation");
    }
    say(format_args!("\n{} VIOLATIONS", violations.len()))?;
    for violation in violations.iter().take(SHOWN) {
        say(format_args!("\n  {}", violation.what))?;
        violation.events.iter().try_for_each(|event| say(format_args!("    {event}")))?;
    }
    let more = violations.len().saturating_sub(SHOWN);
    if more > 0 { say(format_args!("\n  and {more} more")) } else { Ok(()) }
}

/// What was broken when, and what should never happen, as lines of text.
pub(crate) fn chronicle(events: &Events) -> String {
    let faults = events.faults.iter().map(|fault| {
        let (began, ended) = (clock(fault.began), clock(fault.ended));
        (fault.began, format!("{began} to {ended} round {}: {} ({})\n", fault.round, fault.kind, fault.what))
    });
    let oddities = events.oddities.iter().map(|(at, what)| (*at, format!("{} {what}\n", clock(*at))));
    let mut lines: Vec<_> = faults.chain(oddities).collect();
    lines.sort_by_key(|(at, _)| *at);
    lines.into_iter().map(|(_, line)| line).collect()
}

fn operations(events: &Events) -> anyhow::Result<()> {
    let mut counts: BTreeMap<Kind, BTreeMap<Outcome, usize>> = BTreeMap::new();
    for operation in &events.operations {
        *counts.entry(operation.kind).or_default().entry(operation.outcome).or_default() += 1;
    }
    say(format_args!("\n{} operations:", events.operations.len()))?;
    for (kind, outcomes) in counts {
        let told: Vec<_> = outcomes.iter().map(|(outcome, count)| format!("{count} {outcome:?}")).collect();
        say(format_args!("  {:8} {}", format!("{kind:?}"), told.join(", ")))?;
    }
    Ok(())
}

fn revocations(events: &Events) -> anyhow::Result<()> {
    let (mut acknowledging, mut answering, mut refusing) =
        (Times::default(), Times::default(), Times::default());
    let mut attempts = 0;
    let by_subject = BySubject::of(events);
    let mut first_refusal: BTreeMap<usize, At> = BTreeMap::new();
    for operation in events.operations.iter().filter(|operation| operation.outcome == Outcome::Refused) {
        for number in by_subject.covering(events, operation) {
            let acknowledged = events.revocations.get(number).and_then(|revocation| revocation.acknowledged);
            if acknowledged.is_some_and(|it| operation.began >= it.at) {
                let first = first_refusal.entry(number).or_insert(operation.ended);
                *first = operation.ended.min(*first);
            }
        }
    }
    for (number, revocation) in events.revocations.iter().enumerate() {
        attempts += revocation.attempts;
        let Some(acknowledged) = revocation.acknowledged else { continue };
        acknowledging.add(acknowledged.at.saturating_sub(revocation.called));
        answering.add(acknowledged.at.saturating_sub(acknowledged.asked));
        if let Some(first) = first_refusal.get(&number) {
            refusing.add(first.saturating_sub(acknowledged.at));
        }
    }
    let (all, acknowledged) = (events.revocations.len(), acknowledging.count());
    say(format_args!("\n{all} revocations in {attempts} attempts, {acknowledged} acknowledged"))?;
    say(format_args!("  first asked, until acknowledged:        {}", acknowledging.summary()))?;
    say(format_args!("  the attempt that was acknowledged:      {}", answering.summary()))?;
    say(format_args!("  acknowledged, until the first refusal:  {}", refusing.summary()))
}

/// For each kind of fault: how often, how long a service accepted nothing around it, and how long after its end.
fn faults(events: &Events, services: usize) -> anyhow::Result<()> {
    let mut rounds: BTreeMap<usize, (At, At, Vec<&'static str>)> = BTreeMap::new();
    for fault in events.faults.iter().filter(|fault| fault.ended < At::MAX) {
        let round = rounds.entry(fault.round).or_insert((fault.began, fault.ended, Vec::new()));
        (round.0, round.1) = (round.0.min(fault.began), round.1.max(fault.ended));
        round.2.push(fault.kind);
    }
    let mut accepted: Vec<Vec<(At, At)>> = vec![Vec::new(); services];
    for operation in events.operations.iter().filter(|operation| operation.is_accepted()) {
        if let Some(of_service) = accepted.get_mut(operation.service) {
            of_service.push((operation.began, operation.ended));
        }
    }
    for of_service in &mut accepted {
        of_service.sort_unstable_by_key(|(_, answered)| *answered);
    }
    let mut by_kind: BTreeMap<&str, (usize, At, At)> = BTreeMap::new();
    for (began, ended, kinds) in rounds.into_values() {
        let spans = accepted.iter().map(|of_service| spans(of_service, began, ended));
        let worst = spans.fold((At::ZERO, At::ZERO), |(without, after), (one, other)| {
            (without.max(one), after.max(other))
        });
        for kind in kinds {
            let of_kind = by_kind.entry(kind).or_default();
            *of_kind = (of_kind.0 + 1, of_kind.1.max(worst.0), of_kind.2.max(worst.1));
        }
    }
    let count: usize = by_kind.values().map(|(count, ..)| count).sum();
    say(format_args!("\n{count} faults; the longest that a service accepted nothing, in rounds with"))?;
    say(format_args!("  {:32} {:>5}  {:>10}  {:>16}", "", "faults", "in all", "after the end"))?;
    for (kind, (count, without, after)) in by_kind {
        say(format_args!("  {kind:32} {count:>6}  {:>10}  {:>16}", clock(without), clock(after)))?;
    }
    Ok(())
}

/// Of the requests that a service accepted, as they were answered: the longest time without an answer that touches the
/// round, and the time from its end to the first answer to a request that began after it.
fn spans(accepted: &[(At, At)], began: At, ended: At) -> (At, At) {
    let first = accepted.iter().find(|(request, _)| *request >= ended);
    let after = first.map_or(At::ZERO, |(_, answered)| answered.saturating_sub(ended));
    let gaps = accepted.windows(2).filter_map(|pair| match pair {
        [(_, one), (_, next)] if *one <= ended && *next >= began => Some(next.saturating_sub(*one)),
        _ => None,
    });
    (gaps.max().unwrap_or_default(), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_those_around_the_round() {
        let at = At::from_secs;
        let accepted = [(at(0), at(1)), (at(2), at(3)), (at(9), at(10)), (at(11), at(12)), (at(40), at(41))];
        assert_eq!(spans(&accepted, at(4), at(8)), (at(7), at(2)));
        assert_eq!(spans(&accepted, at(9), at(10)), (at(7), at(2)));
        assert_eq!(spans(&[], at(9), at(10)), (At::ZERO, At::ZERO));
    }
}
