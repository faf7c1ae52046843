//! What a credential says of itself, unverified: for showing a credential to the person who holds it, offline, and for
//! telling them what stands in its way. Nothing may be decided by it.

use crate::access::Locations;
use crate::caveat::Caveat;
use crate::facts::{self, Facts, Side};
use crate::limits::MAX_DISCHARGES;
use crate::macaroon::Macaroon;
use crate::refusal::Refusal;
use crate::scope::{Gathered, Scope};
use crate::verify::VerifyError;

/// What the caveats of a credential say, where no signature has been checked: anybody can write such a text, and
/// anybody can change one. A service decides by [`Verified`](crate::Verified) instead.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Claims {
    /// Whose it says to be, since when, until when; of the caveats that can be understood.
    pub facts: Facts,
    /// What it says to allow; of the caveats that can be understood.
    pub scope: Scope,
    /// The caveats that can't be understood or not be believed, in order, and where each stands. With a single one of
    /// them, a credential is refused whatever is attempted.
    pub refusals: Vec<(Side, Refusal)>,
    /// Whether every third-party caveat has a discharge, and every discharge a caveat, going by identifiers alone.
    pub discharged: Result<(), VerifyError>,
}

impl Claims {
    pub(crate) fn read(root: &Macaroon, discharges: &[Macaroon], locations: &Locations<'_>) -> Self {
        let mut refusals = Vec::new();
        let mut facts = Facts::named(Some(root), discharges).unwrap_or_else(|refusal| {
            refusals.push((Side::Root, refusal));
            Facts::of(&String::from_utf8_lossy(root.identifier()))
        });
        let mut gathered = Gathered::new();
        let all = facts::each_caveat(Some(root), discharges, locations, |side, clause| {
            let noted = clause.and_then(|clause| {
                facts.note(side, clause)?;
                gathered.note(side, clause)
            });
            refusals.extend(noted.err().map(|refusal| (side, refusal)));
            Ok(())
        });
        all.expect("each refusal was noted, none was passed on");
        let scope = gathered.finish(&facts);
        Self { facts, scope, refusals, discharged: discharged(root, discharges) }
    }
}

/// As verification matches them, without its keys.
fn discharged(root: &Macaroon, discharges: &[Macaroon]) -> Result<(), VerifyError> {
    let mut untaken: Vec<&Macaroon> = discharges.iter().take(MAX_DISCHARGES).collect();
    for (index, discharge) in untaken.iter().enumerate() {
        if untaken.iter().take(index).any(|other| other.identifier() == discharge.identifier()) {
            return Err(VerifyError::RepeatedDischarge);
        }
    }
    let asks = |macaroon: &&Macaroon| macaroon.caveats().any(|caveat| caveat.third_party.is_some());
    let mut asking: Vec<&Macaroon> = vec![root];
    while let Some(macaroon) = asking.pop() {
        for caveat in macaroon.caveats().filter(|caveat: &Caveat<'_>| caveat.third_party.is_some()) {
            let found = untaken.iter().position(|discharge| discharge.identifier() == caveat.id);
            let discharge = untaken.swap_remove(found.ok_or(VerifyError::MissingDischarge)?);
            asking.extend(Some(discharge).filter(asks));
        }
    }
    if untaken.is_empty() { Ok(()) } else { Err(VerifyError::UnusedDischarge) }
}
