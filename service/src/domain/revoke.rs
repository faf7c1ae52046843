//! Revoking: by a pasted credential, by token id, by account. `Ok` is the acknowledgement.

use std::time::Duration;

use caveats::{Facts, Locations, Timestamp, exported};

use super::issue::RootId;
use super::key_ring::{KeyError, KeyRing};
use super::verify::{VerifyError, verify};
use crate::model::authorized::Authorized;
use crate::model::clock::Clock;
use crate::model::ids::{AccountId, SessionId, TokenId};
use crate::model::revocation::{Cut, Entry, Reach, Revocation, Subject};
use crate::storage::records::{Records, StorageError};
use crate::storage::revocations::{Revocations, RevokeError};

const MAX_REASON: usize = 500;

/// What somebody names for revocation.
#[derive(Debug)]
pub enum Named<'a> {
    /// The text of a credential, in any form in which clients keep one.
    Text(&'a str, Width),
    /// A token id: the whole family.
    Token(&'a TokenId),
    /// An account, by id or e-mail address: everything that logged in before now.
    Account(&'a str),
}

/// How widely a pasted credential is revoked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Width {
    /// It and everything attenuated from it.
    #[default]
    Credential,
    /// Everything attenuated from the same root.
    Family,
    /// Everything of the same login.
    Session,
    /// Everything of the same account, up to now.
    Account,
}

/// What was named, found: whose it is and what is to be revoked.
#[derive(Debug, Clone)]
pub struct Found {
    /// Whose it is: one account, or, of a family, everyone who has logged in with its root.
    pub owners: Vec<AccountId>,
    /// What to revoke.
    pub subject: Subject,
    /// Whether a credential was pasted, which then must be taken for leaked.
    leaked: bool,
    /// When nothing it concerns can be valid any more.
    forget_at: Option<Timestamp>,
}

/// What was named could not be found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// No credential in the text.
    #[error("no credential in the text")]
    NoCredential,
    /// A credential, and not one of ours, or damaged.
    #[error("not a credential of this service")]
    NotOurs,
    /// Nobody has logged in with a token of that id.
    #[error("no such token")]
    NoSuchToken,
    /// No account of that id or address.
    #[error("no such account")]
    NoSuchAccount,
    /// It could not be found out.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// It could not be found out.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// What revoking needs to know.
#[derive(Debug)]
pub struct Revoker<'a> {
    /// Time.
    pub clock: &'a Clock,
    /// Root keys, to tell our credentials from others.
    pub keys: &'a KeyRing,
    /// Accounts and sessions.
    pub records: &'a Records,
    /// The list.
    pub revocations: &'a Revocations,
    /// The locations that caveats may name.
    pub locations: Locations<'a>,
    /// How long a login lasts.
    pub session_lifetime: Duration,
    /// By how much another replica's clock may be behind this one's.
    pub clock_skew: Duration,
}

impl Revoker<'_> {
    /// Finds what was named.
    pub async fn find(&self, named: &Named<'_>) -> Result<Found, FindError> {
        match named {
            Named::Text(text, width) => self.pasted(text, *width).await,
            Named::Token(token) => {
                let owners = self.records.token_owners(token).await?;
                if owners.is_empty() {
                    return Err(FindError::NoSuchToken);
                }
                Ok(Found {
                    owners,
                    subject: Subject::Family((*token).clone()),
                    leaked: false,
                    forget_at: None,
                })
            }
            Named::Account(name) => {
                let by_id = match name.parse::<AccountId>() {
                    Ok(id) => self.records.account(&id).await?,
                    Err(_) => None,
                };
                let account = match by_id {
                    Some(account) => account.id,
                    None => match self.records.accounts_by_email(name).await?.as_slice() {
                        [account] => account.id.clone(),
                        _ => return Err(FindError::NoSuchAccount),
                    },
                };
                Ok(Found {
                    owners: vec![account.clone()],
                    subject: Subject::Account(account),
                    leaked: false,
                    forget_at: self.session_end(),
                })
            }
        }
    }

    async fn pasted(&self, text: &str, width: Width) -> Result<Found, FindError> {
        let credential = exported::read(text).map_err(|_| FindError::NoCredential)?;
        let bundle = credential.into_bundle().map_err(|_| FindError::NotOurs)?;
        let (root_id, verified) = verify(self.keys, bundle).await.map_err(|error| match error {
            VerifyError::Forged => FindError::NotOurs,
            VerifyError::Keys(error) => FindError::Keys(error),
        })?;
        let facts = verified.facts(&self.locations).map_err(|_| FindError::NotOurs)?;
        let (account, session) = login(&facts).ok_or(FindError::NotOurs)?;
        let this = verified.root_tails().last().map(caveats::Tail::fingerprint).ok_or(FindError::NotOurs)?;
        let RootId { token, .. } = root_id;
        let owners = vec![account.clone()];
        let (subject, forget_at) = match width {
            // The same root can be discharged again, so only the root's own end is an end.
            Width::Credential => (Subject::Credential(token, this), None),
            Width::Family => (Subject::Family(token), None),
            Width::Session => (Subject::Session(account, session), self.session_end()),
            Width::Account => (Subject::Account(account), self.session_end()),
        };
        Ok(Found { owners, subject, leaked: true, forget_at })
    }

    /// Revokes what was found.
    pub async fn revoke(&self, actor: &Authorized, found: Found, reason: &str) -> Result<Entry, RevokeError> {
        let now = self.clock.now();
        let reach = match found.subject {
            Subject::Account(_) | Subject::Everything | Subject::Package(_) => {
                Reach::LoggedInBefore(later(now, self.clock_skew).unwrap_or(now))
            }
            Subject::Credential(..)
            | Subject::Family(_)
            | Subject::Session(..)
            | Subject::SigningKey(_)
            | Subject::RootKey(_) => Reach::All,
        };
        let reason: String = reason.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
        let revocation = Revocation {
            subject: found.subject,
            cut: Cut { reach, at: now, reason },
            actor: actor.account().to_string(),
            leaked: found.leaked,
            forget_at: found.forget_at.and_then(|end| later(end, Duration::from_hours(24))),
        };
        let (kind, by) = (revocation.subject.kind(), actor.account());
        let entries = self.revocations.revoke(vec![revocation]).await?;
        tracing::info!(kind, %by, position = entries.last().map(|entry| entry.seq), "revoked");
        entries.into_iter().next().ok_or(RevokeError::Interrupted)
    }

    /// When every login of today has ended.
    fn session_end(&self) -> Option<Timestamp> {
        later(self.clock.now(), self.session_lifetime)
    }
}

fn login(facts: &Facts) -> Option<(AccountId, SessionId)> {
    let account = facts.account.as_ref()?.openid.parse().ok()?;
    let session = facts.session.as_ref()?.parse().ok()?;
    Some((account, session))
}

fn later(moment: Timestamp, by: Duration) -> Option<Timestamp> {
    Some(Timestamp::from_micros(moment.micros().checked_add(i64::try_from(by.as_micros()).ok()?)?))
}
