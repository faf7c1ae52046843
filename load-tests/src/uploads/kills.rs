//! The kill loop: `kill -9` at a random moment of a signed upload, a look at what is left, a restart, and again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::task::JoinSet;

use super::board::Phase;
use super::check::{self, Violation};
use super::clients::{Floor, Tally, work};
use super::found::{Auditor, Found, Orphans, make_old};
use super::publisher::{Desk, Publisher};
use super::upload::{remember, told};
use crate::breaker::chance::Chance;
use crate::report::say;

/// Who uploads at once.
pub(crate) const CLIENTS: usize = 3;
/// After so many kills everything is made old, and the service that starts then sweeps.
const SWEEP_AFTER: usize = 20;
/// How long to wait for somebody to be where a kill is aimed.
const AIM: Duration = Duration::from_secs(5);
/// Within this time a service that starts has swept.
const MUST_SWEEP: Duration = Duration::from_secs(30);
/// Within this time the status of every push says how it ended; one that waited in a process that is gone says so 15
/// seconds after it should have.
const MUST_SETTLE: Duration = Duration::from_mins(1);
const TELL_EVERY: Duration = Duration::from_secs(30);

/// What happened.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) kills: usize,
    /// For each phase: how many kills were aimed at it, and how many clients were killed the service of in it.
    pub(crate) landed: BTreeMap<Phase, (usize, usize)>,
    pub(crate) tally: Tally,
    pub(crate) sweeps: usize,
    /// Half received, without a record, in no revision: what the sweeps had to remove.
    pub(crate) orphans: [usize; 3],
    pub(crate) revisions: usize,
    /// How many the store has vouched for.
    pub(crate) vouched: usize,
    pub(crate) statuses: usize,
    pub(crate) violations: Vec<Violation>,
}

/// Kills until it was done so often, or something is found.
pub(crate) async fn play(
    desk: &Desk,
    publishers: &[Arc<Publisher>],
    kills: usize,
    mut chance: Chance,
) -> anyhow::Result<Report> {
    let floor = Arc::new(Floor::of(desk.clone(), CLIENTS));
    let mut clients = JoinSet::new();
    for who in 0..CLIENTS {
        let own = publishers.iter().skip(who).step_by(CLIENTS).cloned().collect();
        clients.spawn(work(floor.clone(), who, own, chance.split()));
    }
    let mut killer =
        Killer { floor: floor.clone(), chance, auditor: Auditor::default(), report: Report::default() };
    let mut told = Instant::now();
    while killer.report.kills < kills && killer.report.violations.is_empty() {
        killer.once().await?;
        while let Some(ended) = clients.try_join_next() {
            ended.context("a client")?.context("a client ended")?;
        }
        if told.elapsed() > TELL_EVERY {
            told = Instant::now();
            killer.tell(kills)?;
        }
    }
    floor.over.store(true, Ordering::SeqCst);
    while let Some(ended) = clients.join_next().await {
        ended.context("a client")?.context("a client ended")?;
    }
    if killer.report.violations.is_empty() {
        killer.last_look().await?;
    }
    let mut report = killer.report;
    report.tally = floor.tally();
    Ok(report)
}

struct Killer {
    floor: Arc<Floor>,
    chance: Chance,
    auditor: Auditor,
    report: Report,
}

impl Killer {
    async fn once(&mut self) -> anyhow::Result<()> {
        let (floor, number) = (self.floor.clone(), self.report.kills);
        let aim = *self.chance.one_of(&Phase::ALL).context("a phase")?;
        floor.wants_key.store(aim == Phase::Registering, Ordering::SeqCst);
        let aimed = floor.board.entered(aim, AIM).await;
        let share = f64::from(u32::try_from(self.chance.below(1 << 16))?) / f64::from(1_u32 << 16);
        tokio::time::sleep(floor.board.takes(aim).mul_f64(share * 1.1)).await;
        let victims = self.victims();
        let stage = &floor.desk.stage;
        stage.kill(&victims);
        let were = floor.board.interrupted();
        floor.kills.fetch_add(1, Ordering::SeqCst);
        self.report.kills += 1;
        for phase in &were {
            self.report.landed.entry(*phase).or_default().1 += 1;
        }
        if aimed {
            self.report.landed.entry(aim).or_default().0 += 1;
        }
        let what = format!("kill {number} of services {victims:?}, aimed at {aim:?}; at {were:?}");
        floor.desk.ledger.note(None, what);
        let found = self.look().await?;
        let all_down = victims.len() == stage.services.len();
        let due = all_down && number / SWEEP_AFTER > self.report.sweeps;
        let orphans = if due { Some(self.make_old(&found).await?) } else { None };
        stage.bring_back(&victims).await?;
        if let Some(orphans) = orphans {
            self.swept(&orphans).await?;
        }
        Ok(())
    }

    /// One service, or all of them.
    fn victims(&mut self) -> Vec<usize> {
        let services = self.floor.desk.stage.services.len();
        if self.chance.percent(50) { (0..services).collect() } else { vec![self.chance.below(services)] }
    }

    /// Reads what is there and compares it with what was promised.
    async fn look(&mut self) -> anyhow::Result<Found> {
        let desk = &self.floor.desk;
        let promised = desk.ledger.books().promised.clone();
        let found = self.auditor.look(&desk.stage).await?;
        let books = desk.ledger.books();
        let mut violations = check::violations(&promised, &books.files, &found);
        violations.extend(oddities(desk, &books.oddities));
        violations.retain(|violation| !self.report.violations.contains(violation));
        self.report.violations.extend(violations);
        self.report.revisions = found.revisions.len();
        self.report.vouched = found.vouched.len();
        Ok(found)
    }

    /// Turns the time of what was received; nothing of it is promised any more.
    async fn make_old(&mut self, found: &Found) -> anyhow::Result<Orphans> {
        let desk = &self.floor.desk;
        // What the dead service has answered is read by then.
        tokio::time::sleep(Duration::from_millis(200)).await;
        desk.ledger.books().promised.received.clear();
        make_old(&desk.stage).await?;
        desk.ledger.note(None, "everything was made old");
        let orphans = found.orphans();
        let counts = [orphans.partial.len(), orphans.unrecorded.len(), orphans.unused.len()];
        for (sum, count) in self.report.orphans.iter_mut().zip(counts) {
            *sum += count;
        }
        self.report.sweeps += 1;
        Ok(orphans)
    }

    /// Waits until what was left is gone.
    async fn swept(&mut self, orphans: &Orphans) -> anyhow::Result<()> {
        let began = Instant::now();
        loop {
            let left = orphans.left(&self.auditor.look(&self.floor.desk.stage).await?);
            if left.is_empty() {
                return Ok(());
            }
            if began.elapsed() > MUST_SWEEP {
                let told = |detail| Violation { what: "left after the sweep", detail, who: None };
                self.report.violations.extend(left.into_iter().map(told));
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// When all clients have ended: every status, then everything on the disk, then what a sweep leaves.
    async fn last_look(&mut self) -> anyhow::Result<()> {
        let floor = self.floor.clone();
        self.statuses().await?;
        let all: Vec<usize> = (0..floor.desk.stage.services.len()).collect();
        floor.desk.stage.kill(&all);
        self.auditor.forget();
        let found = self.look().await?;
        let orphans = self.make_old(&found).await?;
        floor.desk.stage.bring_back(&all).await?;
        self.swept(&orphans).await?;
        floor.desk.stage.kill(&all);
        let found = self.look().await?;
        self.report.violations.extend(check::unswept(&found));
        floor.desk.stage.bring_back(&all).await
    }

    /// Asks for the status of every push that was ever taken, until each has ended.
    async fn statuses(&mut self) -> anyhow::Result<()> {
        let desk = &self.floor.desk;
        let mut open: Vec<(String, String)> = desk
            .ledger
            .books()
            .promised
            .pushes
            .iter()
            .map(|(id, it)| (it.snap.clone(), id.clone()))
            .collect();
        self.report.statuses = open.len();
        let began = Instant::now();
        while !open.is_empty() && began.elapsed() < MUST_SETTLE {
            let mut left = Vec::new();
            for (snap, id) in open {
                let path = format!("/dev/api/snaps/{snap}/builds/{id}/status");
                match told(&desk.client.get(0, &path, None).await) {
                    Ok(Some(told)) => remember(desk, &path, &told),
                    _ => left.push((snap, id)),
                }
            }
            open = left;
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let told = |(snap, id)| Violation {
            what: "a push that never ends",
            detail: format!("push {id} of snap {snap}"),
            who: None,
        };
        self.report.violations.extend(open.into_iter().map(told));
        Ok(())
    }

    fn tell(&self, kills: usize) -> anyhow::Result<()> {
        let (tally, seconds) = (self.floor.tally(), self.floor.desk.ledger.now().as_secs());
        let accepted = tally.accepted + tally.found_there;
        say(format_args!(
            "{seconds} s: {} of {kills} kills, {accepted} of {} uploads accepted, {} revisions",
            self.report.kills, tally.begun, self.report.revisions
        ))
    }
}

/// Answers and deaths that should never be.
pub(crate) fn oddities(desk: &Desk, noted: &[(Duration, String)]) -> Vec<Violation> {
    let history = desk.stage.history.events();
    let all = noted.iter().chain(&history.oddities);
    let told = |(at, what): &(Duration, String)| Violation {
        what: "should never happen",
        detail: format!("{:.4}s {what}", at.as_secs_f64()),
        who: None,
    };
    all.map(told).collect()
}
