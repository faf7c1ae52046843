//! What a client sends: a root and its discharges, untrusted until verified. Attenuates and binds; judges nothing
//! itself.

use crate::limits::MAX_DISCHARGES;
use crate::macaroon::{LimitError, Macaroon};

/// A root macaroon and its discharges, as presented. Nothing about it is checked but its size.
#[derive(Debug, Clone)]
pub struct Bundle {
    root: Macaroon,
    discharges: Vec<Macaroon>,
}

/// More discharges than [`MAX_DISCHARGES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {MAX_DISCHARGES} discharges")]
pub struct TooManyDischarges;

impl Bundle {
    /// A root and its discharges in any order. For [`verify`](Self::verify), each must be bound to the root.
    pub fn new(root: Macaroon, discharges: Vec<Macaroon>) -> Result<Self, TooManyDischarges> {
        if discharges.len() > MAX_DISCHARGES { Err(TooManyDischarges) } else { Ok(Self { root, discharges }) }
    }

    /// The root.
    pub fn root(&self) -> &Macaroon {
        &self.root
    }

    /// The discharges, in the order presented.
    pub fn discharges(&self) -> &[Macaroon] {
        &self.discharges
    }

    /// Binds every discharge to the root: turns a credential as it is stored, whose discharges are unbound, into one
    /// as it is sent. To narrow a credential, attenuate the root before this: binding depends on all of the root.
    #[must_use]
    pub fn bound(mut self) -> Self {
        for discharge in &mut self.discharges {
            discharge.bind(&self.root);
        }
        self
    }

    /// Adds a first-party caveat to the root. Only for a bundle whose discharges are still unbound: see
    /// [`bound`](Self::bound).
    pub fn attenuate(&mut self, caveat_id: &str) -> Result<(), LimitError> {
        self.root.attenuate(caveat_id)
    }

    /// Gives root and discharges away.
    pub fn into_parts(self) -> (Macaroon, Vec<Macaroon>) {
        (self.root, self.discharges)
    }
}
