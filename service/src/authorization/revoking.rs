//! Who may end a credential without being asked for a permission: its holder, and its owner's own hand. And who may take
//! an end back.

use std::time::Duration;

use caveats::{Bundle, Permission};

use super::{Authorizer, Refusal};
use crate::authorization::authorized::Authorized;
use crate::credentials::verify::verify;
use crate::revoking::leaked::{Fate, Finding, Width};
use crate::revoking::{Found, Named};
use model::ids::AccountId;
use model::session::LoginProof;

/// How old a login may be that takes a cut back.
const RECENT: Duration = Duration::from_mins(15);

impl Authorizer {
    /// Whether what was named is the actor's to end; what was not found is nobody's: whom we know, not everybody may hear.
    ///
    /// Everyone may end the family and the login that their own credential belongs to. All of one's account, another of its
    /// families, logins, packages or signing keys, takes a credential that may manage all of one's packages
    /// (`package_manage`, not narrowed), so that one that was made for some job and leaked can't be used to cut its owner off.
    pub async fn ends_own(
        &self,
        actor: &Authorized,
        credential: &Bundle,
        named: &Named<'_>,
        found: Option<&Found>,
    ) -> Result<bool, Refusal> {
        if !found.is_some_and(|found| is_owner(actor, &found.owners)) {
            return Ok(false);
        }
        let held = match named {
            Named::Token(token) => **token == actor.author().token,
            Named::Session(session) => **session == actor.author().session,
            Named::Account(_) | Named::Package(_) => false,
            Named::SigningKey(_) if found.is_some_and(|found| !found.owners.is_empty()) => false,
            Named::Everything | Named::RootKey(_) | Named::SigningKey(_) => return Ok(false),
        };
        Ok(held || self.is_own_hand(credential).await?)
    }

    /// Which of what was pasted is the actor's to end: a credential of theirs, its family, its session. All of one's
    /// account takes as much as where it is named. A root that nobody has logged in with is whoever's who holds it.
    pub async fn ends_pasted(
        &self,
        actor: &Authorized,
        credential: &Bundle,
        findings: &[Finding],
        width: Width,
    ) -> Result<Vec<bool>, Refusal> {
        let enough = match width {
            Width::Credential | Width::Family | Width::Session => true,
            Width::Account => self.is_own_hand(credential).await?,
        };
        let is_own = |finding: &Finding| match &finding.fate {
            Fate::Ours { owners, .. } => enough && is_owner(actor, owners),
            Fate::Unproven(_) | Fate::Damaged(_) | Fate::NotOurs => false,
        };
        Ok(findings.iter().map(is_own).collect())
    }

    /// Whether the actor has given password and code a moment ago, which a found credential's finder has not.
    pub fn logged_in_recently(&self, actor: &Authorized) -> Result<(), Refusal> {
        let login = actor.question().login.map_or(0, timestamp::Timestamp::micros);
        let age_seconds = (self.clock.now().micros() - login) / 1_000_000;
        let at_most_seconds = i64::try_from(RECENT.as_secs()).unwrap_or(i64::MAX);
        if age_seconds > at_most_seconds {
            return Err(Refusal::LoginTooOld { age_seconds, at_most_seconds });
        }
        Ok(())
    }

    /// Whether the actor has given password and one-time code a moment ago.
    pub async fn confirmed_recently(&self, actor: &Authorized) -> Result<(), Refusal> {
        self.logged_in_recently(actor)?;
        match self.records.session(&actor.author().session).await?.map(|session| session.proof) {
            Some(LoginProof::PasswordAndCode) => Ok(()),
            Some(LoginProof::Password) | None => Err(Refusal::LoginWithoutCode),
        }
    }

    async fn is_own_hand(&self, credential: &Bundle) -> Result<bool, Refusal> {
        let (_, verified) = verify(&self.keys, credential.clone()).await?;
        let scope = verified.effective_scope(&self.locations()).map_err(Refusal::Denied)?;
        Ok(!scope.is_narrowed() && scope.permissions.contains(&Permission::PackageManage))
    }
}

fn is_owner(actor: &Authorized, owners: &[AccountId]) -> bool {
    owners.iter().all(|owner| owner == actor.account())
}
