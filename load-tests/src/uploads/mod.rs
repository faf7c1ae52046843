//! Do signed uploads keep their promises? First the service is killed at random moments of them, then what they need is
//! revoked at random moments. See `docs/breaker.md`.

mod board;
mod check;
mod client;
mod clients;
mod found;
mod kills;
mod ledger;
mod publisher;
mod races;
mod signer;
mod stage;
mod summary;
mod upload;
mod verdict;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use model::random;

use client::Client;
use ledger::Ledger;
use publisher::{Desk, Publisher};
use stage::{Programs, Shape, Stage};
use verdict::Side;

use crate::breaker::chance::Chance;
use crate::directory;
use crate::report::say;

/// So many races can be expected to come out on both sides.
const ENOUGH: usize = 20;
/// The fewest and the most publishers, and how many races there are for each: what is revoked besides a credential takes a
/// login, and everybody has two a minute.
const PUBLISHERS: (usize, usize) = (races::LANES, 72);
const RACES_EACH: usize = 12;

/// Kill the service during signed uploads, and revoke what they need. Exit code 1 if a promise was broken.
#[derive(Debug, Args)]
pub(crate) struct Uploads {
    /// How often the service is killed.
    #[arg(long, default_value_t = 50)]
    kills: usize,
    /// How often something is revoked during an upload.
    #[arg(long, default_value_t = 100)]
    races: usize,
    /// What the moments are drawn from; without it, another each time.
    #[arg(long)]
    seed: Option<u64>,
    /// How the service keeps what it knows.
    #[arg(long, value_enum, default_value = "embedded")]
    shape: Shape,
    /// The Redis server, for `replicated`.
    #[arg(long, env = "REDIS_SERVER", default_value = "redis-server", value_name = "FILE")]
    redis_server: PathBuf,
    /// Where initdb and postgres are, for `replicated`; without it, the newest below /usr/lib/postgresql.
    #[arg(long, env = "POSTGRES_BIN", value_name = "DIR")]
    postgres: Option<PathBuf>,
    /// For a service that is broken on purpose: exit code 0 only if a revision is committed after the acknowledgement.
    #[arg(long)]
    expect_violation: bool,
}

impl Uploads {
    pub(crate) async fn ask(&self, macaroond: &Path) -> anyhow::Result<()> {
        let seed = self.seed.unwrap_or_else(|| u64::from(u32::from_be_bytes(random::bytes::<4>())));
        say(format_args!("seed {seed}, {:?}, {} kills, {} races", self.shape, self.kills, self.races))?;
        directory::in_a_new_one("uploads", async |at| self.run(macaroond, seed, at).await).await
    }

    async fn run(&self, macaroond: &Path, seed: u64, directory: &Path) -> anyhow::Result<()> {
        let programs = Programs {
            macaroond: macaroond
                .canonicalize()
                .with_context(|| format!("no program {}", macaroond.display()))?,
            redis: self.redis_server.clone(),
            postgres: self.postgres.clone(),
        };
        let publishers = (self.races / RACES_EACH).clamp(PUBLISHERS.0, PUBLISHERS.1);
        let stage = Arc::new(Stage::start(&programs, self.shape, publishers, directory).await?);
        let client = Client::of(stage.base_urls.clone())?;
        let desk = Desk { stage, client, ledger: Arc::new(Ledger::begin()) };
        let outcome = self.play(&desk, seed, publishers).await;
        let Desk { stage, .. } = desk;
        // Whoever still holds it was told to end, and dropped it ends everything.
        if let Ok(stage) = Arc::try_unwrap(stage) {
            stage.stop().await;
        }
        outcome
    }

    async fn play(&self, desk: &Desk, seed: u64, publishers: usize) -> anyhow::Result<()> {
        let mut chance = Chance::of(seed);
        let mut all = Vec::new();
        for number in 0..publishers {
            all.push(Arc::new(Publisher::set_up(desk, number).await.context("a publisher")?));
        }
        say(format_args!("{} s: {publishers} publishers are there", desk.ledger.now().as_secs()))?;
        let mut violations = Vec::new();
        let (to_kill, to_race) = (chance.split(), chance.split());
        if self.kills > 0 {
            let report = kills::play(desk, &all, self.kills, to_kill).await?;
            summary::kills(&report)?;
            violations.extend(report.violations);
        }
        let (mut caught, mut on_both_sides) = (false, true);
        if self.races > 0 && violations.is_empty() {
            let report = races::play(desk, &all, self.races, self.expect_violation, to_race).await?;
            summary::races(&report)?;
            caught = report.caught();
            let on = |side| report.races.iter().any(|race| race.side() == side);
            on_both_sides = self.races < ENOUGH || (on(Side::Before) && on(Side::Refused));
            violations.extend(report.violations);
        }
        summary::verdict(&violations, &desk.ledger.books())?;
        match (self.expect_violation, violations.is_empty()) {
            (true, _) if caught => say("\nthe violation that was looked for was caught"),
            (true, _) => bail!("nothing was caught: a service that is broken on purpose passes; seed {seed}"),
            (false, false) => bail!("a promise was broken; seed {seed}"),
            (false, true) => {
                ensure!(on_both_sides, "all races came out on one side, which proves nothing; seed {seed}");
                Ok(())
            }
        }
    }
}
