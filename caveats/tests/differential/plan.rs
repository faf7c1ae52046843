//! What to mint, generated, and minted by either crate.

use caveats::{Macaroon, RootKey};
use macaroon::{Macaroon as Other, MacaroonKey};
use proptest::prelude::*;

/// A root and, by its third-party caveats, the discharges it asks for.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) key: Vec<u8>,
    pub(crate) location: String,
    /// Never empty, which the other crate refuses.
    pub(crate) identifier: String,
    /// The other crate draws its own.
    pub(crate) nonce: [u8; 24],
    steps: Vec<Step>,
}

#[derive(Debug, Clone)]
enum Step {
    First(String),
    Third(Third),
}

/// A third-party caveat, answered by a discharge that may ask for another, and so on.
#[derive(Debug, Clone)]
struct Third {
    location: String,
    id: String,
    key: Vec<u8>,
    answers: Vec<String>,
    deeper: usize,
}

/// At most four third-party caveats, each with at most three discharges in a row: twelve of sixteen.
pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    let first = text().prop_map(Step::First);
    let steps = proptest::collection::vec(first, 0..6);
    let thirds = proptest::collection::vec((third(), any::<prop::sample::Index>()), 0..4);
    (key(), text(), text(), any::<[u8; 24]>(), steps, thirds).prop_map(
        |(key, location, identifier, nonce, mut steps, thirds)| {
            for (number, (mut third, place)) in thirds.into_iter().enumerate() {
                third.id = format!("{number} {}", third.id);
                steps.insert(place.index(steps.len() + 1), Step::Third(third));
            }
            Plan { key, location, identifier: format!("i{identifier}"), nonce, steps }
        },
    )
}

fn third() -> impl Strategy<Value = Third> {
    let answers = proptest::collection::vec(text(), 0..3);
    (text(), text(), key(), answers, 0..3_usize).prop_map(|(location, id, key, answers, deeper)| Third {
        location,
        id,
        key,
        answers,
        deeper,
    })
}

/// Printable ASCII, any printable text, or text with control characters.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,30}", "\\PC{0,12}", "[\\x00-\\x20a]{0,8}"]
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..80)
}

impl Third {
    /// The id of the caveat that asks for the discharge at this depth, 0 being the root's.
    fn id(&self, depth: usize) -> String {
        format!("{} {depth}", self.id)
    }

    fn key(&self, depth: usize) -> Vec<u8> {
        [self.key.as_slice(), depth.to_string().as_bytes()].concat()
    }
}

impl Plan {
    /// Ours, the discharges unbound.
    pub(crate) fn ours(&self) -> (Macaroon, Vec<Macaroon>) {
        let ask = |macaroon: &mut Macaroon, third: &Third, depth| {
            let key = RootKey::derive(&third.key(depth));
            macaroon.attenuate_third_party(&third.location, &third.id(depth), &key, self.nonce).unwrap();
        };
        let mut root = Macaroon::mint(&RootKey::derive(&self.key), &self.location, &self.identifier).unwrap();
        let mut discharges = Vec::new();
        for step in &self.steps {
            match step {
                Step::First(caveat) => root.attenuate(caveat).unwrap(),
                Step::Third(third) => {
                    ask(&mut root, third, 0);
                    for depth in 0..=third.deeper {
                        let key = RootKey::derive(&third.key(depth));
                        let mut discharge = Macaroon::mint(&key, &third.location, &third.id(depth)).unwrap();
                        third.answers.iter().for_each(|caveat| discharge.attenuate(caveat).unwrap());
                        if depth < third.deeper {
                            ask(&mut discharge, third, depth + 1);
                        }
                        discharges.push(discharge);
                    }
                }
            }
        }
        (root, discharges)
    }

    /// The other crate's, the discharges unbound.
    pub(crate) fn theirs(&self) -> (Other, Vec<Other>) {
        macaroon::initialize().unwrap();
        let ask = |macaroon: &mut Other, third: &Third, depth| {
            let key = MacaroonKey::generate(&third.key(depth));
            macaroon.add_third_party_caveat(&third.location, &key, third.id(depth).into());
        };
        let create = |key: &[u8], location: &str, identifier: &str| {
            Other::create(Some(location.into()), &MacaroonKey::generate(key), identifier.into()).unwrap()
        };
        let mut root = create(&self.key, &self.location, &self.identifier);
        let mut discharges = Vec::new();
        for step in &self.steps {
            match step {
                Step::First(caveat) => root.add_first_party_caveat(caveat.as_str().into()),
                Step::Third(third) => {
                    ask(&mut root, third, 0);
                    for depth in 0..=third.deeper {
                        let mut discharge = create(&third.key(depth), &third.location, &third.id(depth));
                        third
                            .answers
                            .iter()
                            .for_each(|caveat| discharge.add_first_party_caveat(caveat.as_str().into()));
                        if depth < third.deeper {
                            ask(&mut discharge, third, depth + 1);
                        }
                        discharges.push(discharge);
                    }
                }
            }
        }
        (root, discharges)
    }
}
