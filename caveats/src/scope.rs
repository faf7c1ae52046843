//! What a credential can still do, put together from all its caveats, for showing to people and for narrowing.

use std::collections::BTreeSet;

use crate::access::Locations;
use crate::facts::{self, Facts, Side};
use crate::macaroon::Macaroon;
use crate::predicate::{Clause, Kind, Permission, PermissionSet};
use crate::refusal::Refusal;
use timestamp::Timestamp;

/// The effect of all caveats together. Where `None` or empty means "any", it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scope {
    /// Everything that every `acl` grants, with what umbrellas include. Empty without an `acl` in the root.
    pub permissions: BTreeSet<Permission>,
    /// The pattern lists of the `channel` caveats, each of which must allow the channel; none means any channel.
    pub channels: Vec<Vec<String>>,
    /// The snap ids that every `package_id` lists; `None` means any package.
    pub packages: Option<BTreeSet<String>>,
    /// From when; `None` means always.
    pub not_before: Option<Timestamp>,
    /// Until when; `None` means for ever.
    pub expires: Option<Timestamp>,
    /// The digests that every `upload_digest` lists; `None` means any file.
    pub upload_digests: Option<BTreeSet<String>>,
    /// The key ids that every `build_key` lists; `None` means that a signed build is not asked for.
    pub build_keys: Option<BTreeSet<String>>,
    /// The network lists of the `source_ip` caveats, each of which must hold the address; none means from anywhere.
    pub source_ips: Vec<Vec<String>>,
}

impl Scope {
    /// Whether the credential is limited to certain packages, channels, files, build keys or addresses: made for one
    /// job, and not its owner's own hand.
    pub fn is_narrowed(&self) -> bool {
        self.packages.is_some()
            || self.upload_digests.is_some()
            || self.build_keys.is_some()
            || !self.channels.is_empty()
            || !self.source_ips.is_empty()
    }
}

pub(crate) fn scope(
    root: &Macaroon,
    discharges: &[Macaroon],
    locations: &Locations<'_>,
) -> Result<Scope, Refusal> {
    let facts = facts::gather(Some(root), discharges, locations)?;
    let mut gathered = Gathered::new();
    facts::each_clause(Some(root), discharges, locations, |side, clause| gathered.note(side, clause))?;
    Ok(gathered.finish(&facts))
}

/// A scope while caveats are still being read.
pub(crate) struct Gathered {
    scope: Scope,
    granted: PermissionSet,
    acl: bool,
}

impl Gathered {
    /// Before any caveat.
    pub(crate) fn new() -> Self {
        let scope = Scope {
            permissions: BTreeSet::new(),
            channels: Vec::new(),
            packages: None,
            not_before: None,
            expires: None,
            upload_digests: None,
            build_keys: None,
            source_ips: Vec::new(),
        };
        Self { scope, granted: PermissionSet::all(), acl: false }
    }

    /// One more caveat.
    pub(crate) fn note(&mut self, side: Side, clause: Clause<'_>) -> Result<(), Refusal> {
        let scope = &mut self.scope;
        match clause.kind {
            Kind::Acl => {
                self.granted = self.granted.intersection(clause.granted()?);
                self.acl |= side == Side::Root;
            }
            Kind::Packages => intersect(&mut scope.packages, clause.names()?),
            Kind::UploadDigest => intersect(&mut scope.upload_digests, clause.names()?),
            Kind::BuildKey => intersect(&mut scope.build_keys, clause.names()?),
            Kind::Channels => scope.channels.push(clause.names()?),
            Kind::SourceIp => scope.source_ips.push(clause.names()?),
            Kind::ValidSince
            | Kind::LastAuth
            | Kind::NotBefore
            | Kind::Expires
            | Kind::Account
            | Kind::Session => {}
        }
        Ok(())
    }

    /// All of them; the times are facts.
    pub(crate) fn finish(mut self, facts: &Facts) -> Scope {
        if self.acl {
            self.scope.permissions = self.granted.iter().collect();
        }
        Scope { not_before: facts.not_before, expires: facts.expires, ..self.scope }
    }
}

fn intersect(known: &mut Option<BTreeSet<String>>, listed: Vec<String>) {
    let listed: BTreeSet<String> = listed.into_iter().collect();
    *known = Some(match known.take() {
        None => listed,
        Some(known) => known.intersection(&listed).cloned().collect(),
    });
}
