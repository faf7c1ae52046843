//! What the nemesis breaks next: rounds of faults that overlap, drawn from a seed. Pure.

use std::collections::BTreeSet;
use std::time::Duration;

use super::chance::Chance;
use super::proxy::Mode;
use super::redis::Shape;

/// Something to break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Kill(Victim),
    Freeze(Victim),
    /// Between one service and all of Redis.
    CutRedis(usize, Mode),
    /// Between one service and the database.
    CutDatabase(usize, Mode),
    /// Between one service and the sentinels, who may have news.
    CutSentinels(usize, Mode),
    /// The primary, and one service with it, from all other servers, sentinels and services.
    IsolatePrimary {
        with: usize,
        mode: Mode,
        /// Whether that service still hears what the sentinels say.
        informed: bool,
    },
    Flush,
    /// As an operator would: the primary changes while it is well.
    Failover,
    /// One service's clock goes ahead.
    Clock(usize, Duration),
}

/// A process to kill or to freeze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Victim {
    Service(usize),
    Primary,
    /// A server, whatever its role is.
    Server(usize),
    Sentinel(usize),
    Postgres,
}

/// A fault, and when it begins and how long it lasts within its round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Planned {
    pub(crate) fault: Fault,
    pub(crate) after: Duration,
    pub(crate) lasts: Duration,
}

/// Faults that overlap, and how long nothing is broken after all is well again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Round {
    pub(crate) faults: Vec<Planned>,
    pub(crate) rest: Duration,
}

/// What there is to break.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    /// The one kind of fault, as [`Fault::kind`] names it; without one, all of them.
    pub(crate) only: Option<String>,
    pub(crate) shape: Shape,
    pub(crate) services: usize,
    /// The most that a clock may be ahead, where clocks can be stepped.
    pub(crate) clocks: Option<Duration>,
}

impl Scope {
    /// Every kind of fault that there is for it.
    pub(crate) fn kinds(&self) -> BTreeSet<&'static str> {
        let mut chance = Chance::of(0);
        (0..10_000).map(|_| fault(&mut chance, self).kind()).collect()
    }
}

impl Round {
    /// The next round.
    pub(crate) fn draw(chance: &mut Chance, scope: &Scope) -> Round {
        let count = [1, 1, 1, 2, 2, 3];
        let count = chance.one_of(&count).copied().unwrap_or(1);
        let faults = (0..count).map(|_| planned(chance, scope)).collect();
        let rest = if chance.percent(30) { Duration::ZERO } else { chance.milliseconds(200, 3000) };
        Round { faults, rest }
    }
}

impl Fault {
    /// The word for it in the report.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Fault::Kill(Victim::Service(_)) => "kill service",
            Fault::Kill(Victim::Primary | Victim::Server(_)) => "kill Redis",
            Fault::Kill(Victim::Sentinel(_)) => "kill sentinel",
            Fault::Kill(Victim::Postgres) => "kill PostgreSQL",
            Fault::Freeze(Victim::Service(_)) => "freeze service",
            Fault::Freeze(Victim::Primary | Victim::Server(_)) => "freeze Redis",
            Fault::Freeze(Victim::Sentinel(_)) => "freeze sentinel",
            Fault::Freeze(Victim::Postgres) => "freeze PostgreSQL",
            Fault::CutRedis(_, Mode::Delay(_)) | Fault::CutDatabase(_, Mode::Delay(_)) => "slow link",
            Fault::CutRedis(..) => "cut service from Redis",
            Fault::CutDatabase(..) => "cut service from PostgreSQL",
            Fault::CutSentinels(..) => "cut service from sentinels",
            Fault::IsolatePrimary { .. } => "isolate primary with a service",
            Fault::Flush => "flush Redis",
            Fault::Failover => "order a failover",
            Fault::Clock(..) => "step clock",
        }
    }
}

fn planned(chance: &mut Chance, scope: &Scope) -> Planned {
    let mut fault = fault(chance, scope);
    while scope.only.as_ref().is_some_and(|only| only != fault.kind()) {
        fault = self::fault(chance, scope);
    }
    let after = chance.milliseconds(1, 800);
    let lasts = match fault {
        // Long enough for another primary to be chosen.
        Fault::IsolatePrimary { .. } => chance.milliseconds(5000, 12_000),
        Fault::Flush | Fault::Failover => Duration::ZERO,
        Fault::Clock(..) => chance.milliseconds(2000, 8000),
        _ => chance.milliseconds(100, 6000),
    };
    Planned { fault, after, lasts }
}

fn fault(chance: &mut Chance, scope: &Scope) -> Fault {
    let service = chance.below(scope.services);
    let sentinel = scope.shape == Shape::Sentinel;
    let link = match chance.below(5) {
        0 => Mode::Delay(chance.milliseconds(5, 900)),
        1 | 2 => Mode::Reset,
        _ => Mode::Blackhole,
    };
    let server = |chance: &mut Chance| {
        if sentinel && chance.percent(40) { Victim::Server(chance.below(3)) } else { Victim::Primary }
    };
    match chance.below(if sentinel { 24 } else { 16 }) {
        0 | 1 => Fault::Kill(Victim::Service(service)),
        2 => Fault::Freeze(Victim::Service(service)),
        3 | 4 => Fault::Kill(server(chance)),
        5 | 6 => Fault::Freeze(server(chance)),
        7 => Fault::Kill(Victim::Postgres),
        8 => Fault::Freeze(Victim::Postgres),
        9..=11 => Fault::CutRedis(service, link),
        12 => Fault::CutDatabase(service, link),
        13 => Fault::Flush,
        14 | 15 => scope.clocks.map_or(Fault::CutRedis(service, link), |most| {
            let milliseconds = u64::try_from(most.as_millis()).unwrap_or(1);
            Fault::Clock(service, chance.milliseconds(milliseconds / 2, milliseconds))
        }),
        16 | 17 => Fault::Failover,
        18 => Fault::Kill(Victim::Sentinel(chance.below(3))),
        19 => Fault::Freeze(Victim::Sentinel(chance.below(3))),
        20 => Fault::CutSentinels(service, link),
        _ => {
            let mode = if chance.percent(70) { Mode::Blackhole } else { Mode::Reset };
            Fault::IsolatePrimary { with: service, mode, informed: chance.percent(30) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: Scope =
        Scope { only: None, shape: Shape::Sentinel, services: 3, clocks: Some(Duration::from_millis(1800)) };

    fn rounds(seed: u64, scope: &Scope) -> Vec<Round> {
        let mut chance = Chance::of(seed);
        (0..500).map(|_| Round::draw(&mut chance, scope)).collect()
    }

    #[test]
    fn a_seed_plans_the_same_again() {
        assert_eq!(rounds(5, &SCOPE), rounds(5, &SCOPE));
        assert_ne!(rounds(5, &SCOPE), rounds(6, &SCOPE));
    }

    #[test]
    fn every_kind_of_fault_has_its_turn_and_none_that_there_is_no_server_for() {
        let alone = Scope { shape: Shape::Standalone, clocks: None, ..SCOPE };
        assert_eq!(SCOPE.kinds().len(), 16);
        let sentinels = ["kill sentinel", "freeze sentinel", "cut service from sentinels"];
        let others = ["isolate primary with a service", "order a failover", "step clock"];
        let without = sentinels.into_iter().chain(others).collect();
        assert_eq!(alone.kinds(), SCOPE.kinds().difference(&without).copied().collect());
    }

    #[test]
    fn one_kind_alone_is_planned_where_it_is_asked_for() {
        let only = Scope { only: Some("flush Redis".to_owned()), ..SCOPE };
        let rounds = rounds(1, &only);
        assert!(rounds.iter().flat_map(|round| &round.faults).all(|planned| planned.fault == Fault::Flush));
    }
}
