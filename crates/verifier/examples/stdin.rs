//! Says of each `Authorization` header on its standard input `ACCEPTED`, `REFUSED` or `CANNOT TELL`, and why.
#![expect(clippy::print_stdout, reason = "a program to look at")]

mod support;

use std::io::BufRead as _;

use clap::Parser;

/// Says of each Authorization header on standard input whether it is accepted.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    service: support::Service,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let verifier = Arguments::parse().service.follow()?;
    tokio::task::spawn_blocking(move || {
        for header in std::io::stdin().lock().lines() {
            println!("{}", support::check(&verifier, &header?, None));
        }
        Ok(())
    })
    .await?
}
