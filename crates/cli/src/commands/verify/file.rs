//! The bytes: how many, and their digest. A long file is told of while it is read.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use sha3::{Digest as _, Sha3_384};

/// From this length on, progress is told on a terminal.
const LONG: u64 = 256 * 1024 * 1024;

/// A file, measured.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) digest: [u8; 48],
    pub(crate) size: u64,
}

impl Measured {
    pub(crate) fn read(path: &Path) -> anyhow::Result<Measured> {
        let unreadable = || format!("cannot read {}", path.display());
        let mut file = File::open(path).with_context(unreadable)?;
        let told = file.metadata().with_context(unreadable)?;
        if told.is_dir() {
            bail!("{} is a directory", path.display());
        }
        let mut progress = Progress::of(told.len());
        let (mut sum, mut size) = (Sha3_384::new(), 0);
        let mut buffer = vec![0; 1024 * 1024];
        loop {
            let read = file.read(&mut buffer).with_context(unreadable)?;
            let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
            sum.update(bytes);
            size += bytes.len() as u64;
            progress.eprint(size);
        }
        progress.end();
        Ok(Measured { digest: sum.finalize().into(), size })
    }
}

/// How far it has come, in one line that is written over and over.
struct Progress {
    all: u64,
    percent: Option<u64>,
}

impl Progress {
    fn of(all: u64) -> Progress {
        let told = all >= LONG && std::io::stderr().is_terminal();
        Progress { all, percent: told.then_some(0) }
    }

    fn eprint(&mut self, done: u64) {
        let Some(last) = self.percent else { return };
        let percent = done.min(self.all) * 100 / self.all.max(1);
        if percent > last {
            let _unwritable = write!(std::io::stderr(), "\rReading … {percent} %");
            self.percent = Some(percent);
        }
    }

    fn end(&self) {
        if self.percent.is_some() {
            let _unwritable = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
