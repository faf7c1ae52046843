//! Who may end a credential without being asked for a permission: its holder, and its owner's own hand.

use caveats::{Bundle, Permission};

use super::{Authorizer, Refusal};
use crate::domain::revoke::{FindError, Found, Named, Width};
use crate::domain::verify::verify;
use crate::model::authorized::Authorized;

impl Authorizer {
    /// Whether what was named is the actor's to end.
    ///
    /// Everyone may end what they hold: a pasted credential of theirs, its family, its session. All of one's account,
    /// or another of its families, takes a credential that may manage all of one's packages (`package_manage`, not
    /// narrowed), so that one that was made for some job and leaked can't be used to cut its owner off.
    pub async fn ends_own(
        &self,
        actor: &Authorized,
        credential: &Bundle,
        named: &Named<'_>,
        found: Result<&Found, &FindError>,
    ) -> Result<bool, Refusal> {
        let found = match (found, named) {
            (Ok(found), _) => found,
            // What a text is, or is not, its bearer may hear; whom we know, not everybody.
            (Err(_), Named::Text(..)) => return Ok(true),
            (Err(_), Named::Token(_) | Named::Account(_)) => return Ok(false),
        };
        if !found.owners.iter().all(|owner| owner == actor.account()) {
            return Ok(false);
        }
        let held = match named {
            Named::Text(_, Width::Credential | Width::Family | Width::Session) => true,
            Named::Token(token) => *token == actor.token(),
            Named::Text(_, Width::Account) | Named::Account(_) => false,
        };
        if held {
            return Ok(true);
        }
        let (_, verified) = verify(&self.keys, credential.clone()).await?;
        let scope = verified.effective_scope(&self.locations()).map_err(Refusal::Denied)?;
        Ok(!scope.is_narrowed() && scope.permissions.contains(&Permission::PackageManage))
    }
}
