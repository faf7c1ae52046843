//! What a run says in the end: where kills and revocations landed, what came of the uploads, and what was broken.

use std::collections::BTreeMap;

use super::board::Phase;
use super::check::Violation;
use super::kills;
use super::ledger::Books;
use super::races;
use super::verdict::{Kind, Side};
use crate::report::say;

/// Violations that are printed; of the others, how many there are.
const SHOWN: usize = 10;

/// The kill loop.
pub(crate) fn kills(report: &kills::Report) -> anyhow::Result<()> {
    say(format_args!("\n{} kills, while", report.kills))?;
    say(format_args!("  {:36} {:>10}  {:>18}", "", "aimed at it", "clients that were"))?;
    for phase in Phase::ALL {
        let (aimed, were) = report.landed.get(&phase).copied().unwrap_or_default();
        say(format_args!("  {:36} {aimed:>11}  {were:>18}", phase.words()))?;
    }
    let tally = &report.tally;
    say(format_args!("\n{} uploads", tally.begun))?;
    say(format_args!("  accepted, and the client saw it:            {}", tally.accepted))?;
    say(format_args!("  accepted, and found there when sent again:  {}", tally.found_there))?;
    say(format_args!("  not signed by their publisher, and refused: {}", tally.refused))?;
    say(format_args!("  begun anew, as something had ended:         {}", tally.again))?;
    say(format_args!(
        "{} revisions, {} with the store's assertion; {} keys registered; {} statuses asked once more",
        report.revisions, report.vouched, tally.keys, report.statuses
    ))?;
    let [partial, unrecorded, unused] = report.orphans;
    say(format_args!(
        "{} sweeps removed {partial} half received files, {unrecorded} without a record, {unused} in no revision",
        report.sweeps
    ))
}

/// The races.
pub(crate) fn races(report: &races::Report) -> anyhow::Result<()> {
    say(format_args!("\n{} races, in which was revoked", report.races.len()))?;
    let head = |what: &str| say(format_args!("  {what:36} {:>15}  {:>10}", "accepted before", "refused"));
    head("")?;
    let count = |counts: &BTreeMap<Side, usize>, side| counts.get(&side).copied().unwrap_or_default();
    let line = |what: &str, counts: &BTreeMap<Side, usize>| {
        let (before, refused) = (count(counts, Side::Before), count(counts, Side::Refused));
        say(format_args!("  {what:36} {before:>15}  {refused:>10}"))
    };
    let mut by_kind: BTreeMap<Kind, BTreeMap<Side, usize>> = BTreeMap::new();
    let mut by_phase: BTreeMap<Option<Phase>, BTreeMap<Side, usize>> = BTreeMap::new();
    for race in &report.races {
        *by_kind.entry(race.kind).or_default().entry(race.side()).or_default() += 1;
        *by_phase.entry(race.at).or_default().entry(race.side()).or_default() += 1;
    }
    for (kind, counts) in &by_kind {
        let what = match kind {
            Kind::Credential => "the credential",
            Kind::Family => "its family",
            Kind::Session => "its session",
            Kind::Key => "the key that signed",
        };
        line(what, counts)?;
    }
    say("and that while")?;
    head("")?;
    for (phase, counts) in &by_phase {
        line(phase.map_or("it was over already", Phase::words), counts)?;
    }
    say(format_args!(
        "revocation, until acknowledged:                   {}",
        report.acknowledging.summary()
    ))?;
    say(format_args!("acknowledgement, until the database had answered: {}", report.reading.summary()))
}

/// Whether anything was broken, and what tells of it.
pub(crate) fn verdict(violations: &[Violation], books: &Books) -> anyhow::Result<()> {
    if violations.is_empty() {
        return say("\nno violation");
    }
    say(format_args!("\n{} VIOLATIONS", violations.len()))?;
    for violation in violations.iter().take(SHOWN) {
        say(format_args!("\n  {}\n    {}", violation.what, violation.detail))?;
        if let Some(who) = violation.who {
            books.history(Some(who)).iter().try_for_each(|line| say(format_args!("      {line}")))?;
        }
    }
    if violations.iter().all(|violation| violation.who.is_none()) {
        say("\n  the last that happened")?;
        books.history(None).iter().try_for_each(|line| say(format_args!("    {line}")))?;
    }
    let more = violations.len().saturating_sub(SHOWN);
    if more > 0 { say(format_args!("\n  and {more} more")) } else { Ok(()) }
}
