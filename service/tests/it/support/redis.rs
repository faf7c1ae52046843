//! A real `redis-server` of one's own, which can be frozen, killed, brought back empty and made to forget.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::port::port;

/// A running, frozen or dead Redis; dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Redis {
    port: u16,
    arguments: Vec<String>,
    directory: TempDir,
    process: Mutex<Option<Child>>,
}

impl Redis {
    /// One that keeps everything and forgets nothing, as long as it lives.
    pub(crate) fn start() -> Redis {
        Redis::with(&[])
    }

    /// One with these arguments, besides those that say where it listens and that nothing is saved.
    pub(crate) fn with(arguments: &[&str]) -> Redis {
        let directory = tempfile::tempdir().unwrap();
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        loop {
            let port = port();
            if let Some(process) = spawn(directory.path(), port, &arguments) {
                return Redis { port, arguments, directory, process: Mutex::new(Some(process)) };
            }
        }
    }

    /// One that follows another, in step with it.
    pub(crate) fn following(primary: &Redis) -> Redis {
        let replica = Redis::with(&["--replicaof", "127.0.0.1", &primary.port.to_string()]);
        replica.in_step();
        replica
    }

    /// Waits until it follows its primary.
    pub(crate) fn in_step(&self) {
        let began = Instant::now();
        while !self.info("replication").contains("master_link_status:up") {
            assert!(began.elapsed() < Duration::from_secs(20), "the replica does not follow");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A Sentinel, alone in judging this primary, which is called `list`.
    pub(crate) fn sentinel(primary: &Redis) -> Redis {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("sentinel.conf");
        loop {
            let port = port();
            let settings = format!(
                "sentinel monitor list 127.0.0.1 {} 1\nsentinel down-after-milliseconds list 500\n\
                 sentinel failover-timeout list 3000\n",
                primary.port
            );
            std::fs::write(&file, settings).unwrap();
            let arguments = vec![file.display().to_string(), "--sentinel".to_owned()];
            if let Some(process) = run(directory.path(), port, &arguments) {
                return Redis { port, arguments, directory, process: Mutex::new(Some(process)) };
            }
        }
    }

    /// The port it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A section of what it says of itself.
    pub(crate) fn info(&self, section: &str) -> String {
        self.full(&format!("INFO {section}"))
    }

    /// One command and its whole answer; empty if it does not answer.
    pub(crate) fn full(&self, command: &str) -> String {
        ask(self.port, command).unwrap_or_default()
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// It takes connections and answers nothing, as on a machine that hangs.
    pub(crate) fn freeze(&self) {
        self.signal("-STOP");
    }

    /// It goes on.
    pub(crate) fn resume(&self) {
        self.signal("-CONT");
    }

    /// It dies without a word.
    pub(crate) fn kill(&self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// It comes back on the same port, with nothing in it.
    pub(crate) fn restart_empty(&self) {
        self.kill();
        let process = spawn(self.directory.path(), self.port, &self.arguments);
        *self.process.lock().unwrap() = Some(process.expect("the port is still free"));
    }

    /// One command, in Redis's inline form, and its answer's first line.
    pub(crate) fn command(&self, command: &str) -> String {
        ask(self.port, command).unwrap().lines().next().unwrap_or_default().to_owned()
    }

    fn signal(&self, signal: &str) {
        let process = self.process.lock().unwrap();
        let id = process.as_ref().expect("a living Redis").id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The program: where the environment says, on the path, or where `scripts/redis_server.sh` puts it.
///
/// # Panics
/// If it is nowhere: a test that needs it must not pass without it.
#[expect(clippy::disallowed_methods, reason = "tests are told by their environment where Redis is")]
fn program() -> PathBuf {
    if let Ok(named) = std::env::var("REDIS_SERVER") {
        return PathBuf::from(named);
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/redis-server");
    let candidates = std::env::split_paths(&path).map(|directory| directory.join("redis-server"));
    candidates.chain([built]).find(|candidate| candidate.exists()).unwrap_or_else(|| {
        panic!("redis-server is needed and was not found: install it, or name it in REDIS_SERVER")
    })
}

/// A process that answers and saves nothing unless it is told to; `None` if the port was taken meanwhile.
fn spawn(directory: &Path, port: u16, arguments: &[String]) -> Option<Child> {
    let nothing = ["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"].map(str::to_owned);
    run(directory, port, &[&nothing, arguments].concat())
}

fn run(directory: &Path, port: u16, arguments: &[String]) -> Option<Child> {
    let mut process = Command::new(program())
        .args(arguments)
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--dir"])
        .arg(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("redis-server starts");
    let began = Instant::now();
    loop {
        // One that asks for a password answers, too.
        if ask(port, "PING").is_some_and(|answer| !answer.is_empty()) {
            return Some(process);
        }
        if process.try_wait().unwrap().is_some() {
            return None;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "redis-server does not answer");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn ask(port: u16, command: &str) -> Option<String> {
    let mut stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream.write_all(format!("{command}\r\n").as_bytes()).ok()?;
    let mut answer = [0; 16_384];
    let length = stream.read(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer[..length]).into_owned())
}
