//! What is JSON of a macaroon, read back as written; and what is refused.

use super::*;
use crate::RootKey;

fn macaroon() -> Macaroon {
    let mut macaroon = Macaroon::mint(&RootKey::derive(b"k"), "store \"é\"", "id").unwrap();
    macaroon.attenuate("store|acl|[\"a\"]").unwrap();
    macaroon.attenuate_third_party("sso", "cid", &RootKey::derive(b"c"), [3; 24]).unwrap();
    macaroon
}

#[test]
fn version_2_is_read_back_to_the_letter() {
    let text = encode(&macaroon());
    let read = decode(text.as_bytes()).unwrap();
    assert_eq!(encode(&read), text);
    assert_eq!(read.to_v1(), macaroon().to_v1());
    assert!(text.starts_with(r#"{"i": "id", "s64": ""#) && text.contains(r#", "l": "sso"}]}"#), "{text}");
}

#[test]
fn bytes_that_are_no_text_and_a_missing_location_survive() {
    let bytes = [&[2, 2, 1, 0xff, 0, 2, 1, 0xfe, 0, 0, 6, 32][..], &[9; 32]].concat();
    let read = Macaroon::decode(bytes.clone()).unwrap();
    let text = encode(&read);
    assert_eq!(super::super::v2::encode(&decode(text.as_bytes()).unwrap()), bytes);
    assert!(text.contains(r#""i64": "_w""#) && !text.contains(r#""l""#), "{text}");
}

#[test]
fn what_only_json_and_version_2_can_carry_is_sent_in_version_2() {
    let s64 = base64::encode(&[9; 32]);
    let text = macaroon();
    assert!(text.is_text());
    assert_eq!(super::super::token(&decode(encode(&text).as_bytes()).unwrap()), text.to_v1());
    for json in [
        format!(r#"{{"i64": "_w", "s64": "{s64}"}}"#),
        format!(r#"{{"i": "a", "s64": "{s64}", "c": [{{"i": "b"}}, {{"i64": "_w"}}]}}"#),
        format!(r#"{{"i64": "_w", "s64": "{s64}", "c": [{{"i": "b"}}]}}"#),
    ] {
        let read = decode(json.as_bytes()).unwrap();
        assert!(!read.is_text(), "{json}");
        let again = Macaroon::parse(&super::super::token(&read)).unwrap();
        assert_eq!(encode(&again), encode(&read));
    }
}

#[test]
fn the_longest_macaroon_is_read_back_however_its_text_is_escaped() {
    let mut macaroon =
        Macaroon::mint(&RootKey::derive(b"k"), "", &"\0".repeat(MAX_MACAROON_BYTES - 8192)).unwrap();
    while macaroon.attenuate("\0\0\0\0\0\0\0\0").is_ok() {}
    let text = encode(&macaroon);
    assert!(text.len() > 4 * MAX_MACAROON_BYTES);
    let indented = " ".repeat(MAX_JSON_BYTES - text.len()) + &text;
    for text in [text, indented] {
        assert_eq!(decode(text.as_bytes()).unwrap().to_v1(), macaroon.to_v1());
    }
}

#[test]
fn version_1_is_read() {
    let signature: String = macaroon()
        .signature()
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<Vec<_>>()
        .concat();
    let vid = base64::encode(macaroon().caveats().nth(1).unwrap().third_party.unwrap().vid);
    let text = format!(
        r#"{{"location": "store \"é\"", "identifier": "id", "signature": "{signature}", "caveats":
            [{{"cid": "store|acl|[\"a\"]"}}, {{"cid": "cid", "vid": "{vid}", "cl": "sso"}}]}}"#
    );
    assert_eq!(decode(text.as_bytes()).unwrap().to_v1(), macaroon().to_v1());
}

#[test]
fn either_alphabet_is_read() {
    for s64 in ["-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_-_8", "+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/+/8="]
    {
        assert!(decode(format!(r#"{{"i": "", "s64": "{s64}"}}"#).as_bytes()).is_ok(), "{s64}");
    }
}

#[test]
fn anything_else_is_refused() {
    let s = "A".repeat(42) + "8";
    for (text, error) in [
        ("{".to_owned(), DecodeError::Json),
        ("{}".to_owned(), DecodeError::Json),
        (format!(r#"{{"i": "a", "i64": "", "s64": "{s}"}}"#), DecodeError::Json),
        (format!(r#"{{"i": "a", "i": "a", "s64": "{s}"}}"#), DecodeError::Json),
        (format!(r#"{{"v": 3, "i": "a", "s64": "{s}"}}"#), DecodeError::Json),
        (format!(r#"{{"i": "a", "s64": "{s}", "x": 1}}"#), DecodeError::Json),
        (format!(r#"{{"i": "a", "s64": "{s}", "identifier": "a"}}"#), DecodeError::Json),
        (format!(r#"{{"i": "a", "s64": "{s}", "c": [{{"i": "", "l": "x"}}]}}"#), DecodeError::Json),
        (format!(r#"{{"i64": "!", "s64": "{s}"}}"#), DecodeError::Base64),
        (r#"{"i": "a", "s": "short"}"#.to_owned(), DecodeError::Signature { at: 0 }),
        (r#"{"identifier": "a", "signature": "00"}"#.to_owned(), DecodeError::Signature { at: 0 }),
        (r#"{"identifier": "a", "signature": "0G"}"#.to_owned(), DecodeError::Json),
        (
            format!(r#"{{"i": "", "s64": "{s}", "c": [{}]}}"#, vec![r#"{"i": ""}"#; 257].join(",")),
            DecodeError::TooManyCaveats,
        ),
        (format!(r#"{{"i": "{}", "s64": "{s}"}}"#, "a".repeat(MAX_MACAROON_BYTES)), DecodeError::TooLong),
        (" ".repeat(MAX_JSON_BYTES + 1), DecodeError::TooLong),
    ] {
        assert_eq!(decode(text.as_bytes()).unwrap_err(), error, "{}", text.get(..80).unwrap_or(&text));
    }
}
