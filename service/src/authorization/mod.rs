//! The one decision: find the root key, verify the chain, clear every caveat, ask the revocation list, check
//! ownership. Every authenticated endpoint comes through [`Authorizer::authorize`], and an `Authorized` is
//! made nowhere else.

pub mod authorized;
mod introspect;
mod recent_login;
mod refusal;

use std::net::IpAddr;
use std::time::Duration;

use caveats::{Access, Bundle, Channel, Cleared, Facts, Locations, Package, Permission, Upload, Verified};
use timestamp::Timestamp;

pub use introspect::{Introspected, Introspection};
pub use refusal::Refusal;

use crate::authorization::authorized::Authorized;
use crate::credentials::key_ring::KeyRing;
use crate::credentials::login::missing_permissions;
use crate::credentials::verify::{VerifyError, verify};
use model::account::Author;
use model::clock::Clock;
use model::ids::{AccountId, SessionId, SnapId};
use model::root_id::RootId;
use model::snap::Snap;
use revocation::{Fingerprint, RevocationQuery, Subject};
use storage::records::Records;
use storage::revocations::Revocations;

/// The package an attempt touches.
#[derive(Debug, Clone, Copy, Default)]
pub enum Target<'a> {
    /// None.
    #[default]
    Nothing,
    /// One that does not exist yet.
    NewPackage,
    /// The one of this name.
    Named(&'a str),
    /// The one of this id.
    Id(&'a SnapId),
}

/// What somebody attempts.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The permissions it needs, every one.
    pub permissions: &'a [Permission],
    /// The package it touches.
    pub target: Target<'a>,
    /// The channels it releases to, every one.
    pub channels: &'a [Channel],
    /// The file it uploads.
    pub upload: Upload<'a>,
    /// Where it comes from.
    pub source: Option<IpAddr>,
    /// What it is for.
    pub kind: AttemptKind,
    /// Whose the package must be.
    pub whose: Whose,
}

impl Attempt<'_> {
    /// Nothing but to hold a credential in force.
    pub const NOTHING: Attempt<'static> = Attempt {
        permissions: &[],
        target: Target::Nothing,
        channels: &[],
        upload: Upload::None,
        source: None,
        kind: AttemptKind::Ordinary,
        whose: Whose::Own,
    };
}

impl Default for Attempt<'_> {
    fn default() -> Self {
        Attempt::NOTHING
    }
}

/// Whose package an attempt may touch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Whose {
    /// The account's own.
    #[default]
    Own,
    /// Anybody's: the attempt's permission is one over everybody's packages.
    Anybodys,
}

/// Whether an attempt is one to revoke something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AttemptKind {
    /// It is not.
    #[default]
    Ordinary,
    /// It is. Nothing shall hold it up: its discharge may be stale, and the journal is asked in place of the list, which
    /// may be out of reach.
    Revoking,
}

/// Decides.
#[derive(Debug, Clone)]
pub struct Authorizer {
    /// Time.
    pub clock: Clock,
    /// Root keys.
    pub keys: KeyRing,
    /// Accounts and packages.
    pub records: Records,
    /// What was revoked.
    pub revocations: Revocations,
    /// The location that a root's caveats name.
    pub store_location: String,
    /// The location that a discharge's caveats name.
    pub sso_location: String,
    /// The age at which a discharge must be refreshed.
    pub discharge_max_age: Duration,
}

impl Authorizer {
    /// Decides about one attempt with one credential.
    pub async fn authorize(&self, bundle: Bundle, attempt: &Attempt<'_>) -> Result<Authorized, Refusal> {
        let (root_id, verified) = verify(&self.keys, bundle).await?;
        let found = self.package(attempt.target).await?;
        let package = found.as_ref().and_then(|found| found.as_ref().ok());
        let now = self.clock.now();
        let cleared = self.clear(&verified, attempt, package, now)?;
        let login = Login::of(cleared.facts())?;
        let question = question(&root_id, cleared.root_fingerprints(), &login, package);
        let cut = match attempt.kind {
            AttemptKind::Ordinary => self.revocations.check(&question).await?,
            AttemptKind::Revoking => self.records.revocation_in_force(&question).await?,
        };
        if let Some(cut) = cut {
            return Err(Refusal::Revoked(cut));
        }
        if attempt.kind == AttemptKind::Ordinary {
            self.fresh(&login, now)?;
        }
        let account = self.records.account(&login.account).await?.ok_or(Refusal::Forged)?;
        let lost = missing_permissions(attempt.permissions, &account.roles);
        if !lost.is_empty() {
            return Err(Refusal::RoleLost(lost));
        }
        let package = match found {
            None => None,
            Some(Err(asked)) => return Err(Refusal::NoSuchPackage(asked)),
            Some(Ok(package)) if attempt.whose == Whose::Own && package.account != account.id => {
                return Err(Refusal::NotOwner(package.name.to_string()));
            }
            Some(Ok(package)) => Some(package.id),
        };
        Ok(Authorized::new(
            Author { account: account.id, session: login.session, token: root_id.token },
            package,
            question,
        ))
    }

    /// The locations that caveats may name.
    pub fn locations(&self) -> Locations<'_> {
        Locations { store: &self.store_location, sso: &self.sso_location }
    }

    /// The package that is touched, if one is; `Err` with what was asked for if there is none. Who may not even ask learns
    /// neither.
    async fn package(&self, target: Target<'_>) -> Result<Option<Result<Snap, String>>, Refusal> {
        let (found, asked) = match target {
            Target::Nothing | Target::NewPackage => return Ok(None),
            Target::Named(name) => (self.records.snap_by_name(name).await?, name),
            Target::Id(id) => (self.records.snap_by_id(id).await?, id.as_str()),
        };
        Ok(Some(found.ok_or_else(|| asked.to_owned())))
    }

    fn clear<'v>(
        &self,
        verified: &'v Verified,
        attempt: &Attempt<'_>,
        package: Option<&Snap>,
        now: Timestamp,
    ) -> Result<Cleared<'v>, Refusal> {
        let package = match (attempt.target, package) {
            (_, Some(package)) => Package::Id(package.id.as_str()),
            (Target::NewPackage, None) => Package::New,
            (_, None) => Package::None,
        };
        let access = Access {
            now,
            permissions: attempt.permissions,
            package,
            channels: attempt.channels,
            upload: attempt.upload,
            source: attempt.source,
        };
        verified.clear(&self.locations(), &access).map_err(Refusal::Denied)
    }

    /// Refuses a discharge that must be refreshed. Asked last: a refresh must be able to help.
    fn fresh(&self, login: &Login, now: Timestamp) -> Result<(), Refusal> {
        let age = now.micros() - login.refreshed.micros();
        if age > i64::try_from(self.discharge_max_age.as_micros()).unwrap_or(i64::MAX) {
            return Err(Refusal::Stale { age_seconds: age / 1_000_000 });
        }
        Ok(())
    }
}

impl From<VerifyError> for Refusal {
    fn from(error: VerifyError) -> Refusal {
        match error {
            VerifyError::Forged => Refusal::Forged,
            VerifyError::Keys(error) => Refusal::Keys(error),
        }
    }
}

/// What the discharge says of the login. Each is our own first word: what a holder adds later can't change it.
struct Login {
    account: AccountId,
    session: SessionId,
    at: Timestamp,
    refreshed: Timestamp,
}

impl Login {
    fn of(facts: &Facts) -> Result<Login, Refusal> {
        let account = facts.account.as_ref().and_then(|account| account.openid.parse().ok());
        let session = facts.session.as_ref().and_then(|session| session.parse().ok());
        match (account, session, facts.last_auth, facts.discharge_valid_since) {
            (Some(account), Some(session), Some(at), Some(refreshed)) => {
                Ok(Login { account, session, at, refreshed })
            }
            _ => Err(Refusal::Forged),
        }
    }
}

/// Everything about this credential, used for this attempt, that could have been revoked.
fn question(
    root_id: &RootId,
    fingerprints: impl Iterator<Item = Fingerprint>,
    login: &Login,
    package: Option<&Snap>,
) -> RevocationQuery {
    let credential = |fingerprint| Subject::Credential(root_id.token.clone(), fingerprint);
    let mut subjects: Vec<Subject> = fingerprints.map(credential).collect();
    subjects.extend([
        Subject::Family(root_id.token.clone()),
        Subject::Session(login.account.clone(), login.session.clone()),
        Subject::Account(login.account.clone()),
        Subject::RootKey(root_id.key.clone()),
        Subject::Everything,
    ]);
    subjects.extend(package.map(|package| Subject::Package(package.id.clone())));
    RevocationQuery { subjects, login: Some(login.at) }
}
