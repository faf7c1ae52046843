//! Signing, reading and verifying go together.

use assertions::{AccountKeyRequest, Assertion, NewAccountKeyRequest, NewSnapBuild, PrivateKey, SnapBuild};
use caveats::Timestamp;

#[test]
fn what_is_signed_is_read_back_and_verifies() {
    let key = PrivateKey::generate(2048).unwrap();
    let now: Timestamp = "2026-11-24T20:30:00.5".parse().unwrap();
    let request = NewAccountKeyRequest {
        account_id: "J3KsnwZM9nSA3Cj6Hp8EeCF3XbvuNdJj",
        name: "default",
        since: now,
        until: None,
        public_key: key.public(),
    };
    let request = request.draft().sign(&key, now).unwrap();
    let request = AccountKeyRequest::read(Assertion::decode(request.encode()).unwrap()).unwrap();
    request.verify().unwrap();
    let build = NewSnapBuild {
        authority: "publisher",
        snap_id: "J3KsnwZM9nSA3Cj6Hp8EeCF3XbvuNdJj",
        digest: &[7; 48],
        size: 5,
        grade: "stable",
        timestamp: now,
    };
    let build = build.draft().sign(&key, now).unwrap();
    build.verify(key.public()).unwrap();
    assert_eq!(SnapBuild::read(build).unwrap().digest(), &[7; 48]);
}
