//! From untrusted to genuine: the signature chain of a root and all its discharges. Looks at no caveat's meaning.

use crate::access::Locations;
use crate::bundle::Bundle;
use crate::chain::Tail;
use crate::facts::{self, Facts};
use crate::key::RootKey;
use crate::limits::MAX_DISCHARGES;
use crate::macaroon::Macaroon;
use crate::refusal::Refusal;
use crate::scope::{self, Scope};
use crate::seal;

/// Why a credential is not genuine.
///
/// The last three are only ever told of a root whose own signature holds, so someone who forges learns nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A signature does not hold: a wrong key, a change anywhere, a discharge that is unbound or bound to another root.
    #[error("the credential is not genuine")]
    Forged,
    /// A third-party caveat has no discharge left to answer it. Each answers one caveat, once.
    #[error("the credential lacks a discharge")]
    MissingDischarge,
    /// A discharge answers no caveat.
    #[error("the credential has a discharge too many")]
    UnusedDischarge,
    /// Two discharges answer the same caveat.
    #[error("the credential has two discharges for one caveat")]
    RepeatedDischarge,
}

/// A credential whose whole chain holds. The only way to one is [`Bundle::verify`], and the only way to a
/// [`Cleared`](crate::Cleared) leads through [`clear`](Self::clear).
#[derive(Debug)]
pub struct Verified {
    bundle: Bundle,
    /// The root's, then those of each discharge, in the order in which caveats asked for them.
    tails: Vec<Tail>,
    root_tails: usize,
}

impl Verified {
    /// The root.
    pub fn root(&self) -> &Macaroon {
        self.bundle.root()
    }

    /// The discharges, in the order presented.
    pub fn discharges(&self) -> &[Macaroon] {
        self.bundle.discharges()
    }

    /// The root's signature after its identifier and after each caveat, in order: the first belongs to the credential
    /// before any attenuation, the last to this one.
    pub fn root_tails(&self) -> &[Tail] {
        self.tails.split_at_checked(self.root_tails).map_or(&[], |(root, _)| root)
    }

    /// The same of every discharge, unbound, as its issuer signed it.
    pub fn discharge_tails(&self) -> impl ExactSizeIterator<Item = &Tail> {
        self.tails.iter().skip(self.root_tails)
    }

    /// What the credential can still do, for showing to people; time has not been asked.
    pub fn effective_scope(&self, locations: &Locations<'_>) -> Result<Scope, Refusal> {
        scope::scope(self.root(), self.discharges(), locations)
    }

    /// Whose credential it is and since when, without asking what it is for: enough to revoke one that is expired or
    /// too narrow for anything else. Refuses what can't be understood.
    pub fn facts(&self, locations: &Locations<'_>) -> Result<Facts, Refusal> {
        facts::gather(Some(self.root()), self.discharges(), locations)
    }

    /// The same of the caveats that can be understood. For revoking a credential with one that can't: nothing accepts it,
    /// but what it was made from may be about. An account or a session that two caveats contradict each other about is
    /// left out.
    pub fn stated(&self, locations: &Locations<'_>) -> Facts {
        facts::stated(Some(self.root()), self.discharges(), locations)
    }
}

/// A root whose own chain holds, whatever there is of its discharges. It is no credential: it can't be cleared, and it
/// can be revoked.
#[derive(Debug)]
pub struct VerifiedRoot {
    root: Macaroon,
    tails: Vec<Tail>,
}

impl VerifiedRoot {
    /// The root.
    pub fn root(&self) -> &Macaroon {
        &self.root
    }

    /// Its signature after the identifier and after each caveat: the same as [`Verified::root_tails`].
    pub fn tails(&self) -> &[Tail] {
        &self.tails
    }

    /// Since and until when it is good, of the caveats that can be understood.
    pub fn stated(&self, locations: &Locations<'_>) -> Facts {
        facts::stated(Some(&self.root), &[], locations)
    }
}

/// Verifies a root by itself: for one that was found without its discharges.
pub fn verify_root(root: &Macaroon, key: &RootKey) -> Result<VerifiedRoot, VerifyError> {
    let mut tails = Vec::with_capacity(root.caveats().len() + 1);
    if !chain(root, key, &mut tails).equals(root.signature()) {
        return Err(VerifyError::Forged);
    }
    Ok(VerifiedRoot { root: root.clone(), tails })
}

/// A discharge, unbound as its issuer made it, whose chain holds. It is no credential: it can't be cleared.
#[derive(Debug)]
pub struct VerifiedDischarge {
    discharge: Macaroon,
    tails: Vec<Tail>,
}

impl VerifiedDischarge {
    /// The discharge.
    pub fn discharge(&self) -> &Macaroon {
        &self.discharge
    }

    /// Its signature after the identifier and after each caveat: the same as [`Verified::discharge_tails`].
    pub fn tails(&self) -> &[Tail] {
        &self.tails
    }

    /// Whose it is and until when; the root's facts are empty.
    pub fn facts(&self, locations: &Locations<'_>) -> Result<Facts, Refusal> {
        facts::gather(None, std::slice::from_ref(&self.discharge), locations)
    }

    /// The same of the caveats that can be understood; see [`Verified::stated`].
    pub fn stated(&self, locations: &Locations<'_>) -> Facts {
        facts::stated(None, std::slice::from_ref(&self.discharge), locations)
    }
}

/// Verifies one unbound discharge by its caveat key, for a refresh. One with third-party caveats of its own is refused,
/// as is one that is bound.
pub fn verify_alone(discharge: &Macaroon, key: &RootKey) -> Result<VerifiedDischarge, VerifyError> {
    let mut tails = Vec::with_capacity(discharge.caveats().len() + 1);
    let tail = chain(discharge, key, &mut tails);
    if !tail.equals(discharge.signature()) {
        return Err(VerifyError::Forged);
    }
    if discharge.caveats().any(|caveat| caveat.third_party.is_some()) {
        return Err(VerifyError::MissingDischarge);
    }
    Ok(VerifiedDischarge { discharge: discharge.clone(), tails })
}

impl Bundle {
    /// Checks the whole chain: the root's signature under `key`, that every third-party caveat of root and discharges
    /// is answered by exactly one discharge bound to this root, and that no discharge is left over. Decides nothing
    /// about caveats: the proof it returns is what they can be judged on.
    pub fn verify(self, key: &RootKey) -> Result<Verified, VerifyError> {
        // Iterative, so that nesting costs no stack: a discharge that is asked for waits in a list with its key. Each is
        // taken once, so the work is bounded and a cycle ends in a missing discharge.
        let (root, discharges) = (self.root(), self.discharges());
        let count = |macaroon: &Macaroon| macaroon.caveats().len() + 1;
        let mut tails = Vec::with_capacity(count(root) + discharges.iter().map(count).sum::<usize>());
        let root_tail = chain(root, key, &mut tails);
        if !root_tail.equals(root.signature()) {
            return Err(VerifyError::Forged);
        }
        let root_tails = tails.len();
        let mut waiting = Waiting::new(discharges)?;
        waiting.ask(root, &tails)?;
        while let Some((discharge, key)) = waiting.found.pop() {
            let start = tails.len();
            let tail = chain(discharge, &key, &mut tails);
            if !tail.bound_to(&root_tail).equals(discharge.signature()) {
                return Err(VerifyError::Forged);
            }
            waiting.ask(discharge, tails.get(start..).unwrap_or_default())?;
        }
        if waiting.taken.iter().take(discharges.len()).any(|taken| !taken) {
            return Err(VerifyError::UnusedDischarge);
        }
        Ok(Verified { bundle: self, tails, root_tails })
    }
}

/// The discharges still to be looked at.
struct Waiting<'b> {
    discharges: &'b [Macaroon],
    taken: [bool; MAX_DISCHARGES],
    found: Vec<(&'b Macaroon, RootKey)>,
}

impl<'b> Waiting<'b> {
    fn new(discharges: &'b [Macaroon]) -> Result<Self, VerifyError> {
        for (index, discharge) in discharges.iter().enumerate() {
            let mut earlier = discharges.iter().take(index);
            if earlier.any(|other| other.identifier() == discharge.identifier()) {
                return Err(VerifyError::RepeatedDischarge);
            }
        }
        let found = Vec::with_capacity(discharges.len());
        Ok(Self { discharges, taken: [false; MAX_DISCHARGES], found })
    }

    /// Takes the discharge for each third-party caveat of a macaroon whose signature has been checked. `tails` are that
    /// macaroon's; a caveat's key is sealed under the tail before it.
    fn ask(&mut self, macaroon: &Macaroon, tails: &[Tail]) -> Result<(), VerifyError> {
        for (caveat, tail) in macaroon.caveats().zip(tails) {
            let Some(third_party) = caveat.third_party else { continue };
            let untaken = self.discharges.iter().zip(&mut self.taken).filter(|(_, taken)| !**taken);
            let (discharge, taken) = untaken
                .into_iter()
                .find(|(discharge, _)| discharge.identifier() == caveat.id)
                .ok_or(VerifyError::MissingDischarge)?;
            *taken = true;
            let key = seal::open(third_party.vid, tail).ok_or(VerifyError::Forged)?;
            self.found.push((discharge, key));
        }
        Ok(())
    }
}

/// Appends the macaroon's tails and returns a copy of the last, its unbound signature.
fn chain(macaroon: &Macaroon, key: &RootKey, tails: &mut Vec<Tail>) -> Tail {
    let mut tail = Tail::start(key.keyed(), macaroon.identifier());
    for caveat in macaroon.caveats() {
        let next = match caveat.third_party {
            None => tail.first_party(caveat.id),
            Some(third_party) => tail.third_party(third_party.vid, caveat.id),
        };
        tails.push(std::mem::replace(&mut tail, next));
    }
    tails.push(tail.clone());
    tail
}
