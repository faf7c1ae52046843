//! The one source of chance: the operating system's generator.

const ALPHANUMERIC: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `N` unpredictable bytes.
///
/// # Panics
/// If the operating system's generator fails: nothing this service makes would be safe without it.
#[expect(clippy::disallowed_methods, reason = "this is the door to the system's generator")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0_u8; N];
    getrandom::fill(&mut out).expect("the operating system's random generator works");
    out
}

/// `length` characters of `[0-9A-Za-z]`, each equally likely.
pub fn alphanumeric(length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // 248 is the largest multiple of 62 in a byte: bytes from there on would favour the first letters.
        for byte in bytes::<64>().into_iter().filter(|byte| *byte < 248) {
            if text.len() < length
                && let Some(letter) = ALPHANUMERIC.get(usize::from(byte % 62))
            {
                text.push(char::from(*letter));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alphanumeric_text_has_the_length_asked_for_and_differs_each_time() {
        let (one, other) = (alphanumeric(32), alphanumeric(32));
        assert_eq!(one.len(), 32);
        assert!(one.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert_ne!(one, other);
    }
}
