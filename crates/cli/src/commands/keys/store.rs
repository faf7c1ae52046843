//! `macaroond keys store`: the two keys with which the store signs what it says, and the account in whose name it does.

use std::cell::Cell;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use assertions::{Assertion, PrivateKey};
use clap::{Args, Subcommand};
use timestamp::Timestamp;

use super::Place;
use crate::terminal::time::{PastTime, relative, shown};
use crate::terminal::{eprint, print};
use model::clock::Clock;
use service::authority::keys::{self as store_keys, Identity, Pair, files};

#[derive(Debug, Subcommand)]
pub(crate) enum Store {
    /// Make the store's keys and its account, before the first start. A service that finds none makes them itself.
    Make(Make),
    /// Show the store's account and keys.
    Show {
        /// Print the root key's own account-key assertion alone: what `macaroond verify --root` and devices trust.
        #[arg(long)]
        root_assertion: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Put a new key in the place of the signing key, or of the root key.
    Rotate(Rotate),
    /// Print the root key as PKCS#8 in PEM, to keep it elsewhere. Whoever reads it can speak for the store.
    ExportRoot {
        /// Yes, print the secret.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        place: Place,
    },
    /// Remove the root key from the database, for good. The service does not need it; `rotate` does.
    ForgetRoot {
        /// Yes, it was exported and is kept elsewhere.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        place: Place,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Make {
    /// The store's account id, which stands in everything that it signs and can't be changed: 32 letters and digits, or 2 to
    /// 28 lower-case letters, digits and dashes. Default: 32 random ones.
    #[arg(long, value_name = "ID")]
    account_id: Option<String>,
    /// The store's name for people. Default: the host of the public URL.
    #[arg(long)]
    name: Option<String>,
    /// Take this root key, an RSA key as PKCS#8 in PEM, instead of making one.
    #[arg(long, value_name = "FILE")]
    root_key: Option<PathBuf>,
    /// Take this signing key instead of making one.
    #[arg(long, value_name = "FILE")]
    signing_key: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Put a new key in the place of the signing key, or of the root key.
///
/// A new signing key signs anew what the old one has signed; then the old one ends. A new root key is vouched for by the old
/// one, so that whoever trusts the old one reaches everything; give new installations the new one. Running services notice.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Replace the root key instead of the signing key.
    #[arg(long, conflicts_with = "compromised_since")]
    root: bool,
    /// The root key, if it is not in the database.
    #[arg(long, value_name = "FILE")]
    root_key: Option<PathBuf>,
    /// Take this new key, an RSA key as PKCS#8 in PEM, instead of making one.
    #[arg(long, value_name = "FILE")]
    new_key: Option<PathBuf>,
    /// Since when somebody else may have had the old signing key: what it signed later counts for nothing.
    #[arg(long, value_name = "TIME")]
    compromised_since: Option<PastTime>,
    #[command(flatten)]
    place: Place,
}

impl Store {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Store::Make(make) => make.run().await,
            Store::Show { root_assertion, place } => show(&place, root_assertion).await,
            Store::Rotate(rotate) => rotate.run().await,
            Store::ExportRoot { yes, place } => {
                if !yes {
                    bail!(
                        "whoever reads this key can speak for the store; add --yes to print it all the same"
                    );
                }
                let (records, master) = place.open().await?;
                let root = store_keys::root(&records, &master).await?;
                print(files::to_pem(&root).trim_end())
            }
            Store::ForgetRoot { yes, place } => {
                if !yes {
                    bail!(
                        "without the root key the signing key can't be replaced: export it first, then add --yes"
                    );
                }
                let (records, _) = place.open().await?;
                if !store_keys::forget_root(&records).await? {
                    bail!("the root key is not in the database");
                }
                print("The root key was removed. `rotate` takes it with --root-key from now on.")
            }
        }
    }
}

impl Make {
    async fn run(self) -> anyhow::Result<()> {
        let name = match self.name {
            Some(name) => name,
            None => self.place.host()?.context("give the store a name with --name")?,
        };
        let identity = Identity::chosen(self.account_id.as_deref(), &name)?;
        let (records, master) = self.place.begin().await?;
        if store_keys::show(&records, &master).await.is_ok() {
            bail!("the store has keys already: `macaroond keys store show` shows them");
        }
        let (root, signing) = futures_util::try_join!(key(self.root_key), key(self.signing_key))?;
        let pair = Pair { root, signing };
        if pair.root.public().id() == pair.signing.public().id() {
            bail!("root key and signing key are the same key");
        }
        if !store_keys::make(&records, &master, &identity, &pair, Clock::system().now()).await? {
            bail!("the store has got keys meanwhile: `macaroond keys store show` shows them");
        }
        print(format_args!("store account  {}  {}", identity.account, identity.name))?;
        print(format_args!("root key       {}", pair.root.public().id()))?;
        print(format_args!("signing key    {}", pair.signing.public().id()))
    }
}

impl Rotate {
    async fn run(self) -> anyhow::Result<()> {
        if self.root && self.root_key.is_some() && self.new_key.is_none() {
            bail!(
                "a root key that is kept elsewhere is replaced by one that is: make it there and give it with --new-key"
            );
        }
        let (records, master) = self.place.open().await?;
        store_keys::show(&records, &master).await?;
        let brought = self.root_key.as_deref().map(files::read).transpose()?;
        let new = key(self.new_key).await?;
        let now = Clock::system().now();
        if self.root {
            let rotated = store_keys::rotate_root(&records, &master, brought, &new, now).await?;
            print(format_args!("root key  {}\ninstead of {}", rotated.new, rotated.old))?;
            return print(
                "Whoever trusts the old root key still reaches everything. Give new devices and verifiers the new one:\n\
                        macaroond keys store show --root-assertion",
            );
        }
        let last = Cell::new(0);
        let progress = |done: u64, all: u64| {
            // Every tenth of the way is enough to see that it goes on.
            let tenth = done * 10 / all.max(1);
            if tenth > last.replace(tenth) {
                eprint(format_args!("Looked at {done} of {all} assertions …"));
            }
        };
        let since = self.compromised_since.map(|PastTime(at)| at);
        let rotated =
            store_keys::rotate_signing(&records, &master, brought, &new, since, now, progress).await?;
        print(format_args!("signing key  {}\ninstead of   {}", rotated.new, rotated.old))?;
        print(format_args!("{} assertions were signed anew, and the old key has ended.", rotated.signed_anew))
    }
}

/// The key in a file, or a new one.
async fn key(file: Option<PathBuf>) -> anyhow::Result<PrivateKey> {
    if let Some(path) = file {
        return Ok(files::read(&path)?);
    }
    eprint(format_args!("Making a key of {} bits, which takes some seconds …", store_keys::BITS));
    Ok(store_keys::generate().await?)
}

async fn show(place: &Place, root_assertion: bool) -> anyhow::Result<()> {
    let (records, master) = place.open().await?;
    let shown = store_keys::show(&records, &master).await?;
    if root_assertion {
        return print(shown.root.as_str().trim_end_matches('\n'));
    }
    let word = |assertion: &Assertion, header: &str| assertion.text(header).unwrap_or_default().to_owned();
    let id = |assertion: &Assertion| word(assertion, "public-key-sha3-384");
    let (root_made, signing_made) = shown.made;
    let now = Clock::system().now();
    print(format_args!(
        "store account  {}  {}",
        word(&shown.account, "account-id"),
        word(&shown.account, "display-name")
    ))?;
    print(format_args!(
        "root key       {}  {}",
        id(&shown.root),
        root_made.map_or_else(|| "kept elsewhere".to_owned(), |at| made(at, now))
    ))?;
    print(format_args!("signing key    {}  {}", id(&shown.signing), made(signing_made, now)))
}

fn made(at: Timestamp, now: Timestamp) -> String {
    format!("made {}, {}", shown(at), relative(at, now))
}
