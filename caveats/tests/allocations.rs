//! How often memory is asked for on the way from a header to a verdict, and that it is not once more for each caveat.
#![expect(clippy::unwrap_used, reason = "a failed assumption of a test should end it")]

use std::net::{IpAddr, Ipv4Addr};

use allocation_counter::measure;
use caveats::{
    Access, Account, Bundle, Channel, Locations, Macaroon, Package, Permission, Predicate, RootKey,
    Timestamp, Upload,
};

const LOCATIONS: Locations<'_> = Locations { store: "store.example", sso: "sso.example" };
const CAVEAT_ID: &str = "sealed for the sso";
const SNAP: &str = "JWtSrkcfA6kNsYZ5nb2pTnmYFf0mUOyX";

/// First-party caveats of the root and of the discharge; 256 is the most a macaroon may have.
const COUNTS: [usize; 4] = [1, 10, 100, 200];

/// Decoding asks for two buffers, two lists of caveats and a list of discharges.
#[test]
fn decoding_allocates_five_times_for_any_number_of_caveats() {
    let counts = COUNTS.map(|caveats| {
        let header = bundle(caveats).to_header();
        allocations(|| Bundle::from_header(&header).unwrap())
    });
    assert_eq!(counts, [5; 4]);
}

/// Verifying asks for the tails, and a list of the discharges that were found.
#[test]
fn verifying_allocates_twice_for_any_number_of_caveats() {
    let counts = COUNTS.map(|caveats| {
        let bundle = bundle(caveats);
        allocations(|| bundle.verify(&root_key()).unwrap())
    });
    assert_eq!(counts, [2; 4]);
}

/// Clearing asks for the facts (the identifier; the account's JSON and four texts of it).
#[test]
fn clearing_allocates_as_often_for_any_number_of_caveats() {
    let channels: [Channel; 1] = ["latest/edge".parse().unwrap()];
    let counts = COUNTS.map(|caveats| {
        let verified = bundle(caveats).verify(&root_key()).unwrap();
        allocations(|| verified.clear(&LOCATIONS, &access(&channels)).unwrap())
    });
    assert_eq!(counts, [6; 4]);
}

/// How often memory is asked for; growing a list counts, as it moves it.
fn allocations<T>(work: impl FnOnce() -> T) -> u64 {
    let mut result = None;
    measure(|| result = Some(work())).count_total
}

/// A root with a third-party caveat and this many first-party ones, of every kind that a root may hold, and a discharge
/// with as many.
fn bundle(caveats: usize) -> Bundle {
    let mut root = Macaroon::mint(&root_key(), LOCATIONS.store, "1.key.token").unwrap();
    root.attenuate_third_party(LOCATIONS.sso, CAVEAT_ID, &caveat_key(), [7; 24]).unwrap();
    for caveat in of_a_root().iter().cycle().take(caveats) {
        root.attenuate(&caveat.encode(LOCATIONS.store)).unwrap();
    }
    let mut discharge = Macaroon::mint(&caveat_key(), LOCATIONS.sso, CAVEAT_ID).unwrap();
    for caveat in [account()].iter().chain(of_a_discharge().iter().cycle()).take(caveats) {
        discharge.attenuate(&caveat.encode(LOCATIONS.sso)).unwrap();
    }
    Bundle::new(root, vec![discharge]).unwrap().bound()
}

fn of_a_root() -> [Predicate; 7] {
    [
        Predicate::Acl(vec![Permission::PackagePush, Permission::PackageRelease]),
        Predicate::ValidSince(at("2026-11-20T08:15:00")),
        Predicate::Channels(vec!["beta".into(), "edge".into()]),
        Predicate::Packages(vec![SNAP.into()]),
        Predicate::SourceIp(vec!["10.0.0.0/8".into()]),
        Predicate::NotBefore(at("2026-11-20T08:15:00")),
        Predicate::Expires(at("2027-11-20T08:15:00")),
    ]
}

fn of_a_discharge() -> [Predicate; 3] {
    [
        Predicate::ValidSince(at("2026-11-20T08:15:30")),
        Predicate::LastAuth(at("2026-11-20T08:15:30")),
        Predicate::Expires(at("2027-11-20T08:15:00")),
    ]
}

fn account() -> Predicate {
    Predicate::Account(Account {
        openid: "AbC".into(),
        email: "publisher@example.com".into(),
        displayname: "A Publisher".into(),
        username: "a-publisher".into(),
        is_verified: true,
    })
}

fn access(channels: &[Channel]) -> Access<'_> {
    Access {
        now: at("2026-11-23T20:00:00"),
        permissions: &[Permission::PackageRelease],
        package: Package::Id(SNAP),
        channels,
        upload: Upload::None,
        source: Some(IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3))),
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn root_key() -> RootKey {
    RootKey::derive(b"root key")
}

fn caveat_key() -> RootKey {
    RootKey::derive(b"caveat key")
}
