//! `macaroond second-factor`: gives an account one-time codes, or takes them away.

use anyhow::bail;
use clap::Subcommand;

use super::keys::Place;
use crate::terminal::print;
use model::account::Account;
use model::clock::Clock;
use service::credentials::second_factor;
use storage::records::Records;

#[derive(Debug, Subcommand)]
pub(crate) enum SecondFactor {
    /// Give an account a new secret, and print it for its authenticator app. The old one stops working.
    Enrol {
        /// The account's e-mail address; it must have logged in once.
        email: String,
        #[command(flatten)]
        place: Place,
    },
    /// Take an account's second factor away, so that it needs none.
    Remove {
        /// The account's e-mail address.
        email: String,
        #[command(flatten)]
        place: Place,
    },
}

impl SecondFactor {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            SecondFactor::Enrol { email, place } => {
                let (records, master) = place.open().await?;
                let account = account(&records, &email).await?;
                let secret =
                    second_factor::enrol(&records, &master, &account.id, Clock::system().now()).await?;
                print(format_args!("secret: {secret}"))?;
                if let Some(url) = second_factor::url(&secret, &email) {
                    print(format_args!("for an authenticator app: {url}"))?;
                }
                Ok(())
            }
            SecondFactor::Remove { email, place } => {
                let (records, _) = place.open().await?;
                let account = account(&records, &email).await?;
                if records.remove_second_factor(&account.id).await? {
                    print(format_args!("{email} needs no one-time code any more."))
                } else {
                    bail!("{email} has no second factor")
                }
            }
        }
    }
}

async fn account(records: &Records, email: &str) -> anyhow::Result<Account> {
    let mut found = records.accounts_by_email(email).await?;
    match (found.pop(), found.pop()) {
        (Some(account), None) => Ok(account),
        (None, _) => bail!("no account has logged in as {email} yet; it must log in once first"),
        (Some(_), Some(_)) => bail!("more than one account has logged in as {email}"),
    }
}
