//! What is known of a credential that is to be revoked, whether or not anything would accept it.

use super::*;

#[test]
fn a_root_is_verified_without_its_discharges() {
    let narrow = root(&[push(), Predicate::Channels(vec!["edge".into()])]);
    let alone = verify_root(&narrow, &root_key()).unwrap();
    let whole = verified(narrow.clone(), discharge(&[]));
    let fingerprints = |tails: &[Tail]| tails.iter().map(Tail::fingerprint).collect::<Vec<_>>();
    assert_eq!(fingerprints(alone.tails()), fingerprints(whole.root_tails()));
    assert_eq!(alone.root().identifier(), narrow.identifier());
    assert_eq!(verify_root(&narrow, &caveat_key()).unwrap_err(), VerifyError::Forged);
    let mut changed = narrow.to_v1().into_bytes();
    let last = changed.len() - 2;
    changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
    if let Ok(changed) = Macaroon::parse(&String::from_utf8(changed).unwrap()) {
        assert_eq!(verify_root(&changed, &root_key()).unwrap_err(), VerifyError::Forged);
    }
}

#[test]
fn a_root_ends_at_the_earliest_expiry_in_it_and_not_at_one_of_its_discharge() {
    let (early, late) = (at("2026-01-01T00:00:00"), at("2026-02-01T00:00:00"));
    let expires = Predicate::Expires;
    let ends = |caveats: &[Predicate], in_discharge: &[Predicate]| {
        let whole = verified(root(caveats), discharge(in_discharge));
        let alone = verify_root(&root(caveats), &root_key()).unwrap();
        assert_eq!(alone.stated(&LOCATIONS).root_expires, whole.stated(&LOCATIONS).root_expires);
        assert_eq!(whole.facts(&LOCATIONS).unwrap(), whole.stated(&LOCATIONS));
        whole.stated(&LOCATIONS).root_expires
    };
    assert_eq!(ends(&[push()], &[]), None);
    assert_eq!(ends(&[push()], &[expires(early)]), None);
    assert_eq!(ends(&[expires(late), push()], &[expires(early)]), Some(late));
    assert_eq!(ends(&[expires(late), expires(early)], &[]), Some(early));
    assert_eq!(ends(&[expires(early), expires(late)], &[]), Some(early));
}

#[test]
fn caveats_that_cannot_be_understood_do_not_hide_what_the_others_say() {
    let mut odd = root(&[push(), Predicate::Expires(at("2026-01-01T00:00:00"))]);
    for text in ["myapps.developer.ubuntu.com|colour|blue", "elsewhere|expires|2025-01-01T00:00:00"] {
        odd.attenuate(text).unwrap();
    }
    odd.attenuate("myapps.developer.ubuntu.com|expires|soon").unwrap();
    odd.attenuate("myapps.developer.ubuntu.com|session|mine").unwrap();
    let whole = verified(odd, discharge(&[Predicate::Session("s".into())]));
    assert!(whole.facts(&LOCATIONS).is_err());
    let stated = whole.stated(&LOCATIONS);
    assert_eq!(
        (stated.session.as_deref(), stated.root_expires),
        (Some("s"), Some(at("2026-01-01T00:00:00")))
    );
}

#[test]
fn of_accounts_and_sessions_that_contradict_each_other_none_is_believed() {
    let account = |openid: &str| {
        let text = || openid.to_owned();
        let account = Account {
            openid: text(),
            email: text(),
            displayname: text(),
            username: text(),
            is_verified: true,
        };
        Predicate::Account(account)
    };
    let session = |text: &str| Predicate::Session(text.into());
    let stated = |caveats: &[Predicate]| {
        let facts = verify_alone(&discharge(caveats), &caveat_key()).unwrap().stated(&LOCATIONS);
        (facts.account.map(|account| account.openid), facts.session)
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(stated(&[account("a"), session("s"), account("a")]), (some("a"), some("s")));
    assert_eq!(stated(&[account("a"), session("s"), account("b")]), (None, some("s")));
    assert_eq!(stated(&[account("a"), session("s"), session("t"), session("s")]), (some("a"), None));
}
