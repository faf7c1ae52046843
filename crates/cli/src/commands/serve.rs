//! `macaroond serve`: the service, as a settings file says.

use std::path::PathBuf;

use clap::Args;

use model::clock::Clock;
use service::config::Settings;
use service::startup::{Service, listen};

/// Serve, as a settings file says. Every setting may also come from `MACAROOND__SECTION__FIELD`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The settings file (TOML); docs/operations.md lists the fields.
    #[arg(long, env = "MACAROOND_CONFIG", value_name = "FILE")]
    config: PathBuf,
}

impl Serve {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let settings = Settings::from_environment(&self.config)?;
        let listener = listen(&settings)?;
        let service = Service::open(settings, Clock::system()).await?;
        service.prepare_keys().await;
        tracing::info!(address = %listener.local_addr()?, "serving");
        service.serve(listener)?.await?;
        service.close().await;
        Ok(())
    }
}
