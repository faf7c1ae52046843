//! The one source of chance for secrets and names: the operating system's generator.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A secret that nobody guesses: 256 bits, 43 characters of base64url.
pub(crate) fn secret() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// A name that nobody else has: 128 bits, 22 characters of base64url.
pub(crate) fn name() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<16>())
}

#[expect(clippy::disallowed_methods, reason = "this is the door to the system's generator")]
fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0_u8; N];
    getrandom::fill(&mut out).expect("the operating system's random generator works");
    out
}
