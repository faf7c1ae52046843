//! Which keys count in a chain, for what, and from when to when.

use assertions::{ChainError, NewAccount, NewAccountKey, NewSnapRevision, Value};

use crate::support::{
    PUBLISHER, STORE, account, at, declaration, id, key, revision, sign, store_key, vouch, vouch_from, whole,
    with,
};

#[test]
fn keys_that_the_trusted_key_vouches_for_sign_too() {
    let assertions = vec![
        sign(&store_key(key(2)).draft(), key(1)),
        sign(&store_key(key(1)).draft(), key(0)),
        sign(&store_key(key(0)).draft(), key(0)),
        sign(&account().draft(), key(1)),
        sign(&declaration().draft(), key(0)),
        sign(&revision().draft(), key(2)),
    ];
    assert_eq!(vouch(assertions).unwrap().keys, [id(0), id(1), id(2)]);
}

/// After a rotation the old key vouches for the new one, and a later revision is signed with the new key itself.
#[test]
fn after_a_rotation_both_the_old_and_the_new_key_may_be_the_trusted_one() {
    let new = store_key(key(1));
    let assertions = vec![
        sign(&store_key(key(0)).draft(), key(0)),
        sign(&new.draft(), key(0)),
        sign(&NewAccountKey { revision: 1, ..new }.draft(), key(1)),
        sign(&account().draft(), key(1)),
        sign(&declaration().draft(), key(1)),
        sign(&revision().draft(), key(1)),
    ];
    assert_eq!(vouch_from(assertions.clone(), &[id(0)]).unwrap().keys, [id(0), id(1)]);
    assert_eq!(vouch_from(assertions, &[id(1)]).unwrap().keys, [id(1)]);
}

#[test]
fn a_key_that_nobody_trusts_is_refused() {
    assert_eq!(vouch_from(whole(), &[]), Err(ChainError::NoTrustedKey));
    assert_eq!(vouch_from(whole(), &[id(1)]), Err(ChainError::NoTrustedKey));
    let by_another = with([sign(&revision().draft(), key(1))]);
    assert_eq!(vouch(by_another), Err(ChainError::UnknownKey { kind: "snap-revision", key: id(1) }));
}

#[test]
fn a_key_that_vouches_for_itself_and_is_not_trusted_is_refused() {
    let mut assertions = with([sign(&revision().draft(), key(1))]);
    assertions.push(sign(&store_key(key(1)).draft(), key(1)));
    assert_eq!(vouch(assertions), Err(ChainError::UnknownKey { kind: "account-key", key: id(1) }));
}

#[test]
fn a_trusted_key_that_another_vouches_for_alone_is_not_enough() {
    let assertions = with([sign(&store_key(key(0)).draft(), key(1))]);
    assert_eq!(vouch(assertions), Err(ChainError::NoTrustedKey));
}

#[test]
fn a_key_of_another_account_does_not_speak_for_the_store() {
    let theirs = NewAccountKey { account_id: PUBLISHER, ..store_key(key(1)) };
    let theirs = sign(&theirs.draft(), key(0));
    let mut assertions = with([sign(&revision().draft(), key(1))]);
    assertions.push(theirs.clone());
    let error = ChainError::OtherAuthority {
        kind: "snap-revision",
        authority: STORE.into(),
        account: PUBLISHER.into(),
    };
    assert_eq!(vouch(assertions), Err(error));

    let own = NewSnapRevision { authority: PUBLISHER, ..revision() };
    let mut assertions = with([sign(&own.draft(), key(1))]);
    assertions.push(theirs);
    let error = ChainError::NotTheStore { kind: "snap-revision", account: PUBLISHER.into() };
    assert_eq!(vouch(assertions), Err(error));
}

#[test]
fn a_publishers_key_vouches_for_no_key() {
    let theirs = NewAccountKey { account_id: PUBLISHER, ..store_key(key(1)) };
    let second = NewAccountKey { authority: PUBLISHER, ..store_key(key(2)) };
    let mut assertions = with([sign(&revision().draft(), key(2))]);
    assertions.extend([sign(&theirs.draft(), key(0)), sign(&second.draft(), key(1))]);
    let error = ChainError::NotTheStore { kind: "account-key", account: PUBLISHER.into() };
    assert_eq!(vouch(assertions), Err(error));
}

#[test]
fn a_statement_from_before_or_after_its_keys_time_is_refused() {
    for (since, until) in [("03-04", None), ("02-01", Some("03-03")), ("01-01", Some("02-01"))] {
        let second = NewAccountKey { since: at(since), until: until.map(at), ..store_key(key(1)) };
        let mut assertions = with([sign(&revision().draft(), key(1))]);
        assertions.push(sign(&second.draft(), key(0)));
        let error = ChainError::OutsideKey { kind: "snap-revision", timestamp: at("03-03"), key: id(1) };
        assert_eq!(vouch(assertions), Err(error));
    }
    let late = NewAccount { timestamp: at("01-31"), ..account() };
    let error = ChainError::OutsideKey { kind: "account", timestamp: at("01-31"), key: id(0) };
    assert_eq!(vouch(with([sign(&late.draft(), key(0))])), Err(error));
}

#[test]
fn a_key_signs_from_the_first_moment_of_its_time_on() {
    let second = NewAccountKey { since: at("03-03"), until: Some(at("03-04")), ..store_key(key(1)) };
    let mut assertions = with([sign(&revision().draft(), key(1))]);
    assertions.push(sign(&second.draft(), key(0)));
    assert_eq!(vouch(assertions).unwrap().keys, [id(0), id(1)]);
}

#[test]
fn a_newer_account_key_ends_the_time_of_a_key() {
    let second = store_key(key(1));
    let ended = NewAccountKey { until: Some(at("03-02")), revision: 1, ..second.clone() };
    let mut assertions = with([sign(&revision().draft(), key(1))]);
    assertions.extend([sign(&second.draft(), key(0)), sign(&ended.draft(), key(0))]);
    let error = ChainError::OutsideKey { kind: "snap-revision", timestamp: at("03-03"), key: id(1) };
    assert_eq!(vouch(assertions), Err(error));
}

#[test]
fn what_a_revoked_key_vouched_for_is_refused() {
    let second = store_key(key(1));
    let revoked = NewAccountKey { until: Some(second.since), revision: 1, ..second.clone() };
    let mut assertions = with([sign(&revision().draft(), key(2))]);
    assertions.push(sign(&second.draft(), key(0)));
    assertions.push(sign(&store_key(key(2)).draft(), key(1)));
    assert_eq!(vouch(assertions.clone()).unwrap().keys, [id(0), id(1), id(2)]);
    assertions.push(sign(&revoked.draft(), key(0)));
    assert_eq!(vouch(assertions), Err(ChainError::RevokedKey { key: id(1) }));
}

#[test]
fn a_key_for_some_assertions_only_is_refused() {
    let constraint = [("type".to_owned(), "snap-revision".into())].into_iter().collect();
    let item = [("headers".to_owned(), Value::Map(constraint))].into_iter().collect();
    let constraints = Value::List(vec![Value::Map(item)]);
    let second = store_key(key(1)).draft().header("format", "1").header("constraints", constraints);
    let mut assertions = with([sign(&revision().draft(), key(1))]);
    assertions.push(sign(&second, key(0)));
    assert_eq!(vouch(assertions), Err(ChainError::ConstrainedKey { kind: "snap-revision", key: id(1) }));
}
