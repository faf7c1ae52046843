//! The caps on untrusted input, enforced while decoding, before any cryptography.
//!
//! Those of bodies, headers and signatures are snapd's (`asserts/asserts.go`). It has none for nesting, headers and
//! assertions: a real assertion has about twelve headers, two levels at most, and travels with a handful of others.

/// Longest body, in bytes.
pub const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

/// Longest block of headers, in bytes.
pub const MAX_HEADERS_BYTES: usize = 128 * 1024;

/// Longest signature, in bytes of its text.
pub const MAX_SIGNATURE_BYTES: usize = 128 * 1024;

/// Most headers of one assertion.
pub const MAX_HEADERS: usize = 256;

/// Deepest nesting of lists and maps inside a header: a list of maps of texts is two levels deep.
pub const MAX_NESTING: usize = 16;

/// Most assertions in one stream.
pub const MAX_ASSERTIONS: usize = 256;

/// Longest stream of assertions, in bytes.
pub const MAX_STREAM_BYTES: usize = 4 * 1024 * 1024;

/// Fewest and most bits of an RSA key that is accepted. snapd's trusted root key has 8192, the keys that its tools make
/// have 4096.
pub const KEY_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Fewest and most bits of an RSA key that we sign with.
pub const PRIVATE_KEY_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
