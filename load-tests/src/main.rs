//! `load-tests`: starts a `macaroond dev` of its own, asks it one question under load, and reports.
//!
//! Machines are noisy, so a report gives ratios within one run. A broken promise is exit code 1, a slow run is not.

mod breaker;
mod cost;
mod directory;
mod list;
mod outrun;
mod receive;
mod report;
mod service;
mod uploads;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use service::Service;

/// Ask a macaroond one question under load.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The program to start.
    #[arg(long, global = true, default_value = "target/release/macaroond", value_name = "FILE")]
    macaroond: PathBuf,
    /// Keep its revocation list in this Redis instead of in the process.
    #[arg(long, global = true, value_name = "URL")]
    redis_url: Option<String>,
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// What does an authorized request cost, beside one that needs no credential?
    Cost(cost::Cost),
    /// Is anything accepted after its revocation was acknowledged, and how long does either take?
    Outrun(outrun::Outrun),
    /// What do many live revocations cost: time a check, memory each, time to heal?
    List(list::List),
    /// What does receiving a file cost beside its hash alone, and does a large one take memory?
    Receive(receive::Receive),
    /// Does the promise hold while services, Redis, the database and the links between them break?
    Break(breaker::Break),
    /// Is a signed upload whole or not at all through kills, and never accepted after a revocation?
    Uploads(uploads::Uploads),
}

#[tokio::main]
async fn main() -> ExitCode {
    // A second provider in one process is refused; there is none here.
    let _first = rustls::crypto::ring::default_provider().install_default();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::complain(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let question = match arguments.question {
        Question::List(list) => return list.ask().await,
        Question::Break(breaker) => return breaker.ask(&arguments.macaroond).await,
        Question::Uploads(uploads) => return uploads.ask(&arguments.macaroond).await,
        other => other,
    };
    let service = Service::start(&arguments.macaroond, arguments.redis_url.as_deref()).await?;
    let answer = match question {
        Question::Cost(cost) => cost.ask(&service).await,
        Question::Outrun(outrun) => outrun.ask(&service).await,
        Question::Receive(receive) => receive.ask(&service).await,
        Question::List(_) | Question::Break(_) | Question::Uploads(_) => Ok(()),
    };
    service.stop().await;
    answer
}
