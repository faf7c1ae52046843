//! The laws that hold for every macaroon, checked on generated ones through the public interface.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed assumption of a test should end it"
)]

use caveats::{
    Access, Bundle, Channel, Locations, Macaroon, Package, Permission, Predicate, Refusal, RootKey, Upload,
};
use proptest::prelude::*;

const LOCATIONS: Locations<'_> = Locations { store: "store.example", sso: "sso.example" };
const CAVEAT_ID: &str = "sealed for the sso";

fn root_key() -> RootKey {
    RootKey::derive(b"root key")
}

fn caveat_key() -> RootKey {
    RootKey::derive(b"caveat key")
}

/// A root that asks for a discharge, with these caveats after that.
fn root(identifier: &str, caveats: &[Predicate]) -> Macaroon {
    let mut root = Macaroon::mint(&root_key(), LOCATIONS.store, identifier).unwrap();
    root.attenuate_third_party(LOCATIONS.sso, CAVEAT_ID, &caveat_key(), [7; 24]).unwrap();
    for caveat in caveats {
        root.attenuate(&caveat.encode(LOCATIONS.store)).unwrap();
    }
    root
}

fn discharge() -> Macaroon {
    Macaroon::mint(&caveat_key(), LOCATIONS.sso, CAVEAT_ID).unwrap()
}

fn bound(root: Macaroon) -> Bundle {
    Bundle::new(root, vec![discharge()]).unwrap().bound()
}

fn clears(root: Macaroon, access: &Access<'_>) -> Result<(), Refusal> {
    bound(root).verify(&root_key()).unwrap().clear(&LOCATIONS, access).map(|_| ())
}

fn permission() -> impl Strategy<Value = Permission> {
    proptest::sample::select(&Permission::ALL[..])
}

fn channel() -> impl Strategy<Value = String> {
    proptest::sample::select(vec!["stable", "edge", "latest/edge", "2.0/stable", "edge/fix", "2.*", "*"])
        .prop_map(str::to_owned)
}

fn predicate() -> impl Strategy<Value = Predicate> {
    let time = "2026-(0[1-9]|1[0-2])-[01][1-9]T0[0-9]:00:00".prop_map(|text| text.parse().unwrap());
    prop_oneof![
        proptest::collection::vec(permission(), 0..6).prop_map(Predicate::Acl),
        proptest::collection::vec(channel(), 0..3).prop_map(Predicate::Channels),
        proptest::collection::vec("[ab]", 0..3).prop_map(Predicate::Packages),
        time.clone().prop_map(Predicate::Expires),
        time.prop_map(Predicate::NotBefore),
        Just(Predicate::SourceIp(vec!["10.0.0.0/8".to_owned()])),
    ]
}

fn predicates() -> impl Strategy<Value = Vec<Predicate>> {
    proptest::collection::vec(predicate(), 0..5)
}

prop_compose! {
    /// What an attempt consists of, owned; `attempt` borrows from it.
    fn facts()(
        permissions in proptest::collection::vec(permission(), 0..3),
        package in proptest::option::of("[abc]"),
        channels in proptest::collection::vec(
            proptest::sample::select(vec!["stable", "edge", "2.0/stable", "edge/fix"]), 0..2),
        month in 1..=12_u8,
        inside in any::<bool>(),
    ) -> (Vec<Permission>, Option<String>, Vec<Channel>, u8, bool) {
        (permissions, package, channels.into_iter().map(|name| name.parse().unwrap()).collect(), month, inside)
    }
}

fn attempt(
    (permissions, package, channels, month, inside): &(
        Vec<Permission>,
        Option<String>,
        Vec<Channel>,
        u8,
        bool,
    ),
) -> Access<'_> {
    Access {
        now: format!("2026-{month:02}-15T00:00:00").parse().unwrap(),
        permissions,
        package: package.as_deref().map_or(Package::None, Package::Id),
        channels,
        upload: Upload::None,
        source: Some(if *inside { "10.1.2.3" } else { "192.0.2.1" }.parse().unwrap()),
    }
}

proptest! {
    /// Whatever a holder appends, nothing becomes allowed that was not. (An `acl` must be there: a root without one
    /// clears nothing, and guards against the issuer's mistake alone.)
    #[test]
    fn attenuation_never_widens(mine in predicates(), added in predicates(), facts in facts()) {
        let access = attempt(&facts);
        let mine = [vec![Predicate::Acl(Permission::ALL.to_vec())], mine].concat();
        let wide = clears(root("a", &mine), &access);
        let narrow = clears(root("a", &[mine, added].concat()), &access);
        prop_assert!(wide.is_ok() || narrow.is_err());
    }

    #[test]
    fn an_unknown_caveat_always_refuses(key in "[a-z_]{1,12}x", value in "[ -~]{0,20}", facts in facts()) {
        let mut root = root("a", &[Predicate::Acl(Permission::ALL.to_vec())]);
        root.attenuate(&format!("{}|{key}|{value}", LOCATIONS.store)).unwrap();
        let refused = clears(root, &attempt(&facts));
        prop_assert_eq!(refused.unwrap_err().kind(), "unknown");
    }

    #[test]
    fn what_is_encoded_decodes_to_itself(id in "[ -~]{0,40}", caveats in predicates()) {
        let text = root(&id, &caveats).to_v1();
        let read = Macaroon::parse(&text).unwrap();
        prop_assert_eq!(read.identifier(), id.as_bytes());
        prop_assert_eq!(read.caveats().len(), caveats.len() + 1);
        prop_assert_eq!(read.to_v1(), text);
    }

    #[test]
    fn any_changed_byte_of_a_header_fails(caveats in predicates(), place in any::<prop::sample::Index>(), to in any::<u8>()) {
        let header = bound(root("a", &caveats)).to_header().into_bytes();
        let mut changed = header.clone();
        let place = place.index(changed.len());
        changed[place] = to;
        let accepted = std::str::from_utf8(&changed).ok()
            .and_then(|text| Bundle::from_header(text).ok())
            .and_then(|bundle| bundle.verify(&root_key()).ok());
        // What still verifies is the same credential, spelled differently: the case of the scheme, a separator, a hint.
        if let Some(verified) = accepted {
            let same = bound(root("a", &caveats)).verify(&root_key()).unwrap();
            let prints = |tails: &[caveats::Tail]| tails.iter().map(caveats::Tail::fingerprint).collect::<Vec<_>>();
            prop_assert_eq!(prints(verified.root_tails()), prints(same.root_tails()));
        }
    }

    #[test]
    fn a_dropped_or_reordered_caveat_fails(caveats in proptest::collection::vec(predicate(), 2..5), place in any::<prop::sample::Index>()) {
        let genuine = root("a", &caveats).to_v1();
        let place = place.index(caveats.len() - 1);
        prop_assume!(caveats[place] != caveats[place + 1]);
        let packets = |predicate: &Predicate| packet(&predicate.encode(LOCATIONS.store));
        let bytes = decode(&genuine);
        let (one, two) = (packets(&caveats[place]), packets(&caveats[place + 1]));
        let dropped = replace(&bytes, &[one.clone(), two.clone()].concat(), &two);
        let swapped = replace(&bytes, &[one.clone(), two.clone()].concat(), &[two, one].concat());
        for forged in [dropped, swapped] {
            let forged = Macaroon::decode(forged).unwrap();
            prop_assert!(bound(forged).verify(&root_key()).is_err());
        }
    }

    #[test]
    fn a_discharge_serves_one_root(one in predicates(), other in predicates()) {
        prop_assume!(one != other);
        let (_, mine) = bound(root("a", &one)).into_parts();
        let stolen = Bundle::new(root("a", &other), mine).unwrap();
        prop_assert!(stolen.verify(&root_key()).is_err());
    }

    #[test]
    fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,200}") {
        drop(Macaroon::decode(bytes));
        drop(Macaroon::parse(&text));
        drop(Bundle::from_header(&format!("Macaroon root={text}")));
        drop(caveats::exported::read(&text));
        drop(Predicate::parse(text.as_bytes(), "a"));
    }
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// A caveat's packet in the V1 format: four hex digits of length, `cid `, the text, a line feed.
fn packet(caveat: &str) -> Vec<u8> {
    format!("{:04x}cid {caveat}\n", caveat.len() + 9).into_bytes()
}

/// Replaces the first place where `from` stands, which must be there.
fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let place = bytes.windows(from.len()).position(|window| window == from).unwrap();
    [&bytes[..place], to, &bytes[place + from.len()..]].concat()
}
