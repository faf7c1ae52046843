//! Issuing a root macaroon: anonymous, so it writes nothing anywhere; it is worth nothing without a discharge.

use std::time::Duration;

use caveats::{ChannelPattern, LimitError, Macaroon, Permission, Predicate};
use timestamp::Timestamp;

use super::key_ring::KeyRing;
use super::ticket::{self, Scope, TicketError};
use model::ids::TokenId;
use model::random;
use model::root_id::RootId;

const MAX_LIST: usize = 100;
const MAX_DESCRIPTION: usize = 200;
const PRIVILEGED_LIFETIME_SECONDS: i64 = 365 * 24 * 3600;
/// How long after its issue a root may be logged in with for the first time, and the login still last its whole life.
const UNTIL_LOGIN_SECONDS: i64 = 24 * 3600;

/// Where root and third-party caveat say they are from.
#[derive(Debug, Clone)]
pub struct Places {
    /// The root's location.
    pub store: String,
    /// The SSO caveat's location.
    pub sso: String,
}

/// A root macaroon was not issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// No permission was asked for.
    #[error("no permission was asked for")]
    NoPermission,
    /// A list is longer than any client's.
    #[error("the list '{0}' has more than {MAX_LIST} entries")]
    TooMany(&'static str),
    /// A list that restricts is empty, so nothing could be done with it.
    #[error("the list '{0}' is empty")]
    Empty(&'static str),
    /// A channel pattern does not parse.
    #[error("a channel is not valid")]
    Channel(String),
    /// It would be born dead.
    #[error("the expiry has passed")]
    Expired,
    /// What was asked for does not fit into a macaroon.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The caveat for the SSO could not be written.
    #[error(transparent)]
    Ticket(#[from] TicketError),
}

/// Mints a root macaroon with the caveats asked for and the one for the SSO. Each ends: with a login's `lifetime` if
/// nothing shorter or longer was asked for.
pub fn root(
    keys: &KeyRing,
    places: &Places,
    scope: Scope,
    lifetime: Duration,
    now: Timestamp,
) -> Result<Macaroon, IssueError> {
    let scope = checked(scope, lifetime, now)?;
    let token = TokenId::generate();
    let (key_id, key) = keys.newest_root().ok_or(TicketError::Foreign)?;
    let mut root =
        Macaroon::mint(&key, &places.store, &RootId { key: key_id, token: token.clone() }.to_string())?;
    let (caveat_id, caveat_key) = ticket::write(keys, &token, &scope)?;
    let add = |root: &mut Macaroon, predicate: Predicate| root.attenuate(&predicate.encode(&places.store));
    add(&mut root, Predicate::ValidSince(now))?;
    // Before the caveat for the SSO, where no holder can have put it: see `root_end`.
    if let Some(expires) = scope.expires {
        add(&mut root, Predicate::Expires(Timestamp::from_micros(expires)))?;
    }
    root.attenuate_third_party(&places.sso, &caveat_id, &caveat_key, random::bytes::<24>())?;
    add(&mut root, Predicate::Acl(scope.permissions))?;
    if let Some(channels) = scope.channels {
        add(&mut root, Predicate::Channels(channels))?;
    }
    if let Some(packages) = scope.packages {
        add(&mut root, Predicate::Packages(packages.into_iter().map(String::from).collect()))?;
    }
    Ok(root)
}

/// When a genuine root ends by what was put into it when it was issued, and with it everything attenuated from it, whatever
/// its holders have added to theirs; `None` for one that says nothing of it, as those of older services.
pub fn root_end(root: &Macaroon, location: &str) -> Option<Timestamp> {
    let issued = root.caveats().take_while(|caveat| caveat.third_party.is_none());
    let expires = |id: &[u8]| match Predicate::parse(id, location) {
        Ok(Predicate::Expires(moment)) => Some(moment),
        _ => None,
    };
    issued.filter_map(|caveat| expires(caveat.id)).min()
}

/// A scope within bounds and with an end.
fn checked(mut scope: Scope, lifetime: Duration, now: Timestamp) -> Result<Scope, IssueError> {
    scope.permissions.sort_unstable();
    scope.permissions.dedup();
    if scope.permissions.is_empty() {
        return Err(IssueError::NoPermission);
    }
    let lists = [
        ("packages", scope.packages.as_ref().map(Vec::len)),
        ("channels", scope.channels.as_ref().map(Vec::len)),
    ];
    for (name, length) in lists {
        match length {
            Some(0) => return Err(IssueError::Empty(name)),
            Some(length) if length > MAX_LIST => return Err(IssueError::TooMany(name)),
            _ => {}
        }
    }
    for channel in scope.channels.iter().flatten() {
        ChannelPattern::new(channel).map_err(|_| IssueError::Channel(channel.clone()))?;
    }
    if scope.expires.is_none() {
        let seconds = if scope.permissions.iter().copied().any(is_privileged) {
            PRIVILEGED_LIFETIME_SECONDS
        } else {
            i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX).saturating_add(UNTIL_LOGIN_SECONDS)
        };
        scope.expires = now.add_secs(seconds).map(Timestamp::micros);
    }
    if scope.expires.is_some_and(|expires| expires <= now.micros()) {
        return Err(IssueError::Expired);
    }
    scope.description = scope.description.chars().filter(|c| !c.is_control()).take(MAX_DESCRIPTION).collect();
    Ok(scope)
}

/// Permissions that last a year at most, unless asked for otherwise, however long a login does.
fn is_privileged(permission: Permission) -> bool {
    matches!(
        permission,
        Permission::EditAccount
            | Permission::ModifyAccountKey
            | Permission::PackageAccess
            | Permission::StoreAdmin
            | Permission::StoreReview
            | Permission::CredentialList
            | Permission::CredentialRevoke
            | Permission::AuditRead
            | Permission::PolicyManage
            | Permission::KeyManage
    )
}
