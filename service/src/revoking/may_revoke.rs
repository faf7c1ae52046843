//! Who may revoke what: a holder what is theirs, others by a permission.

use std::net::IpAddr;

use caveats::{Bundle, Permission};

use super::leaked::finding::{Finding, Ownership, RevokeScope};
use super::{Found, Named, Revoker};
use crate::authorization::authorized::Authorized;
use crate::authorization::{Attempt, AttemptKind, Refusal};
use crate::credentials::verify::verify;
use model::ids::AccountId;

/// Somebody who revokes: proved to hold a credential in force, and the credential, for what may be asked of it besides.
#[derive(Debug, Clone, Copy)]
pub struct Actor<'a> {
    /// The proof that their credential is in force.
    pub authorized: &'a Authorized,
    /// The credential as it came: another permission of it may be asked for.
    pub bundle: &'a Bundle,
    /// Where they come from.
    pub source: Option<IpAddr>,
}

impl Revoker<'_> {
    /// Whether the actor may revoke what was named: because it is theirs, or by one of the permissions. What was not found
    /// is nobody's, so that only who holds a permission hears whom we know.
    ///
    /// Everyone may end the family and the login that their own credential belongs to. All of one's account, another of its
    /// families, logins, packages or signing keys, takes a credential for the full account, so that one that was made for
    /// some job and leaked can't be used to cut its owner off.
    pub async fn may_revoke_named(
        &self,
        actor: Actor<'_>,
        named: &Named<'_>,
        found: Option<&Found>,
        permissions: &[Permission],
    ) -> Result<(), Refusal> {
        if self.is_own(actor, named, found).await? {
            Ok(())
        } else {
            self.has_one_of(actor, permissions).await
        }
    }

    async fn is_own(
        &self,
        actor: Actor<'_>,
        named: &Named<'_>,
        found: Option<&Found>,
    ) -> Result<bool, Refusal> {
        if !found.is_some_and(|found| is_owner(actor, &found.owners)) {
            return Ok(false);
        }
        let author = actor.authorized.author();
        let held = match named {
            Named::Token(token) => **token == author.token,
            Named::Session(session) => **session == author.session,
            Named::Account(_) | Named::Package(_) => false,
            Named::SigningKey(_) if found.is_some_and(|found| !found.owners.is_empty()) => false,
            Named::Everything | Named::RootKey(_) | Named::SigningKey(_) => return Ok(false),
        };
        Ok(held || self.is_full_account_credential(actor).await?)
    }

    /// Whether the actor may revoke a credential that was found: one of theirs, its family, its session. All of one's
    /// account takes as much as where it is named. A root that nobody has logged in with is whoever's who holds it.
    pub(super) async fn owns_found(
        &self,
        actor: Actor<'_>,
        scope: RevokeScope,
    ) -> Result<impl Fn(&Finding) -> bool, Refusal> {
        let enough = scope != RevokeScope::Account || self.is_full_account_credential(actor).await?;
        Ok(move |finding: &Finding| match &finding.ownership {
            Ownership::Ours { owners, .. } => enough && is_owner(actor, owners),
            Ownership::Unproven(_) | Ownership::Damaged(_) | Ownership::NotOurs => false,
        })
    }

    /// Whether the actor's credential has one of the permissions; where it has none, why it lacks the last.
    pub(super) async fn has_one_of(
        &self,
        actor: Actor<'_>,
        permissions: &[Permission],
    ) -> Result<(), Refusal> {
        let mut denied = Refusal::RoleLost(permissions.to_vec());
        for permission in permissions {
            let attempt = Attempt {
                permissions: std::slice::from_ref(permission),
                source: actor.source,
                kind: AttemptKind::Revoking,
                ..Attempt::default()
            };
            match self.authorizer.authorize(actor.bundle.clone(), &attempt).await {
                Ok(_) => return Ok(()),
                Err(refusal) if refusal.is_denial() => denied = refusal,
                Err(refusal) => return Err(refusal),
            }
        }
        Err(denied)
    }

    /// Whether the actor's credential may manage all of their packages: `package_manage`, not narrowed.
    async fn is_full_account_credential(&self, actor: Actor<'_>) -> Result<bool, Refusal> {
        let (_, verified) = verify(self.keys, actor.bundle.clone()).await?;
        let scope = verified.effective_scope(&self.locations).map_err(Refusal::Denied)?;
        Ok(!scope.is_narrowed() && scope.permissions.contains(&Permission::PackageManage))
    }
}

fn is_owner(actor: Actor<'_>, owners: &[AccountId]) -> bool {
    owners.iter().all(|owner| owner == actor.authorized.account())
}
