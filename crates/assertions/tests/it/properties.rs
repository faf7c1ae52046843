//! Laws, over values, bytes and places that nobody chose.

use std::collections::BTreeMap;

use assertions::{Assertion, PublicKey, Value};
use proptest::prelude::*;

use crate::support::{at, build, key, sign, store_key};

/// Texts, lists and maps, a few levels deep, none of them empty but the texts.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[ -~]{0,20}",
        "[ -~\n\t]{0,40}",
        "[^\u{0}-\u{1f}\u{7f}]{0,10}",
        "\n{1,3} {0,5}",
        "  - .{0,3}",
    ]
    .prop_map(|text: String| text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "?"));
    text.prop_map(Value::Text).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Value::List),
            prop::collection::btree_map("[a-z](-?[a-z0-9]){0,5}", inner, 1..4).prop_map(Value::Map),
        ]
    })
}

fn headers() -> impl Strategy<Value = BTreeMap<String, Value>> {
    prop::collection::btree_map("x(-?[a-z0-9]){1,8}", value(), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn what_is_signed_decodes_to_the_same_values_and_verifies(headers in headers(), body in "[ -~\n]{0,60}") {
        let mut draft = build().draft().body(body.clone());
        for (name, value) in &headers {
            draft = draft.header(name, value.clone());
        }
        let signed = draft.sign(key(0), at("03-03")).unwrap();
        let read = Assertion::decode(signed.encode()).unwrap();
        prop_assert_eq!(read.as_str(), signed.as_str());
        prop_assert_eq!(read.body(), body);
        for (name, value) in &headers {
            prop_assert_eq!(read.header(name), Some(value));
        }
        prop_assert!(read.verify(key(0).public()).is_ok());
        let stream = Assertion::encode_stream([&read, &read]);
        prop_assert_eq!(Assertion::decode_stream(stream.as_bytes()).unwrap(), [read.clone(), read]);
    }

    #[test]
    fn whatever_decodes_is_written_as_it_was(text in "[a-z]{1,3}: ?[ -~]{0,9}\n|[ a-z:\n-]{0,200}") {
        let one = sign(&build().draft(), key(0));
        let changed = one.as_str().replacen("grade: stable\n", &format!("grade: stable\n{text}"), 1);
        if let Ok(read) = Assertion::decode(changed.as_bytes()) {
            prop_assert_eq!(read.as_str(), changed);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Assertion::decode(&bytes);
        let _ = Assertion::decode_stream(&bytes);
        let _ = PublicKey::decode(&bytes);
    }
}

/// Each byte in turn, and three of its bits.
#[test]
fn no_flipped_byte_decodes_and_verifies() {
    for signed in [sign(&store_key(key(0)).draft(), key(0)), sign(&build().draft().body("body\n"), key(0))] {
        for place in 0..signed.encode().len() {
            for bit in [1, 2, 0x20] {
                let mut bytes = signed.encode().to_vec();
                bytes[place] ^= bit;
                let verified =
                    Assertion::decode(&bytes).is_ok_and(|read| read.verify(key(0).public()).is_ok());
                assert!(!verified, "bit {bit} of byte {place} of\n{}", signed.as_str());
            }
        }
    }
}

/// Cut anywhere, it is no assertion, or not the one that was signed. Without its last newline it still is.
#[test]
fn no_shortened_document_decodes_and_verifies() {
    let signed = sign(&store_key(key(0)).draft(), key(0));
    for length in 0..signed.encode().len() - 1 {
        let read = Assertion::decode(&signed.encode()[..length]);
        assert!(read.is_err(), "{length} bytes of\n{}", signed.as_str());
    }
}
