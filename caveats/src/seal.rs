//! The key inside a third-party caveat, sealed to the chain: the only file that names a cipher.
//!
//! The secretbox of `NaCl` (XSalsa20-Poly1305) of the derived caveat key under the chain's tail before the caveat, laid out
//! as nonce (24 bytes) ‖ tag (16) ‖ ciphertext (32). Python and Go choose a random nonce, libmacaroons a zero one;
//! the reader takes it from the text, so all interoperate.

use crypto_secretbox::{AeadInPlace, KeyInit, XSalsa20Poly1305};
use zeroize::Zeroize;

use crate::chain::{LENGTH, Tail};
use crate::key::RootKey;

/// Length of a verification id, in bytes.
pub(crate) const VID_LENGTH: usize = NONCE_LENGTH + TAG_LENGTH + LENGTH;

/// Length of the nonce a verification id starts with, in bytes.
pub(crate) const NONCE_LENGTH: usize = 24;

const TAG_LENGTH: usize = 16;

/// Seals `caveat_key` so that only someone who can compute `tail` can open it.
pub(crate) fn seal(caveat_key: &RootKey, tail: &Tail, nonce: [u8; NONCE_LENGTH]) -> [u8; VID_LENGTH] {
    let mut text = *caveat_key.as_bytes();
    let tag = XSalsa20Poly1305::new(tail.as_bytes().into())
        .encrypt_in_place_detached(&nonce.into(), &[], &mut text)
        .expect("32 bytes are far below the cipher's bound");
    let mut vid = [0; VID_LENGTH];
    let (head, body) = vid.split_at_mut(NONCE_LENGTH);
    head.copy_from_slice(&nonce);
    let (head, body) = body.split_at_mut(TAG_LENGTH);
    head.copy_from_slice(&tag);
    body.copy_from_slice(&text);
    vid
}

/// Opens what [`seal`] made; `None` unless it was made under exactly this tail.
pub(crate) fn open(vid: &[u8], tail: &Tail) -> Option<RootKey> {
    let (nonce, sealed) = vid.split_first_chunk::<NONCE_LENGTH>()?;
    let (tag, text) = sealed.split_first_chunk::<TAG_LENGTH>()?;
    let mut key: [u8; LENGTH] = text.try_into().ok()?;
    let opened = XSalsa20Poly1305::new(tail.as_bytes().into()).decrypt_in_place_detached(
        nonce.into(),
        &[],
        &mut key,
        tag.into(),
    );
    let found = opened.is_ok().then(|| RootKey::from_derived(key));
    key.as_mut_slice().zeroize();
    found
}
