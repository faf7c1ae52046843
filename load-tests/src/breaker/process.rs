//! A server process that is kept running, killed, frozen and brought back, with the processes that it has started.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::history::History;

const TEND_EVERY: Duration = Duration::from_millis(100);

/// A process that runs whenever nothing holds it down.
pub(crate) struct Process {
    name: String,
    command: Box<dyn Fn() -> Command + Send + Sync>,
    log: PathBuf,
    child: Mutex<Option<Child>>,
    /// How many faults hold it down, and how many keep it frozen.
    down: AtomicUsize,
    frozen: AtomicUsize,
    over: AtomicBool,
}

impl Process {
    /// Starts it, and starts it again whenever it ends: by a kill of ours, or because what it needs was not there.
    pub(crate) fn keep(
        name: &str,
        directory: &Path,
        history: &Arc<History>,
        command: impl Fn() -> Command + Send + Sync + 'static,
    ) -> Arc<Process> {
        let process = Arc::new(Process {
            name: name.to_owned(),
            command: Box::new(command),
            log: directory.join(format!("{name}.log")),
            child: Mutex::default(),
            down: AtomicUsize::new(0),
            frozen: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        });
        let (tended, history) = (process.clone(), history.clone());
        tokio::spawn(async move {
            while !tended.over.load(Ordering::SeqCst) {
                tended.tend(&history);
                tokio::time::sleep(TEND_EVERY).await;
            }
        });
        process
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Kills it, and keeps it from being started until [`Process::let_up`].
    pub(crate) fn kill(&self) {
        let mut child = self.child();
        self.down.fetch_add(1, Ordering::SeqCst);
        end(child.take());
    }

    /// The same at this very moment, for a process that has started no others: nobody looks for them first.
    pub(crate) fn strike(&self) {
        let mut child = self.child();
        self.down.fetch_add(1, Ordering::SeqCst);
        if let Some(mut child) = child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }

    pub(crate) fn let_up(&self) {
        self.down.fetch_sub(1, Ordering::SeqCst);
    }

    /// It stands still, with all that it holds, until [`Process::thaw`].
    pub(crate) fn freeze(&self) {
        let child = self.child();
        self.frozen.fetch_add(1, Ordering::SeqCst);
        signal("-STOP", child.as_ref());
    }

    pub(crate) fn thaw(&self) {
        let child = self.child();
        if self.frozen.fetch_sub(1, Ordering::SeqCst) == 1 {
            signal("-CONT", child.as_ref());
        }
    }

    /// Ends it for good.
    pub(crate) fn stop(&self) {
        self.over.store(true, Ordering::SeqCst);
        end(self.child().take());
    }

    fn tend(&self, history: &History) {
        let mut child = self.child();
        if self.over.load(Ordering::SeqCst) || self.down.load(Ordering::SeqCst) > 0 {
            return;
        }
        if let Some(running) = child.as_mut() {
            match running.try_wait() {
                Ok(Some(status)) => {
                    // A start that fails because a server is away ends with a code. A panic that aborts, or a crash, does not.
                    if let Some(signal) = status.signal() {
                        history.odd(format!("{} died by itself, of signal {signal}", self.name));
                    }
                    *child = None;
                }
                _ => return,
            }
        }
        match self.spawn() {
            Ok(started) => *child = Some(started),
            Err(error) => history.odd(format!("{} cannot be started: {error}", self.name)),
        }
    }

    fn spawn(&self) -> io::Result<Child> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = (self.command)();
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.spawn()
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Process").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Kills a process and its children, and waits for it.
fn end(child: Option<Child>) {
    let Some(mut child) = child else { return };
    signal("-KILL", Some(&child));
    drop(child.wait());
}

/// Sends a signal to a process and to its children: a database has one for each connection.
fn signal(signal: &str, child: Option<&Child>) {
    let Some(child) = child else { return };
    let mut command = Command::new("kill");
    // One may be gone meanwhile.
    command.stderr(Stdio::null()).arg(signal).arg(child.id().to_string());
    for id in children(child.id()) {
        command.arg(id.to_string());
    }
    drop(command.status());
}

fn children(parent: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| parent_of(*id) == Some(parent)).collect()
}

/// The fourth field of `/proc/ID/stat`; the second is a name in parentheses, which may hold anything.
fn parent_of(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
