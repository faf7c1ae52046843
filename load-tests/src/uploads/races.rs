//! Races: something that a signed upload needs is revoked at a random moment of it. Once the acknowledgement has been
//! received, the database itself is asked whether the upload has made a revision; if not, it may never make one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use sqlx::AnyPool;
use tokio::task::JoinSet;

use super::check::Violation;
use super::clients::Floor;
use super::found::{readers, revisions_of};
use super::kills::oddities;
use super::publisher::{Desk, Hand, Held, Publisher, REGISTER, done};
use super::signer::Signer;
use super::upload::{Style, Upload};
use super::verdict::{COMMITTED_AFTER, Kind, Race, Side};
use crate::breaker::chance::Chance;
use crate::report::{Times, say};

/// Races under way at once.
pub(crate) const LANES: usize = 6;
/// Uploads of each style that nothing is revoked under, to see how long one takes.
const MEASURED: usize = 3;
const STYLES: [Style; 3] = [Style::Before, Style::Beside, Style::After];
const TELL_EVERY: Duration = Duration::from_secs(30);

/// What happened.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) races: Vec<Race>,
    pub(crate) acknowledging: Times,
    /// From the acknowledgement until the database had answered.
    pub(crate) reading: Times,
    pub(crate) violations: Vec<Violation>,
}

impl Report {
    /// Whether a revision was committed after the acknowledgement.
    pub(crate) fn caught(&self) -> bool {
        self.violations.iter().any(|violation| violation.what == COMMITTED_AFTER)
    }
}

/// What all lanes share.
struct Course {
    floor: Floor,
    security: Held,
    readers: AnyPool,
    /// How many races are still to be begun.
    left: AtomicUsize,
    report: Mutex<Report>,
}

/// Runs so many races; if `until_caught`, no more once a violation is found.
pub(crate) async fn play(
    desk: &Desk,
    publishers: &[Arc<Publisher>],
    races: usize,
    until_caught: bool,
    mut chance: Chance,
) -> anyhow::Result<Report> {
    let course = Arc::new(Course {
        floor: Floor::of(desk.clone(), LANES),
        security: super::publisher::security(desk).await?,
        readers: readers(&desk.stage, u32::try_from(LANES)?).await?,
        left: AtomicUsize::new(races),
        report: Mutex::default(),
    });
    let mut lanes = JoinSet::new();
    for who in 0..LANES {
        let own: Vec<_> = publishers.iter().skip(who).step_by(LANES).cloned().collect();
        ensure!(!own.is_empty(), "each lane needs a publisher");
        lanes.spawn(lane(course.clone(), who, own, until_caught, chance.split()));
    }
    let mut told = Instant::now();
    while !lanes.is_empty() {
        if let Ok(ended) = tokio::time::timeout(Duration::from_secs(1), lanes.join_next()).await
            && let Some(ended) = ended
        {
            ended.context("a lane")?.context("a lane ended")?;
        }
        if told.elapsed() > TELL_EVERY {
            told = Instant::now();
            course.tell(races)?;
        }
    }
    let course = Arc::into_inner(course).context("all lanes have ended")?;
    let mut report = course.report.into_inner().unwrap_or_else(PoisonError::into_inner);
    // What was not there must not be there now either, when all is long over.
    for race in &mut report.races {
        race.there_in_the_end = revisions_of(&course.readers, &race.snap, &race.digest).await?;
    }
    course.readers.close().await;
    report.violations = report.races.iter().flat_map(told_of).collect();
    report.violations.extend(oddities(desk, &desk.ledger.books().oddities));
    Ok(report)
}

fn told_of(race: &Race) -> Vec<Violation> {
    let violation = |what| Violation { what, detail: race.tell().join("\n    "), who: None };
    race.violations().into_iter().map(violation).collect()
}

async fn lane(
    course: Arc<Course>,
    who: usize,
    publishers: Vec<Arc<Publisher>>,
    until_caught: bool,
    mut chance: Chance,
) -> anyhow::Result<()> {
    let mut takes = measured(&course, who, &publishers, &mut chance).await?;
    let one_less = |left: usize| left.checked_sub(1);
    while let Ok(left) = course.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less) {
        let publisher = chance.one_of(&publishers).context("a publisher")?;
        let (style, mean) = *chance.one_of(&takes).context("a style")?;
        let wanted = *chance.one_of(&Kind::ALL).context("a kind")?;
        let prey = Prey::of(&course.floor.desk, publisher, wanted, left).await?;
        let race = course.race(who, left, publisher, &prey, style, mean, &mut chance).await?;
        // How long one takes changes with what else the machine does.
        if let Some((_, mean)) = takes.iter_mut().find(|(of, _)| *of == style && race.side() == Side::Before)
        {
            *mean = (*mean * 7 + race.ended.saturating_sub(race.began)) / 8;
        }
        let caught = race.violations().contains(&COMMITTED_AFTER);
        course.keep(race);
        if caught && until_caught {
            course.left.store(0, Ordering::SeqCst);
        }
    }
    Ok(())
}

/// How long an upload of each style takes in this lane, while the others do the same.
async fn measured(
    course: &Course,
    who: usize,
    publishers: &[Arc<Publisher>],
    chance: &mut Chance,
) -> anyhow::Result<Vec<(Style, Duration)>> {
    let mut takes = Vec::new();
    for style in STYLES {
        let mut sum = Duration::ZERO;
        for _ in 0..MEASURED {
            let publisher = chance.one_of(publishers).context("a publisher")?;
            let signer = publisher.signer();
            let header = publisher.held.header()?;
            let product = publisher.make(&course.floor.desk.ledger, who, &signer, Hand::Own, chance)?;
            let began = Instant::now();
            upload(course, who, publisher, &header, &product, style, chance).make().await;
            sum += began.elapsed();
        }
        takes.push((style, sum / u32::try_from(MEASURED)?));
    }
    Ok(takes)
}

/// What an upload of a race goes with, and how one of it is revoked.
struct Prey {
    kind: Kind,
    held: Held,
    signer: Arc<Signer>,
}

impl Prey {
    /// A family, a session and a key end with their race, so each takes a login of its own; without a code for one at the
    /// moment, a credential is revoked instead.
    async fn of(desk: &Desk, publisher: &Publisher, wanted: Kind, number: usize) -> anyhow::Result<Prey> {
        let credential = || {
            anyhow::Ok(Prey {
                kind: Kind::Credential,
                held: publisher.held.narrowed(number)?,
                signer: publisher.signer(),
            })
        };
        match wanted {
            Kind::Credential => credential(),
            Kind::Family | Kind::Session => match publisher.log_in(desk).await? {
                Some(held) => Ok(Prey { kind: wanted, held, signer: publisher.signer() }),
                None => credential(),
            },
            Kind::Key => {
                let Some(keys) = publisher.log_in_for_keys(desk).await? else { return credential() };
                let signer = Arc::new(Signer::make().await?);
                let name = format!("race-{number}");
                let body = json!({"account_key_request": signer.request(&publisher.account, &name)?});
                done(desk.client.post(0, REGISTER, &keys.header()?, &body).await)?;
                Ok(Prey { kind: wanted, held: publisher.held.narrowed(number)?, signer })
            }
        }
    }

    /// Path and body of the request that revokes it.
    fn revocation(&self) -> (String, Value) {
        let scope = match self.kind {
            Kind::Key => return (format!("/v1/keys/{}/revoke", self.signer.id()), json!({"reason": "race"})),
            Kind::Credential => "credential",
            Kind::Family => "family",
            Kind::Session => "session",
        };
        ("/v1/revocations".to_owned(), json!({"text": self.held.text(), "scope": scope, "reason": "race"}))
    }
}

impl Course {
    #[expect(clippy::too_many_arguments, reason = "a race has so many parts")]
    async fn race(
        &self,
        who: usize,
        number: usize,
        publisher: &Publisher,
        prey: &Prey,
        style: Style,
        takes: Duration,
        chance: &mut Chance,
    ) -> anyhow::Result<Race> {
        let (desk, ledger) = (&self.floor.desk, &self.floor.desk.ledger);
        let product = publisher.make(ledger, who, &prey.signer, Hand::Own, chance)?;
        let (header, security) = (prey.held.header()?, self.security.header()?);
        let (path, body) = prey.revocation();
        let share = f64::from(u32::try_from(chance.below(1 << 16))?) / f64::from(1_u32 << 16);
        let service = chance.below(desk.client.services());
        let began = ledger.now();
        let upload = upload(self, who, publisher, &header, &product, style, chance);
        let uploading = async {
            let end = upload.make().await;
            self.floor.board.leave(who);
            (ledger.now(), end)
        };
        let revoking = async {
            tokio::time::sleep(takes.mul_f64(share)).await;
            let (called, at) = (ledger.now(), self.floor.board.at(who));
            done(desk.client.post(service, &path, &security, &body).await).context("a revocation")?;
            let acknowledged = ledger.now();
            let there = revisions_of(&self.readers, &publisher.snap, &product.digest).await?;
            anyhow::Ok((called, at, acknowledged, there, ledger.now()))
        };
        let ((ended, end), revoked) = tokio::join!(uploading, revoking);
        let (called, at, acknowledged, there, read) = revoked?;
        let there_in_the_end = revisions_of(&self.readers, &publisher.snap, &product.digest).await?;
        let asked = upload.asked.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (snap, digest, kind) = (publisher.snap.clone(), product.digest, prey.kind);
        Ok(Race {
            number,
            who,
            kind,
            style,
            snap,
            digest,
            began,
            called,
            at,
            acknowledged,
            there,
            read,
            asked,
            ended,
            end,
            there_in_the_end,
        })
    }

    fn keep(&self, race: Race) {
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.acknowledging.add(race.acknowledged.saturating_sub(race.called));
        report.reading.add(race.read.saturating_sub(race.acknowledged));
        report.races.push(race);
    }

    fn tell(&self, races: usize) -> anyhow::Result<()> {
        let seconds = self.floor.desk.ledger.now().as_secs();
        let report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        let violations = report.races.iter().filter(|race| !race.violations().is_empty()).count();
        say(format_args!("{seconds} s: {} of {races} races, {violations} violations", report.races.len()))
    }
}

fn upload<'a>(
    course: &'a Course,
    who: usize,
    publisher: &'a Publisher,
    header: &'a str,
    product: &'a super::publisher::Product,
    style: Style,
    chance: &mut Chance,
) -> Upload<'a> {
    Upload {
        desk: &course.floor.desk,
        board: &course.floor.board,
        who,
        publisher,
        header,
        product,
        style,
        rest: chance.milliseconds(1, 3),
        gives_up: false,
        chance: Mutex::new(chance.split()),
        asked: Mutex::default(),
    }
}
