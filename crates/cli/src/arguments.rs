//! What can be said to `macaroond`: the options every command takes, and the commands.

use clap::{Parser, Subcommand};

use crate::commands::{
    attenuate, completions, config, demo, dev, inspect, keys, mint, revoke, scan, second_factor, serve,
    verify,
};

/// Issues, attenuates and instantly revokes macaroons for publishing software.
#[derive(Debug, Parser)]
#[command(name = "macaroond", version, about, propagate_version = true)]
pub struct Arguments {
    /// What to log to standard error, such as `info` or `warn,macaroond=debug`.
    #[arg(long, global = true, env = "MACAROOND_LOG")]
    pub(crate) log: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
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
