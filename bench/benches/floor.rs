//! The floor: the hashing and the one cipher that this very credential demands, and nothing else.
//!
//! No parsing, no allocation, no comparison. Every HMAC is computed on its own over the same bytes as in the credential,
//! and each one's key is the result of the one before, so that a compiler can leave nothing out. Pads are not shared
//! between HMACs of one key: a core that does so may come below the floor's hashing.
//!
//! Each primitive stands here in every implementation that could be the fastest; [`agree`] checks that all compute the
//! signatures that the credential carries.

use caveats::Macaroon;
use crypto_secretbox::{AeadInPlace, KeyInit as _, XSalsa20Poly1305};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use sodiumoxide::crypto::secretbox;

use crate::credential::{Credential, NONCE, RAW_CAVEAT_KEY, RAW_ROOT_KEY};

pub(crate) type Block32 = [u8; 32];

/// HMAC-SHA256.
pub(crate) trait Mac {
    const NAME: &str;
    fn mac(key: &Block32, message: &[u8]) -> Block32;
}

/// `NaCl`'s secretbox, as nonce ‖ tag ‖ ciphertext of 32 bytes.
pub(crate) trait SecretBox {
    const NAME: &str;
    fn seal(key: &Block32, text: Block32) -> [u8; 72];
    fn open(key: &Block32, vid: &[u8; 72]) -> Option<Block32>;
}

/// The inputs, laid out so that taking them costs nothing.
pub(crate) struct Floor {
    root_key: Block32,
    caveat_key: Block32,
    root: Chain,
    discharge: Chain,
}

/// An identifier, the caveats before the third-party one, that one, and those after it.
struct Chain {
    identifier: Vec<u8>,
    before: Vec<Vec<u8>>,
    third_party: Option<(Vec<u8>, [u8; 72])>,
    after: Vec<Vec<u8>>,
}

impl Floor {
    pub(crate) fn new(credential: &Credential) -> Self {
        Self {
            root_key: derive(RAW_ROOT_KEY),
            caveat_key: derive(RAW_CAVEAT_KEY),
            root: Chain::new(credential.bundle.root()),
            discharge: Chain::new(credential.discharge()),
        }
    }

    /// What verifying cannot do without: both chains, the key out of the third-party caveat, the binding.
    pub(crate) fn verify<M: Mac, B: SecretBox>(&self) -> Block32 {
        let (sealed_under, root) = self.root.tails::<M>(&self.root_key);
        let vid = self.root.third_party.as_ref().map(|(_, vid)| vid);
        let key = vid.and_then(|vid| B::open(&sealed_under, vid)).expect("sealed under this tail");
        let (_, discharge) = self.discharge.tails::<M>(&key);
        mac_of_two::<M>(&[0; 32], &root, &discharge)
    }

    /// What minting the root cannot do without: its chain, and the sealing of the caveat key.
    pub(crate) fn mint<M: Mac, B: SecretBox>(&self) -> ([u8; 72], Block32) {
        let (seal_under, root) = self.root.tails::<M>(&self.root_key);
        (B::seal(&seal_under, self.caveat_key), root)
    }
}

impl Chain {
    fn new(macaroon: &Macaroon) -> Self {
        let mut chain = Self {
            identifier: macaroon.identifier().to_vec(),
            before: Vec::new(),
            third_party: None,
            after: Vec::new(),
        };
        for caveat in macaroon.caveats() {
            let id = caveat.id.to_vec();
            match (caveat.third_party, &chain.third_party) {
                (Some(third), None) => {
                    chain.third_party = Some((id, third.vid.try_into().expect("a vid is 72 bytes long")));
                }
                (Some(_), Some(_)) => unreachable!("there is one third-party caveat"),
                (None, None) => chain.before.push(id),
                (None, Some(_)) => chain.after.push(id),
            }
        }
        chain
    }

    /// The tail before the third-party caveat, and the last.
    fn tails<M: Mac>(&self, key: &Block32) -> (Block32, Block32) {
        let step = |tail: Block32, id: &Vec<u8>| M::mac(&tail, id);
        let before = self.before.iter().fold(M::mac(key, &self.identifier), step);
        let after = match &self.third_party {
            None => before,
            Some((id, vid)) => mac_of_two::<M>(&before, vid, id),
        };
        (before, self.after.iter().fold(after, step))
    }
}

/// Ends the program unless every implementation computes what the credential carries.
pub(crate) fn agree(floor: &Floor, credential: &Credential) {
    fn one<M: Mac, B: SecretBox>(floor: &Floor, root: Block32, discharge: Block32) {
        let (vid, minted) = floor.mint::<M, B>();
        assert_eq!(minted, root, "the floor of {} computes another root", M::NAME);
        assert_eq!(floor.verify::<M, B>(), discharge, "the floor of {} computes another discharge", M::NAME);
        let carried = floor.root.third_party.as_ref().map(|(_, vid)| *vid);
        assert_eq!(carried, Some(vid), "the floor of {} seals something else", B::NAME);
    }
    let root = signature(&credential.root_token);
    let discharge = signature(&credential.discharge_token);
    one::<ByHand, Libsodium>(floor, root, discharge);
    one::<HmacCrate, Libsodium>(floor, root, discharge);
    one::<Ring, CryptoSecretbox>(floor, root, discharge);
}

/// HMAC on the compression function of `sha2`, which uses the processor's SHA instructions: key pad and message are laid
/// out in one piece and compressed by one call.
pub(crate) struct ByHand;

impl Mac for ByHand {
    const NAME: &str = "by-hand";

    #[inline]
    fn mac(key: &Block32, message: &[u8]) -> Block32 {
        let mut inner = START;
        let blocks = 1 + (message.len() + 9).div_ceil(64);
        let mut padded = [[0_u8; 64]; 10];
        let padded = padded.get_mut(..blocks).expect("no text here is longer");
        let (first, rest) = padded.split_first_mut().expect("at least two blocks");
        *first = pad(key, 0x36);
        let (text, padding) = rest.as_flattened_mut().split_at_mut(message.len());
        text.copy_from_slice(message);
        *padding.first_mut().expect("room for nine bytes") = 0x80;
        *padding.last_chunk_mut().expect("room for nine bytes") =
            (8 * (64 + message.len() as u64)).to_be_bytes();
        sha2::block_api::compress256(&mut inner, padded);

        let mut outer = START;
        let mut digest = [0; 64];
        digest.as_chunks_mut().0.iter_mut().zip(inner).for_each(|(to, word)| *to = word.to_be_bytes());
        digest.split_at_mut(32).1.copy_from_slice(&DIGEST_PADDING);
        sha2::block_api::compress256(&mut outer, &[pad(key, 0x5c), digest]);
        let mut result = [0; 32];
        result.as_chunks_mut().0.iter_mut().zip(outer).for_each(|(to, word)| *to = word.to_be_bytes());
        result
    }
}

/// HMAC by the crate `hmac` on the same `sha2`.
pub(crate) struct HmacCrate;

impl Mac for HmacCrate {
    const NAME: &str = "hmac";

    #[inline]
    fn mac(key: &Block32, message: &[u8]) -> Block32 {
        let mut state = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        state.update(message);
        state.finalize().into_bytes().into()
    }
}

/// HMAC by `ring`.
pub(crate) struct Ring;

impl Mac for Ring {
    const NAME: &str = "ring";

    #[inline]
    fn mac(key: &Block32, message: &[u8]) -> Block32 {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
        ring::hmac::sign(&key, message).as_ref().try_into().expect("a tag is 32 bytes long")
    }
}

/// The secretbox of libsodium, the library that the crate `macaroon` brings.
pub(crate) struct Libsodium;

impl SecretBox for Libsodium {
    const NAME: &str = "libsodium";

    #[inline]
    fn seal(key: &Block32, mut text: Block32) -> [u8; 72] {
        let tag = secretbox::seal_detached(&mut text, &secretbox::Nonce(NONCE), &secretbox::Key(*key));
        joined(&tag.0, &text)
    }

    #[inline]
    fn open(key: &Block32, vid: &[u8; 72]) -> Option<Block32> {
        let (nonce, tag, mut text) = split(vid);
        let nonce = secretbox::Nonce(nonce);
        secretbox::open_detached(&mut text, &secretbox::Tag(tag), &nonce, &secretbox::Key(*key)).ok()?;
        Some(text)
    }
}

/// The secretbox of crate `crypto_secretbox`.
pub(crate) struct CryptoSecretbox;

impl SecretBox for CryptoSecretbox {
    const NAME: &str = "crypto-secretbox";

    #[inline]
    fn seal(key: &Block32, mut text: Block32) -> [u8; 72] {
        let cipher = XSalsa20Poly1305::new(key.into());
        let tag = cipher.encrypt_in_place_detached(&NONCE.into(), &[], &mut text).expect("a short text");
        joined(&tag.into(), &text)
    }

    #[inline]
    fn open(key: &Block32, vid: &[u8; 72]) -> Option<Block32> {
        let (nonce, tag, mut text) = split(vid);
        let cipher = XSalsa20Poly1305::new(key.into());
        cipher.decrypt_in_place_detached(&nonce.into(), &[], &mut text, &tag.into()).ok()?;
        Some(text)
    }
}

fn mac_of_two<M: Mac>(key: &Block32, first: &[u8], second: &[u8]) -> Block32 {
    M::mac(key, [M::mac(key, first), M::mac(key, second)].as_flattened())
}

fn derive(raw: &[u8]) -> Block32 {
    ByHand::mac(b"macaroons-key-generator\0\0\0\0\0\0\0\0\0", raw)
}

/// The signature that ends a macaroon in V1 text: 32 bytes and a newline.
fn signature(token: &str) -> Block32 {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token).expect("as written");
    let (_, end) = bytes.split_last_chunk::<33>().expect("a macaroon is longer");
    *end.first_chunk().expect("32 of 33 bytes")
}

fn pad(key: &Block32, filler: u8) -> [u8; 64] {
    let mut block = [filler; 64];
    block.iter_mut().zip(key).for_each(|(pad, byte)| *pad ^= byte);
    block
}

fn joined(tag: &[u8; 16], text: &Block32) -> [u8; 72] {
    let mut vid = [0; 72];
    let (head, body) = vid.split_at_mut(24);
    head.copy_from_slice(&NONCE);
    let (head, body) = body.split_at_mut(16);
    head.copy_from_slice(tag);
    body.copy_from_slice(text);
    vid
}

fn split(vid: &[u8; 72]) -> ([u8; 24], [u8; 16], Block32) {
    let part = |from: usize, to: usize| vid.get(from..to).unwrap_or_default();
    let taken = "ranges of these lengths";
    (
        part(0, 24).try_into().expect(taken),
        part(24, 40).try_into().expect(taken),
        part(40, 72).try_into().expect(taken),
    )
}

/// SHA-256's first state.
const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// What follows 32 bytes after a pad of 64: the end, zeroes, and the length of both in bits.
const DIGEST_PADDING: [u8; 32] = {
    let mut padding = [0; 32];
    padding[0] = 0x80;
    padding[30] = 0x03;
    padding
};
