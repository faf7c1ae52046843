//! `macaroond inspect`: what a credential is, whose, and what it can still do, without asking anybody.

mod display;
mod report;
#[cfg(test)]
mod tests;

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::credential::Source;
use crate::terminal::print;
use model::clock::Clock;
use report::Report;

/// The exit code for a credential that can do nothing.
const USELESS: u8 = 3;

/// Say what a credential is, whose, and what it can still do.
///
/// Asks no service, and never prints the credential itself.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes:
  0  it was read, and nothing in it stands against its use (now, or from its `not before` on)
  1  it could not be read
  2  wrong usage
  3  it was read and can do nothing: it has expired, lacks a part or every permission, or has a caveat that always refuses

A 0 is not a promise: signatures, revocation, roles and ownership are for the service to check.")]
pub(crate) struct Inspect {
    #[command(flatten)]
    source: Source,
    /// The age at which the service wants a discharge refreshed.
    #[arg(long, default_value = "24h", value_parser = humantime::parse_duration, value_name = "AGE")]
    discharge_max_age: Duration,
    /// Print one JSON object instead of the text; times are RFC 3339, and null means "any" or "not stated".
    #[arg(long)]
    json: bool,
}

impl Inspect {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let now = Clock::system().now();
        let report = Report::of(&self.source.read()?, self.discharge_max_age, now);
        if self.json {
            print(serde_json::to_string_pretty(&report)?)?;
        } else {
            print(display::text(&report, now))?;
        }
        Ok(if report.can_do_something() { ExitCode::SUCCESS } else { ExitCode::from(USELESS) })
    }
}
