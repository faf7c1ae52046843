//! `macaroond scan`: find credentials in files of any length, offline. What is found is told, and no part of it shown.

mod display;
mod lines;

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use caveats::scan::Scanner;
use clap::Args;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::credential::Credential;
use crate::credential::text::open;
use crate::terminal::{eprint, print};
use display::Told;
use lines::Lines;
use model::clock::Clock;

/// The exit codes, which are those of a linter: something was found, and something could not be read.
const FOUND: u8 = 1;
const UNREADABLE: u8 = 2;
/// How much is read at a time, and between two words about progress.
const PIECE: usize = 1024 * 1024;
const TELL_EVERY: u64 = 128 * 1024 * 1024;

/// Find credentials in files of any length, without asking anybody.
///
/// Says where each one stands, in what shape, and what it could do; no part of a credential is printed. Whose it really is
/// and whether it is still good only the service can tell: `macaroond revoke` asks it.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes:
  0  nothing was found
  1  something was found
  2  wrong usage, or a file that could not be read

Not found is what is compressed, encrypted, in UTF-16, URL-encoded, or in lines of fewer than 43 characters.")]
pub(crate) struct Scan {
    /// Files; `-`, or none, reads standard input.
    files: Vec<PathBuf>,
    /// Print a JSON object for each credential, one a line; times are RFC 3339.
    #[arg(long)]
    json: bool,
    /// The location that the store's caveats name, where a service has its own.
    #[arg(long, default_value = model::snap::STORE_LOCATION, value_name = "NAME")]
    store_location: String,
}

/// A credential and where it stands.
#[derive(Debug, Serialize)]
struct Place {
    file: String,
    line: u64,
    offset: u64,
    length: u64,
    #[serde(flatten)]
    told: Told,
}

impl Scan {
    pub(crate) fn run(self) -> ExitCode {
        let standard_input = [PathBuf::from("-")];
        let files = if self.files.is_empty() { &standard_input[..] } else { &self.files };
        let (mut found, mut unreadable) = (0_usize, false);
        for file in files {
            match self.scan(file) {
                Ok(count) => found += count,
                Err(error) => {
                    eprint(format_args!("macaroond: {error:#}"));
                    unreadable = true;
                }
            }
        }
        match (found, unreadable) {
            (_, true) => ExitCode::from(UNREADABLE),
            (0, false) => ExitCode::SUCCESS,
            (_, false) => ExitCode::from(FOUND),
        }
    }

    /// Scans one file, a piece at a time, and answers with how many there are in it.
    fn scan(&self, path: &Path) -> anyhow::Result<usize> {
        let mut file = open(path)?;
        let (mut scanner, mut lines) = (Scanner::new(), Lines::default());
        let mut piece = Zeroizing::new(vec![0; PIECE]);
        let (mut count, mut read, mut told) = (0, 0_u64, 0_u64);
        loop {
            let length = file.read(&mut piece).with_context(|| format!("cannot read {}", path.display()))?;
            let Some(bytes) = piece.get(..length).filter(|bytes| !bytes.is_empty()) else { break };
            lines.pass(bytes);
            let mut found = Vec::new();
            scanner.feed(bytes, |finding| found.push(finding));
            count += found.len();
            for finding in found {
                self.print(path, &lines, finding)?;
            }
            read += length as u64;
            if read - told >= TELL_EVERY && std::io::stderr().is_terminal() {
                eprint(format_args!("{}: {} MiB searched", path.display(), read / (1024 * 1024)));
                told = read;
            }
        }
        let mut found = Vec::new();
        scanner.finish(|finding| found.push(finding));
        found.sort_by_key(caveats::scan::Finding::offset);
        count += found.len();
        for finding in found {
            self.print(path, &lines, finding)?;
        }
        Ok(count)
    }

    fn print(&self, path: &Path, lines: &Lines, found: caveats::scan::Finding) -> anyhow::Result<()> {
        let (offset, length) = (found.offset(), found.length());
        let told = Told::of(&Credential::new(found.credential, &self.store_location), Clock::system().now());
        let place =
            Place { file: path.display().to_string(), line: lines.number(offset), offset, length, told };
        if self.json {
            return print(serde_json::to_string(&place)?);
        }
        let Place { file, line, told, .. } = place;
        print(format_args!("{file}:{line}: byte {offset}: {told}"))
    }
}
