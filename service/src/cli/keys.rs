//! `macaroond keys`: the service's own keys, for the operator who holds the master key.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Args, Subcommand};

use super::say;
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
    /// The data directory.
    #[arg(long, env = "MACAROOND_DATA_DIR", value_name = "DIR")]
    data_dir: PathBuf,
    /// The master key's file; default: `master.key` in the data directory, as `dev` makes it.
    #[arg(long, env = "MACAROOND_MASTER_KEY_FILE", value_name = "FILE")]
    master_key_file: Option<PathBuf>,
}

impl Place {
    /// Opens an existing installation; never makes one.
    pub(super) async fn open(&self) -> anyhow::Result<(Records, MasterKey)> {
        let database = self.data_dir.join("macaroond.db");
        if !database.is_file() {
            bail!("there is no installation at {}", self.data_dir.display());
        }
        let default = self.data_dir.join("master.key");
        let master = MasterKey::read(self.master_key_file.as_deref().unwrap_or(Path::new(&default)))?;
        Ok((Records::open_file(&self.data_dir).await?, master))
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
