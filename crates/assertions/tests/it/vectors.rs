//! What snapd's tool and the real store have signed is read, verifies, and would have been written the same by us.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assertions::{
    Account, AccountKey, AccountKeyRequest, Assertion, Chain, ChainError, KeyId, PublicKey, SnapBuild,
    SnapDeclaration, SnapRevision, TypeError, Validation, VerifyError, decode_digest,
};

/// snapd's built-in trusted key.
const ROOT: &str = "-CvQKAwRQ5h3Ffn10FILJoEZUXOv6km9FwA80-Rcj-f-6jadQ89VRswHNiEB9Lxk";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name)
}

/// The valid assertions whose name begins so, by name without the ending.
fn valid(prefix: &str) -> BTreeMap<String, Assertion> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder("valid")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if name.starts_with(prefix) && path.extension().is_some_and(|end| end == "assert") {
            let bytes = fs::read(&path).unwrap();
            let assertion = Assertion::decode(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(assertion.encode(), bytes, "{name}");
            found.insert(name, assertion);
        }
    }
    found
}

fn read(assertion: Assertion) -> Result<(), TypeError> {
    match assertion.kind() {
        "account" => Account::read(assertion).map(drop),
        "account-key" => AccountKey::read(assertion).map(drop),
        "account-key-request" => AccountKeyRequest::read(assertion).map(drop),
        "snap-build" => SnapBuild::read(assertion).map(drop),
        "snap-declaration" => SnapDeclaration::read(assertion).map(drop),
        "snap-revision" => SnapRevision::read(assertion).map(drop),
        "validation" => Validation::read(assertion).map(drop),
        other => panic!("there is no type {other}"),
    }
}

#[test]
fn what_the_tool_signed_is_read_and_verifies() {
    let text = fs::read(folder("valid/snap-public-key.txt")).unwrap();
    let key = PublicKey::decode(&text).unwrap();
    assert_eq!(key.encode().as_bytes(), text);
    assert_eq!(key.bits(), 4096);
    let made: serde_json::Value =
        serde_json::from_slice(&fs::read(folder("valid/snap.json")).unwrap()).unwrap();
    assert_eq!(key.id().to_string(), made["key"].as_str().unwrap());
    let all = valid("snap-");
    assert_eq!(all.len(), 11);
    for (name, assertion) in all {
        assertion.verify(&key).unwrap_or_else(|error| panic!("{name}: {error}"));
        read(assertion).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn what_the_tool_said_is_understood() {
    let all = valid("snap-");
    let request = AccountKeyRequest::read(all["snap-account-key-request"].clone()).unwrap();
    request.verify().unwrap();
    assert_eq!((request.account_id(), request.name()), ("J3KsnwZM9nSA3Cj6Hp8EeCF3XbvuNdJj", "default"));
    let build = SnapBuild::read(all["snap-snap-build"].clone()).unwrap();
    let made: serde_json::Value =
        serde_json::from_slice(&fs::read(folder("valid/snap.json")).unwrap()).unwrap();
    let hex = made["file-sha3-384"].as_str().unwrap();
    let digest: Vec<u8> =
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
    assert_eq!(build.digest().as_slice(), digest);
    assert_eq!((build.size(), build.grade()), (4096, "stable"));
    assert_eq!(build.authority(), build.developer_id().unwrap());
    let build = SnapBuild::read(all["snap-snap-build-devel"].clone()).unwrap();
    assert_eq!(build.grade(), "devel");
    let body = all["snap-snap-build-body"].body();
    assert_eq!(body, "A body may hold\n\nblank lines,\nand end with some.\n\n");
    let validation = Validation::read(all["snap-validation"].clone()).unwrap();
    assert_eq!(validation.timestamp().to_string(), "2026-11-24T20:30:00.123456");
    assert!(validation.is_revoked());
    assert_eq!(validation.approved_snap_revision(), 42);
    let revision = SnapRevision::read(all["snap-snap-revision-provenance"].clone()).unwrap();
    assert_eq!((revision.provenance(), revision.size()), ("acme-build-farm", u64::MAX));
    let declaration = &all["snap-snap-declaration"];
    assert_eq!(declaration.text("x-text"), Some("first line\n  second, indented\n\nfourth"));
    assert_eq!(
        declaration.headers_json()["x-texts"],
        serde_json::json!(["one", "two\nlines", ["nested", "list"], {"key": "value", "text": "a\nb"}]),
    );
    assert_eq!(declaration.primary_key(), Some(vec!["16", "buPKUD3TKqCOgLEjjHx5kSiCpIs5cMuQ"]));
    let digest = all["snap-snap-revision"].text("snap-sha3-384").unwrap();
    assert_eq!(all["snap-snap-revision"].primary_key(), Some(vec![digest, "global-upload"]));
}

#[test]
fn another_key_verifies_nothing() {
    let root = AccountKey::read(valid("store-")["store-account-key-root"].clone()).unwrap();
    for assertion in valid("snap-").into_values() {
        let error = VerifyError::OtherKey(*assertion.sign_key());
        assert_eq!(assertion.verify(root.public_key()), Err(error));
    }
}

#[test]
fn what_the_real_store_signed_is_followed_from_its_root_to_a_file() {
    let all = valid("store-");
    let root = AccountKey::read(all["store-account-key-root"].clone()).unwrap();
    assert_eq!((root.public_key().bits(), root.public_key().id().to_string().as_str()), (8192, ROOT));
    let trusted: KeyId = ROOT.parse().unwrap();
    let store = *AccountKey::read(all["store-account-key-store"].clone()).unwrap().public_key().id();
    let chain = Chain::new(all.values().cloned(), &[trusted]);
    let revision = SnapRevision::read(all["store-snap-revision"].clone()).unwrap();
    let vouched = chain.vouch(revision.digest(), 8192).unwrap();
    assert_eq!((vouched.snap_name.as_str(), vouched.snap_revision), ("word-salad", 7));
    assert_eq!(vouched.publisher.validation.as_str(), "starred");
    assert_eq!(vouched.keys, [trusted, store]);
    // Its header "provenance" says what is meant if it is left out. Nothing says what the snap is called.
    let other = decode_digest("Gsqj3QgpWFq2p0517nHNNMZWgX5rG6_vaeOjT9Nyua_l36qkC_HdiDw2iEd4t1J-").unwrap();
    let error = ChainError::NoDeclaration("CSO04Jhav2yK0uz97cr0ipQRyqg0qQL6".into());
    assert_eq!(chain.vouch(&other, 58_363_904), Err(error));
}

#[test]
fn everything_that_the_real_store_signed_verifies_and_is_read() {
    let all = valid("store-");
    let keys: BTreeMap<KeyId, PublicKey> = all
        .values()
        .filter(|assertion| assertion.kind() == "account-key")
        .map(|assertion| AccountKey::read(assertion.clone()).unwrap().public_key().clone())
        .map(|key| (*key.id(), key))
        .collect();
    assert_eq!(all.len(), 10);
    for (name, assertion) in all {
        assertion.verify(&keys[assertion.sign_key()]).unwrap_or_else(|error| panic!("{name}: {error}"));
        read(assertion).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// Why this document is refused: at which step, and in which words.
fn refusal(document: &[u8], is_key: bool, key: &PublicKey) -> Option<String> {
    if is_key {
        return PublicKey::decode(document).err().map(|error| format!("key: {error}"));
    }
    let assertion = match Assertion::decode(document) {
        Ok(assertion) => assertion,
        Err(error) => return Some(format!("decode: {error}")),
    };
    if let Err(error) = read(assertion.clone()) {
        return Some(format!("read: {error}"));
    }
    assertion.verify(key).err().map(|error| format!("verify: {error}"))
}

#[test]
fn everything_that_is_wrong_is_refused_at_its_step_and_in_its_words() {
    let key = PublicKey::decode(&fs::read(folder("valid/snap-public-key.txt")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder("invalid")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let bytes = fs::read(&path).unwrap();
        let end = bytes.windows(5).position(|window| window == b"\n---\n").unwrap();
        let expected = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let found = refusal(&bytes[end + 5..], name.starts_with("key-"), &key);
        if found.as_ref() != Some(&expected) {
            wrong.push(format!("{name}:\n  should be {expected}\n  is {found:?}"));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 150, "only {count} vectors");
}
