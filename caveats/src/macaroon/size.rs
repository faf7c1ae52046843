//! How many bytes a macaroon takes in V1, which the limits are about: its packets, and the keys that they begin with.

use crate::caveat::Caveat;
use crate::chain;

/// Bytes of a macaroon with a location and an identifier of these lengths.
pub(crate) fn length<'c>(
    location: usize,
    identifier: usize,
    caveats: impl Iterator<Item = Caveat<'c>>,
) -> usize {
    let head = packet_length(LOCATION, location)
        + packet_length(IDENTIFIER, identifier)
        + packet_length(SIGNATURE, chain::LENGTH);
    let caveats = caveats.map(|caveat| match caveat.third_party {
        None => first_party_length(caveat.id.len()),
        Some(third) => third_party_length(caveat.id.len(), third.vid.len(), third.location.len()),
    });
    head + caveats.sum::<usize>()
}

/// Bytes of a first-party caveat.
pub(crate) fn first_party_length(id: usize) -> usize {
    packet_length(CAVEAT_ID, id)
}

/// Bytes of a third-party caveat.
pub(crate) fn third_party_length(id: usize, vid: usize, location: usize) -> usize {
    first_party_length(id) + packet_length(VERIFICATION_ID, vid) + packet_length(CAVEAT_LOCATION, location)
}

/// Bytes of a packet: its length in hex digits, its key, its data and a newline.
pub(crate) const fn packet_length(key: &[u8], data: usize) -> usize {
    HEX_DIGITS + key.len() + data + 1
}

pub(crate) const HEX_DIGITS: usize = 4;
// The keys, each with the space that follows it
pub(crate) const LOCATION: &[u8; 9] = b"location ";
pub(crate) const IDENTIFIER: &[u8; 11] = b"identifier ";
pub(crate) const CAVEAT_ID: &[u8; 4] = b"cid ";
pub(crate) const VERIFICATION_ID: &[u8; 4] = b"vid ";
pub(crate) const CAVEAT_LOCATION: &[u8; 3] = b"cl ";
pub(crate) const SIGNATURE: &[u8; 10] = b"signature ";
