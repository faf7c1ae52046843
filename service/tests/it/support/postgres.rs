//! A real PostgreSQL of one's own, which can be frozen, killed and brought back with what it has written.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::port::port;

/// Whether a commit is on the disk before it is acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Disk {
    /// No: ten times as fast, and as good as long as the machine does not fall over.
    Unsynced,
    /// Yes.
    Synced,
}

/// A running, frozen or dead PostgreSQL; dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Postgres {
    port: u16,
    disk: Disk,
    directory: TempDir,
    process: Mutex<Option<Child>>,
}

impl Postgres {
    /// An empty one, with databases as `initdb` makes them.
    pub(crate) fn start(disk: Disk) -> Postgres {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        run(Command::new("cp").args(["-r", "--reflink=auto"]).arg(template()).arg(&data));
        give_to_server(directory.path());
        loop {
            let port = port();
            if let Some(process) = spawn(&data, port, disk) {
                return Postgres { port, disk, directory, process: Mutex::new(Some(process)) };
            }
        }
    }

    /// The URL of the database that everything is in.
    pub(crate) fn url(&self) -> String {
        format!("postgres://macaroond:{PASSWORD}@127.0.0.1:{}/postgres", self.port)
    }

    /// It takes connections and answers nothing, as on a machine that hangs.
    pub(crate) fn freeze(&self) {
        // The parent first: it makes no more children then.
        signal("-STOP", &[self.id()]);
        signal("-STOP", &children(self.id()));
    }

    /// It goes on.
    pub(crate) fn resume(&self) {
        signal("-CONT", &children(self.id()));
        signal("-CONT", &[self.id()]);
    }

    /// It dies without a word, all of its processes at once.
    pub(crate) fn kill(&self) {
        let id = self.id();
        signal("-STOP", &[id]);
        let children = children(id);
        signal("-KILL", &children);
        signal("-KILL", &[id]);
        self.process.lock().unwrap().take().unwrap().wait().unwrap();
        let began = Instant::now();
        while children.iter().any(|child| Path::new(&format!("/proc/{child}")).exists()) {
            assert!(began.elapsed() < DEADLINE, "a child of PostgreSQL does not die");
            std::thread::sleep(BETWEEN);
        }
    }

    /// It comes back on the same port, with what it has kept.
    pub(crate) fn restart(&self) {
        let process = spawn(&self.data(), self.port, self.disk);
        *self.process.lock().unwrap() = Some(process.expect("the port is still free"));
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn id(&self) -> u32 {
        self.process.lock().unwrap().as_ref().expect("a living PostgreSQL").id()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            let id = process.id();
            // At once, and without leaving shared memory behind, which outlives a process that is killed.
            let mut all = children(id);
            all.push(id);
            signal("-CONT", &all);
            signal("-QUIT", &[id]);
            let began = Instant::now();
            while began.elapsed() < DEADLINE && matches!(process.try_wait(), Ok(None)) {
                std::thread::sleep(BETWEEN);
            }
            drop(process.kill());
            drop(process.wait());
        }
    }
}

/// A data directory that was never started, made once for all tests: `initdb` takes a second.
fn template() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let template = home.join("postgres-template");
    let lock = File::create(home.join("postgres-template.lock")).unwrap();
    lock.lock().unwrap();
    if !template.exists() {
        let directory = tempfile::tempdir().unwrap();
        give_to_server(directory.path());
        let made = directory.path().join("data");
        let mut initdb = as_server("initdb");
        initdb.args(["--auth=trust", "--username=macaroond", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        run(initdb.args(["--wal-segsize=1", "--pgdata"]).arg(&made));
        let partial = home.join("postgres-template.part");
        run(Command::new("rm").arg("-rf").arg(&partial));
        run(Command::new("cp").arg("-r").arg(&made).arg(&partial));
        std::fs::rename(partial, &template).unwrap();
    }
    template
}

/// A process that accepts connections; `None` if the port was taken meanwhile.
fn spawn(data: &Path, port: u16, disk: Disk) -> Option<Child> {
    let log = File::options().create(true).append(true).open(data.with_file_name("log")).unwrap();
    let mut postgres = as_server("postgres");
    postgres.arg("-D").arg(data).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
    for setting in SETTINGS {
        postgres.args(["-c", setting]);
    }
    if disk == Disk::Unsynced {
        postgres.arg("-F");
    }
    let mut process = postgres
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("setpriv is part of every Linux");
    let began = Instant::now();
    loop {
        // Its own file tells whose it is, and in its eighth line how far it is.
        let told = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        let lines: Vec<&str> = told.lines().map(str::trim).collect();
        if lines.first() == Some(&process.id().to_string().as_str()) && lines.get(7) == Some(&"ready") {
            return Some(process);
        }
        if process.try_wait().unwrap().is_some() {
            let log = std::fs::read_to_string(data.with_file_name("log")).unwrap_or_default();
            assert!(log.contains("Address already in use"), "PostgreSQL does not start:\n{log}");
            return None;
        }
        assert!(began.elapsed() < DEADLINE, "PostgreSQL does not become ready");
        std::thread::sleep(BETWEEN);
    }
}

/// One of its programs, as a user that it lets start it, which dies with the test.
fn as_server(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=QUIT");
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    command.arg(programs().join(program));
    command
}

/// PostgreSQL does not run as root, and wants its directory for itself.
fn give_to_server(directory: &Path) {
    if is_root() {
        run(Command::new("chown").args(["-R", "postgres:postgres"]).arg(directory));
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// The directory of its programs: where the environment says, on the path, or where Debian puts the newest.
///
/// # Panics
/// If they are nowhere: a test that needs them must not pass without them.
#[expect(clippy::disallowed_methods, reason = "tests are told by their environment where PostgreSQL is")]
fn programs() -> PathBuf {
    if let Ok(named) = std::env::var("POSTGRES_BIN") {
        return PathBuf::from(named);
    }
    let path = std::env::var("PATH").unwrap_or_default();
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let version = entry.ok()?.path();
            Some((version.file_name()?.to_str()?.parse().ok()?, version.join("bin")))
        })
        .collect();
    versions.sort_by(|one, other| other.cmp(one));
    std::env::split_paths(&path)
        .chain(versions.into_iter().map(|(_, directory)| directory))
        .find(|directory| directory.join("initdb").exists() && directory.join("postgres").exists())
        .unwrap_or_else(|| {
            panic!(
                "PostgreSQL's initdb and postgres are needed and were not found: install them, or name their directory \
                 in POSTGRES_BIN"
            )
        })
}

fn signal(signal: &str, ids: &[u32]) {
    let ids = ids.iter().map(ToString::to_string);
    // One that has ended meanwhile is no failure.
    let _status = Command::new("kill").arg(signal).args(ids).stderr(Stdio::null()).status().unwrap();
}

fn children(id: u32) -> Vec<u32> {
    let told = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    told.split_whitespace().map(|child| child.parse().unwrap()).collect()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// In every URL; it is not asked for, and no log may tell it.
pub(crate) const PASSWORD: &str = "database-password";
const DEADLINE: Duration = Duration::from_secs(20);
const BETWEEN: Duration = Duration::from_millis(5);
/// Small, with no socket but the port, no process that tests have no use for, and nothing in `/dev/shm`.
const SETTINGS: [&str; 10] = [
    "unix_socket_directories=",
    "max_connections=40",
    "shared_buffers=4MB",
    "dynamic_shared_memory_type=mmap",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "max_worker_processes=0",
    "max_logical_replication_workers=0",
    "jit=off",
];
