//! Keys: made, kept, read, shown.

use assertions::{Assertion, PrivateKey, PrivateKeyError, PublicKey, VerifyError};

use crate::support::{at, build, key, sign};

#[test]
fn a_key_that_was_kept_signs_the_same() {
    let kept = key(0).to_pkcs8();
    let again = PrivateKey::from_pkcs8(&kept).unwrap();
    assert_eq!(again.public(), key(0).public());
    let now = at("03-03");
    let draft = build().draft();
    assert_eq!(draft.sign(&again, now).unwrap().as_str(), draft.sign(key(0), now).unwrap().as_str());
}

#[test]
fn a_public_key_is_read_from_its_text() {
    let text = key(0).public().encode();
    assert!(text.starts_with("AcbATQRWhcGAAQgA"), "{text}");
    let read = PublicKey::decode(text.as_bytes()).unwrap();
    assert_eq!((&read, read.id(), read.bits()), (key(0).public(), key(0).public().id(), 2048));
}

#[test]
fn the_secret_is_not_shown() {
    let shown = format!("{:?}", key(0));
    assert_eq!(shown, format!("PrivateKey({}, [redacted])", key(0).public().id()));
    assert_eq!(format!("{:?}", key(0).public()), format!("PublicKey({}, 2048 bits)", key(0).public().id()));
}

#[test]
fn keys_of_other_sizes_are_not_made() {
    for bits in [0, 1024, 2047, 4097, 8192, usize::MAX] {
        assert_eq!(PrivateKey::generate(bits).unwrap_err(), PrivateKeyError::Bits(bits));
    }
}

#[test]
fn bytes_that_are_no_key_are_refused() {
    let mut kept = key(0).to_pkcs8().to_vec();
    assert_eq!(PrivateKey::from_pkcs8(&kept[1..]).unwrap_err(), PrivateKeyError::Pkcs8);
    assert_eq!(PrivateKey::from_pkcs8(b"").unwrap_err(), PrivateKeyError::Pkcs8);
    // In one of the primes, which then does not divide the modulus.
    let middle = kept.len() / 2;
    kept[middle] ^= 2;
    assert_eq!(PrivateKey::from_pkcs8(&kept).unwrap_err(), PrivateKeyError::Pkcs8);
}

#[test]
fn a_signature_is_one_keys_only() {
    let signed = sign(&build().draft(), key(0));
    signed.verify(key(0).public()).unwrap();
    let error = VerifyError::OtherKey(*key(0).public().id());
    assert_eq!(signed.verify(key(1).public()), Err(error));
    // Under the other key's name it is a forgery.
    let (mine, others) = (key(0).public().id().to_string(), key(1).public().id().to_string());
    let renamed = Assertion::decode(signed.as_str().replace(&mine, &others).as_bytes()).unwrap();
    assert_eq!(renamed.verify(key(1).public()), Err(VerifyError::Forged));
}
