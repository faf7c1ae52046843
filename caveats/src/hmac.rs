//! HMAC-SHA256 (RFC 2104, FIPS 180-4) of short messages under keys of 32 bytes: the only file that names a hash.
//!
//! Built on the compression function of `sha2`, which uses the processor's SHA instructions. A general HMAC keeps a state
//! for messages that come in pieces; here a message is whole and short, so key pad and message are laid out in one piece and
//! compressed by one call, and the pads of a key that is used several times are compressed once.

use sha2::block_api::compress256;
use zeroize::Zeroize;

/// Length of a key and of a result, in bytes.
pub(crate) const LENGTH: usize = 32;

/// HMAC-SHA256.
pub(crate) fn hmac(key: &[u8; LENGTH], message: &[u8]) -> [u8; LENGTH] {
    // Room is zeroed first, so a message gets no more than it needs: most caveats take two blocks at most.
    match blocks_of(message.len()) {
        1 => in_one_piece::<2>(key, message),
        2 => in_one_piece::<3>(key, message),
        3 | 4 => in_one_piece::<5>(key, message),
        5..=8 => in_one_piece::<9>(key, message),
        _ => Keyed::new(key).mac(message),
    }
}

/// With the key's pad and the message laid out together, in so many blocks at most.
fn in_one_piece<const ROOM: usize>(key: &[u8; LENGTH], message: &[u8]) -> [u8; LENGTH] {
    let mut room = [[0; BLOCK]; ROOM];
    let room = room.get_mut(..=blocks_of(message.len())).expect("the caller gives room enough");
    if let [first, rest @ ..] = &mut *room {
        *first = pad(key, INNER);
        fill(rest, message, message.len());
    }
    let mut inner = START;
    compress256(&mut inner, room);
    let mut outer = START;
    compress256(&mut outer, &[pad(key, OUTER), digest_block(inner)]);
    bytes(outer)
}

/// The first 16 bytes of SHA-256 over 32.
pub(crate) fn half_digest(message: &[u8; LENGTH]) -> [u8; LENGTH / 2] {
    let mut block = [[0; BLOCK]];
    let mut state = START;
    let [only] = &mut block;
    only.split_at_mut(LENGTH).0.copy_from_slice(message);
    end(only, LENGTH, LENGTH);
    compress256(&mut state, &block);
    *bytes(state).first_chunk().expect("16 of 32 bytes")
}

/// A key whose pads are compressed, for more than one message.
#[derive(Clone, Copy)]
pub(crate) struct Keyed {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Keyed {
    pub(crate) fn new(key: &[u8; LENGTH]) -> Self {
        let (mut inner, mut outer) = (START, START);
        compress256(&mut inner, &[pad(key, INNER)]);
        compress256(&mut outer, &[pad(key, OUTER)]);
        Self { inner, outer }
    }

    pub(crate) fn mac(&self, message: &[u8]) -> [u8; LENGTH] {
        let (whole, rest) = message.as_chunks::<BLOCK>();
        let mut inner = self.inner;
        compress256(&mut inner, whole);
        let mut last = [[0; BLOCK]; 2];
        let used = blocks_of(rest.len());
        let last = last.get_mut(..used).expect("what is left and its padding take two blocks at most");
        fill(last, rest, message.len());
        compress256(&mut inner, last);
        let mut outer = self.outer;
        compress256(&mut outer, &[digest_block(inner)]);
        bytes(outer)
    }
}

impl Zeroize for Keyed {
    fn zeroize(&mut self) {
        self.inner.as_mut_slice().zeroize();
        self.outer.as_mut_slice().zeroize();
    }
}

/// How many blocks so many bytes take, with their padding.
const fn blocks_of(length: usize) -> usize {
    (length + 9).div_ceil(BLOCK)
}

/// The key, padded with zeroes to a block, and masked.
fn pad(key: &[u8; LENGTH], mask: u8) -> [u8; BLOCK] {
    let mut block = [mask; BLOCK];
    block.iter_mut().zip(key).for_each(|(pad, byte)| *pad ^= byte);
    block
}

/// Writes text and its padding; `length` is that of all the text, what came in earlier blocks included.
fn fill(blocks: &mut [[u8; BLOCK]], text: &[u8], length: usize) {
    let flat = blocks.as_flattened_mut();
    if let Some(start) = flat.get_mut(..text.len()) {
        start.copy_from_slice(text);
    }
    end(flat, text.len(), BLOCK + length);
}

/// The padding after `at` bytes: a one bit, zeroes, and the length of all that was hashed, in bits.
fn end(flat: &mut [u8], at: usize, hashed: usize) {
    if let Some(byte) = flat.get_mut(at) {
        *byte = 0x80;
    }
    if let Some(last) = flat.last_chunk_mut() {
        *last = (8 * hashed as u64).to_be_bytes();
    }
}

/// The inner hash as the second block of the outer one.
fn digest_block(inner: [u32; 8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block.split_at_mut(LENGTH).0.copy_from_slice(&bytes(inner));
    end(&mut block, LENGTH, BLOCK + LENGTH);
    block
}

fn bytes(state: [u32; 8]) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes.as_chunks_mut().0.iter_mut().zip(state).for_each(|(to, word)| *to = word.to_be_bytes());
    bytes
}

const BLOCK: usize = 64;
const INNER: u8 = 0x36;
const OUTER: u8 = 0x5c;
/// The initial hash value of SHA-256.
const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

#[cfg(test)]
mod tests {
    use ::hmac::{Hmac, KeyInit as _, Mac as _};
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn theirs(key: &[u8; LENGTH], message: &[u8]) -> [u8; LENGTH] {
        let mut state = Hmac::<Sha256>::new_from_slice(key).unwrap();
        state.update(message);
        state.finalize().into_bytes().into()
    }

    #[test]
    fn every_length_around_the_blocks_gives_what_the_library_gives() {
        let key = [0xa5; LENGTH];
        let text: Vec<u8> = (0..2000_u32).map(|byte| byte.to_le_bytes()[0]).collect();
        for length in 0..text.len() {
            let message = &text[..length];
            assert_eq!(hmac(&key, message), theirs(&key, message), "{length}");
            assert_eq!(Keyed::new(&key).mac(message), theirs(&key, message), "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_key_and_message_give_what_the_library_gives(
            key in any::<[u8; LENGTH]>(),
            message in proptest::collection::vec(any::<u8>(), 0..1000),
        ) {
            prop_assert_eq!(hmac(&key, &message), theirs(&key, &message));
            let whole: [u8; LENGTH] = Sha256::digest(key).into();
            prop_assert_eq!(&half_digest(&key), whole.first_chunk().unwrap());
        }
    }
}
