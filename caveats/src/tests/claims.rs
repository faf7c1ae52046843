//! What a credential says of itself before it is verified.

use super::*;
use crate::exported::{Exported, read};

fn claims(root: Macaroon, discharge: Macaroon) -> Claims {
    Exported::u1_macaroon(root, discharge).claims(&LOCATIONS)
}

#[test]
fn of_a_genuine_credential_the_claims_are_what_is_verified() {
    let caveats =
        [push(), Predicate::Channels(vec!["edge".into()]), Predicate::Expires(at("2027-01-01T00:00:00"))];
    let claims = claims(root(&caveats), discharge(&[]));
    let verified = verified(root(&caveats), discharge(&[]));
    assert_eq!(claims.facts, verified.facts(&LOCATIONS).unwrap());
    assert_eq!(claims.scope, verified.effective_scope(&LOCATIONS).unwrap());
    assert_eq!((claims.refusals.as_slice(), claims.discharged), (&[][..], Ok(())));
}

#[test]
fn every_caveat_that_refuses_is_named_and_the_others_are_read_all_the_same() {
    let mut root = root(&[push()]);
    for caveat in
        ["myapps.developer.ubuntu.com|colour|red", "elsewhere|acl|[]", "myapps.developer.ubuntu.com|acl|x"]
    {
        root.attenuate(caveat).unwrap();
    }
    let mut discharge = discharge(&[Predicate::Session("s".into())]);
    discharge.attenuate("login.ubuntu.com|expires|soon").unwrap();
    let claims = claims(root, discharge);
    let named: Vec<_> = claims.refusals.iter().map(|(side, refusal)| (*side, refusal.kind())).collect();
    assert_eq!(
        named,
        [
            (Side::Root, "unknown"),
            (Side::Root, "foreign"),
            (Side::Root, "malformed"),
            (Side::Discharge, "malformed")
        ]
    );
    assert_eq!(claims.facts.session.as_deref(), Some("s"));
    assert_eq!(claims.scope.permissions.into_iter().collect::<Vec<_>>(), [Permission::PackagePush]);
}

#[test]
fn a_discharge_that_is_missing_or_of_another_login_is_seen_without_a_key() {
    let other = Macaroon::mint(&caveat_key(), LOCATIONS.sso, "another login").unwrap();
    assert_eq!(claims(root(&[push()]), other).discharged, Err(VerifyError::MissingDischarge));
    let alone = read(&root(&[push()]).to_v1()).unwrap();
    assert_eq!(alone.claims(&LOCATIONS).discharged, Err(VerifyError::MissingDischarge));
    let unasked = Macaroon::mint(&root_key(), LOCATIONS.store, "1").unwrap();
    assert_eq!(claims(unasked, discharge(&[])).discharged, Err(VerifyError::UnusedDischarge));
    let (r, d) = (root(&[]).to_v1(), discharge(&[]).to_v1());
    let twice = read(&format!(r#"{{"macaroon": "{r}", "discharges": ["{d}", "{d}"]}}"#)).unwrap();
    assert_eq!(twice.claims(&LOCATIONS).discharged, Err(VerifyError::RepeatedDischarge));
}
