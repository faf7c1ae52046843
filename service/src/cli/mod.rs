//! The command line: what can be said to `macaroond`, one file a command.

mod attenuate;
mod client;
mod completions;
mod config;
mod credential;
pub mod demo;
mod dev;
#[cfg(test)]
mod fixture;
mod hindrance;
mod inspect;
mod keys;
mod login;
mod mint;
mod output;
mod permission;
mod prompt;
mod revoke;
mod scan;
mod second_factor;
mod serve;
mod text;
mod verify;
mod when;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Issues, attenuates and instantly revokes macaroons for publishing software.
#[derive(Debug, Parser)]
#[command(name = "macaroond", version, about, propagate_version = true)]
pub struct Arguments {
    /// What to log to standard error, such as `info` or `warn,macaroond=debug`.
    #[arg(long, global = true, env = "MACAROOND_LOG")]
    log: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve, as a settings file says.
    Serve(serve::Serve),
    /// Serve for trying it out: an SSO with two demo accounts, keys and settings made on the spot.
    Dev(dev::Dev),
    /// Tell the whole story against a `dev` service: log in, upload, leak, revoke, refused.
    Demo(demo::Demo),
    Mint(mint::Mint),
    Inspect(inspect::Inspect),
    Attenuate(attenuate::Attenuate),
    Revoke(revoke::Revoke),
    Scan(scan::Scan),
    Verify(verify::Verify),
    /// Keys of the service, for its operator.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// One-time codes of accounts, for the operator.
    #[command(subcommand)]
    SecondFactor(second_factor::SecondFactor),
    /// Check the settings of a service.
    #[command(subcommand)]
    Config(config::Config),
    /// Print completions for a shell.
    Completions(completions::Completions),
}

/// Runs a command. Exit codes: 0 done, 1 not done, 2 wrong usage (from the argument parser); `inspect`, `revoke`,
/// `scan` and `verify` have their own, which their help tells.
pub fn run(arguments: Arguments) -> ExitCode {
    let default_log = match arguments.command {
        Command::Serve(_) => "info",
        Command::Dev(_) => "warn",
        _ => "error",
    };
    let json = matches!(arguments.command, Command::Serve(_));
    crate::telemetry::start(arguments.log.as_deref().unwrap_or(default_log), json);
    // One TLS implementation for every client that a command may need.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let outcome = actix_web::rt::System::new().block_on(async {
        match arguments.command {
            Command::Serve(serve) => serve.run().await,
            Command::Dev(dev) => dev.run().await,
            Command::Demo(demo) => demo.run().await,
            Command::Mint(mint) => mint.run().await,
            Command::Inspect(inspect) => return inspect.run(),
            Command::Attenuate(attenuate) => attenuate.run().await,
            Command::Revoke(revoke) => return revoke.run().await,
            Command::Scan(scan) => return Ok(scan.run()),
            Command::Verify(verify) => return Ok(verify.run().await),
            Command::Keys(keys) => keys.run().await,
            Command::SecondFactor(second_factor) => second_factor.run().await,
            Command::Config(config) => config.run(),
            Command::Completions(completions) => completions.run(),
        }
        .map(|()| ExitCode::SUCCESS)
    });
    outcome.unwrap_or_else(|error: anyhow::Error| {
        tell(format_args!("macaroond: {error:#}"));
        ExitCode::FAILURE
    })
}

/// Writes a line to standard output.
fn say(line: impl std::fmt::Display) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// Writes a line to standard error: progress, and what went wrong. Where nobody can read it, nobody misses it.
fn tell(line: impl std::fmt::Display) {
    let _unwritable = writeln!(std::io::stderr(), "{line}");
}
