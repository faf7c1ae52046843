//! How a credential's scope is shown: null for "any", never an empty list, which clients refuse.

use std::collections::BTreeSet;

use caveats::{ChannelPattern, Locations, Permission, Scope, Verified};

use crate::authorization::Refusal;
use crate::http::problem::{Code, Problem};

/// What a credential can still do. One whose caveats exclude each other is refused: an empty list would be shown as "any".
pub(super) fn scope(verified: &Verified, locations: &Locations<'_>) -> Result<Scope, Problem> {
    let scope = verified.effective_scope(locations).map_err(Refusal::Denied)?;
    if scope.permissions.is_empty() || scope.packages.as_ref().is_some_and(BTreeSet::is_empty) {
        let message = "The credential allows nothing: its caveats exclude each other.";
        return Err(Problem::new(Code::MacaroonPermissionRequired, message).with("permission", "none"));
    }
    Ok(scope)
}

/// The permissions, by name.
pub(super) fn permissions(scope: &Scope) -> Option<Vec<&'static str>> {
    let names: Vec<_> = scope.permissions.iter().map(|permission: &Permission| permission.as_str()).collect();
    (!names.is_empty()).then_some(names)
}

/// The packages, by snap id.
pub(super) fn packages(scope: &Scope) -> Option<Vec<&str>> {
    let ids: Vec<_> = scope.packages.as_ref()?.iter().map(String::as_str).collect();
    (!ids.is_empty()).then_some(ids)
}

/// No channel's name: clients take no list for "any", and refuse an empty one.
const NO_CHANNEL: &str = "(none)";

/// The channels: of several lists, the entries that every list allows, or the last list where that can't be told.
pub(super) fn channels(scope: &Scope) -> Option<Vec<&str>> {
    let last = scope.channels.last()?;
    let everywhere = |entry: &str| {
        scope.channels.iter().all(|list| {
            list.iter().any(|pattern| {
                pattern == entry
                    || matches!((ChannelPattern::new(pattern), entry.parse()), (Ok(p), Ok(c)) if p.matches(&c))
            })
        })
    };
    let mut both: Vec<&str> =
        scope.channels.iter().flatten().map(String::as_str).filter(|entry| everywhere(entry)).collect();
    both.sort_unstable();
    both.dedup();
    if !both.is_empty() {
        return Some(both);
    }
    let wildcards = scope.channels.iter().flatten().any(|entry| entry.contains(['*', '?', '[']));
    Some(if wildcards { last.iter().map(String::as_str).collect() } else { vec![NO_CHANNEL] })
}
