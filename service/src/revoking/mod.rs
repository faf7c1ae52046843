//! Revoking by name: a family, a login, an account, a package, a key, or everything. `Ok` is the acknowledgement.

pub mod feed;
pub mod leaked;
mod lift;
pub mod may_revoke;
mod revoke_self;
pub mod signing_key;

use std::time::Duration;

use caveats::Locations;
use timestamp::Timestamp;

pub use revoke_self::RevokeSelfError;

use crate::authority::sign::Authority;
use crate::authorization::Authorizer;
use crate::authorization::authorized::Authorized;
use crate::credentials::key_ring::{KeyError, KeyRing};
use crate::credentials::ticket::Scope;
use model::clock::Clock;
use model::ids::{AccountId, KeyId, SessionId, SigningKeyId, TokenId};
use revocation::{Entry, NewRevocation, Reach, Revocation, Subject};
use storage::records::{KeyPurpose, Records, StorageError};
use storage::revocations::{Revocations, RevokeError};

const MAX_REASON: usize = 500;
/// For how long something is kept beyond the end of all that it concerns: no clock is wrong by more.
const MARGIN: Duration = Duration::from_hours(24);

/// What somebody names for revocation.
#[derive(Debug)]
pub enum Named<'a> {
    /// A token id: the whole family.
    Token(&'a TokenId),
    /// A login and its refreshes.
    Session(&'a SessionId),
    /// An account, by id or e-mail address: everything that logged in before a moment.
    Account(&'a str),
    /// A package, by id or name: whatever logged in before a moment does not touch it any more.
    Package(&'a str),
    /// Everything that logged in before a moment.
    Everything,
    /// A root key: everything that was made with it, for good.
    RootKey(&'a KeyId),
    /// A publisher's signing key, for good.
    SigningKey(&'a SigningKeyId),
}

/// What was named, found: whose it is and what is to be revoked.
#[derive(Debug, Clone)]
pub struct Found {
    /// Whose it is: one account, or, of a family, everyone who has logged in with its root; nobody's if it is everybody's.
    pub owners: Vec<AccountId>,
    /// What to revoke.
    pub subject: Subject,
    /// When the last credential that it concerns ends; `None`: nobody knows.
    ends: Option<Timestamp>,
}

/// What was named could not be found.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Nobody has logged in with a token of that id.
    #[error("no such token")]
    NoSuchToken,
    /// No login of that id.
    #[error("no such session")]
    NoSuchSession,
    /// No account of that id or address.
    #[error("no such account")]
    NoSuchAccount,
    /// No package of that id or name.
    #[error("no such package")]
    NoSuchPackage,
    /// No entry of the journal of that position.
    #[error("no such position")]
    NoSuchPosition,
    /// No root key of that id.
    #[error("no such root key")]
    NoSuchRootKey,
    /// It could not be found out.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// It could not be found out.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// A cut up to a moment that is still to come: it would kill logins that nobody has made yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the moment is still to come")]
pub struct InFuture;

/// What revoking needs to know.
#[derive(Debug)]
pub struct Revoker<'a> {
    /// Whether the actor may.
    pub authorizer: &'a Authorizer,
    /// Time.
    pub clock: &'a Clock,
    /// Our keys, to tell our credentials from others.
    pub keys: &'a KeyRing,
    /// Accounts, sessions and packages.
    pub records: &'a Records,
    /// The list.
    pub revocations: &'a Revocations,
    /// What the store says of publishers' keys.
    pub authority: &'a Authority,
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
        let everybody_s = |subject| Found { owners: Vec::new(), subject, ends: None };
        Ok(match *named {
            Named::Token(token) => {
                let owners = self.records.token_owners(token).await?;
                if owners.is_empty() {
                    return Err(FindError::NoSuchToken);
                }
                // Every login with one root has the scope that it was issued for.
                let scope = self.records.token_scope(token).await?;
                let scope = scope.and_then(|scope| serde_json::from_str::<Scope>(&scope).ok());
                let ends = scope.and_then(|scope| scope.expires).map(Timestamp::from_micros);
                Found { owners, subject: Subject::Family(token.clone()), ends }
            }
            Named::Session(session) => {
                let login = self.records.session(session).await?.ok_or(FindError::NoSuchSession)?;
                Found {
                    owners: vec![login.account.clone()],
                    subject: Subject::Session(login.account, login.id),
                    ends: Some(login.expires_at),
                }
            }
            Named::Account(name) => {
                let account = self.account(name).await?;
                let ends = self.last_login_ends(Some(&account)).await?;
                Found { owners: vec![account.clone()], subject: Subject::Account(account), ends }
            }
            Named::Package(name) => {
                let by_id = match name.parse() {
                    Ok(id) => self.records.snap_by_id(&id).await?,
                    Err(_) => None,
                };
                let package = match by_id {
                    None => self.records.snap_by_name(name).await?.ok_or(FindError::NoSuchPackage)?,
                    Some(package) => package,
                };
                let ends = self.last_login_ends(None).await?;
                Found { owners: vec![package.account], subject: Subject::Package(package.id), ends }
            }
            Named::Everything => everybody_s(Subject::Everything),
            Named::RootKey(key) => {
                if !self.records.keys(KeyPurpose::Root).await?.iter().any(|known| known.id == *key) {
                    return Err(FindError::NoSuchRootKey);
                }
                everybody_s(Subject::RootKey(key.clone()))
            }
            // One that nobody has registered can be revoked all the same: it then never will be registered.
            Named::SigningKey(key) => {
                let owner = self.records.signing_key(key).await?.map(|known| known.account);
                let subject = Subject::SigningKey(key.clone());
                Found { owners: owner.into_iter().collect(), subject, ends: None }
            }
        })
    }

    async fn account(&self, name: &str) -> Result<AccountId, FindError> {
        let by_id = match name.parse::<AccountId>() {
            Ok(id) => self.records.account(&id).await?,
            Err(_) => None,
        };
        match by_id {
            Some(account) => Ok(account.id),
            None => match self.records.accounts_by_email(name).await?.as_slice() {
                [account] => Ok(account.id.clone()),
                _ => Err(FindError::NoSuchAccount),
            },
        }
    }

    /// A moment up to which logins may be cut off.
    pub fn moment(&self, asked: Timestamp) -> Result<Timestamp, InFuture> {
        if asked > self.latest(self.clock.now()) { Err(InFuture) } else { Ok(asked) }
    }

    /// What another replica's clock may show now.
    fn latest(&self, now: Timestamp) -> Timestamp {
        later(now, self.clock_skew).unwrap_or(now)
    }

    /// Revokes what was found; where only a moment separates the dead from the living, it is `before`, or now.
    pub async fn revoke(
        &self,
        actor: &Authorized,
        found: Found,
        before: Option<Timestamp>,
        reason: &str,
    ) -> Result<Entry, RevokeError> {
        let entry = self.cut(actor, found, before, reason).await?;
        self.tell_keys(&entry).await;
        Ok(entry)
    }

    async fn cut(
        &self,
        actor: &Authorized,
        found: Found,
        before: Option<Timestamp>,
        reason: &str,
    ) -> Result<Entry, RevokeError> {
        let asked = Asked { subject: found.subject, leaked: false, ends: found.ends };
        let entries = self.record(actor.account(), vec![asked], before, reason).await?;
        entries.into_iter().next().ok_or(RevokeError::Interrupted)
    }

    /// Records all of it at once and puts it in force; the answer has an entry for each, in the same order.
    async fn record(
        &self,
        by: &AccountId,
        asked: Vec<Asked>,
        before: Option<Timestamp>,
        reason: &str,
    ) -> Result<Vec<Entry>, RevokeError> {
        let (at, reason) = (self.clock.now(), tidy(reason));
        let before = before.unwrap_or_else(|| self.latest(at));
        let revocation = |asked: Asked| {
            let reach = if asked.subject.is_liftable() { Reach::LoggedInBefore(before) } else { Reach::All };
            NewRevocation {
                subject: asked.subject,
                cut: Revocation { reach, at, reason: reason.clone() },
                actor: by.to_string(),
                leaked: asked.leaked,
                forget_at: asked.ends.and_then(|end| later(end, MARGIN)),
            }
        };
        let revocations: Vec<NewRevocation> = asked.into_iter().map(revocation).collect();
        let asked = revocations.len();
        let entries = self.revocations.revoke(revocations).await?;
        let (kind, position) =
            entries.last().map(|entry| (entry.subject.kind(), entry.seq)).unwrap_or_default();
        tracing::info!(kind, %by, asked, position, "revoked");
        Ok(entries)
    }

    /// When the last login of an account, or of all, has ended that there is or that begins now. A login may have begun
    /// under other settings.
    async fn last_login_ends(&self, account: Option<&AccountId>) -> Result<Option<Timestamp>, StorageError> {
        let known = self.records.last_session_end(account).await?;
        let new = later(self.clock.now(), self.session_lifetime);
        Ok(new.map(|new| known.map_or(new, |known| known.max(new))))
    }
}

/// Something to be revoked.
struct Asked {
    subject: Subject,
    leaked: bool,
    ends: Option<Timestamp>,
}

/// A reason as it is kept: short, and without control characters.
fn tidy(reason: &str) -> String {
    reason.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect()
}

fn later(moment: Timestamp, by: Duration) -> Option<Timestamp> {
    Some(Timestamp::from_micros(moment.micros().checked_add(i64::try_from(by.as_micros()).ok()?)?))
}
