//! Tests through the public interface, and the credential they share.

mod chain;
mod claims;
mod clearing;
mod ending;

use crate::*;

const LOCATIONS: Locations<'_> = Locations { store: "myapps.developer.ubuntu.com", sso: "login.ubuntu.com" };
const CAVEAT_ID: &str = r#"{"secret": "AAAA", "version": 1}"#;
const SNAP: &str = "JWtSrkcfA6kNsYZ5nb2pTnmYFf0mUOyX";

fn root_key() -> RootKey {
    RootKey::derive(b"root-key-for-test-vectors-000001")
}

fn caveat_key() -> RootKey {
    RootKey::derive(b"caveat-root-key-24-bytes")
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The root of the published vector, with further caveats appended.
fn root(caveats: &[Predicate]) -> Macaroon {
    let mut root = Macaroon::mint(&root_key(), LOCATIONS.store, "vector-root-1").unwrap();
    root.attenuate(&Predicate::ValidSince(at("2024-01-02T03:04:05.000006")).encode(LOCATIONS.store)).unwrap();
    let nonce = std::array::from_fn(|index| u8::try_from(index).unwrap());
    root.attenuate_third_party(LOCATIONS.sso, CAVEAT_ID, &caveat_key(), nonce).unwrap();
    for caveat in caveats {
        root.attenuate(&caveat.encode(LOCATIONS.store)).unwrap();
    }
    root
}

fn discharge(caveats: &[Predicate]) -> Macaroon {
    let mut discharge = Macaroon::mint(&caveat_key(), LOCATIONS.sso, CAVEAT_ID).unwrap();
    for caveat in caveats {
        discharge.attenuate(&caveat.encode(LOCATIONS.sso)).unwrap();
    }
    discharge
}

fn push() -> Predicate {
    Predicate::Acl(vec![Permission::PackagePush])
}

fn verified(root: Macaroon, discharge: Macaroon) -> Verified {
    Bundle::new(root, vec![discharge]).unwrap().bound().verify(&root_key()).unwrap()
}

fn access() -> Access<'static> {
    Access {
        now: at("2026-11-23T20:00:00"),
        permissions: &[Permission::PackagePush],
        package: Package::Id(SNAP),
        channels: &[],
        upload: Upload::None,
        source: None,
    }
}

/// The refusal's kind, or `ok`.
fn verdict(caveats: &[Predicate], access: &Access<'_>) -> &'static str {
    let all = [&[push()], caveats].concat();
    verified(root(&all), discharge(&[]))
        .clear(&LOCATIONS, access)
        .err()
        .map_or("ok", |refusal| refusal.kind())
}
