//! `macaroond demo`: starts a `dev` service of its own and tells the story against it over real HTTP.

pub mod snap;
pub mod stage;
mod story;

use std::io::IsTerminal as _;

use clap::Args;

use crate::terminal::print;
use stage::Stage;

/// Tell the whole story against a `dev` service: log in, upload, leak, revoke, refused. On a terminal the service then
/// stays until Ctrl-C. Exit code 1 if any step was not as told.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The port of the service, at 127.0.0.1; 0 picks a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Keep the revocation list in this Redis instead of in the process.
    #[arg(long, value_name = "URL")]
    redis_url: Option<String>,
}

impl Demo {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let program = std::env::current_exe()?;
        let mut stage = Stage::start(&program, self.port, self.redis_url.as_deref()).await?;
        let told = story::eprint(&stage).await;
        if told.is_ok() && std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
            stage.invite()?;
            // Ctrl-C reaches the service too, which is in the same process group; either ending will do.
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = stage.ended() => {}
            }
            print("")?;
        }
        stage.stop().await;
        told
    }
}
