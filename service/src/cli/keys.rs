//! `macaroond keys`: the service's own keys, for the operator who holds the master key.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};

use super::say;
use crate::config::Settings;
use crate::domain::key_ring::reveal;
use crate::model::ids::KeyId;
use crate::storage::records::{Purpose, Records};
use crate::storage::sealing::MasterKey;

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Root keys: they mint and verify every credential.
    #[command(subcommand)]
    Root(Root),
}

#[derive(Debug, Subcommand)]
pub(super) enum Root {
    /// List the root keys, the newest first: id and time of making.
    List(Place),
    /// Print a root key as standard base64. Whoever reads it can mint any credential.
    Reveal {
        /// The key's id: the second part of a root macaroon's identifier.
        id: KeyId,
        /// Yes, print the secret.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        place: Place,
    },
}

/// Where an installation keeps its records, and the key to them.
#[derive(Debug, Args)]
pub(super) struct Place {
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

impl Place {
    /// Opens an existing installation; never makes one.
    pub(super) async fn open(&self) -> anyhow::Result<(Records, MasterKey)> {
        let (database, data_dir, master_key_file) = if let Some(config) = &self.config {
            let settings = Settings::from_environment(config)?;
            (settings.database, settings.data_dir, Some(settings.master_key_file))
        } else {
            let data_dir = self.data_dir.clone().context("either --config or --data-dir is needed")?;
            (None, data_dir, self.master_key_file.clone())
        };
        if database.is_none() && !data_dir.join("macaroond.db").is_file() {
            bail!("there is no installation at {}", data_dir.display());
        }
        let master = MasterKey::read(&master_key_file.unwrap_or_else(|| data_dir.join("master.key")))?;
        Ok((Records::open(database.as_ref(), &data_dir).await?, master))
    }
}

impl Keys {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Keys::Root(command) = self;
        match command {
            Root::List(place) => {
                let (records, _) = place.open().await?;
                for key in records.keys(Purpose::Root).await? {
                    say(format_args!("{}  made {} UTC", key.id, key.created_at))?;
                }
                Ok(())
            }
            Root::Reveal { id, yes, place } => {
                if !yes {
                    bail!(
                        "whoever reads this key can mint any credential; add --yes to print it all the same"
                    );
                }
                let (records, master) = place.open().await?;
                let keys = records.keys(Purpose::Root).await?;
                let key = keys.iter().find(|key| key.id == id).context("there is no root key of this id")?;
                say(STANDARD.encode(reveal(&master, Purpose::Root, key)?.as_slice()))
            }
        }
    }
}
