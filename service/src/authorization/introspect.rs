//! What is in force, told to somebody who is not its holder: the same questions as for an attempt, without the attempt.

use caveats::{Bundle, Permission, Scope};
use timestamp::Timestamp;

use super::{Authorizer, Login, Refusal, question};
use crate::credentials::login::missing_permissions;
use crate::credentials::verify::{VerifyError, verify};
use model::ids::{AccountId, SessionId, TokenId};

/// Whether a credential is in force.
#[derive(Debug)]
pub enum Introspection {
    /// It is, wherever its holder is and whatever it is for, as its scope allows.
    Active(Introspected),
    /// It would be after a refresh.
    Stale(Introspected),
    /// It is forged, revoked, expired, not yet valid, or allows nothing: all look alike.
    Inactive,
}

/// A credential that is in force.
#[derive(Debug)]
pub struct Introspected {
    /// Whose it is.
    pub account: AccountId,
    /// What that account calls itself.
    pub username: String,
    /// The login it comes from.
    pub session: SessionId,
    /// When that was.
    pub logged_in_at: Timestamp,
    /// The family it belongs to.
    pub token: TokenId,
    /// When its root was issued.
    pub issued_at: Option<Timestamp>,
    /// The permissions that its caveats leave and its account's roles still give.
    pub permissions: Vec<Permission>,
    /// What its caveats leave.
    pub scope: Scope,
}

impl Authorizer {
    /// Looks at a credential. An error is the admission that it could not be found out.
    pub async fn introspect(&self, bundle: Bundle) -> Result<Introspection, Refusal> {
        let (root_id, verified) = match verify(&self.keys, bundle).await {
            Ok(verified) => verified,
            Err(VerifyError::Forged) => return Ok(Introspection::Inactive),
            Err(VerifyError::Keys(error)) => return Err(Refusal::Keys(error)),
        };
        let now = self.clock.now();
        // A caveat that nobody understands refuses everything.
        let told = (verified.facts(&self.locations()), verified.effective_scope(&self.locations()));
        let (Ok(facts), Ok(scope)) = told else { return Ok(Introspection::Inactive) };
        let is_over = facts.expires.is_some_and(|at| now >= at);
        if is_over || facts.not_before.is_some_and(|until| now < until) {
            return Ok(Introspection::Inactive);
        }
        let Ok(login) = Login::of(&facts) else { return Ok(Introspection::Inactive) };
        let fingerprints = verified.root_tails().iter().map(caveats::Tail::fingerprint);
        let question = question(&root_id, fingerprints, &login, None);
        if self.revocations.check(&question).await?.is_some() {
            return Ok(Introspection::Inactive);
        }
        let Some(account) = self.records.account(&login.account).await? else {
            return Ok(Introspection::Inactive);
        };
        let mut permissions: Vec<Permission> = scope.permissions.iter().copied().collect();
        let lost = missing_permissions(&permissions, &account.roles);
        permissions.retain(|permission| !lost.contains(permission));
        if permissions.is_empty() {
            return Ok(Introspection::Inactive);
        }
        let is_fresh = self.fresh(&login, now).is_ok();
        let known = Introspected {
            account: account.id,
            username: account.username,
            session: login.session,
            logged_in_at: login.at,
            token: root_id.token,
            issued_at: facts.root_valid_since,
            permissions,
            scope,
        };
        Ok(if is_fresh { Introspection::Active(known) } else { Introspection::Stale(known) })
    }
}
