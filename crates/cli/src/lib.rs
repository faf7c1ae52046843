#![doc = include_str!("../README.md")]

mod arguments;
pub mod commands;
mod credential;
mod terminal;

use std::process::ExitCode;

use clap::CommandFactory as _;

pub use arguments::Arguments;
use arguments::Command;
use terminal::eprint;

/// Runs a command. Exit codes: 0 done, 1 not done, 2 wrong usage (from the argument parser); `inspect`, `revoke`,
/// `scan` and `verify` have their own, which their help tells.
pub fn run(arguments: Arguments) -> ExitCode {
    let default_log = match arguments.command {
        Command::Serve(_) => "info",
        Command::Dev(_) => "warn",
        _ => "error",
    };
    let json = matches!(arguments.command, Command::Serve(_));
    service::telemetry::start(arguments.log.as_deref().unwrap_or(default_log), json);
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
            Command::Completions(completions) => completions.run(Arguments::command()),
        }
        .map(|()| ExitCode::SUCCESS)
    });
    outcome.unwrap_or_else(|error: anyhow::Error| {
        eprint(format_args!("macaroond: {error:#}"));
        ExitCode::FAILURE
    })
}
