//! Who is believed about a file, and each way in which nobody is. Which keys count: `chain_keys.rs`.

use assertions::{
    Assertion, Chain, ChainError, NewAccountKey, NewSnapDeclaration, NewSnapRevision, TypeError,
    encode_digest,
};

use crate::support::{
    DIGEST, PUBLISHER, SIZE, SNAP_ID, at, declaration, id, key, revision, sign, store_key, vouch, whole, with,
};

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
