//! `macaroond keys`: the service's own keys, for the operator who holds the master key, and publishers' keys.

mod publisher;
mod root;
mod store;

use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use service::config::Settings;
use storage::records::{DatabaseSettings, Records};
use storage::sealing::MasterKey;

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Root keys: they mint and verify every credential.
    #[command(subcommand)]
    Root(root::Root),
    /// The store's root key and signing key: they sign what the store says of names, keys and files.
    #[command(subcommand)]
    Store(store::Store),
    /// Publishers' keys: they sign what is uploaded.
    #[command(subcommand)]
    Publisher(publisher::Publisher),
}

/// Where an installation keeps its records, and the key to them.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The settings file of `serve`, which names all of it; needed where the records are in PostgreSQL. Goes before the
    /// others.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data directory, where the records are in it.
    #[arg(long, env = "MACAROOND_DATA_DIR", value_name = "DIR", required_unless_present = "config")]
    data_dir: Option<PathBuf>,
    /// The master key's file; default: `master.key` in the data directory, as `dev` makes it.
    #[arg(long, env = "MACAROOND_MASTER_KEY_FILE", value_name = "FILE")]
    master_key_file: Option<PathBuf>,
}

/// What a place names.
struct Opening {
    database: Option<DatabaseSettings>,
    data_dir: PathBuf,
    master_key_file: PathBuf,
    /// What people call the store, by the settings.
    host: Option<String>,
}

impl Place {
    /// Opens an existing installation; never makes one.
    pub(crate) async fn open(&self) -> anyhow::Result<(Records, MasterKey)> {
        let opening = self.opening()?;
        if opening.database.is_none() && !opening.data_dir.join("macaroond.db").is_file() {
            bail!("there is no installation at {}", opening.data_dir.display());
        }
        let master = MasterKey::read(&opening.master_key_file)?;
        Ok((Records::open(opening.database.as_ref(), &opening.data_dir).await?, master))
    }

    /// Opens an installation, or begins one: all but the master key, which must be there.
    async fn begin(&self) -> anyhow::Result<(Records, MasterKey)> {
        let opening = self.opening()?;
        let master = MasterKey::read(&opening.master_key_file)?;
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&opening.data_dir);
        made.with_context(|| format!("the data directory {} cannot be used", opening.data_dir.display()))?;
        Ok((Records::open(opening.database.as_ref(), &opening.data_dir).await?, master))
    }

    /// The host of the public URL, if the settings name one.
    fn host(&self) -> anyhow::Result<Option<String>> {
        Ok(self.opening()?.host)
    }

    fn opening(&self) -> anyhow::Result<Opening> {
        if let Some(config) = &self.config {
            let settings = Settings::from_environment(config)?;
            let host = settings.public_url.host_str().map(str::to_owned);
            let Settings { database, data_dir, master_key_file, .. } = settings;
            return Ok(Opening { database, data_dir, master_key_file, host });
        }
        let data_dir = self.data_dir.clone().context("either --config or --data-dir is needed")?;
        let master_key_file = self.master_key_file.clone().unwrap_or_else(|| data_dir.join("master.key"));
        Ok(Opening { database: None, data_dir, master_key_file, host: None })
    }
}

impl Keys {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Keys::Root(command) => command.run().await,
            Keys::Store(command) => command.run().await,
            Keys::Publisher(command) => command.run().await,
        }
    }
}
