//! The V2 binary format of libmacaroons: fields of a type, a varint length and data.
//!
//! ```text
//! 0x02 [location] identifier EOS ([location] identifier [vid] EOS)* EOS signature
//! ```
//!
//! Reading is strict: the shortest varints, this order, nothing after the signature. A location may be left out (Go) or
//! be there and empty (pymacaroons); which of the two is kept, so that writing gives the same bytes.

use crate::chain;
use crate::limits::MAX_CAVEATS;
use crate::macaroon::{CaveatSpans, Layout, Macaroon, Span, ThirdPartySpans};
use crate::wire::error::DecodeError;
use crate::wire::{is_text, room_for_caveats};

/// The first byte.
pub(crate) const VERSION: u8 = 2;

/// Finds the parts of a V2 macaroon.
pub(crate) fn layout(bytes: &[u8]) -> Result<Layout, DecodeError> {
    let mut fields = Fields { bytes, at: 1 };
    let location = fields.take_text(LOCATION)?;
    let identifier = fields.expect(IDENTIFIER)?;
    fields.end_of_section()?;
    let mut caveats = Vec::with_capacity(room_for_caveats(bytes.len()));
    while !fields.at_end_of_section() {
        let location = fields.take_text(LOCATION)?;
        let id = fields.expect(IDENTIFIER)?;
        let at = fields.at;
        let third_party = match (fields.take(VERIFICATION_ID)?, location) {
            (Some(vid), location) => Some(ThirdPartySpans { location, vid }),
            (None, None) => None,
            (None, Some(_)) => return Err(DecodeError::Field { at }),
        };
        fields.end_of_section()?;
        if caveats.len() == MAX_CAVEATS {
            return Err(DecodeError::TooManyCaveats);
        }
        caveats.push(CaveatSpans { id, third_party });
    }
    fields.end_of_section()?;
    let at = fields.at;
    let signature = fields.expect(SIGNATURE)?;
    if signature.range().len() != chain::LENGTH {
        return Err(DecodeError::Signature { at });
    }
    if fields.at != bytes.len() {
        return Err(DecodeError::Trailing { at: fields.at });
    }
    Ok(Layout { location, identifier, caveats, signature })
}

/// Writes the V2 form.
pub(crate) fn encode(macaroon: &Macaroon) -> Vec<u8> {
    let mut out = vec![VERSION];
    if macaroon.has_location() {
        field(&mut out, LOCATION, macaroon.location().as_bytes());
    }
    field(&mut out, IDENTIFIER, macaroon.identifier());
    out.push(END_OF_SECTION);
    for (caveat, has_location) in macaroon.caveats().zip(macaroon.caveat_has_location()) {
        if let (Some(third_party), true) = (caveat.third_party, has_location) {
            field(&mut out, LOCATION, third_party.location.as_bytes());
        }
        field(&mut out, IDENTIFIER, caveat.id);
        if let Some(third_party) = caveat.third_party {
            field(&mut out, VERIFICATION_ID, third_party.vid);
        }
        out.push(END_OF_SECTION);
    }
    out.push(END_OF_SECTION);
    field(&mut out, SIGNATURE, macaroon.signature().as_bytes());
    out
}

struct Fields<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Fields<'_> {
    fn expect(&mut self, kind: u8) -> Result<Span, DecodeError> {
        let at = self.at;
        self.take(kind)?.ok_or(DecodeError::Field { at })
    }

    /// The data of the next field if it is of this kind; otherwise nothing is consumed.
    fn take(&mut self, kind: u8) -> Result<Option<Span>, DecodeError> {
        let at = self.at;
        match self.bytes.get(at) {
            None => return Err(DecodeError::Truncated { at }),
            Some(&found) if found != kind => return Ok(None),
            Some(_) => self.at += 1,
        }
        let length = self.varint(at)?;
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(DecodeError::Truncated { at })?;
        let span = Span::new(self.at..end);
        self.at = end;
        Ok(span)
    }

    /// The length of the field that starts at `field`.
    fn varint(&mut self, field: usize) -> Result<usize, DecodeError> {
        let at = self.at;
        let mut value = 0_usize;
        for shift in [0, 7, 14] {
            let byte = *self.bytes.get(self.at).ok_or(DecodeError::Truncated { at: field })?;
            self.at += 1;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let shortest = byte != 0 || shift == 0;
                return if shortest { Ok(value) } else { Err(DecodeError::Length { at }) };
            }
        }
        // Three bytes reach 2 MiB, far above the longest macaroon.
        Err(DecodeError::Length { at })
    }

    fn at_end_of_section(&self) -> bool {
        self.bytes.get(self.at) == Some(&END_OF_SECTION)
    }

    fn end_of_section(&mut self) -> Result<(), DecodeError> {
        let at = self.at;
        match self.bytes.get(at) {
            None => Err(DecodeError::Truncated { at }),
            Some(&END_OF_SECTION) => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(DecodeError::Field { at }),
        }
    }

    /// The same, and it must be UTF-8.
    fn take_text(&mut self, kind: u8) -> Result<Option<Span>, DecodeError> {
        let at = self.at;
        let span = self.take(kind)?;
        let bytes = span.and_then(|span| self.bytes.get(span.range())).unwrap_or_default();
        if is_text(bytes) { Ok(span) } else { Err(DecodeError::NotText { at }) }
    }
}

fn field(out: &mut Vec<u8>, kind: u8, data: &[u8]) {
    out.push(kind);
    let mut length = data.len();
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or_default();
        length >>= 7;
        if length == 0 {
            out.push(low);
            break;
        }
        out.push(low | 0x80);
    }
    out.extend_from_slice(data);
}

const END_OF_SECTION: u8 = 0;
const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const VERIFICATION_ID: u8 = 4;
const SIGNATURE: u8 = 6;
