//! A macaroon put together from parts that a decoder finds one by one, as in JSON.

use super::{CaveatSpans, Format, Macaroon, Span, ThirdPartySpans, append};
use crate::chain::{self, Tail};
use crate::wire::error::DecodeError;

/// A macaroon that a decoder puts together part by part.
pub(crate) struct Parts {
    buffer: Vec<u8>,
    location: Option<Span>,
    identifier: Span,
    caveats: Vec<CaveatSpans>,
}

impl Parts {
    pub(crate) fn begin(location: Option<&str>, identifier: &[u8]) -> Result<Self, DecodeError> {
        let mut buffer = Vec::new();
        let location = location.map(|text| part(&mut buffer, text.as_bytes())).transpose()?;
        let identifier = part(&mut buffer, identifier)?;
        Ok(Self { buffer, location, identifier, caveats: Vec::new() })
    }

    pub(crate) fn first_party(&mut self, id: &[u8]) -> Result<(), DecodeError> {
        let id = part(&mut self.buffer, id)?;
        self.caveats.push(CaveatSpans { id, third_party: None });
        Ok(())
    }

    pub(crate) fn third_party(
        &mut self,
        id: &[u8],
        location: Option<&str>,
        vid: &[u8],
    ) -> Result<(), DecodeError> {
        let id = part(&mut self.buffer, id)?;
        let location = location.map(|text| part(&mut self.buffer, text.as_bytes())).transpose()?;
        let vid = part(&mut self.buffer, vid)?;
        self.caveats.push(CaveatSpans { id, third_party: Some(ThirdPartySpans { location, vid }) });
        Ok(())
    }

    /// Refuses what could not be written as V1 within the limits.
    pub(crate) fn finish(self, signature: [u8; chain::LENGTH]) -> Result<Macaroon, DecodeError> {
        let Self { buffer, location, identifier, caveats } = self;
        let macaroon = Macaroon {
            buffer,
            location,
            identifier,
            caveats,
            signature: Tail::from_bytes(signature),
            format: Format::V1,
            v1_length: 0,
        };
        macaroon.measured().map_err(|_| DecodeError::TooLong)
    }
}

fn part(buffer: &mut Vec<u8>, bytes: &[u8]) -> Result<Span, DecodeError> {
    append(buffer, bytes).map_err(|_| DecodeError::TooLong)
}
