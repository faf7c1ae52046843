//! The text around a key or a signature, snapd's encoding "v1": base64 of the byte 0x01 and one OpenPGP packet, in lines
//! of 76 characters. Knows no packet.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The one version of the encoding.
const VERSION: u8 = 1;

/// Characters in a line, but for the last.
const LINE: usize = 76;

/// Why a text holds no packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArmorError {
    /// Not base64 with padding, or not in lines of 76.
    Base64,
    /// Another version than 0x01.
    Version(u8),
}

/// The text of a packet; without a newline at the end.
pub(crate) fn encode(packet: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(packet.len() + 1);
    bytes.push(VERSION);
    bytes.extend_from_slice(packet);
    let flat = STANDARD.encode(bytes);
    let mut text = String::with_capacity(flat.len() + flat.len() / LINE + 1);
    for (place, character) in flat.chars().enumerate() {
        if place > 0 && place % LINE == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text
}

/// The packet of a text that [`encode`] could have written. snapd reads other lines too, but writes none, and whatever
/// reaches a store was written by it.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, ArmorError> {
    let mut flat = String::with_capacity(text.len());
    let mut full = true;
    for line in text.split('\n') {
        if !full || line.is_empty() || line.len() > LINE {
            return Err(ArmorError::Base64);
        }
        full = line.len() == LINE;
        flat.push_str(line);
    }
    let mut bytes = STANDARD.decode(flat).map_err(|_| ArmorError::Base64)?;
    match bytes.first() {
        Some(&VERSION) => Ok(bytes.split_off(1)),
        Some(&other) => Err(ArmorError::Version(other)),
        None => Err(ArmorError::Base64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_of_any_length_is_read_back() {
        for length in 0..300 {
            let packet: Vec<u8> = (0..=255).cycle().take(length).collect();
            let text = encode(&packet);
            assert!(text.lines().all(|line| line.len() <= LINE));
            assert_eq!(decode(&text), Ok(packet));
        }
    }

    #[test]
    fn other_lines_alphabets_and_versions_are_refused() {
        let text = encode(&[9; 100]);
        let (first, rest) = text.split_once('\n').unwrap();
        let base64 = [
            String::new(),
            "\n".into(),
            format!("{text}\n"),
            format!("\n{text}"),
            format!("{first}\n\n{rest}"),
            format!("{first}\r\n{rest}"),
            format!("{first}{rest}"),
            format!("{}\n{}{rest}", &first[..75], &first[75..]),
            text.replace('=', ""),
            text.replace("kJ", "-_"),
        ];
        for other in base64 {
            assert_eq!(decode(&other), Err(ArmorError::Base64), "{other}");
        }
        assert_eq!(decode(&STANDARD.encode([2, 9])), Err(ArmorError::Version(2)));
    }
}
