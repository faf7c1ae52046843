//! The crate `macaroon` beside ours: each reads, verifies and goes on with what the other made, and neither takes a
//! forgery. Where it is laxer than we are, that is written down here.
//!
//! Its packet reader and verifier recurse and abort the process at some depth, so what is generated stays small.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed assumption of a test should end it"
)]

#[path = "vectors/forms.rs"]
mod forms;
#[path = "differential/plan.rs"]
mod plan;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caveats::{Bundle, Macaroon, RootKey, VerifyError};
use macaroon::{Format, Macaroon as Other, MacaroonKey, Verifier};
use plan::{Plan, plan};
use proptest::prelude::*;
use proptest::sample::Index;

/// A root and its discharges, bound.
type Pair<M> = (M, Vec<M>);

fn bound_ours(plan: &Plan) -> Pair<Macaroon> {
    let (root, discharges) = plan.ours();
    Bundle::new(root, discharges).unwrap().bound().into_parts()
}

fn bound_theirs(plan: &Plan) -> Pair<Other> {
    let (root, mut discharges) = plan.theirs();
    for discharge in &mut discharges {
        root.bind(discharge);
    }
    (root, discharges)
}

fn we_verify((root, discharges): &Pair<Macaroon>, key: &[u8]) -> Result<(), VerifyError> {
    let bundle = Bundle::new(root.clone(), discharges.clone()).unwrap();
    bundle.verify(&RootKey::derive(key)).map(|_| ())
}

/// Whether the other verifies it, with every first-party caveat satisfied.
fn they_verify((root, discharges): &Pair<Other>, key: &[u8]) -> bool {
    let mut verifier = Verifier::default();
    verifier.satisfy_general(|_| true);
    verifier.verify(root, &MacaroonKey::generate(key), discharges.clone()).is_ok()
}

/// The other's V1 in our spelling, which has no padding.
fn v1(other: &Other) -> String {
    other.serialize(Format::V1).unwrap().trim_end_matches('=').to_owned()
}

fn v2(other: &Other) -> String {
    other.serialize(Format::V2).unwrap().trim_end_matches('=').to_owned()
}

fn read_by_us((root, discharges): &Pair<Other>, write: fn(&Other) -> String) -> Pair<Macaroon> {
    let read = |other: &Other| Macaroon::parse(&write(other)).unwrap();
    (read(root), discharges.iter().map(read).collect())
}

fn read_by_them((root, discharges): &Pair<Macaroon>) -> Pair<Other> {
    let read = |ours: &Macaroon| Other::deserialize(ours.to_v1()).unwrap();
    (read(root), discharges.iter().map(read).collect())
}

fn all<M>((root, discharges): &Pair<M>) -> impl Iterator<Item = &M> {
    std::iter::once(root).chain(discharges)
}

fn raw(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

proptest! {
    #[test]
    fn what_we_make_the_other_reads_verifies_and_writes_back(plan in plan()) {
        let ours = bound_ours(&plan);
        let theirs = read_by_them(&ours);
        for (ours, theirs) in all(&ours).zip(all(&theirs)) {
            prop_assert_eq!(ours.location(), theirs.location().unwrap());
            prop_assert_eq!(ours.identifier(), &theirs.identifier().0);
            prop_assert_eq!(ours.caveats().len(), theirs.caveats().len());
            prop_assert_eq!(ours.to_v1(), v1(theirs));
            prop_assert_eq!(ours.to_v2(), v2(theirs));
        }
        prop_assert!(they_verify(&theirs, &plan.key));
    }

    #[test]
    fn what_the_other_makes_we_read_verify_and_write_back(plan in plan()) {
        let theirs = bound_theirs(&plan);
        for write in [v1, v2] {
            let ours = read_by_us(&theirs, write);
            for (ours, theirs) in all(&ours).zip(all(&theirs)) {
                prop_assert_eq!(ours.to_v1(), v1(theirs));
            }
            prop_assert_eq!(we_verify(&ours, &plan.key), Ok(()));
        }
    }

    #[test]
    fn json_goes_both_ways(plan in plan()) {
        let theirs = bound_theirs(&plan);
        for theirs in all(&theirs) {
            let json = theirs.serialize(Format::V2JSON).unwrap();
            for ours in [forms::from_json(&json), forms::from_bakery(&json)] {
                let ours = ours.unwrap();
                prop_assert_eq!(ours.to_v1(), v1(theirs));
                // It reads `v64` and `i64` in the standard alphabet alone, and we write the other.
                if let Ok(read) = Other::deserialize(ours.to_json()) {
                    prop_assert_eq!(&read, theirs);
                }
            }
        }
    }

    #[test]
    fn bytes_that_are_not_text_go_both_ways_in_v2(
        identifier in proptest::collection::vec(any::<u8>(), 1..40),
        caveats in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..4),
        appended in "[ -~]{0,20}",
    ) {
        let identifier = [b"\xff", identifier.as_slice()].concat();
        let key = b"key";
        let mut theirs = Other::create(Some("l".into()), &MacaroonKey::generate(key), identifier.into()).unwrap();
        for caveat in caveats {
            theirs.add_first_party_caveat(caveat.into());
        }
        let token = |ours: &Macaroon| {
            let header = Bundle::new(ours.clone(), Vec::new()).unwrap().to_header();
            header.trim_start_matches("Macaroon root=").to_owned()
        };
        let mut ours = Macaroon::parse(&v2(&theirs)).unwrap();
        prop_assert_eq!(token(&ours), v2(&theirs));
        prop_assert_eq!(we_verify(&(ours.clone(), Vec::new()), key), Ok(()));
        ours.attenuate(&appended).unwrap();
        let longer = Other::deserialize(token(&ours)).unwrap();
        prop_assert!(they_verify(&(longer, Vec::new()), key));
    }

    /// Minted by us, narrowed by the other, sealed by us, sealed by the other, and answered by either.
    #[test]
    fn each_goes_on_where_the_other_stopped(plan in plan(), caveat in "[ -~]{0,20}") {
        let mut ours = Macaroon::mint(&RootKey::derive(&plan.key), &plan.location, &plan.identifier).unwrap();
        let mut theirs = Other::deserialize(ours.to_v1()).unwrap();
        theirs.add_first_party_caveat(caveat.as_str().into());
        ours = Macaroon::parse(&v2(&theirs)).unwrap();
        ours.attenuate_third_party("a", "ask a", &RootKey::derive(b"a"), plan.nonce).unwrap();
        theirs = Other::deserialize(ours.to_v1()).unwrap();
        theirs.add_third_party_caveat("b", &MacaroonKey::generate(b"b"), "ask b".into());
        ours = Macaroon::parse(&v1(&theirs)).unwrap();
        ours.attenuate(&caveat).unwrap();
        theirs = Other::deserialize(ours.to_v1()).unwrap();

        let mut one = Other::create(Some("a".into()), &MacaroonKey::generate(b"a"), "ask a".into()).unwrap();
        theirs.bind(&mut one);
        let mut two = Macaroon::mint(&RootKey::derive(b"b"), "b", "ask b").unwrap();
        two.bind(&ours);
        let pair = (ours, vec![Macaroon::parse(&v1(&one)).unwrap(), two]);
        prop_assert_eq!(we_verify(&pair, &plan.key), Ok(()));
        prop_assert!(they_verify(&read_by_them(&pair), &plan.key));
    }

    #[test]
    fn neither_takes_a_wrong_key_or_an_unbound_missing_unused_or_stolen_discharge(plan in plan(), other in plan()) {
        let pair = bound_ours(&plan);
        let refused = |pair: &Pair<Macaroon>, key: &[u8]| {
            we_verify(pair, key).is_err() && !they_verify(&read_by_them(pair), key)
        };
        prop_assert!(refused(&pair, &[plan.key.as_slice(), b"x"].concat()));
        let stranger = Macaroon::mint(&RootKey::derive(b"k"), "l", "nobody asked for this").unwrap();
        prop_assert!(refused(&(pair.0.clone(), [pair.1.clone(), vec![stranger]].concat()), &plan.key));
        if let Some((_, rest)) = pair.1.split_first() {
            prop_assert!(refused(&(pair.0.clone(), rest.to_vec()), &plan.key));
            prop_assert!(refused(&plan.ours(), &plan.key));
            let elsewhere = Bundle::new(bound_ours(&other).0, plan.ours().1).unwrap().bound().into_parts().1;
            if elsewhere[0].to_v1() != pair.1[0].to_v1() {
                prop_assert!(refused(&(pair.0.clone(), elsewhere), &plan.key));
            }
        }
    }

    #[test]
    fn a_changed_byte_of_v1_is_refused_by_both(plan in plan(), changes in changes()) {
        let pair = bound_theirs(&plan);
        for (which, place, bits) in changes {
            let bytes = raw(&v1(pick(&pair, which)));
            let place = place.index(bytes.len());
            let (us, them) = both_read_changed(&pair, which, &bytes, place, bits, &plan.key);
            // It takes any byte for a line feed, and a length with a sign or in capitals for a length.
            let laxer = bytes[place] == b'\n' || in_length(&bytes, place);
            prop_assert!(us == them || them && laxer, "byte {} changed by {}: us {}, them {}", place, bits, us, them);
        }
    }

    #[test]
    fn a_changed_byte_of_v2_is_refused_by_both(plan in plan(), changes in changes()) {
        let pair = bound_theirs(&plan);
        for (which, place, bits) in changes {
            let bytes = raw(&v2(pick(&pair, which)));
            let place = place.index(bytes.len());
            let (us, them) = both_read_changed(&pair, which, &bytes, place, bits, &plan.key);
            prop_assert_eq!(us, them, "byte {} changed by {}", place, bits);
        }
    }
}

/// Which macaroon of a pair, which byte of it, and the bits to flip.
fn changes() -> impl Strategy<Value = Vec<(Index, Index, u8)>> {
    proptest::collection::vec((any::<Index>(), any::<Index>(), 1..=u8::MAX), 1..12)
}

fn pick<M>((root, discharges): &Pair<M>, which: Index) -> &M {
    match which.index(discharges.len() + 1) {
        0 => root,
        other => &discharges[other - 1],
    }
}

/// Whether we and they accept the pair with one macaroon's byte changed. Both do in a location, which nothing signs.
fn both_read_changed(
    pair: &Pair<Other>,
    which: Index,
    bytes: &[u8],
    place: usize,
    bits: u8,
    key: &[u8],
) -> (bool, bool) {
    let mut changed = bytes.to_vec();
    changed[place] ^= bits;
    let target = which.index(pair.1.len() + 1);
    let ours = Macaroon::decode(changed.clone()).ok().map(|read| put(read_by_us(pair, v1), target, read));
    let theirs = Other::deserialize_binary(&changed).ok().map(|read| put(pair.clone(), target, read));
    let us = ours.is_some_and(|pair| we_verify(&pair, key).is_ok());
    (us, theirs.is_some_and(|pair| they_verify(&pair, key)))
}

fn put<M>(mut pair: Pair<M>, target: usize, macaroon: M) -> Pair<M> {
    match target {
        0 => pair.0 = macaroon,
        other => pair.1[other - 1] = macaroon,
    }
    pair
}

/// Whether a byte of well-formed V1 is one of a packet's four hex digits.
fn in_length(bytes: &[u8], place: usize) -> bool {
    let mut start = 0;
    while start < bytes.len() {
        if (start..start + 4).contains(&place) {
            return true;
        }
        start += usize::from_str_radix(std::str::from_utf8(&bytes[start..start + 4]).unwrap(), 16).unwrap();
    }
    false
}

/// Where the other is laxer. If one of these fails, it has been mended; strike it out here and above.
#[test]
fn what_the_other_takes_and_we_refuse() {
    let signature = [b"002fsignature ".as_slice(), &[7; 32], b"\n"].concat();
    let with = |head: &str, tail: &[u8]| [head.as_bytes(), tail].concat();
    let fields = [b"\x02\x01\x01l\x02\x01i\0\0\x06\x20".as_slice(), &[7; 32]].concat();
    for (what, bytes) in [
        ("a length in capitals", with("000Flocation l\n0011identifier i\n", &signature)),
        ("a length with a sign", with("000flocation l\n+011identifier i\n", &signature)),
        ("another byte for a line feed", with("000flocation l\n0011identifier ix", &signature)),
        ("no signature", with("000flocation l\n0011identifier i\n", b"")),
        ("a second identifier", with("000flocation l\n0011identifier i\n0011identifier j\n", &signature)),
        ("no location", with("0011identifier i\n", &signature)),
        (
            "a caveat after the signature",
            with("0011identifier i\n", &[&signature[..], b"000acid c\n"].concat()),
        ),
        ("bytes after V2's signature", [fields.as_slice(), b"more"].concat()),
    ] {
        assert!(Other::deserialize_binary(&bytes).is_ok(), "{what}: they refuse");
        assert!(Macaroon::decode(bytes).is_err(), "{what}: we accept");
    }
}

/// Of two discharges with one identifier, the other silently takes the later.
#[test]
fn two_discharges_for_one_caveat_are_refused_by_us_alone() {
    let (key, caveat_key) = (RootKey::derive(b"k"), RootKey::derive(b"c"));
    let mut root = Macaroon::mint(&key, "l", "r").unwrap();
    root.attenuate_third_party("sso", "d", &caveat_key, [1; 24]).unwrap();
    let mut discharge = Macaroon::mint(&caveat_key, "sso", "d").unwrap();
    discharge.bind(&root);
    let pair = (root, vec![discharge.clone(), discharge]);
    assert_eq!(we_verify(&pair, b"k"), Err(VerifyError::RepeatedDischarge));
    assert!(they_verify(&read_by_them(&pair), b"k"));
}
