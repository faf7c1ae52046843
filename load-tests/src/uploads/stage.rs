//! Where uploads are played: one service with everything in its data directory, or two that share PostgreSQL and Redis;
//! and how they are killed and brought back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use secrecy::SecretString;
use storage::records::{DatabaseSettings, Records};
use storage::sealing::MasterKey;

use crate::breaker::history::History;
use crate::breaker::people::{People, make_store_keys};
use crate::breaker::postgres::{self, Postgres};
use crate::breaker::process::Process;
use crate::breaker::proxy::free_port;
use crate::breaker::redis::{Redis, Shape as RedisShape, until};

/// How long a push waits for its assertion. Short, so that what waits in vain is seen to end.
pub(crate) const ASSERTION_WAIT: Duration = Duration::from_secs(3);
/// How long a file is kept that nobody claims; the least that the service takes.
pub(crate) const KEEP_UNCLAIMED: Duration = Duration::from_mins(10);
/// Within this time a service answers again that was brought back.
const MUST_START: Duration = Duration::from_mins(1);

/// How the service keeps what it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Shape {
    /// One process, SQLite, the list in the process.
    Embedded,
    /// Two processes, PostgreSQL, the list in Redis.
    Replicated,
}

/// Programs that are not ours.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    pub(crate) macaroond: PathBuf,
    pub(crate) redis: PathBuf,
    pub(crate) postgres: Option<PathBuf>,
}

/// Everything that runs.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) services: Vec<Arc<Process>>,
    pub(crate) base_urls: Vec<String>,
    pub(crate) data_dir: PathBuf,
    /// The database, as the service itself opens it.
    pub(crate) database: String,
    pub(crate) people: People,
    /// What its processes did that nobody asked them for.
    pub(crate) history: Arc<History>,
    servers: Option<(Postgres, Redis)>,
}

impl Stage {
    pub(crate) async fn start(
        programs: &Programs,
        shape: Shape,
        publishers: usize,
        directory: &Path,
    ) -> anyhow::Result<Stage> {
        let history = Arc::new(History::begin());
        let data_dir = directory.join("data");
        fs::create_dir(&data_dir)?;
        let master = MasterKey::read_or_create(&directory.join("master.key"))?;
        let servers = match shape {
            Shape::Embedded => None,
            Shape::Replicated => Some(servers(programs, directory, &history).await?),
        };
        let (database, records) = match &servers {
            None => {
                let url = format!("sqlite://{}", data_dir.join("macaroond.db").display());
                (url, Records::open_file(&data_dir).await?)
            }
            Some((postgres, _)) => {
                let url = Postgres::url(postgres.port);
                (url.clone(), opened(&url, &data_dir).await?)
            }
        };
        let people = People::invent(&records, &master, publishers).await?;
        make_store_keys(&records, &master).await?;
        records.close().await;
        fs::write(directory.join("client.secret"), people.provider.client_secret())?;
        let (mut services, mut base_urls) = (Vec::new(), Vec::new());
        for number in 0..if servers.is_some() { 2 } else { 1 } {
            let (name, port) = (format!("service-{number}"), free_port());
            let settings = directory.join(format!("{name}.toml"));
            fs::write(&settings, text(directory, port, &people, servers.as_ref()))?;
            let program = programs.macaroond.clone();
            services.push(Process::keep(&name, directory, &history, move || {
                let mut command = Command::new(&program);
                command.arg("serve").arg("--config").arg(&settings);
                command
            }));
            base_urls.push(format!("http://127.0.0.1:{port}"));
        }
        let stage = Stage { services, base_urls, data_dir, database, people, history, servers };
        stage.ready().await?;
        Ok(stage)
    }

    /// Kills these services, all of them at once, and keeps them down.
    pub(crate) fn kill(&self, victims: &[usize]) {
        self.of(victims).for_each(|service| service.strike());
    }

    /// Brings these services back, and waits until all answer.
    pub(crate) async fn bring_back(&self, victims: &[usize]) -> anyhow::Result<()> {
        self.of(victims).for_each(|service| service.let_up());
        self.ready().await
    }

    async fn ready(&self) -> anyhow::Result<()> {
        for (service, base_url) in self.services.iter().zip(&self.base_urls) {
            let url = format!("{base_url}/readyz");
            let ready = async || reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success());
            let done = until(MUST_START, ready).await;
            done.with_context(|| format!("{} does not become ready; see its log", service.name()))?;
        }
        Ok(())
    }

    fn of(&self, numbers: &[usize]) -> impl Iterator<Item = &Arc<Process>> {
        numbers.iter().filter_map(|number| self.services.get(*number))
    }

    /// Ends every process.
    pub(crate) async fn stop(self) {
        self.services.iter().for_each(|service| service.stop());
        if let Some((postgres, redis)) = &self.servers {
            redis.processes().for_each(|process| process.stop());
            postgres.process.stop();
        }
        self.people.provider.stop().await;
    }
}

async fn servers(
    programs: &Programs,
    directory: &Path,
    history: &Arc<History>,
) -> anyhow::Result<(Postgres, Redis)> {
    let found = programs.postgres.clone().or_else(postgres::programs);
    let found = found.context("PostgreSQL was not found; name it with --postgres")?;
    let postgres = Postgres::start(&found, directory, history)?;
    let redis = Redis::start(RedisShape::Standalone, &programs.redis, directory, history).await?;
    Ok((postgres, redis))
}

async fn opened(url: &str, data_dir: &Path) -> anyhow::Result<Records> {
    let settings = DatabaseSettings { url: SecretString::from(url.to_owned()) };
    let mut records = None;
    until(MUST_START, async || {
        records = Records::open(Some(&settings), data_dir).await.ok();
        records.is_some()
    })
    .await
    .context("PostgreSQL does not answer")?;
    records.context("PostgreSQL does not answer")
}

/// A service's settings file.
fn text(directory: &Path, port: u16, people: &People, servers: Option<&(Postgres, Redis)>) -> String {
    let at = directory.display();
    let shared = servers.map_or(String::new(), |(postgres, redis)| {
        let port = redis.servers.first().map_or(0, |server| server.port);
        let database = Postgres::url(postgres.port);
        format!(
            "[database]\nurl = '{database}'\n[redis]\nprefix = 'uploads'\nurl = 'redis://127.0.0.1:{port}'\n"
        )
    });
    format!(
        "public_url = 'http://store.example'\nlisten = '127.0.0.1:{port}'\ndata_dir = '{at}/data'\n\
         master_key_file = '{at}/master.key'\n\
         [sso]\nissuer = '{}'\nclient_id = '{}'\nclient_secret_file = '{at}/client.secret'\n\
         publisher_groups = ['publisher']\nsecurity_groups = ['security']\n\
         [tokens]\nlogin_failures = 1000\n\
         [uploads]\nassertion_wait = '{}s'\nkeep_unclaimed = '{}s'\n{shared}",
        people.provider.issuer(),
        people.provider.client_id(),
        ASSERTION_WAIT.as_secs(),
        KEEP_UNCLAIMED.as_secs(),
    )
}
