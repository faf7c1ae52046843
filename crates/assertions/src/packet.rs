//! OpenPGP packets (RFC 4880), as far as assertions need them: headers of the new format, numbers, lengths. What they
//! mean is for [`crate::public_key`] and [`crate::signature`].

/// Something that is not in the one accepted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// Bytes that are read from the front.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        self.array::<1>().map(|[byte]| byte)
    }

    /// Two bytes of length, and as many bytes as they say.
    pub(crate) fn counted(&mut self) -> Result<&'a [u8], Malformed> {
        let length = u16::from_be_bytes(self.array()?);
        self.take(length.into())
    }

    /// A multiprecision integer (section 3.2): its bits, and its bytes, most significant first.
    pub(crate) fn number(&mut self) -> Result<(usize, &'a [u8]), Malformed> {
        let bits = usize::from(u16::from_be_bytes(self.array()?));
        Ok((bits, self.take(bits.div_ceil(8))?))
    }

    /// A length of one, two or five bytes (section 4.2.2); partial lengths are for streams.
    fn length(&mut self) -> Result<usize, Malformed> {
        let first = self.byte()?;
        let length = match first {
            ..192 => first.into(),
            192..224 => ((u32::from(first) - 192) << 8) + u32::from(self.byte()?) + 192,
            255 => u32::from_be_bytes(self.array()?),
            224.. => return Err(Malformed),
        };
        usize::try_from(length).map_err(|_| Malformed)
    }

    /// A subpacket of a signature (section 5.2.3.1): its type, with the bit that makes it critical, and its bytes.
    pub(crate) fn subpacket(&mut self) -> Result<(u8, &'a [u8]), Malformed> {
        let length = self.length()?;
        let body = self.take(length)?;
        body.split_first().map(|(kind, body)| (*kind, body)).ok_or(Malformed)
    }
}

/// The body of the one packet that these bytes are: of the tag, with a header of the new format and the shortest length,
/// and nothing after it.
pub(crate) fn body(tag: u8, packet: &[u8]) -> Result<&[u8], Malformed> {
    let mut reader = Reader::new(packet);
    if reader.byte()? != NEW_FORMAT | tag {
        return Err(Malformed);
    }
    let length = reader.length()?;
    let body = reader.take(length)?;
    let shortest = packet.len() == body.len() + 1 + length_of(body.len()).len();
    if reader.is_empty() && shortest { Ok(body) } else { Err(Malformed) }
}

/// The packet of this body, in the form that [`body`] reads.
pub(crate) fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![NEW_FORMAT | tag];
    packet.extend_from_slice(&length_of(body.len()));
    packet.extend_from_slice(body);
    packet
}

/// Appends a number of at most 65,535 bits in its shortest form.
pub(crate) fn push_number(bytes: &mut Vec<u8>, number: &[u8]) {
    let bits = u16::try_from(bits_of(number)).expect("keys have at most 8192 bits");
    bytes.extend_from_slice(&bits.to_be_bytes());
    bytes.extend(number.iter().skip_while(|byte| **byte == 0));
}

/// How many bits a number has, without leading zeros.
pub(crate) fn bits_of(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let first = number.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize);
    (number.len() - zeros) * 8 - first
}

#[expect(clippy::cast_possible_truncation, reason = "each byte holds what the lines around it leave")]
fn length_of(length: usize) -> Vec<u8> {
    match length {
        ..192 => vec![length as u8],
        192..8384 => vec![((length - 192) >> 8) as u8 + 192, (length - 192) as u8],
        8384.. => [&[255], (length as u32).to_be_bytes().as_slice()].concat(),
    }
}

/// The two bits of a header of the new format.
const NEW_FORMAT: u8 = 0xC0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_around_each_length_boundary_are_read_back() {
        for length in [0, 1, 191, 192, 193, 447, 448, 8383, 8384, 9000] {
            let body_in = vec![7; length];
            let packet = packet(6, &body_in);
            assert_eq!(body(6, &packet), Ok(body_in.as_slice()), "{length}");
            assert_eq!(body(2, &packet), Err(Malformed));
            assert_eq!(body(6, &packet[..packet.len() - 1]), Err(Malformed));
            assert_eq!(body(6, &[packet.as_slice(), b"\0"].concat()), Err(Malformed));
        }
    }

    #[test]
    fn longer_and_partial_lengths_are_refused() {
        assert_eq!(body(6, &[0xC6, 1, 9]), Ok([9].as_slice()));
        assert_eq!(body(6, &[0xC6, 255, 0, 0, 0, 1, 9]), Err(Malformed));
        assert_eq!(body(6, &[0xC6, 224, 9]), Err(Malformed));
        assert_eq!(body(6, &[0x98, 1, 9]), Err(Malformed), "the old format");
    }

    #[test]
    fn bits_are_counted_without_leading_zeros() {
        assert_eq!(bits_of(&[]), 0);
        assert_eq!(bits_of(&[0, 0]), 0);
        assert_eq!(bits_of(&[0, 1, 0]), 9);
        assert_eq!(bits_of(&[255]), 8);
    }
}
