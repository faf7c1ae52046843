//! What a client sends: a root and its discharges, untrusted until verified. Attenuates, binds, and hands over to
//! verification; judges nothing itself.

use crate::header::{self, HeaderError};
use crate::key::RootKey;
use crate::limits::MAX_DISCHARGES;
use crate::macaroon::{LimitError, Macaroon};
use crate::verify::{self, Verified, VerifyError};

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

    /// Reads the value of an `Authorization` header, in the grammar of every known client: the scheme `Macaroon` in
    /// any case, then `root=…` and any number of `discharge=…` in any order, quoted or not, separated by commas and
    /// spaces in any mixture; or a single bare token, then also with the scheme `Bearer`.
    pub fn from_header(value: &str) -> Result<Self, HeaderError> {
        header::parse(value)
    }

    /// The value of an `Authorization` header, as snapcraft writes it: `Macaroon root=…, discharge=…`.
    pub fn to_header(&self) -> String {
        header::write(&self.root, &self.discharges)
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

    /// Reads the value of a `Macaroons` header, as candid's clients send it: base64 of a JSON list of the root and the
    /// discharges bound to it.
    pub fn from_macaroons_header(value: &str) -> Result<Self, HeaderError> {
        header::parse_list(value)
    }

    /// Adds a first-party caveat to the root. Only for a bundle whose discharges are still unbound: see
    /// [`bound`](Self::bound).
    pub fn attenuate(&mut self, caveat_id: &str) -> Result<(), LimitError> {
        self.root.attenuate(caveat_id)
    }

    /// Checks the whole chain: the root's signature under `key`, that every third-party caveat of root and discharges
    /// is answered by exactly one discharge bound to this root, and that no discharge is left over. Decides nothing
    /// about caveats: the proof it returns is what they can be judged on.
    pub fn verify(self, key: &RootKey) -> Result<Verified, VerifyError> {
        verify::verify(self, key)
    }

    /// Gives root and discharges away.
    pub fn into_parts(self) -> (Macaroon, Vec<Macaroon>) {
        (self.root, self.discharges)
    }
}
