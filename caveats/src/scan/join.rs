//! Roots and discharges that stand near each other as separate tokens, put together.

use std::collections::VecDeque;
use std::ops::Range;

use super::{Finding, work};
use crate::exported::Exported;
use crate::limits::{MAX_DISCHARGES, MAX_HEADER_BYTES};
use crate::macaroon::Macaroon;

/// Most bytes from the end of one token to the start of another that may belong to it: they could have been one header.
pub(super) const NEAR: u64 = MAX_HEADER_BYTES as u64;

/// Macaroons that wait for what may belong to them, in the order in which they stand in the text.
#[derive(Default)]
pub(super) struct Join {
    waiting: VecDeque<Token>,
}

/// A macaroon and its place.
struct Token {
    place: Range<u64>,
    macaroon: Macaroon,
}

impl Join {
    /// Takes a macaroon that stands after all those before.
    pub(super) fn push(&mut self, place: Range<u64>, macaroon: Macaroon, found: &mut impl FnMut(Finding)) {
        self.settle(place.start, found);
        if self.waiting.len() == MAX_WAITING {
            self.settle_first(found);
        }
        self.waiting.push_back(Token { place, macaroon });
    }

    /// Decides on those that are too far from `at`, where the next one may begin.
    pub(super) fn settle(&mut self, at: u64, found: &mut impl FnMut(Finding)) {
        while self.waiting.front().is_some_and(|first| first.place.end + NEAR < at) {
            self.settle_first(found);
        }
    }

    /// Decides on all, at the end.
    pub(super) fn finish(&mut self, found: &mut impl FnMut(Finding)) {
        while !self.waiting.is_empty() {
            self.settle_first(found);
        }
    }

    fn settle_first(&mut self, found: &mut impl FnMut(Finding)) {
        let Some(mut root) = self.waiting.pop_front() else { return };
        let mut discharges = Vec::new();
        // Up to the root: that which asks for the first, and that which asks for that.
        while let Some(index) = self.waiting.iter().position(|token| asks(&token.macaroon, &root.macaroon)) {
            if discharges.len() == MAX_DISCHARGES {
                break;
            }
            let Some(asker) = self.waiting.remove(index) else { break };
            discharges.push(std::mem::replace(&mut root, asker));
        }
        // Down again: all that root and discharges ask for.
        let mut asking = 0;
        while asking <= discharges.len() {
            let asker = asking.checked_sub(1).and_then(|index| discharges.get(index)).unwrap_or(&root);
            let answers = self.answers(asker, &discharges);
            for index in answers.into_iter().rev() {
                discharges.extend(self.waiting.remove(index));
            }
            asking += 1;
        }
        let mut places: Vec<_> =
            std::iter::once(&root).chain(&discharges).map(|token| token.place.clone()).collect();
        places.sort_unstable_by_key(|place| place.start);
        let discharges: Vec<_> = discharges.into_iter().map(|token| token.macaroon).collect();
        let credential = if discharges.is_empty() {
            Exported::alone(root.macaroon)
        } else {
            Exported::apart(root.macaroon, discharges)
        };
        found(Finding { places, credential });
    }

    /// Which of those that wait discharge a caveat of `asker` that is not discharged yet, in ascending order: for each
    /// caveat the nearest.
    fn answers(&self, asker: &Token, known: &[Token]) -> Vec<usize> {
        let mut answers = Vec::new();
        for id in third_party_ids(&asker.macaroon) {
            if known.len() + answers.len() >= MAX_DISCHARGES {
                break;
            }
            work::done(known.len() + self.waiting.len());
            if known.iter().any(|token| token.macaroon.identifier() == id) {
                continue;
            }
            let answering = self
                .waiting
                .iter()
                .enumerate()
                .filter(|(index, token)| token.macaroon.identifier() == id && !answers.contains(index));
            let nearest = answering.min_by_key(|(_, token)| token.place.start.abs_diff(asker.place.end));
            answers.extend(nearest.map(|(index, _)| index));
        }
        answers.sort_unstable();
        answers
    }
}

/// Whether a caveat of `asker` is discharged by `discharge`.
fn asks(asker: &Macaroon, discharge: &Macaroon) -> bool {
    work::done(asker.caveats().len());
    third_party_ids(asker).any(|id| id == discharge.identifier())
}

fn third_party_ids(macaroon: &Macaroon) -> impl Iterator<Item = &[u8]> {
    macaroon.caveats().filter(|caveat| caveat.third_party.is_some()).map(|caveat| caveat.id)
}

/// Most macaroons that wait. With [`NEAR`] alone, text that is full of them would make each ask a thousand others.
pub(super) const MAX_WAITING: usize = 2 * MAX_DISCHARGES;
