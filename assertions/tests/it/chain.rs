//! Who is believed about a file, and each way in which nobody is.

use assertions::{
    Assertion, Chain, ChainError, KeyId, NewAccount, NewAccountKey, NewSnapDeclaration, NewSnapRevision,
    TypeError, Vouched, encode_digest,
};

use crate::support::{
    DIGEST, PUBLISHER, SIZE, SNAP_ID, STORE, account, at, declaration, key, revision, sign, store_key,
};

/// All that a device needs for one file, signed with key 0, which it trusts.
fn whole() -> Vec<Assertion> {
    vec![
        sign(&store_key(key(0)).draft(), key(0)),
        sign(&account().draft(), key(0)),
        sign(&declaration().draft(), key(0)),
        sign(&revision().draft(), key(0)),
    ]
}

/// The same, with some replaced by others of their type.
fn with(others: impl IntoIterator<Item = Assertion>) -> Vec<Assertion> {
    let mut all = whole();
    for other in others {
        all.retain(|one| one.kind() != other.kind());
        all.push(other);
    }
    all
}

fn id(number: usize) -> KeyId {
    *key(number).public().id()
}

fn vouch(assertions: Vec<Assertion>) -> Result<Vouched, ChainError> {
    vouch_from(assertions, &[id(0)])
}

fn vouch_from(assertions: Vec<Assertion>, trusted: &[KeyId]) -> Result<Vouched, ChainError> {
    Chain::new(assertions, trusted).vouch(&DIGEST, SIZE)
}

/// A signature under a document that says something else.
fn tampered(assertion: &Assertion, from: &str, to: &str) -> Assertion {
    assert!(assertion.as_str().contains(from));
    Assertion::decode(assertion.as_str().replace(from, to).as_bytes()).unwrap()
}

#[test]
fn a_file_is_vouched_for_in_any_order_of_the_assertions() {
    let mut assertions = whole();
    for _ in 0..4 {
        assertions.rotate_left(1);
        let vouched = vouch(assertions.clone()).unwrap();
        assert_eq!((vouched.snap_name.as_str(), vouched.snap_id.as_str()), ("hello", SNAP_ID));
        assert_eq!((vouched.snap_revision, vouched.timestamp), (3, at("03-03")));
        assert_eq!(
            (vouched.publisher.account_id.as_str(), vouched.developer_id.as_str()),
            (PUBLISHER, PUBLISHER)
        );
        assert_eq!(vouched.publisher.username.as_deref(), Some("ada"));
        assert_eq!(vouched.publisher.display_name, "Ada L.");
        assert_eq!(vouched.publisher.validation.as_str(), "verified");
        assert_eq!(vouched.keys, [id(0)]);
    }
}

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
fn the_newest_revision_counts_whichever_comes_first() {
    let newer = NewSnapRevision { snap_revision: 4, revision: 1, ..revision() };
    let mut assertions = whole();
    assertions.push(sign(&newer.draft(), key(0)));
    assert_eq!(vouch(assertions.clone()).unwrap().snap_revision, 4);
    assertions.reverse();
    assert_eq!(vouch(assertions).unwrap().snap_revision, 4);
}

#[test]
fn a_newer_revision_that_nobody_vouches_for_hides_nothing() {
    let newer = sign(&NewSnapRevision { snap_revision: 4, revision: 1, ..revision() }.draft(), key(3));
    let mut assertions = whole();
    assertions.push(newer);
    assertions.rotate_right(1);
    assert_eq!(vouch(assertions).unwrap().snap_revision, 3);
}

#[test]
fn the_same_assertion_twice_is_no_conflict() {
    let twice = [whole(), whole()].concat();
    assert_eq!(vouch(twice).unwrap().snap_revision, 3);
}

#[test]
fn another_file_is_not_vouched_for() {
    let chain = Chain::new(whole(), &[id(0)]);
    assert_eq!(chain.vouch(&[8; 48], SIZE), Err(ChainError::NoRevision));
    assert_eq!(chain.vouch(&DIGEST, 1), Err(ChainError::Size { said: SIZE, found: 1 }));
}

#[test]
fn a_missing_assertion_is_named() {
    for (missing, error) in [
        ("account-key", ChainError::NoTrustedKey),
        ("account", ChainError::NoAccount(PUBLISHER.into())),
        ("snap-declaration", ChainError::NoDeclaration(SNAP_ID.into())),
        ("snap-revision", ChainError::NoRevision),
    ] {
        let mut assertions = whole();
        assertions.retain(|one| one.kind() != missing);
        assert_eq!(vouch(assertions), Err(error));
    }
}

#[test]
fn a_declaration_of_another_series_does_not_count() {
    let other = NewSnapDeclaration { series: "18", ..declaration() };
    let error = ChainError::NoDeclaration(SNAP_ID.into());
    assert_eq!(vouch(with([sign(&other.draft(), key(0))])), Err(error));
}

#[test]
fn a_snap_whose_name_was_taken_away_is_refused() {
    let unnamed = NewSnapDeclaration { snap_name: "", ..declaration() };
    assert_eq!(vouch(with([sign(&unnamed.draft(), key(0))])), Err(ChainError::Unnamed(SNAP_ID.into())));
}

#[test]
fn a_revision_by_another_way_than_the_stores_upload_does_not_count() {
    let other = revision().draft().header("provenance", "elsewhere");
    assert_eq!(vouch(with([sign(&other, key(0))])), Err(ChainError::NoRevision));
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
fn a_changed_document_is_refused_wherever_it_stands_in_the_chain() {
    for (kind, from, to) in [
        ("account", "Ada L.", "Eve L."),
        ("snap-declaration", "hello", "holla"),
        ("snap-revision", "snap-revision: 3", "snap-revision: 4"),
    ] {
        let genuine = whole().into_iter().find(|one| one.kind() == kind).unwrap();
        let error = vouch(with([tampered(&genuine, from, to)]));
        assert_eq!(error, Err(ChainError::Forged { kind }));
    }
    let root = tampered(&whole()[0], "02-01T12", "01-01T12");
    assert_eq!(vouch(with([root])), Err(ChainError::Forged { kind: "account-key" }));
    let second = tampered(&sign(&store_key(key(1)).draft(), key(0)), "02-01T12", "01-01T12");
    let mut assertions = with([sign(&revision().draft(), key(1))]);
    assertions.push(second);
    assert_eq!(vouch(assertions), Err(ChainError::Forged { kind: "account-key" }));
}

#[test]
fn an_assertion_that_can_not_be_read_is_refused() {
    let bad = tampered(&whole()[3], &format!("snap-size: {SIZE}"), "snap-size: 04");
    let error = vouch(with([bad])).unwrap_err();
    assert!(matches!(
        error,
        ChainError::Unreadable { kind: "snap-revision", error: TypeError::Invalid { .. } }
    ));
    let bad = tampered(&whole()[0], "since: 2026", "since: 26");
    let error = vouch(with([bad])).unwrap_err();
    assert!(matches!(error, ChainError::Unreadable { kind: "account-key", .. }));
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
    let item = [("headers".to_owned(), assertions::Value::Map(constraint))].into_iter().collect();
    let constraints = assertions::Value::List(vec![assertions::Value::Map(item)]);
    let second = store_key(key(1)).draft().header("format", "1").header("constraints", constraints);
    let mut assertions = with([sign(&revision().draft(), key(1))]);
    assertions.push(sign(&second, key(0)));
    assert_eq!(vouch(assertions), Err(ChainError::ConstrainedKey { kind: "snap-revision", key: id(1) }));
}

#[test]
fn two_texts_of_one_revision_are_refused_until_a_newer_one_settles_it() {
    let other = sign(&NewSnapRevision { snap_revision: 5, ..revision() }.draft(), key(0));
    let mut assertions = whole();
    assertions.push(other);
    assert_eq!(vouch(assertions.clone()), Err(ChainError::Conflict { kind: "snap-revision" }));
    let settled = NewSnapRevision { snap_revision: 5, revision: 1, ..revision() };
    assertions.push(sign(&settled.draft(), key(0)));
    assert_eq!(vouch(assertions).unwrap().snap_revision, 5);

    let second = store_key(key(1));
    let other = NewAccountKey { since: at("02-02"), ..second.clone() };
    let mut assertions = with([sign(&revision().draft(), key(1))]);
    assertions.extend([sign(&second.draft(), key(0)), sign(&other.draft(), key(0))]);
    assert_eq!(vouch(assertions), Err(ChainError::Conflict { kind: "account-key" }));
}

#[test]
fn each_refusal_is_a_sentence() {
    let error = ChainError::Forged { kind: "account" }.to_string();
    assert_eq!(
        error,
        "the signature of the account does not fit: it was changed, or not signed with the key it names"
    );
    let error = ChainError::OutsideKey { kind: "account", timestamp: at("03-03"), key: id(0) }.to_string();
    assert_eq!(
        error,
        format!("the account is from 2026-03-03T12:00:00.000000Z, when the key {} was not good", id(0))
    );
    assert_eq!(encode_digest(id(0).as_bytes()), id(0).to_string());
}
