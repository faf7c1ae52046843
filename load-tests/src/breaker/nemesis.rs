//! The nemesis: breaks what the plan says, mends it, and sees to it that everything heals.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::chance::Chance;
use super::history::{At, Fault as Happened};
use super::plan::{Fault, Planned, Round, Scope, Victim};
use super::process::Process;
use super::proxy::{Mode, Proxy};
use super::redis::{MASTER, ask};
use super::stage::{Service, Stage};
use super::workers::Cast;

/// Within this time each service must accept again after the last fault of a round ended.
const MUST_HEAL: Duration = Duration::from_secs(30);

/// Breaks until the run is over, and mends what it has broken.
pub(crate) async fn rage(cast: Cast, mut chance: Chance, scope: Scope, over: Arc<AtomicBool>) {
    for number in 0.. {
        if over.load(Ordering::SeqCst) {
            return;
        }
        let round = Round::draw(&mut chance, &scope);
        let mut faults = tokio::task::JoinSet::new();
        for planned in &round.faults {
            faults.spawn(cause(cast.clone(), *planned, number));
        }
        drop(faults.join_all().await);
        healed(&cast, &round).await;
        tokio::time::sleep(round.rest).await;
    }
}

/// Breaks, waits, and mends.
async fn cause(cast: Cast, Planned { fault, after, lasts }: Planned, round: usize) {
    tokio::time::sleep(after).await;
    let stage = &cast.stage;
    let primary = stage.redis.primary().await;
    let began = cast.history.now();
    let at = {
        let mut events = cast.history.events();
        let (kind, what) =
            (fault.kind(), format!("{fault:?}, primary {primary:?}, {} ms", lasts.as_millis()));
        events.faults.push(Happened { kind, what, round, began, ended: At::MAX });
        events.faults.len() - 1
    };
    break_it(stage, fault, primary).await;
    tokio::time::sleep(lasts).await;
    mend(stage, fault, primary);
    let ended = cast.history.now();
    if let Some(happened) = cast.history.events().faults.get_mut(at) {
        happened.ended = ended;
    }
}

async fn break_it(stage: &Stage, fault: Fault, primary: Option<usize>) {
    match fault {
        Fault::Kill(victim) => with(process(stage, victim, primary), Process::kill),
        Fault::Freeze(victim) => with(process(stage, victim, primary), Process::freeze),
        Fault::CutRedis(..)
        | Fault::CutDatabase(..)
        | Fault::CutSentinels(..)
        | Fault::IsolatePrimary { .. } => {
            for (link, mode) in links(stage, fault, primary) {
                link.set(mode);
            }
        }
        Fault::Flush => {
            if let Some(server) = primary.and_then(|number| stage.redis.servers.get(number)) {
                // A Redis that is down or frozen at the moment keeps what it has.
                drop(ask(server.port, "FLUSHALL").await);
            }
        }
        Fault::Failover => {
            if let Some(sentinel) = stage.redis.sentinels.first() {
                // Refused where one is under way.
                drop(ask(sentinel.port, &format!("SENTINEL FAILOVER {MASTER}")).await);
            }
        }
        Fault::Clock(service, ahead) => set_clock(stage, service, ahead),
    }
}

fn mend(stage: &Stage, fault: Fault, primary: Option<usize>) {
    match fault {
        Fault::Kill(victim) => with(process(stage, victim, primary), Process::let_up),
        Fault::Freeze(victim) => with(process(stage, victim, primary), Process::thaw),
        Fault::Clock(service, _) => set_clock(stage, service, Duration::ZERO),
        Fault::Flush | Fault::Failover => {}
        _ => {
            for (link, _) in links(stage, fault, primary) {
                link.set(Mode::Pass);
            }
        }
    }
}

fn with(process: Option<&Arc<Process>>, act: impl FnOnce(&Process)) {
    if let Some(process) = process {
        act(process);
    }
}

fn process(stage: &Stage, victim: Victim, primary: Option<usize>) -> Option<&Arc<Process>> {
    let server = |number: usize| stage.redis.servers.get(number).map(|server| &server.process);
    match victim {
        Victim::Service(number) => stage.services.get(number).map(|service| &service.process),
        Victim::Primary => server(primary.unwrap_or_default()),
        Victim::Server(number) => server(number),
        Victim::Sentinel(number) => stage.redis.sentinels.get(number).map(|sentinel| &sentinel.process),
        Victim::Postgres => Some(&stage.postgres.process),
    }
}

/// The links that a fault cuts, each with what happens to it.
fn links(stage: &Stage, fault: Fault, primary: Option<usize>) -> Vec<(&Proxy, Mode)> {
    let of = |number: usize| stage.services.get(number);
    match fault {
        Fault::CutRedis(number, mode) => {
            of(number).into_iter().flat_map(|service| &service.redis).map(|link| (link, mode)).collect()
        }
        Fault::CutSentinels(number, mode) => {
            of(number).into_iter().flat_map(|service| &service.sentinels).map(|link| (link, mode)).collect()
        }
        Fault::CutDatabase(number, mode) => {
            of(number).map(|service| (&service.database, mode)).into_iter().collect()
        }
        Fault::IsolatePrimary { with, mode, informed } => {
            let Some(primary) = primary else { return Vec::new() };
            let mut cut: Vec<&Proxy> =
                stage.redis.servers.get(primary).map(|server| &server.front).into_iter().collect();
            for (number, service) in stage.services.iter().enumerate() {
                let isolated = number == with;
                cut.extend(across(service, primary, isolated));
                if isolated && !informed {
                    cut.extend(&service.sentinels);
                }
            }
            cut.into_iter().map(|link| (link, mode)).collect()
        }
        _ => Vec::new(),
    }
}

/// A service's links to the servers on the other side: from within to all but the primary, from outside to the primary.
fn across(service: &Service, primary: usize, isolated: bool) -> impl Iterator<Item = &Proxy> {
    let other_side = move |number: usize| (number == primary) != isolated;
    service.redis.iter().enumerate().filter(move |(number, _)| other_side(*number)).map(|(_, link)| link)
}

fn set_clock(stage: &Stage, service: usize, ahead: Duration) {
    if let Some(file) = stage.services.get(service).and_then(|service| service.clock.as_ref()) {
        // In place of the file at once: half a number would be another time.
        let next = file.with_extension("next");
        let written = fs::write(&next, format!("+{:.3}\n", ahead.as_secs_f64()));
        drop(written.and_then(|()| fs::rename(next, file)));
    }
}

/// Waits until each service accepts a request that began now or later; notes who does not.
async fn healed(cast: &Cast, round: &Round) {
    let from = cast.history.now();
    let mut waiting: Vec<usize> = (0..cast.client.services()).collect();
    while !waiting.is_empty() {
        if cast.history.now() > from + MUST_HEAL {
            let kinds: Vec<_> = round.faults.iter().map(|planned| planned.fault.kind()).collect();
            let kinds = kinds.join(", ");
            cast.history.odd(format!(
                "services {waiting:?} did not heal within {} s after: {kinds}",
                MUST_HEAL.as_secs()
            ));
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let events = cast.history.events();
        let since = events.operations.iter().rev().take_while(|operation| operation.ended >= from);
        let accepted: Vec<usize> = since
            .filter(|operation| operation.is_accepted() && operation.began >= from)
            .map(|operation| operation.service)
            .collect();
        drop(events);
        waiting.retain(|service| !accepted.contains(service));
    }
}
