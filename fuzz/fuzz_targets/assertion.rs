//! Owns the laws of assertions: no bytes panic; what is read is written as the same bytes; what is sound is signed anew with
//! the same values; a stream is its assertions; and a packet has one text.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use assertions::{
    Account, AccountKey, AccountKeyRequest, Assertion, Chain, DecodeError, Draft, KeyId, PrivateKey,
    PublicKey, SignError, SnapBuild, SnapDeclaration, SnapRevision, Validation, Value,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use timestamp::Timestamp;
use libfuzzer_sys::fuzz_target;

// The key is made before the first input, for which there is a time-out.
fuzz_target!(init: { LazyLock::force(&KEY); }, |bytes: &[u8]| {
    if let Ok(assertion) = Assertion::decode(bytes) {
        assert_eq!(assertion.encode(), bytes);
        let sound = read(assertion.clone());
        let json = assertion.to_json();
        assert_eq!(json["headers"]["type"], assertion.kind());
        if sound {
            signed_anew(&assertion);
        }
    }
    if let Ok(all) = Assertion::decode_stream(bytes) {
        let written = Assertion::encode_stream(&all);
        let again = Assertion::decode_stream(written.as_bytes()).expect("was written by us");
        assert_eq!(Assertion::encode_stream(&again), written);
        assert_eq!(again.len(), all.len());
        let trusted: Vec<KeyId> = all.iter().map(|assertion| *assertion.sign_key()).collect();
        let digests: Vec<_> = all
            .iter()
            .filter_map(|one| SnapRevision::read(one.clone()).ok())
            .map(|revision| (*revision.digest(), revision.size()))
            .collect();
        let chain = Chain::new(all, &trusted);
        for (digest, size) in digests {
            let _ = chain.vouch(&digest, size);
        }
    }
    key_is_written_as_read(bytes);
    // A packet where a random text would hardly ever have one.
    let text = armored(bytes);
    key_is_written_as_read(text.as_bytes());
    let document = format!("type: unknown\nsign-key-sha3-384: {}\n\n{text}\n", "A".repeat(64));
    if let Ok(assertion) = Assertion::decode(document.as_bytes()) {
        assert_eq!(assertion.as_str(), document);
    }
});

/// Whether it is sound as one of its type.
fn read(assertion: Assertion) -> bool {
    match assertion.kind() {
        "account" => Account::read(assertion).is_ok(),
        "account-key" => AccountKey::read(assertion).is_ok_and(|key| {
            let _ = key.assertion().verify(key.public_key());
            true
        }),
        "account-key-request" => AccountKeyRequest::read(assertion).is_ok_and(|request| {
            let _ = request.verify();
            true
        }),
        "snap-build" => SnapBuild::read(assertion).is_ok(),
        "snap-declaration" => SnapDeclaration::read(assertion).is_ok(),
        "snap-revision" => SnapRevision::read(assertion).is_ok(),
        "validation" => Validation::read(assertion).is_ok(),
        _ => false,
    }
}

fn signed_anew(assertion: &Assertion) {
    let mut draft = Draft::new(assertion.kind()).body(assertion.body());
    for (name, value) in assertion.headers() {
        draft = draft.header(name, value.clone());
    }
    match draft.sign(&KEY, Timestamp::from_secs(0)) {
        Ok(again) => {
            assert_eq!(values(&again), values(assertion));
            assert_eq!(again.body(), assertion.body());
            again.verify(KEY.public()).expect("was signed by us");
        }
        // Its own key must sign it.
        Err(SignError::Headers(_)) => assert_eq!(assertion.kind(), "account-key-request"),
        // A default is spelled out, so that there is one header more.
        Err(SignError::Document(DecodeError::TooManyHeaders)) => {}
        Err(error) => panic!("{error}"),
    }
}

/// The headers, but for those that signing writes, or leaves out at their default.
fn values(assertion: &Assertion) -> BTreeMap<&str, &Value> {
    let written = ["sign-key-sha3-384", "body-length"];
    let defaults = [("revision", "0"), ("format", "0"), ("provenance", "global-upload")];
    let left_out = |name: &str, value: &Value| {
        written.contains(&name) || defaults.iter().any(|(n, d)| *n == name && value.as_text() == Some(d))
    };
    assertion.headers().filter(|(name, value)| !left_out(name, value)).collect()
}

fn key_is_written_as_read(text: &[u8]) {
    if let Ok(key) = PublicKey::decode(text) {
        assert_eq!(key.encode().as_bytes(), text);
    }
}

fn armored(packet: &[u8]) -> String {
    let flat = STANDARD.encode([&[1], packet].concat());
    let lines: Vec<&str> =
        flat.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).expect("base64")).collect();
    lines.join("\n")
}

static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate(2048).expect("randomness"));
