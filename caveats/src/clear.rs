//! From genuine to allowed: every caveat against the facts of one attempt. Knows no clock and no list of revocations.

use crate::access::{Access, Locations, Package, Upload};
use crate::facts::{self, Facts, Side};
use crate::predicate::{ChannelPattern, Clause, Kind, PermissionSet, encode_digest};
use crate::refusal::{Refusal, Shown};
use crate::verify::Verified;

/// A credential that allows the attempt it was cleared for. Not yet asked: whether it, or what it was attenuated from,
/// has been revoked; for that it gives the fingerprints of every tail.
#[derive(Debug)]
pub struct Cleared<'v> {
    facts: Facts,
    verified: &'v Verified,
}

impl Cleared<'_> {
    /// What the credential says of itself.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The fingerprints of [`Verified::root_tails`], in the same order; the last is this credential's own.
    pub fn root_fingerprints(&self) -> impl ExactSizeIterator<Item = [u8; 16]> {
        self.verified.root_tails().iter().map(crate::Tail::fingerprint)
    }

    /// The fingerprints of [`Verified::discharge_tails`], in the same order.
    pub fn discharge_fingerprints(&self) -> impl ExactSizeIterator<Item = [u8; 16]> {
        self.verified.discharge_tails().map(crate::Tail::fingerprint)
    }
}

impl Verified {
    /// Judges every caveat against what is attempted. All must hold; the first that does not is named, after any that
    /// can't be understood and any that has run out.
    pub fn clear(&self, locations: &Locations<'_>, access: &Access<'_>) -> Result<Cleared<'_>, Refusal> {
        // One pass. A caveat that can't be understood, or a credential whose time is over, is told before anything about
        // the attempt; of the rest, the first refusal in the order they were added.
        let mut facts = Facts::named(Some(self.root()), self.discharges())?;
        let mut acl = false;
        let mut first = None;
        facts::each_clause(Some(self.root()), self.discharges(), locations, |side, clause| {
            facts.note(side, clause)?;
            acl |= clause.kind == Kind::Acl && side == Side::Root;
            if first.is_none() {
                first = judge(&clause, access).err();
            }
            Ok(())
        })?;
        if let Some(at) = facts.expires.filter(|at| access.now >= *at) {
            return Err(Refusal::Expired { at });
        }
        if let Some(until) = facts.not_before.filter(|until| access.now < *until) {
            return Err(Refusal::NotBefore { until });
        }
        match first {
            Some(refusal) => Err(refusal),
            None if acl => Ok(Cleared { facts, verified: self }),
            None => Err(Refusal::MissingAcl),
        }
    }
}

fn judge(clause: &Clause<'_>, access: &Access<'_>) -> Result<(), Refusal> {
    match clause.kind {
        Kind::Acl => acl(clause, access),
        Kind::Packages => package(clause, access),
        Kind::Channels => channels(clause, access),
        Kind::UploadDigest => upload_digest(clause, access),
        Kind::BuildKey => build_key(clause, access),
        Kind::SourceIp => source_ip(clause, access),
        Kind::ValidSince
        | Kind::LastAuth
        | Kind::NotBefore
        | Kind::Expires
        | Kind::Account
        | Kind::Session => Ok(()),
    }
}

fn acl(clause: &Clause<'_>, access: &Access<'_>) -> Result<(), Refusal> {
    let granted: PermissionSet = clause.granted()?;
    match access.permissions.iter().find(|needed| !granted.contains(**needed)) {
        None => Ok(()),
        Some(&needed) => Err(Refusal::Acl { needed, allowed: clause.permissions()?.iter().collect() }),
    }
}

fn package(clause: &Clause<'_>, access: &Access<'_>) -> Result<(), Refusal> {
    let listed = clause.any(|id| access.package == Package::Id(id))?;
    let wanted = match access.package {
        Package::None => return Ok(()),
        Package::Id(_) if listed => return Ok(()),
        Package::Id(id) => Some(id.to_owned()),
        Package::New => None,
    };
    Err(Refusal::Package { wanted, allowed: shown(clause)? })
}

fn channels(clause: &Clause<'_>, access: &Access<'_>) -> Result<(), Refusal> {
    if access.channels.is_empty() {
        clause.any(|_| false)?;
    }
    for wanted in access.channels {
        let allows = |text: &str| ChannelPattern::new(text).is_ok_and(|pattern| pattern.matches(wanted));
        if !clause.any(allows)? {
            return Err(Refusal::Channel { wanted: wanted.clone(), allowed: shown(clause)? });
        }
    }
    Ok(())
}

fn upload_digest(clause: &Clause<'_>, access: &Access<'_>) -> Result<(), Refusal> {
    let file = match access.upload {
        Upload::Received { digest } | Upload::File { digest, .. } => Some(encode_digest(digest)),
        Upload::None | Upload::Proposed => None,
    };
    let listed = clause.any(|digest| file.is_some_and(|file| digest.as_bytes() == file))?;
    let wanted = file.map(|file| String::from_utf8_lossy(&file).into_owned());
    match access.upload {
        Upload::Proposed => Ok(()),
        Upload::None if access.permissions.is_empty() => Ok(()),
        Upload::Received { .. } | Upload::File { .. } if listed => Ok(()),
        Upload::None | Upload::Received { .. } | Upload::File { .. } => {
            Err(Refusal::UploadDigest { wanted, allowed: shown(clause)? })
        }
    }
}

fn build_key(clause: &Clause<'_>, access: &Access<'_>) -> Result<(), Refusal> {
    let key = match access.upload {
        Upload::File { build_key, .. } => build_key,
        Upload::None | Upload::Proposed | Upload::Received { .. } => None,
    };
    let listed = clause.any(|id| key == Some(id))?;
    match access.upload {
        Upload::Proposed | Upload::Received { .. } => Ok(()),
        Upload::None if access.permissions.is_empty() => Ok(()),
        Upload::File { .. } if listed => Ok(()),
        Upload::None | Upload::File { .. } => {
            Err(Refusal::BuildKey { wanted: key.map(str::to_owned), allowed: shown(clause)? })
        }
    }
}

fn source_ip(clause: &Clause<'_>, access: &Access<'_>) -> Result<(), Refusal> {
    let contained = match access.source {
        Some(address) => clause.contains(address)?,
        None => false,
    };
    if contained { Ok(()) } else { Err(Refusal::SourceIp { source: access.source, allowed: shown(clause)? }) }
}

fn shown(clause: &Clause<'_>) -> Result<Vec<Shown>, Refusal> {
    Ok(clause.names()?.iter().map(|name| Shown::new(name)).collect())
}
