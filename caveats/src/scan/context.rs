//! What a token or a signature belongs to: a header, a document, a section of a file, another token, or nothing.

use std::ops::Range;

use super::decode::Leaf;
use super::documents::Documents;
use super::join::Join;
use super::signature::Signatures;
use super::{Finding, header, ini, work};
use crate::exported::Exported;
use crate::macaroon::Macaroon;

/// What stands around the tokens.
#[derive(Default)]
pub(super) struct Context {
    documents: Documents,
    signatures: Signatures,
    claim: Claim,
    join: Join,
}

/// The last header or document that was found: its tokens are no findings of their own.
#[derive(Default)]
struct Claim {
    end: u64,
    macaroons: Vec<Macaroon>,
}

impl Context {
    /// Decides what a token belongs to.
    pub(super) fn settle(
        &mut self,
        view: &[u8],
        base: u64,
        token: Range<usize>,
        leaf: Leaf,
        found: &mut impl FnMut(Finding),
    ) {
        let absolute = |range: &Range<usize>| absolute(base, range);
        let place = absolute(&token);
        if self.claim.has(&place, leaf.macaroon()) {
            return;
        }
        let header = match leaf {
            Leaf::Macaroon(_) => header::around(view, &token),
            Leaf::Documents(_) => None,
        };
        let around = header.or_else(|| self.documents.around(view, base, &token));
        if let Some((range, credential)) = around.or_else(|| ini::around(view, &token, None)) {
            self.claim = Claim::of(absolute(&range).end, &credential);
            found(Finding { places: vec![absolute(&range)], credential });
            if self.claim.has(&place, leaf.macaroon()) {
                return;
            }
        }
        match leaf {
            Leaf::Macaroon(macaroon) => self.join.push(place, macaroon, found),
            Leaf::Documents(documents) => {
                for credential in documents {
                    found(Finding { places: vec![place.clone()], credential });
                }
            }
        }
    }

    /// Decides what a signature belongs to, and tells whether that is a macaroon in JSON.
    pub(super) fn settle_json(
        &mut self,
        view: &[u8],
        base: u64,
        token: &Range<usize>,
        found: &mut impl FnMut(Finding),
    ) -> bool {
        let Some(json) = self.signatures.around(view, base, token) else { return false };
        let place = absolute(base, &json.range);
        if self.claim.has(&place, Some(&json.exported.root)) {
            return true;
        }
        if let Some((range, credential)) = ini::around(view, &json.range, Some(&json.text)) {
            self.claim = Claim::of(base + range.end as u64, &credential);
            found(Finding { places: vec![absolute(base, &range)], credential });
            if self.claim.has(&place, Some(&json.exported.root)) {
                return true;
            }
        }
        found(Finding { places: vec![place], credential: json.exported });
        true
    }

    /// Decides on what stands too far before `at` for anything from there to belong to it.
    pub(super) fn pass(&mut self, at: u64, found: &mut impl FnMut(Finding)) {
        self.join.settle(at, found);
    }

    /// Decides on all, at the end.
    pub(super) fn finish(&mut self, found: &mut impl FnMut(Finding)) {
        self.join.finish(found);
    }
}

impl Claim {
    fn of(end: u64, credential: &Exported) -> Self {
        let macaroons = std::iter::once(&credential.root).chain(&credential.discharges).cloned().collect();
        Self { end, macaroons }
    }

    fn has(&self, place: &Range<u64>, macaroon: Option<&Macaroon>) -> bool {
        place.start < self.end
            && macaroon.is_some_and(|found| self.macaroons.iter().any(|known| same(known, found)))
    }
}

fn absolute(base: u64, range: &Range<usize>) -> Range<u64> {
    base + range.start as u64..base + range.end as u64
}

fn same(one: &Macaroon, other: &Macaroon) -> bool {
    work::done(1);
    one.signature().equals(other.signature()) && one.identifier() == other.identifier()
}
