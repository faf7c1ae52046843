//! What was found in a text: whether it is ours, whole or a half, and what it says of itself. A token goes in, and none
//! comes out.

use caveats::exported::Exported;
use caveats::{Bundle, Facts, Locations, Macaroon, RootKey, Tail, Verified};
use timestamp::Timestamp;

use crate::credentials::issue::root_end;
use crate::credentials::key_ring::KeyRing;
use crate::credentials::ticket;
use model::ids::{AccountId, SessionId, TokenId};
use model::root_id::RootId;
use revocation::Fingerprint;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialPart {
    /// A root and all its discharges.
    Credential,
    /// A root without what discharges it.
    Root,
    /// A discharge without its root.
    Discharge,
}

/// A login as a credential names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub session: SessionId,
}

/// What is known of it, without asking the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The chain of its root holds.
    Root {
        /// Its family.
        token: TokenId,
        /// Itself, and all that is attenuated from it.
        tail: Fingerprint,
        /// When it ends, and with it all that is attenuated from it; `None`: never.
        ends: Option<Timestamp>,
        /// When its family ends; `None`: nobody knows.
        family_ends: Option<Timestamp>,
        /// The login of its discharge, if that is there and holds.
        login: Option<Login>,
    },
    /// An unbound discharge that holds under the key in its own ticket. That a login of ours made it is for the records to
    /// say.
    Discharge {
        /// The family of its root.
        token: TokenId,
        /// When that family ends.
        family_ends: Option<Timestamp>,
        /// Its login.
        login: Login,
    },
    /// A discharge of ours, bound to a root that is not here, or changed: that cannot be told apart.
    Unproven(TokenId),
    /// It names a key of ours, and its chain does not hold.
    Damaged(Option<TokenId>),
    /// It names no key of ours.
    NotOurs,
}

/// Tells what is ours by the keys that are known now; see [`KeyRing::reload`].
#[derive(Debug, Clone)]
pub struct Prover {
    keys: KeyRing,
    store: String,
    sso: String,
}

impl Prover {
    /// For credentials whose caveats name these locations.
    pub fn new(keys: &KeyRing, locations: Locations<'_>) -> Prover {
        Prover { keys: keys.clone(), store: locations.store.to_owned(), sso: locations.sso.to_owned() }
    }

    /// Looks at one.
    pub fn examine(&self, found: Exported) -> (CredentialPart, Proof) {
        let Ok(identifier) = std::str::from_utf8(found.root.identifier()) else {
            return (halves(&found), Proof::NotOurs);
        };
        if let Ok(id) = identifier.parse::<RootId>() {
            return match self.keys.known_root(&id.key) {
                Some(key) => self.root(found, id.token, &key),
                None => (halves(&found), Proof::NotOurs),
            };
        }
        match ticket::key_id(identifier).and_then(|id| self.keys.known_discharge(&id)) {
            Some(key) => (CredentialPart::Discharge, self.discharge(&found.root, &key, identifier)),
            None => (halves(&found), Proof::NotOurs),
        }
    }

    fn root(&self, found: Exported, token: TokenId, key: &RootKey) -> (CredentialPart, Proof) {
        let what = halves(&found);
        let Ok(root) = caveats::verify_root(&found.root, key) else {
            return (what, Proof::Damaged(Some(token)));
        };
        let Some(tail) = root.tails().last().map(Tail::fingerprint) else { return (what, Proof::NotOurs) };
        let ends = root.stated(&self.locations()).root_expires;
        let family_ends = root_end(root.root(), &self.store);
        let (what, login) = match whole(found, key) {
            Some(verified) => (CredentialPart::Credential, login(&verified.stated(&self.locations()))),
            None => (CredentialPart::Root, None),
        };
        (what, Proof::Root { token, tail, ends, family_ends, login })
    }

    fn discharge(&self, discharge: &Macaroon, key: &crypto_box::SecretKey, identifier: &str) -> Proof {
        let Ok(ticket) = ticket::open(key, identifier) else { return Proof::Damaged(None) };
        let token = ticket.token;
        match caveats::verify_alone(discharge, &ticket.caveat_key) {
            Ok(verified) => match login(&verified.stated(&self.locations())) {
                Some(login) => {
                    let family_ends = ticket.scope.expires.map(Timestamp::from_micros);
                    Proof::Discharge { token, family_ends, login }
                }
                None => Proof::Unproven(token),
            },
            Err(_) => Proof::Unproven(token),
        }
    }

    fn locations(&self) -> Locations<'_> {
        Locations { store: &self.store, sso: &self.sso }
    }
}

/// A credential that holds as a whole, bound as it was found or bound now: a discharge does not say of itself which it
/// is.
fn whole(found: Exported, key: &RootKey) -> Option<Verified> {
    let as_found = Bundle::new(found.root.clone(), found.discharges.clone()).ok()?;
    let mut both = [found.into_bundle().ok()?, as_found].into_iter();
    both.find_map(|bundle| bundle.verify(key).ok())
}

/// Whether there are both halves, going by what stands there.
fn halves(found: &Exported) -> CredentialPart {
    if found.discharges.is_empty() { CredentialPart::Root } else { CredentialPart::Credential }
}

/// The login that facts name.
pub(crate) fn login(facts: &Facts) -> Option<Login> {
    let account = facts.account.as_ref()?.openid.parse().ok()?;
    let session = facts.session.as_ref()?.parse().ok()?;
    Some(Login { account, session })
}
