//! `macaroond keys root`: the keys that mint and verify credentials.

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Subcommand;

use super::Place;
use crate::terminal::print;
use model::ids::KeyId;
use storage::records::KeyPurpose;
use storage::sealing::reveal;

#[derive(Debug, Subcommand)]
pub(crate) enum Root {
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

impl Root {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Root::List(place) => {
                let (records, _) = place.open().await?;
                for key in records.keys(KeyPurpose::Root).await? {
                    print(format_args!("{}  made {} UTC", key.id, key.created_at))?;
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
                let keys = records.keys(KeyPurpose::Root).await?;
                let key = keys.iter().find(|key| key.id == id).context("there is no root key of this id")?;
                print(STANDARD.encode(reveal(&master, KeyPurpose::Root, key)?.as_slice()))
            }
        }
    }
}
