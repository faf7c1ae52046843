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
use crate::macaroon::size::{
    CAVEAT_ID, CAVEAT_LOCATION, HEX_DIGITS, IDENTIFIER, LOCATION, SIGNATURE, VERIFICATION_ID, packet_length,
};
use crate::macaroon::{CaveatSpans, Layout, Macaroon, Span, ThirdPartySpans};
use crate::wire::error::DecodeError;
use crate::wire::{is_text, room_for_caveats};

/// Finds the parts of a V1 macaroon.
pub(crate) fn layout(bytes: &[u8]) -> Result<Layout, DecodeError> {
    let mut packets = Packets { bytes, at: 0 };
    let location = packets.next()?.expect_text(LOCATION)?;
    let identifier = packets.next()?.expect_text(IDENTIFIER)?;
    let mut caveats = Vec::with_capacity(room_for_caveats(bytes.len()));
    let mut packet = packets.next()?;
    let (at, signature) = loop {
        if let Some(signature) = packet.data(SIGNATURE) {
            break (packet.at, signature);
        }
        let id = packet.expect_text(CAVEAT_ID)?;
        if caveats.len() == MAX_CAVEATS {
            return Err(DecodeError::TooManyCaveats);
        }
        packet = packets.next()?;
        let third_party = match packet.data(VERIFICATION_ID) {
            None => None,
            Some(vid) => {
                let location = packets.next()?.expect_text(CAVEAT_LOCATION)?;
                packet = packets.next()?;
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
    let mut out = Vec::with_capacity(macaroon.v1_length());
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

struct Packets<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Packets<'b> {
    fn next(&mut self) -> Result<Packet<'b>, DecodeError> {
        let at = self.at;
        let rest = self.bytes.get(at..).unwrap_or_default();
        let (digits, _) = rest.split_first_chunk().ok_or(DecodeError::Truncated { at })?;
        let length = hex_length(*digits).ok_or(DecodeError::Length { at })?;
        let packet = rest.get(..length).ok_or(DecodeError::Truncated { at })?;
        let [_, _, _, _, body @ .., b'\n'] = packet else {
            return Err(DecodeError::Length { at });
        };
        self.at = at + length;
        Ok(Packet { at, body })
    }
}

/// A packet without its length and its newline.
struct Packet<'b> {
    at: usize,
    body: &'b [u8],
}

impl Packet<'_> {
    /// Where its data are, if it has this key.
    fn data<const N: usize>(&self, key: &[u8; N]) -> Option<Span> {
        let (found, data) = self.body.split_first_chunk()?;
        let start = self.at + HEX_DIGITS + N;
        if found == key { Span::new(start..start + data.len()) } else { None }
    }

    /// Where its data are, which must have this key and be UTF-8.
    fn expect_text<const N: usize>(&self, key: &[u8; N]) -> Result<Span, DecodeError> {
        let at = self.at;
        let span = self.data(key).ok_or(DecodeError::Field { at })?;
        let text = self.body.get(N..).is_some_and(is_text);
        if text { Ok(span) } else { Err(DecodeError::NotText { at }) }
    }
}

fn hex_length(digits: [u8; HEX_DIGITS]) -> Option<usize> {
    digits.iter().try_fold(0, |length, digit| match digit {
        b'0'..=b'9' => Some(length << 4 | usize::from(digit - b'0')),
        b'a'..=b'f' => Some(length << 4 | usize::from(digit - b'a' + 10)),
        _ => None,
    })
}

fn packet(out: &mut Vec<u8>, key: &[u8], data: &[u8]) {
    let length = packet_length(key, data.len());
    for shift in [12, 8, 4, 0] {
        let digit = u8::try_from(length >> shift & 0xf).unwrap_or_default();
        out.push(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 });
    }
    out.extend_from_slice(key);
    out.extend_from_slice(data);
    out.push(b'\n');
}
