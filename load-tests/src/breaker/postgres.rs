//! The one PostgreSQL of a run: made from nothing, with commits that reach the disk.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, ensure};

use super::history::History;
use super::process::Process;
use super::proxy::free_port;

/// A running PostgreSQL, at 127.0.0.1 and without passwords.
#[derive(Debug)]
pub(crate) struct Postgres {
    pub(crate) process: Arc<Process>,
    pub(crate) port: u16,
}

impl Postgres {
    /// Makes a cluster below the directory and starts it. `programs` is where `initdb` and `postgres` are.
    pub(crate) fn start(
        programs: &Path,
        directory: &Path,
        history: &Arc<History>,
    ) -> anyhow::Result<Postgres> {
        let data = directory.join("postgres");
        fs::create_dir(&data)?;
        let user = unprivileged()?;
        if let Some((uid, gid)) = user {
            chown(&data, Some(uid), Some(gid))?;
        }
        let made = as_user(programs.join("initdb"), user)
            .arg("-D")
            .arg(&data)
            .args(["-U", "macaroond", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"])
            .stdout(Stdio::null())
            .output()
            .with_context(|| {
                format!("cannot start initdb in {}; name it with --postgres", programs.display())
            })?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let program = programs.join("postgres");
        let process = Process::keep("postgres", directory, history, move || {
            let mut command = as_user(program.clone(), user);
            command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-h", "127.0.0.1", "-k", ""]);
            command.args(["-c", "fsync=on", "-c", "synchronous_commit=on"]);
            command
        });
        Ok(Postgres { process, port })
    }

    /// How it is reached through a port.
    pub(crate) fn url(port: u16) -> String {
        format!("postgres://macaroond@127.0.0.1:{port}/postgres")
    }
}

/// Where Debian keeps the newest version's programs.
pub(crate) fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let found = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    found.max()
}

/// PostgreSQL refuses to run as root, who lends it the user that Debian makes for it.
fn unprivileged() -> anyhow::Result<Option<(u32, u32)>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1));
    if uid != Some("0") {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let postgres = users.lines().find_map(|line| {
        let mut ids = line.strip_prefix("postgres:")?.split(':').skip(1).map(str::parse::<u32>);
        Some((ids.next()?.ok()?, ids.next()?.ok()?))
    });
    postgres.map(Some).context("there is no user postgres, which root needs to run PostgreSQL")
}

fn as_user(program: PathBuf, user: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
    command
}
