//! What a genuine credential says of itself: whose it is, of which login, since and until when.

use crate::access::Locations;
use crate::macaroon::Macaroon;
use crate::predicate::{Account, Clause, Kind};
use crate::refusal::Refusal;
use timestamp::Timestamp;

/// Facts that the caveats of a verified credential state. A holder can append caveats, so of several times the one
/// counts that makes the credential look older or shorter-lived.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Facts {
    /// The root's identifier; of a discharge verified alone, its own.
    pub identifier: String,
    /// Who the SSO says the holder is.
    pub account: Option<Account>,
    /// The login the discharge belongs to.
    pub session: Option<String>,
    /// When the root was issued: the earliest `valid_since` in it.
    pub root_valid_since: Option<Timestamp>,
    /// When the discharge was issued: the earliest `valid_since` in any discharge.
    pub discharge_valid_since: Option<Timestamp>,
    /// When the password was last entered: the earliest `last_auth` in any discharge.
    pub last_auth: Option<Timestamp>,
    /// The latest `not_before` anywhere.
    pub not_before: Option<Timestamp>,
    /// The earliest `expires` anywhere.
    pub expires: Option<Timestamp>,
    /// The earliest `expires` in the root: whatever is attenuated from it carries the same caveat, so all of it ends then.
    pub root_expires: Option<Timestamp>,
    /// The earliest `expires` in any discharge.
    pub discharge_expires: Option<Timestamp>,
}

/// Which of the two a caveat stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The root.
    Root,
    /// A discharge.
    Discharge,
}

/// Calls `judge` with every first-party caveat, the root's first. Refuses one that is foreign or unknown.
pub(crate) fn each_clause<'m>(
    root: Option<&'m Macaroon>,
    discharges: &'m [Macaroon],
    locations: &Locations<'_>,
    mut judge: impl FnMut(Side, Clause<'m>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    each_caveat(root, discharges, locations, |side, clause| judge(side, clause?))
}

/// Calls `judge` with every first-party caveat, the root's first, foreign and unknown ones too.
pub(crate) fn each_caveat<'m>(
    root: Option<&'m Macaroon>,
    discharges: &'m [Macaroon],
    locations: &Locations<'_>,
    mut judge: impl FnMut(Side, Result<Clause<'m>, Refusal>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let sides = root.map(|root| (Side::Root, locations.store, root));
    let sides =
        sides.into_iter().chain(discharges.iter().map(|macaroon| (Side::Discharge, locations.sso, macaroon)));
    for (side, location, macaroon) in sides {
        for caveat in macaroon.caveats() {
            if caveat.third_party.is_none() {
                judge(side, Clause::read(caveat.id, location))?;
            }
        }
    }
    Ok(())
}

/// Reads the facts. Refuses foreign and unknown caveats, malformed times, accounts and sessions, and those two where
/// they contradict each other or stand in a root.
pub(crate) fn gather(
    root: Option<&Macaroon>,
    discharges: &[Macaroon],
    locations: &Locations<'_>,
) -> Result<Facts, Refusal> {
    let mut facts = Facts::named(root, discharges)?;
    each_clause(root, discharges, locations, |side, clause| facts.note(side, clause))?;
    Ok(facts)
}

/// Reads the facts of the caveats that can be understood, for ending a credential that nothing would accept. Account and
/// session are left out where two caveats contradict each other: a holder may have put either there.
pub(crate) fn stated(root: Option<&Macaroon>, discharges: &[Macaroon], locations: &Locations<'_>) -> Facts {
    let named = root.or(discharges.first()).map(Macaroon::identifier).unwrap_or_default();
    let mut facts = Facts::of(&String::from_utf8_lossy(named));
    let (mut account, mut session) = (true, true);
    let all = each_caveat(root, discharges, locations, |side, clause| {
        match clause.and_then(|clause| facts.note(side, clause)) {
            Err(Refusal::Conflicting { kind: Kind::Account }) => account = false,
            Err(Refusal::Conflicting { kind: Kind::Session }) => session = false,
            _ => {}
        }
        Ok(())
    });
    all.expect("no refusal was passed on");
    facts.account = facts.account.filter(|_| account);
    facts.session = facts.session.filter(|_| session);
    facts
}

impl Facts {
    /// Nothing yet but the identifier.
    pub(crate) fn named(root: Option<&Macaroon>, discharges: &[Macaroon]) -> Result<Self, Refusal> {
        let named = root.or(discharges.first()).map(Macaroon::identifier).unwrap_or_default();
        let identifier = std::str::from_utf8(named).map_err(|_| Refusal::Identifier)?;
        Ok(Self::of(identifier))
    }

    /// The same with an identifier that has been read.
    pub(crate) fn of(identifier: &str) -> Self {
        Self {
            identifier: identifier.to_owned(),
            account: None,
            session: None,
            root_valid_since: None,
            discharge_valid_since: None,
            last_auth: None,
            not_before: None,
            expires: None,
            root_expires: None,
            discharge_expires: None,
        }
    }

    pub(crate) fn note(&mut self, side: Side, clause: Clause<'_>) -> Result<(), Refusal> {
        let kind = clause.kind;
        match (kind, side) {
            (Kind::ValidSince, Side::Root) => earliest(&mut self.root_valid_since, clause.time()?),
            (Kind::ValidSince, Side::Discharge) => earliest(&mut self.discharge_valid_since, clause.time()?),
            (Kind::LastAuth, Side::Discharge) => earliest(&mut self.last_auth, clause.time()?),
            (Kind::NotBefore, _) => self.not_before = self.not_before.max(Some(clause.time()?)),
            (Kind::Expires, side) => {
                let moment = clause.time()?;
                earliest(&mut self.expires, moment);
                match side {
                    Side::Root => earliest(&mut self.root_expires, moment),
                    Side::Discharge => earliest(&mut self.discharge_expires, moment),
                }
            }
            (Kind::Account, Side::Discharge) => agree(&mut self.account, clause.account()?, kind)?,
            (Kind::Session, Side::Discharge) => agree(&mut self.session, clause.session()?.to_owned(), kind)?,
            (Kind::LastAuth | Kind::Account | Kind::Session, Side::Root) => {
                return Err(Refusal::Misplaced { kind });
            }
            (
                Kind::Acl
                | Kind::Packages
                | Kind::Channels
                | Kind::UploadDigest
                | Kind::BuildKey
                | Kind::SourceIp,
                _,
            ) => {}
        }
        Ok(())
    }
}

fn earliest(known: &mut Option<Timestamp>, moment: Timestamp) {
    *known = Some(known.map_or(moment, |known| known.min(moment)));
}

fn agree<T: PartialEq>(known: &mut Option<T>, stated: T, kind: Kind) -> Result<(), Refusal> {
    match known {
        Some(known) if *known != stated => Err(Refusal::Conflicting { kind }),
        _ => {
            *known = Some(stated);
            Ok(())
        }
    }
}
