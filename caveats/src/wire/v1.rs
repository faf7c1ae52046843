//! The V1 binary format of libmacaroons: packets of a hex length, a key, a space, data and a newline.
//!
//! ```text
//! location identifier (cid [vid cl])* signature
//! ```
//!
//! Reading is strict, so that what was read is written back byte for byte: lower-case lengths, this order, each packet
//! ended by its newline, exactly one signature, and nothing after it.

use crate::chain;
use crate::limits::MAX_CAVEATS;
use crate::macaroon::{CaveatSpans, Layout, Macaroon, Span, ThirdPartySpans};
use crate::wire::{DecodeError, room_for_caveats};

/// Finds the parts of a V1 macaroon.
pub(crate) fn layout(bytes: &[u8]) -> Result<Layout, DecodeError> {
    let mut packets = Packets { bytes, at: 0 };
    let location = packets.expect_text(LOCATION)?;
    let identifier = packets.expect_text(IDENTIFIER)?;
    let mut caveats = Vec::with_capacity(room_for_caveats(bytes.len()));
    let (at, signature) = loop {
        let at = packets.at;
        if let Some(signature) = packets.take(SIGNATURE)? {
            break (at, signature);
        }
        let id = packets.expect_text(CAVEAT_ID)?;
        if caveats.len() == MAX_CAVEATS {
            return Err(DecodeError::TooManyCaveats);
        }
        let third_party = match packets.take(VERIFICATION_ID)? {
            None => None,
            Some(vid) => {
                let location = packets.expect_text(CAVEAT_LOCATION)?;
                Some(ThirdPartySpans { location: Some(location), vid })
            }
        };
        caveats.push(CaveatSpans { id, third_party });
    };
    if signature.range().len() != chain::LENGTH {
        return Err(DecodeError::Signature { at });
    }
    if packets.at != bytes.len() {
        return Err(DecodeError::Trailing { at: packets.at });
    }
    Ok(Layout { location: Some(location), identifier, caveats, signature })
}

/// Writes the V1 form.
pub(crate) fn encode(macaroon: &Macaroon) -> Vec<u8> {
    let mut out = Vec::with_capacity(length(macaroon));
    packet(&mut out, LOCATION, macaroon.location().as_bytes());
    packet(&mut out, IDENTIFIER, macaroon.identifier());
    for caveat in macaroon.caveats() {
        packet(&mut out, CAVEAT_ID, caveat.id);
        if let Some(third_party) = caveat.third_party {
            packet(&mut out, VERIFICATION_ID, third_party.vid);
            packet(&mut out, CAVEAT_LOCATION, third_party.location.as_bytes());
        }
    }
    packet(&mut out, SIGNATURE, macaroon.signature().as_bytes());
    out
}

/// Bytes that [`encode`] writes.
pub(crate) fn length(macaroon: &Macaroon) -> usize {
    let head = packet_length(LOCATION, macaroon.location().len())
        + packet_length(IDENTIFIER, macaroon.identifier().len())
        + packet_length(SIGNATURE, chain::LENGTH);
    let caveats = macaroon.caveats().map(|caveat| match caveat.third_party {
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

struct Packets<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Packets<'_> {
    /// The data of the next packet, which must have this key.
    fn expect(&mut self, key: &str) -> Result<Span, DecodeError> {
        let at = self.at;
        self.take(key)?.ok_or(DecodeError::Field { at })
    }

    /// The data of the next packet if it has this key; otherwise nothing is consumed.
    fn take(&mut self, key: &str) -> Result<Option<Span>, DecodeError> {
        let at = self.at;
        let rest = self.bytes.get(at..).unwrap_or_default();
        let (digits, _) = rest.split_first_chunk::<4>().ok_or(DecodeError::Truncated { at })?;
        let length = hex_length(*digits).ok_or(DecodeError::Length { at })?;
        let packet = rest.get(..length).ok_or(DecodeError::Truncated { at })?;
        let [_, _, _, _, body @ .., b'\n'] = packet else {
            return Err(DecodeError::Length { at });
        };
        let Some([b' ', data @ ..]) = body.strip_prefix(key.as_bytes()) else {
            return Ok(None);
        };
        self.at = at + length;
        let end = self.at - 1;
        Ok(Span::new(end - data.len()..end))
    }

    /// The same, and it must be UTF-8.
    fn expect_text(&mut self, key: &str) -> Result<Span, DecodeError> {
        let at = self.at;
        let span = self.expect(key)?;
        let bytes = self.bytes.get(span.range()).unwrap_or_default();
        std::str::from_utf8(bytes).map_err(|_| DecodeError::NotText { at })?;
        Ok(span)
    }
}

fn hex_length(digits: [u8; 4]) -> Option<usize> {
    digits.iter().try_fold(0, |length, digit| match digit {
        b'0'..=b'9' => Some(length << 4 | usize::from(digit - b'0')),
        b'a'..=b'f' => Some(length << 4 | usize::from(digit - b'a' + 10)),
        _ => None,
    })
}

fn packet(out: &mut Vec<u8>, key: &str, data: &[u8]) {
    let length = packet_length(key, data.len());
    for shift in [12, 8, 4, 0] {
        let digit = u8::try_from(length >> shift & 0xf).unwrap_or_default();
        out.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
    }
    out.extend_from_slice(key.as_bytes());
    out.push(b' ');
    out.extend_from_slice(data);
    out.push(b'\n');
}

const fn packet_length(key: &str, data: usize) -> usize {
    4 + key.len() + 1 + data + 1
}

const LOCATION: &str = "location";
const IDENTIFIER: &str = "identifier";
const CAVEAT_ID: &str = "cid";
const VERIFICATION_ID: &str = "vid";
const CAVEAT_LOCATION: &str = "cl";
const SIGNATURE: &str = "signature";
