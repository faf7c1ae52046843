//! Does the promise hold while everything breaks? Several services, a database and Redis of their own, people who use
//! credentials and revoke them, a nemesis, and a checker over the history of it all.

mod audit;
pub(crate) mod chance;
mod check;
pub(crate) mod client;
pub(crate) mod history;
mod nemesis;
pub(crate) mod people;
mod plan;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod redis;
mod revoker;
mod stage;
mod summary;
mod wallet;
mod workers;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use model::random;
use tokio::task::JoinSet;

use chance::Chance;
use history::History;
use plan::Scope;
use postgres::Postgres;
use redis::Shape;
use stage::{Programs, Stage};
use workers::Cast;

use crate::directory;
use crate::report::say;

const TELL_EVERY: Duration = Duration::from_secs(30);
/// A violation that is looked for must show within this time.
const MUST_SHOW: Duration = Duration::from_mins(1);
/// How far ahead a clock goes; what is left of the allowance is for how long a step takes to be seen.
const CLOCK_AHEAD: Duration = Duration::from_millis(1800);

/// Break everything while credentials are used and revoked. Exit code 1 if a promise was broken.
#[derive(Debug, Args)]
pub(crate) struct Break {
    /// How long, in seconds; starting and checking come on top.
    #[arg(long, default_value_t = 120)]
    seconds: u64,
    /// What the faults are drawn from; without it, another each time.
    #[arg(long)]
    seed: Option<u64>,
    /// How Redis runs.
    #[arg(long, value_enum, default_value = "standalone")]
    redis: Shape,
    /// How many services.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..))]
    services: u8,
    /// How many verify at once.
    #[arg(long, default_value_t = 6)]
    verifiers: usize,
    /// How many revoke at once.
    #[arg(long, default_value_t = 4)]
    revokers: usize,
    /// The Redis server; it is a sentinel as well.
    #[arg(long, env = "REDIS_SERVER", default_value = "redis-server", value_name = "FILE")]
    redis_server: PathBuf,
    /// Where initdb and postgres are; without it, the newest below /usr/lib/postgresql.
    #[arg(long, env = "POSTGRES_BIN", value_name = "DIR")]
    postgres: Option<PathBuf>,
    /// libfaketime.so.1; without it, no clock is stepped.
    #[arg(long, value_name = "FILE")]
    faketime: Option<PathBuf>,
    /// Only faults of this kind, as the report names it; for finding out what one alone does.
    #[arg(long, value_name = "KIND")]
    only: Option<String>,
    /// For a service that is broken on purpose: exit code 0 only if something is accepted after its revocation.
    #[arg(long)]
    expect_violation: bool,
}

impl Break {
    pub(crate) async fn ask(&self, macaroond: &Path) -> anyhow::Result<()> {
        let seed = self.seed.unwrap_or_else(|| u64::from(u32::from_be_bytes(random::bytes::<4>())));
        let shape = self.redis;
        say(format_args!(
            "seed {seed}, {} services, Redis {shape:?}, {} seconds",
            self.services, self.seconds
        ))?;
        if self.faketime.is_none() {
            say("clocks are not stepped: there is no --faketime")?;
        }
        directory::in_a_new_one("break", async |at| self.run(macaroond, seed, at).await).await
    }

    async fn run(&self, macaroond: &Path, seed: u64, directory: &Path) -> anyhow::Result<()> {
        let programs = Programs {
            macaroond: macaroond
                .canonicalize()
                .with_context(|| format!("no program {}", macaroond.display()))?,
            redis: self.redis_server.clone(),
            postgres: match &self.postgres {
                Some(programs) => programs.clone(),
                None => postgres::programs().context("PostgreSQL was not found; name it with --postgres")?,
            },
            faketime: self.faketime.clone(),
        };
        if let Some(library) = &programs.faketime {
            ensure!(library.exists(), "there is no {}", library.display());
        }
        let scope = self.scope();
        if let Some(only) = &self.only {
            let kinds: Vec<_> = scope.kinds().into_iter().collect();
            ensure!(
                kinds.contains(&only.as_str()),
                "no kind of fault '{only}'; there are: {}",
                kinds.join(", ")
            );
        }
        let history = Arc::new(History::begin());
        let services = usize::from(self.services);
        let stage = Stage::start(&programs, self.redis, services, directory, &history).await?;
        let (database, data_dir) = (Postgres::url(stage.postgres.port), stage.data_dir.clone());
        let cast = Cast::gather(stage, history.clone()).await?;
        let caught = self.play(&cast, seed, scope).await?;
        cast.last_look().await;
        let aftermath = audit::aftermath(&database, &data_dir).await;
        let stage = cast.stage.clone();
        drop(cast);
        stop(stage).await;
        let events = history.events();
        fs::write(directory.join("faults.log"), summary::chronicle(&events))?;
        let violations = check::violations(&events, &aftermath?);
        summary::summarize(&events, &violations, services)?;
        match (self.expect_violation, violations.is_empty()) {
            (false, true) => Ok(()),
            (false, false) => bail!("the promise was broken; seed {seed}"),
            (true, _) if caught => say("\nthe violation that was looked for was caught"),
            (true, _) => bail!("nothing was caught: a service that is broken on purpose passes; seed {seed}"),
        }
    }

    fn scope(&self) -> Scope {
        Scope {
            only: self.only.clone(),
            shape: self.redis,
            services: usize::from(self.services),
            clocks: self.faketime.is_some().then_some(CLOCK_AHEAD),
        }
    }

    /// Lets everybody loose until the time is over; where a violation is looked for, until there is one. Answers with
    /// whether something was accepted after its revocation.
    async fn play(&self, cast: &Cast, seed: u64, scope: Scope) -> anyhow::Result<bool> {
        let mut chance = Chance::of(seed);
        let mut everybody = JoinSet::new();
        let over = Arc::new(AtomicBool::new(false));
        let nemesis = tokio::spawn(nemesis::rage(cast.clone(), chance.split(), scope, over.clone()));
        for _ in 0..self.verifiers {
            everybody.spawn(workers::verify(cast.clone(), chance.split()));
        }
        for _ in 0..self.revokers {
            everybody.spawn(revoker::revoke(cast.clone(), chance.split()));
        }
        everybody.spawn(workers::upload(cast.clone(), chance.split()));
        everybody.spawn(workers::log_in(cast.clone(), chance.split()));
        everybody.spawn(workers::try_again(cast.clone(), chance.split()));
        everybody.spawn(workers::keep_asking(cast.clone()));
        let began = cast.history.now();
        let lasts = if self.expect_violation { MUST_SHOW } else { Duration::from_secs(self.seconds) };
        let mut told = began;
        let caught = || !check::accepted_after_acknowledgement(&cast.history.events()).is_empty();
        while cast.history.now() < began + lasts {
            tokio::time::sleep(Duration::from_millis(500)).await;
            if self.expect_violation && caught() {
                break;
            }
            if cast.history.now() > told + TELL_EVERY {
                told = cast.history.now();
                cast.tell()?;
            }
        }
        // What is broken at the moment is mended first.
        over.store(true, Ordering::SeqCst);
        nemesis.await?;
        everybody.shutdown().await;
        Ok(caught())
    }
}

impl Cast {
    /// When all is well again: what was revoked, once more and everywhere.
    async fn last_look(&self) {
        for held in self.wallet.all_dead() {
            self.ask_all(&held).await;
        }
    }

    /// One line of progress.
    fn tell(&self) -> anyhow::Result<()> {
        let events = self.history.events();
        let acknowledged = events.revocations.iter().filter(|one| one.acknowledged.is_some()).count();
        let (seconds, faults) = (self.history.now().as_secs(), events.faults.len());
        let (operations, odd) = (events.operations.len(), events.oddities.len());
        say(format_args!(
            "{seconds} s: {faults} faults, {operations} operations, {acknowledged} revocations, {odd} oddities"
        ))
    }
}

async fn stop(stage: Arc<Stage>) {
    // Whoever still holds it has been told to end.
    match Arc::try_unwrap(stage) {
        Ok(stage) => stage.stop().await,
        Err(stage) => stage.processes().for_each(|process| process.stop()),
    }
}
