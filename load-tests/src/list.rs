//! What a check costs with many live revocations in Redis, what they cost in memory, and how long a list takes to heal
//! that was lost: two lists, one of them empty, asked by turns as a service asks.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Args;
use model::clock::Clock;
use model::ids::{AccountId, KeyId, SessionId, TokenId};
use model::random;
use revocation::{NewRevocation, Reach, Revocation, RevocationQuery, Subject};
use secrecy::SecretString;
use service::config::standalone;
use storage::records::Records;
use storage::revocations::Revocations;
use tokio::process::{Child, Command};

use crate::report::{Times, say};

/// Revocations a transaction.
const BATCH: usize = 10_000;
/// Checks of one list before it is the other's turn.
const TURN: usize = 100;
const DAY_SECONDS: i64 = 24 * 3600;

/// Fill a list with revocations, and ask it beside an empty one.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The Redis to start.
    #[arg(long, env = "REDIS_SERVER", default_value = "redis-server", value_name = "FILE")]
    redis_server: PathBuf,
    /// Numbers of live revocations, going up.
    #[arg(long, value_delimiter = ',', default_values_t = [100_000, 1_000_000])]
    revocations: Vec<usize>,
    /// Checks of each list a measurement.
    #[arg(long, default_value_t = 20_000)]
    checks: usize,
}

impl List {
    pub(crate) async fn ask(&self) -> anyhow::Result<()> {
        let (empty, full) = (Stage::set(&self.redis_server).await?, Stage::set(&self.redis_server).await?);
        let bare = full.bytes().await?;
        let (one, other) = by_turns(&empty, &full, self.checks).await?;
        say(format_args!(
            "{:>9} revocations: a check takes {}; {}",
            0,
            other.summary(),
            beside(&other, &one)
        ))?;
        let mut there = 0;
        for &count in &self.revocations {
            ensure!(count > there, "--revocations must go up");
            full.record(count - there).await?;
            there = count;
            let healed = full.flush_and_heal().await?;
            let (one, other) = by_turns(&empty, &full, self.checks).await?;
            let each = (full.bytes().await? - bare) / u64::try_from(count)?;
            say(format_args!(
                "{count:>9} revocations: a check takes {}; {}",
                other.summary(),
                beside(&other, &one)
            ))?;
            let healed = healed.as_secs_f64();
            say(format_args!(
                "{:>22}: {each} bytes of Redis memory each; healed {healed:.1} s after a flush",
                ""
            ))?;
        }
        empty.end().await?;
        full.end().await
    }
}

fn beside(full: &Times, empty: &Times) -> String {
    let ratio = |percent| full.percentile(percent) / empty.percentile(percent);
    format!("{:.2} times an empty list's p50, {:.2} times its p99", ratio(50), ratio(99))
}

/// Asks both lists by turns, so that what else the machine does falls on both.
async fn by_turns(empty: &Stage, full: &Stage, checks: usize) -> anyhow::Result<(Times, Times)> {
    let (mut one, mut other) = (Times::default(), Times::default());
    for _ in 0..checks.div_ceil(TURN) {
        for _ in 0..TURN {
            one.add(empty.check().await?);
        }
        for _ in 0..TURN {
            other.add(full.check().await?);
        }
    }
    Ok((one, other))
}

/// A journal, the list made from it, and the Redis it is in.
struct Stage {
    records: Records,
    list: Revocations,
    redis: Child,
    client: redis::Client,
    directory: tempfile::TempDir,
}

impl Stage {
    async fn set(redis_server: &Path) -> anyhow::Result<Stage> {
        let directory = tempfile::tempdir()?;
        let records = Records::open_file(directory.path()).await?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
        let redis = Command::new(redis_server)
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"])
            .arg(directory.path())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start", redis_server.display()))?;
        let url = format!("redis://127.0.0.1:{port}");
        let client = redis::Client::open(url.clone())?;
        let settings = standalone(SecretString::from(url), "bench".to_owned());
        let list = Revocations::redis(&settings, records.clone(), Clock::system()).await?;
        let stage = Stage { records, list, redis, client, directory };
        stage.trusted().await?;
        Ok(stage)
    }

    /// Puts credentials into the journal, each of a family of its own, as leaks are.
    async fn record(&self, count: usize) -> anyhow::Result<()> {
        let now = Clock::system().now();
        let mut left = count;
        while left > 0 {
            let batch = left.min(BATCH);
            let revocations: Vec<NewRevocation> = (0..batch)
                .map(|_| NewRevocation {
                    subject: Subject::Credential(TokenId::generate(), random::bytes::<16>()),
                    cut: Revocation { reach: Reach::All, at: now, reason: "found in a build log".to_owned() },
                    actor: "load-tests".to_owned(),
                    leaked: true,
                    forget_at: now.add_secs(365 * DAY_SECONDS),
                })
                .collect();
            self.records.record_revocations(&revocations).await?;
            left -= batch;
        }
        Ok(())
    }

    /// Makes Redis forget everything, and waits for the first answer that is trusted.
    async fn flush_and_heal(&self) -> anyhow::Result<Duration> {
        // To free a million keys takes a while.
        let config = redis::AsyncConnectionConfig::new().set_response_timeout(Some(Duration::from_mins(1)));
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        redis::cmd("FLUSHALL").query_async::<()>(&mut connection).await?;
        let began = Instant::now();
        self.trusted().await?;
        Ok(began.elapsed())
    }

    async fn trusted(&self) -> anyhow::Result<()> {
        let began = Instant::now();
        while self.list.ready().await.is_err() {
            ensure!(began.elapsed() < Duration::from_mins(10), "the list does not heal");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// One check of a credential with six tails, as an ordinary request makes.
    async fn check(&self) -> anyhow::Result<Duration> {
        let (token, account) = (TokenId::generate(), AccountId::generate());
        let tails = (0..6).map(|_| Subject::Credential(token.clone(), random::bytes::<16>()));
        let mut subjects: Vec<Subject> = tails.collect();
        subjects.extend([
            Subject::Family(token.clone()),
            Subject::Session(account.clone(), SessionId::generate()),
            Subject::Account(account),
            Subject::RootKey(KeyId::generate()),
            Subject::Everything,
        ]);
        let question = RevocationQuery { subjects, login: Some(Clock::system().now()) };
        let began = Instant::now();
        let verdict = self.list.check(&question).await?;
        let took = began.elapsed();
        ensure!(verdict.is_none(), "a credential that was just made is revoked");
        Ok(took)
    }

    async fn bytes(&self) -> anyhow::Result<u64> {
        let mut connection = self.client.get_multiplexed_async_connection().await?;
        let info: String = redis::cmd("INFO").arg("memory").query_async(&mut connection).await?;
        let used = info.lines().find_map(|line| line.trim_end().strip_prefix("used_memory:"));
        Ok(used.context("Redis does not say how much memory it uses")?.parse()?)
    }

    async fn end(mut self) -> anyhow::Result<()> {
        self.redis.kill().await?;
        self.records.close().await;
        Ok(self.directory.close()?)
    }
}
