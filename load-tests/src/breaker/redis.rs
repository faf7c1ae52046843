//! The Redis of a run: one server that may lose its last second, or a primary with replicas and the sentinels that
//! watch over them.
//!
//! Servers and sentinels reach a server through its *front*, a link that can be cut while the server goes on answering
//! those services that reach it by another link.

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::history::History;
use super::process::Process;
use super::proxy::{Proxy, free_port};

/// What the sentinels call the primary.
pub(crate) const MASTER: &str = "mymaster";
const SENTINELS: usize = 3;
const SERVERS: usize = 3;
const QUORUM: usize = 2;

/// How the list is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Shape {
    /// One server.
    Standalone,
    /// A primary, two replicas, three sentinels.
    Sentinel,
}

/// All servers and sentinels.
#[derive(Debug)]
pub(crate) struct Redis {
    pub(crate) servers: Vec<Server>,
    pub(crate) sentinels: Vec<Sentinel>,
}

/// One server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) process: Arc<Process>,
    pub(crate) port: u16,
    pub(crate) front: Proxy,
}

/// One sentinel.
#[derive(Debug)]
pub(crate) struct Sentinel {
    pub(crate) process: Arc<Process>,
    pub(crate) port: u16,
}

impl Redis {
    pub(crate) async fn start(
        shape: Shape,
        program: &Path,
        directory: &Path,
        history: &Arc<History>,
    ) -> anyhow::Result<Redis> {
        let mut redis = Redis { servers: Vec::new(), sentinels: Vec::new() };
        let count = if shape == Shape::Sentinel { SERVERS } else { 1 };
        for number in 0..count {
            let port = free_port();
            let front = Proxy::to(port, Vec::new()).await?;
            let primary = redis.servers.first().map(|server: &Server| server.front.port);
            let name = format!("redis-{number}");
            let settings = server_settings(directory, &name, port, front.port, primary)?;
            let process = process(program, settings, &name, directory, history, &[]);
            redis.servers.push(Server { process, port, front });
            until(Duration::from_secs(20), async || {
                ask(port, "PING").await.is_some_and(|it| it.contains("PONG"))
            })
            .await
            .with_context(|| format!("{name} does not answer"))?;
        }
        if shape == Shape::Sentinel {
            redis.watch_over(program, directory, history).await?;
        }
        Ok(redis)
    }

    async fn watch_over(
        &mut self,
        program: &Path,
        directory: &Path,
        history: &Arc<History>,
    ) -> anyhow::Result<()> {
        let primary = self.servers.first().context("a primary")?.front.port;
        for number in 0..SENTINELS {
            let (port, name) = (free_port(), format!("sentinel-{number}"));
            let settings = sentinel_settings(directory, &name, port, primary)?;
            let process = process(program, settings, &name, directory, history, &["--sentinel"]);
            self.sentinels.push(Sentinel { process, port });
        }
        for Sentinel { port, .. } in &self.sentinels {
            // They find each other and the replicas through the primary.
            let known = format!("SENTINEL MASTER {MASTER}");
            let settled = async || {
                ask(*port, &known).await.is_some_and(|answer| {
                    let field = |name: &str| field(&answer, name).and_then(|text| text.parse::<usize>().ok());
                    field("num-slaves") == Some(SERVERS - 1)
                        && field("num-other-sentinels") == Some(SENTINELS - 1)
                })
            };
            until(Duration::from_secs(40), settled).await.context("the sentinels do not find each other")?;
        }
        Ok(())
    }

    /// The server that the sentinels take for the primary; without them, the only one.
    pub(crate) async fn primary(&self) -> Option<usize> {
        if self.sentinels.is_empty() {
            return Some(0);
        }
        for sentinel in &self.sentinels {
            let command = format!("SENTINEL GET-MASTER-ADDR-BY-NAME {MASTER}");
            let Some(answer) = ask(sentinel.port, &command).await else { continue };
            let port = answer.lines().filter_map(|line| line.trim().parse::<u16>().ok()).next_back();
            if let Some(number) = self.servers.iter().position(|server| Some(server.front.port) == port) {
                return Some(number);
            }
        }
        None
    }

    pub(crate) fn processes(&self) -> impl Iterator<Item = &Arc<Process>> {
        let servers = self.servers.iter().map(|server| &server.process);
        servers.chain(self.sentinels.iter().map(|sentinel| &sentinel.process))
    }
}

/// One command in Redis's inline form, and what is answered within a second.
pub(crate) async fn ask(port: u16, command: &str) -> Option<String> {
    let answer = tokio::time::timeout(Duration::from_secs(1), async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream.write_all(format!("{command}\r\n").as_bytes()).await?;
        let mut bytes = vec![0; 16 << 10];
        let length = stream.read(&mut bytes).await?;
        bytes.truncate(length);
        std::io::Result::Ok(String::from_utf8_lossy(&bytes).into_owned())
    });
    answer.await.ok()?.ok()
}

/// Asks again until the answer is yes.
pub(crate) async fn until(patience: Duration, mut done: impl AsyncFnMut() -> bool) -> anyhow::Result<()> {
    let began = Instant::now();
    while !done().await {
        if began.elapsed() > patience {
            bail!("gave up after {} seconds", patience.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// The value after a name, in an answer that lists names and values as bulk strings.
fn field<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = answer.lines().map(str::trim).skip_while(|line| *line != name);
    lines.nth(2)
}

fn process(
    program: &Path,
    settings: PathBuf,
    name: &str,
    directory: &Path,
    history: &Arc<History>,
    more: &'static [&'static str],
) -> Arc<Process> {
    let program = program.to_owned();
    Process::keep(name, directory, history, move || {
        let mut command = Command::new(&program);
        command.arg(&settings).args(more);
        command
    })
}

fn server_settings(
    directory: &Path,
    name: &str,
    port: u16,
    front: u16,
    primary: Option<u16>,
) -> anyhow::Result<PathBuf> {
    let home = directory.join(name);
    fs::create_dir(&home)?;
    let replica = primary.map_or(String::new(), |port| format!("replicaof 127.0.0.1 {port}\n"));
    let text = format!(
        "bind 127.0.0.1\nport {port}\ndir {}\nsave \"\"\nappendonly yes\nappendfsync everysec\n\
         maxmemory-policy noeviction\nrepl-ping-replica-period 1\nrepl-timeout 10\nrepl-diskless-sync-delay 0\n\
         replica-announce-ip 127.0.0.1\nreplica-announce-port {front}\n{replica}",
        home.display()
    );
    write(&home.join("redis.conf"), &text)
}

fn sentinel_settings(directory: &Path, name: &str, port: u16, primary: u16) -> anyhow::Result<PathBuf> {
    let home = directory.join(name);
    fs::create_dir(&home)?;
    let text = format!(
        "bind 127.0.0.1\nport {port}\ndir {}\nsentinel monitor {MASTER} 127.0.0.1 {primary} {QUORUM}\n\
         sentinel down-after-milliseconds {MASTER} 2000\nsentinel failover-timeout {MASTER} 4000\n\
         sentinel parallel-syncs {MASTER} 2\n",
        home.display()
    );
    write(&home.join("sentinel.conf"), &text)
}

fn write(path: &Path, text: &str) -> anyhow::Result<PathBuf> {
    fs::write(path, text)?;
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests;
