//! What is signed is what snapd would sign; what is not sound is not signed.

use std::collections::BTreeMap;

use assertions::{
    Account, AccountKey, AccountKeyRequest, Assertion, DecodeError, Draft, NewAccount, NewAccountKey,
    NewAccountKeyRequest, NewSnapDeclaration, NewSnapRevision, SignError, SnapBuild, SnapDeclaration,
    SnapRevision, TypeError, ValidationStatus, Value,
};
use timestamp::Timestamp;

use crate::support::{
    DIGEST, PUBLISHER, SIZE, SNAP_ID, STORE, account, at, build, declaration, key, revision, sign, store_key,
};

/// The headers, without the last, which names the key.
fn headers_of(assertion: &Assertion) -> &str {
    let (headers, _) = assertion.as_str().split_once("\n\n").unwrap();
    headers.split_once("\nsign-key-sha3-384: ").unwrap().0
}

#[test]
fn an_account_is_signed_and_read_back() {
    let draft = NewAccount { revision: 7, ..account() }.draft();
    let signed = sign(&draft, key(0));
    signed.verify(key(0).public()).unwrap();
    assert_eq!(
        headers_of(&signed),
        "type: account\n\
         authority-id: acme-store\n\
         revision: 7\n\
         account-id: J3KsnwZM9nSA3Cj6Hp8EeCF3XbvuNdJj\n\
         display-name: Ada L.\n\
         timestamp: 2026-03-01T12:00:00.000000Z\n\
         username: ada\n\
         validation: verified"
    );
    let read = Account::read(signed).unwrap();
    assert_eq!((read.authority(), read.account_id(), read.username()), (STORE, PUBLISHER, Some("ada")));
    assert_eq!((read.display_name(), read.validation()), ("Ada L.", &ValidationStatus::Verified));
    assert_eq!((read.timestamp(), read.assertion().revision()), (at("03-01"), 7));
}

#[test]
fn an_account_key_is_signed_with_and_without_a_name_and_an_end() {
    let new = NewAccountKey { until: Some(at("12-01")), name: Some("default"), ..store_key(key(0)) };
    let signed = sign(&new.draft(), key(0));
    let id = key(0).public().id();
    assert_eq!(
        headers_of(&signed),
        format!(
            "type: account-key\n\
             authority-id: acme-store\n\
             public-key-sha3-384: {id}\n\
             account-id: acme-store\n\
             name: default\n\
             since: 2026-02-01T12:00:00.000000Z\n\
             until: 2026-12-01T12:00:00.000000Z\n\
             body-length: {}",
            key(0).public().encode().len()
        )
    );
    let read = AccountKey::read(signed).unwrap();
    assert_eq!(
        (read.name(), read.account_id(), read.public_key()),
        (Some("default"), STORE, key(0).public())
    );
    assert_eq!((read.since(), read.until(), read.is_constrained()), (at("02-01"), Some(at("12-01")), false));
    let good = |moment: &str| read.is_good_at(at(moment));
    assert_eq!((good("01-31"), good("02-01"), good("11-30"), good("12-01")), (false, true, true, false));

    let unnamed = sign(&store_key(key(0)).draft(), key(0));
    let read = AccountKey::read(unnamed).unwrap();
    assert_eq!((read.name(), read.until()), (None, None));
}

#[test]
fn a_request_is_signed_with_its_own_key_only() {
    let request = NewAccountKeyRequest {
        account_id: PUBLISHER,
        name: "default",
        since: at("03-01"),
        until: None,
        public_key: key(0).public(),
    };
    let read = AccountKeyRequest::read(sign(&request.draft(), key(0))).unwrap();
    read.verify().unwrap();
    assert_eq!((read.account_id(), read.name(), read.since()), (PUBLISHER, "default", at("03-01")));
    assert_eq!(
        (read.until(), read.public_key(), read.assertion().authority()),
        (None, key(0).public(), None)
    );
    let error = request.draft().sign(key(1), at("03-01")).unwrap_err();
    assert_eq!(error, SignError::Headers(TypeError::NotSelfSigned));
}

#[test]
fn a_build_is_signed_and_read_back() {
    let signed = sign(&build().draft(), key(0));
    signed.verify(key(0).public()).unwrap();
    let read = SnapBuild::read(signed).unwrap();
    assert_eq!(
        (read.authority(), read.developer_id(), read.snap_id()),
        (PUBLISHER, Some(PUBLISHER), SNAP_ID)
    );
    assert_eq!((read.digest(), read.size(), read.grade()), (&DIGEST, SIZE, "stable"));
    assert_eq!(read.timestamp(), at("03-03"));
}

#[test]
fn a_declaration_is_signed_and_read_back() {
    let gated = ["99T7MUlRhtI3U0QFgl5mXXESAiSwt776".to_owned()];
    let draft = NewSnapDeclaration { refresh_control: &gated, ..declaration() }.draft();
    let signed = sign(&draft, key(0));
    assert_eq!(
        headers_of(&signed),
        "type: snap-declaration\n\
         authority-id: acme-store\n\
         series: 16\n\
         snap-id: buPKUD3TKqCOgLEjjHx5kSiCpIs5cMuQ\n\
         publisher-id: J3KsnwZM9nSA3Cj6Hp8EeCF3XbvuNdJj\n\
         refresh-control:\n  \
           - 99T7MUlRhtI3U0QFgl5mXXESAiSwt776\n\
         snap-name: hello\n\
         timestamp: 2026-03-02T12:00:00.000000Z"
    );
    let read = SnapDeclaration::read(signed).unwrap();
    assert_eq!((read.authority(), read.series(), read.snap_id()), (STORE, "16", SNAP_ID));
    assert_eq!((read.snap_name(), read.publisher_id()), ("hello", PUBLISHER));
    assert_eq!((read.refresh_control(), read.timestamp()), (gated.as_slice(), at("03-02")));
    assert!(!sign(&declaration().draft(), key(0)).as_str().contains("refresh-control"));
}

/// Not asked for a provenance, snapd writes the default, and so does the real store.
#[test]
fn a_revision_is_signed_and_read_back() {
    let signed = sign(&revision().draft(), key(0));
    assert_eq!(
        headers_of(&signed),
        "type: snap-revision\n\
         authority-id: acme-store\n\
         snap-sha3-384: BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n\
         developer-id: J3KsnwZM9nSA3Cj6Hp8EeCF3XbvuNdJj\n\
         provenance: global-upload\n\
         snap-id: buPKUD3TKqCOgLEjjHx5kSiCpIs5cMuQ\n\
         snap-revision: 3\n\
         snap-size: 4096\n\
         timestamp: 2026-03-03T12:00:00.000000Z"
    );
    let read = SnapRevision::read(signed).unwrap();
    assert_eq!((read.authority(), read.developer_id(), read.snap_id()), (STORE, PUBLISHER, SNAP_ID));
    assert_eq!((read.digest(), read.size(), read.snap_revision()), (&DIGEST, SIZE, 3));
    assert_eq!((read.provenance(), read.timestamp()), ("global-upload", at("03-03")));
    let spelled_out = revision().draft().header("provenance", "global-upload");
    assert!(!sign(&spelled_out, key(0)).as_str().contains("provenance"));
    let other = revision().draft().header("provenance", "farm");
    assert!(sign(&other, key(0)).as_str().contains("\nprovenance: farm\ndeveloper-id"));
}

#[test]
fn the_same_draft_key_and_second_give_the_same_bytes() {
    let draft = revision().draft();
    let first = draft.sign(key(0), at("03-03")).unwrap();
    let later = Timestamp::from_micros(at("03-03").micros() + 999_999);
    assert_eq!(draft.sign(key(0), later).unwrap().as_str(), first.as_str());
    let next = Timestamp::from_micros(at("03-03").micros() + 1_000_000);
    assert_ne!(draft.sign(key(0), next).unwrap().as_str(), first.as_str());
}

#[test]
fn nothing_that_is_set_replaces_what_signing_writes() {
    let draft = build()
        .draft()
        .header("type", "account")
        .header("body-length", "7")
        .header("sign-key-sha3-384", "another")
        .header("format", "0")
        .revision(0);
    assert_eq!(sign(&draft, key(0)).as_str(), sign(&build().draft(), key(0)).as_str());
}

#[test]
fn empty_lists_and_maps_are_left_out_at_any_depth() {
    let none: Vec<Value> = Vec::new();
    let draft = build().draft().header("x-list", none.clone()).header("x-map", BTreeMap::new());
    assert_eq!(sign(&draft, key(0)).as_str(), sign(&build().draft(), key(0)).as_str());
    let draft = build().draft().header("x", vec![Value::List(none), Value::from("item")]);
    assert!(sign(&draft, key(0)).as_str().contains("\nx:\n  - item\n"));
}

#[test]
fn what_could_not_be_read_again_is_not_signed() {
    let now = at("03-03");
    let refused = |draft: Draft| draft.sign(key(0), now).unwrap_err();
    assert_eq!(refused(Draft::new("model")), SignError::UnknownType);
    assert_eq!(refused(build().draft().body("x".repeat(2 * 1024 * 1024 + 1))), SignError::BodyTooLong);
    let missing = DecodeError::Missing("authority-id");
    assert_eq!(refused(Draft::new("account")), SignError::Document(missing));
    for name in ["Upper", "colon:", "", "new\nline", "x: injected\ngrade"] {
        assert_eq!(refused(build().draft().header(name, "text")), SignError::Name(name.into()));
        let nested = BTreeMap::from([(name.to_owned(), Value::from("text"))]);
        let nested = vec![Value::from("item"), Value::Map(nested)];
        assert_eq!(refused(build().draft().header("x", nested)), SignError::Name(name.into()));
    }
    let error = refused(build().draft().header("x", "carriage\rreturn"));
    assert_eq!(error, SignError::Document(DecodeError::ControlCharacter));
    let grade = TypeError::Invalid { header: "grade", expected: "a text that is not empty" };
    assert_eq!(refused(build().draft().header("grade", "")), SignError::Headers(grade));
    let none = NewSnapRevision { snap_revision: 0, ..revision() }.draft();
    assert!(matches!(refused(none), SignError::Headers(TypeError::Invalid { header: "snap-revision", .. })));
}

/// Nested so that an inner list would vanish, a header can come out as another text, or as none that can be read.
#[test]
fn a_list_of_nothing_but_empty_lists_is_not_signed() {
    let hollow = Value::List(vec![Value::List(Vec::new())]);
    let error = build().draft().header("x", hollow).sign(key(0), at("03-03")).unwrap_err();
    assert!(matches!(error, SignError::Document(DecodeError::NoValue { .. })), "{error}");
}

#[test]
fn a_moment_that_a_signature_can_not_hold_is_refused() {
    for moment in ["1969-12-31T23:59:59", "2106-02-07T06:28:16"] {
        let error = build().draft().sign(key(0), moment.parse().unwrap()).unwrap_err();
        assert_eq!(error, SignError::Time, "{moment}");
    }
    for moment in ["1970-01-01T00:00:00", "2106-02-07T06:28:15"] {
        build().draft().sign(key(0), moment.parse().unwrap()).unwrap();
    }
}
