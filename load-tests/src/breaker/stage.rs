//! Where it is played: services, each with links of its own to the database, to every Redis server and to every
//! sentinel; one data directory; people and their identity provider.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use secrecy::SecretString;
use storage::records::{DatabaseSettings, Records};
use storage::sealing::MasterKey;

use super::history::History;
use super::people::{People, make_store_keys};
use super::postgres::Postgres;
use super::process::Process;
use super::proxy::{Proxy, free_port};
use super::redis::{MASTER, Redis, Server, Shape, until};

/// By how much the clocks of services may differ, as their settings have it.
pub(crate) const CLOCK_SKEW: Duration = Duration::from_secs(2);

const PUBLISHERS: usize = 16;

/// The programs that a run starts.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    pub(crate) macaroond: PathBuf,
    pub(crate) redis: PathBuf,
    /// Where `initdb` and `postgres` are.
    pub(crate) postgres: PathBuf,
    /// The library that steps a process's clock, `libfaketime.so.1`.
    pub(crate) faketime: Option<PathBuf>,
}

/// Everything that runs.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) services: Vec<Service>,
    pub(crate) postgres: Postgres,
    pub(crate) redis: Redis,
    pub(crate) people: People,
    pub(crate) data_dir: PathBuf,
}

/// One service and its links.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) process: Arc<Process>,
    pub(crate) base_url: String,
    pub(crate) database: Proxy,
    /// One for each Redis server, in their order.
    pub(crate) redis: Vec<Proxy>,
    /// One for each sentinel, in their order.
    pub(crate) sentinels: Vec<Proxy>,
    /// The file that says by how much its clock is off.
    pub(crate) clock: Option<PathBuf>,
}

impl Stage {
    pub(crate) async fn start(
        programs: &Programs,
        shape: Shape,
        count: usize,
        directory: &Path,
        history: &Arc<History>,
    ) -> anyhow::Result<Stage> {
        let postgres = Postgres::start(&programs.postgres, directory, history)?;
        let redis = Redis::start(shape, &programs.redis, directory, history).await?;
        let data_dir = directory.join("data");
        fs::create_dir(&data_dir)?;
        let master = MasterKey::read_or_create(&directory.join("master.key"))?;
        let records = opened(&postgres, &data_dir).await?;
        let people = People::invent(&records, &master, PUBLISHERS).await?;
        make_store_keys(&records, &master).await?;
        records.close().await;
        fs::write(directory.join("client.secret"), people.provider.client_secret())?;
        let mut services = Vec::new();
        for number in 0..count {
            services.push(service(number, programs, directory, &postgres, &redis, &people, history).await?);
        }
        for service in &services {
            let url = format!("{}/readyz", service.base_url);
            let ready = async || reqwest::get(&url).await.is_ok_and(|answer| answer.status().is_success());
            until(Duration::from_mins(1), ready).await.with_context(|| {
                format!(
                    "{} does not become ready; see its log in {}",
                    service.process.name(),
                    directory.display()
                )
            })?;
        }
        Ok(Stage { services, postgres, redis, people, data_dir })
    }

    pub(crate) fn processes(&self) -> impl Iterator<Item = &Arc<Process>> {
        let services = self.services.iter().map(|service| &service.process);
        services.chain(self.redis.processes()).chain([&self.postgres.process])
    }

    /// Ends every process.
    pub(crate) async fn stop(self) {
        self.processes().for_each(|process| process.stop());
        self.people.provider.stop().await;
    }
}

/// The database, its schema up to date.
async fn opened(postgres: &Postgres, data_dir: &Path) -> anyhow::Result<Records> {
    let settings = DatabaseSettings { url: SecretString::from(Postgres::url(postgres.port)) };
    let mut records = None;
    until(Duration::from_mins(1), async || {
        records = Records::open(Some(&settings), data_dir).await.ok();
        records.is_some()
    })
    .await
    .context("PostgreSQL does not answer")?;
    records.context("PostgreSQL does not answer")
}

async fn service(
    number: usize,
    programs: &Programs,
    directory: &Path,
    postgres: &Postgres,
    redis: &Redis,
    people: &People,
    history: &Arc<History>,
) -> anyhow::Result<Service> {
    let database = Proxy::to(postgres.port, Vec::new()).await?;
    let mut to_redis = Vec::new();
    for server in &redis.servers {
        to_redis.push(Proxy::to(server.port, Vec::new()).await?);
    }
    // Sentinels name a server by its front; this service reaches it by a link of its own.
    let named = |server: &Server, link: &Proxy| {
        let (front, own) = (server.front.port, link.port);
        [
            (format!("$5\r\n{front}\r\n").into_bytes(), format!("$5\r\n{own}\r\n").into_bytes()),
            (format!("127.0.0.1 {front}").into_bytes(), format!("127.0.0.1 {own}").into_bytes()),
        ]
    };
    let rewrite: Vec<_> =
        redis.servers.iter().zip(&to_redis).flat_map(|(server, link)| named(server, link)).collect();
    let mut sentinels = Vec::new();
    for sentinel in &redis.sentinels {
        sentinels.push(Proxy::to(sentinel.port, rewrite.clone()).await?);
    }
    let port = free_port();
    let name = format!("service-{number}");
    let settings = directory.join(format!("{name}.toml"));
    fs::write(&settings, text(directory, port, &database, &to_redis, &sentinels, people))?;
    let clock = programs.faketime.is_some().then(|| directory.join(format!("{name}.clock")));
    if let Some(clock) = &clock {
        fs::write(clock, "+0\n")?;
    }
    let (program, library, file) = (programs.macaroond.clone(), programs.faketime.clone(), clock.clone());
    let process = Process::keep(&name, directory, history, move || {
        let mut command = Command::new(&program);
        command.arg("serve").arg("--config").arg(&settings);
        if let (Some(library), Some(file)) = (&library, &file) {
            command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", file);
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("FAKETIME_CACHE_DURATION", "1");
        }
        command
    });
    let base_url = format!("http://127.0.0.1:{port}");
    Ok(Service { process, base_url, database, redis: to_redis, sentinels, clock })
}

/// A service's settings file.
fn text(
    directory: &Path,
    port: u16,
    database: &Proxy,
    redis: &[Proxy],
    sentinels: &[Proxy],
    people: &People,
) -> String {
    let url = |proxy: &Proxy| format!("'redis://127.0.0.1:{}'", proxy.port);
    let redis = if sentinels.is_empty() {
        format!("url = {}\n", redis.first().map(url).unwrap_or_default())
    } else {
        let nodes: Vec<_> = sentinels.iter().map(url).collect();
        let nodes = nodes.join(", ");
        format!("mode = 'sentinel'\nnodes = [{nodes}]\nmaster = '{MASTER}'\nmin_replicas = 1\nlease = '2s'\n")
    };
    let at = directory.display();
    format!(
        "public_url = 'http://store.example'\nlisten = '127.0.0.1:{port}'\ndata_dir = '{at}/data'\n\
         master_key_file = '{at}/master.key'\n\
         [database]\nurl = '{}'\n\
         [sso]\nissuer = '{}'\nclient_id = '{}'\nclient_secret_file = '{at}/client.secret'\n\
         publisher_groups = ['publisher']\nsecurity_groups = ['security']\n\
         [tokens]\nclock_skew = '{}s'\nlogin_failures = 1000\n\
         [redis]\nprefix = 'breaker'\n{redis}",
        Postgres::url(database.port),
        people.provider.issuer(),
        people.provider.client_id(),
        CLOCK_SKEW.as_secs(),
    )
}
