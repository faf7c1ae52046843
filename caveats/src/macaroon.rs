//! A macaroon as signed: minting, attenuating, binding. Knows no serialisation and judges nothing.

pub(crate) mod parts;
pub(crate) mod size;

use std::fmt;
use std::ops::Range;

use zeroize::Zeroize;

use crate::caveat::{Caveat, ThirdParty};
use crate::chain::{self, Tail};
use crate::key::RootKey;
use crate::limits::{MAX_CAVEATS, MAX_MACAROON_BYTES};
use crate::seal;

/// A macaroon: a location, an identifier, caveats, and the signature over identifier and caveats.
///
/// Nothing about it is checked: reading one from text says only that it is well formed. To learn whether it is genuine,
/// put it in a [`Bundle`](crate::Bundle) and verify that.
///
/// It holds one buffer and one vector of ranges into it, however many caveats there are.
#[derive(Clone)]
pub struct Macaroon {
    /// What the spans point into; other bytes between them mean nothing. The signature is not in it.
    buffer: Vec<u8>,
    /// `None` where the wire left the field out, which only the V2 formats can.
    location: Option<Span>,
    identifier: Span,
    caveats: Vec<CaveatSpans>,
    signature: Tail,
    format: Format,
    /// Bytes of its V1 form, which the limits are about.
    v1_length: usize,
}

/// The binary form that a macaroon was read in, and is written in again where either would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    V1,
    V2,
}

/// A mint or an attenuation that would exceed [`limits`](crate::limits); the macaroon is as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LimitError {
    /// Its V1 form would be longer than [`MAX_MACAROON_BYTES`].
    #[error("the macaroon would be longer than {MAX_MACAROON_BYTES} bytes")]
    TooLong,
    /// It already has [`MAX_CAVEATS`].
    #[error("the macaroon would have more than {MAX_CAVEATS} caveats")]
    TooManyCaveats,
}

impl Macaroon {
    /// Makes a macaroon without caveats. `location` is a hint that nothing authenticates; `identifier` is what the
    /// verifier looks its key up by.
    pub fn mint(key: &RootKey, location: &str, identifier: &str) -> Result<Self, LimitError> {
        let signature = Tail::start(key.keyed(), identifier.as_bytes());
        let mut buffer = Vec::with_capacity(location.len() + identifier.len());
        let location = append(&mut buffer, location.as_bytes())?;
        let identifier = append(&mut buffer, identifier.as_bytes())?;
        let mut macaroon = Self {
            buffer,
            location: Some(location),
            identifier,
            caveats: Vec::new(),
            signature,
            format: Format::V1,
            v1_length: 0,
        };
        macaroon.grow(macaroon.length())?;
        Ok(macaroon)
    }

    /// Adds a first-party caveat. Needs no key: any holder may narrow what they hold, and nobody can undo it.
    pub fn attenuate(&mut self, caveat_id: &str) -> Result<(), LimitError> {
        self.grow(size::first_party_length(caveat_id.len()))?;
        let id = append(&mut self.buffer, caveat_id.as_bytes())?;
        self.caveats.push(CaveatSpans { id, third_party: None });
        self.signature = self.signature.first_party(caveat_id.as_bytes());
        Ok(())
    }

    /// Adds a third-party caveat: the macaroon is then worth nothing without a discharge whose identifier is
    /// `caveat_id` and whose key is `caveat_key`. `location` tells clients whom to ask. `nonce` must be random: it
    /// keeps two caveats under one tail apart.
    pub fn attenuate_third_party(
        &mut self,
        location: &str,
        caveat_id: &str,
        caveat_key: &RootKey,
        nonce: [u8; seal::NONCE_LENGTH],
    ) -> Result<(), LimitError> {
        let vid = seal::seal(caveat_key, &self.signature, nonce);
        self.grow(size::third_party_length(caveat_id.len(), vid.len(), location.len()))?;
        let location = append(&mut self.buffer, location.as_bytes())?;
        let id = append(&mut self.buffer, caveat_id.as_bytes())?;
        let vid_span = append(&mut self.buffer, &vid)?;
        let third_party = Some(ThirdPartySpans { location: Some(location), vid: vid_span });
        self.caveats.push(CaveatSpans { id, third_party });
        self.signature = self.signature.third_party(&vid, caveat_id.as_bytes());
        Ok(())
    }

    /// Ties this discharge, as the third party issued it, to `root` as it is now. Clients do this for every request
    /// and keep the unbound one; a discharge that is already bound becomes worthless by binding it again.
    pub fn bind(&mut self, root: &Macaroon) {
        self.signature = self.signature.bound_to(&root.signature);
    }

    /// Where the macaroon says it is from. Unauthenticated: decide nothing by it.
    pub fn location(&self) -> &str {
        self.text(self.location)
    }

    /// What the verifier looks the key up by: for a root the issuer's token id, for a discharge the caveat id it
    /// answers.
    pub fn identifier(&self) -> &[u8] {
        self.bytes(self.identifier)
    }

    /// The caveats in the order they were added.
    pub fn caveats(&self) -> impl ExactSizeIterator<Item = Caveat<'_>> {
        self.caveats.iter().map(|spans| Caveat {
            id: self.bytes(spans.id),
            third_party: spans.third_party.map(|third_party| ThirdParty {
                location: self.text(third_party.location),
                vid: self.bytes(third_party.vid),
            }),
        })
    }

    /// Whether identifier and caveat ids are UTF-8, which the V1 format demands. Only a macaroon read from V2 can
    /// fail this.
    pub fn is_text(&self) -> bool {
        std::str::from_utf8(self.identifier()).is_ok()
            && self.caveats().all(|caveat| std::str::from_utf8(caveat.id).is_ok())
    }

    pub(crate) fn v1_length(&self) -> usize {
        self.v1_length
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    pub(crate) fn signature(&self) -> &Tail {
        &self.signature
    }

    /// Whether the location field is on the wire at all, for a byte-exact V2.
    pub(crate) fn has_location(&self) -> bool {
        self.location.is_some()
    }

    /// Whether each caveat's location field is on the wire, for a byte-exact V2.
    pub(crate) fn caveat_has_location(&self) -> impl Iterator<Item = bool> {
        self.caveats.iter().map(|spans| spans.third_party.is_some_and(|third| third.location.is_some()))
    }

    /// Builds a macaroon on a buffer in which a decoder found the parts, and wipes the signature from the buffer.
    /// Refuses what could not be written as V1 within the limits.
    pub(crate) fn from_layout(
        mut buffer: Vec<u8>,
        layout: Layout,
        format: Format,
    ) -> Result<Self, LimitError> {
        let signature = buffer.get_mut(layout.signature.range()).expect(SPAN_INVARIANT);
        let tail =
            <[u8; chain::LENGTH]>::try_from(&*signature).expect("decoders check the signature's length");
        signature.zeroize();
        let Layout { location, identifier, caveats, signature: _ } = layout;
        let v1_length = buffer.len();
        let signature = Tail::from_bytes(tail);
        let macaroon = Self { buffer, location, identifier, caveats, signature, format, v1_length };
        match format {
            // Reading is strict: what was read is what will be written, and decoders check its length first.
            Format::V1 => Ok(macaroon),
            Format::V2 => macaroon.measured(),
        }
    }

    /// With the length of its V1 form, if that is within the limits.
    fn measured(self) -> Result<Self, LimitError> {
        let v1_length = self.length();
        if v1_length > MAX_MACAROON_BYTES { Err(LimitError::TooLong) } else { Ok(Self { v1_length, ..self }) }
    }

    /// Bytes of its V1 form, counted.
    pub(crate) fn length(&self) -> usize {
        size::length(self.location().len(), self.identifier().len(), self.caveats())
    }

    /// Accounts for what is about to be added, unless that exceeds the limits.
    fn grow(&mut self, added: usize) -> Result<(), LimitError> {
        if self.caveats.len() >= MAX_CAVEATS {
            return Err(LimitError::TooManyCaveats);
        }
        let v1_length = self.v1_length.saturating_add(added);
        if v1_length > MAX_MACAROON_BYTES {
            return Err(LimitError::TooLong);
        }
        self.v1_length = v1_length;
        Ok(())
    }

    fn bytes(&self, span: Span) -> &[u8] {
        self.buffer.get(span.range()).expect(SPAN_INVARIANT)
    }

    fn text(&self, span: Option<Span>) -> &str {
        let bytes = span.map_or(&[][..], |span| self.bytes(span));
        std::str::from_utf8(bytes).expect("locations are checked to be UTF-8 where they enter")
    }
}

impl fmt::Debug for Macaroon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Macaroon")
            .field("location", &self.location())
            .field("caveats", &self.caveats.len())
            .finish_non_exhaustive()
    }
}

/// Where a decoder found the parts of a macaroon in its buffer.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) location: Option<Span>,
    pub(crate) identifier: Span,
    pub(crate) caveats: Vec<CaveatSpans>,
    pub(crate) signature: Span,
}

/// Where a caveat is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CaveatSpans {
    pub(crate) id: Span,
    pub(crate) third_party: Option<ThirdPartySpans>,
}

/// Where the parts of a third-party caveat are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThirdPartySpans {
    pub(crate) location: Option<Span>,
    pub(crate) vid: Span,
}

/// A range of a buffer that is no longer than a few [`MAX_MACAROON_BYTES`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// `None` if the range does not fit 32 bits.
    pub(crate) fn new(range: Range<usize>) -> Option<Self> {
        Some(Self { start: range.start.try_into().ok()?, end: range.end.try_into().ok()? })
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

fn append(buffer: &mut Vec<u8>, bytes: &[u8]) -> Result<Span, LimitError> {
    let start = buffer.len();
    let span = Span::new(start..start.saturating_add(bytes.len())).ok_or(LimitError::TooLong)?;
    buffer.extend_from_slice(bytes);
    Ok(span)
}

const SPAN_INVARIANT: &str = "a span is cut from the buffer it is used on, which never shrinks";
