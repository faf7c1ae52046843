//! `macaroond config check`: would these settings do?

use std::path::PathBuf;

use clap::Subcommand;

use crate::terminal::print;
use service::config::Settings;
use storage::sealing::MasterKey;

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Read the settings file and the environment, and say what is wrong with them, if anything.
    Check {
        /// The settings file (TOML).
        #[arg(long, env = "MACAROOND_CONFIG", value_name = "FILE")]
        config: PathBuf,
    },
}

impl Config {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Config::Check { config } = self;
        let settings = Settings::from_environment(&config)?;
        MasterKey::read(&settings.master_key_file)?;
        let records = if settings.database.is_some() { "in PostgreSQL" } else { "in the data directory" };
        let list = if settings.redis.is_some() { "in Redis" } else { "in this process" };
        print(format_args!(
            "The settings are valid: {} with the records {records} and the revocation list {list}.",
            settings.public_url
        ))
    }
}
