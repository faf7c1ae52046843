//! The caps on untrusted input, enforced while decoding, before any cryptography.
//!
//! A real root is about 1 KB with five caveats, a real discharge about 700 bytes with four; snapd may send several
//! discharges. The caps leave an order of magnitude above that, and bound the work one request can ask for: at most
//! [`MAX_DISCHARGES`] + 1 chains of [`MAX_CAVEATS`] steps.

/// Longest macaroon, in bytes of its V1 form before base64. Also keeps every V1 packet below the format's own
/// bound of 65,535 bytes, so that whatever was accepted can be written.
pub const MAX_MACAROON_BYTES: usize = 32 * 1024;

/// Most caveats in one macaroon, first-party and third-party together.
pub const MAX_CAVEATS: usize = 256;

/// Most discharges beside one root, and thereby the deepest nesting of discharges of discharges.
pub const MAX_DISCHARGES: usize = 16;

/// Longest `Authorization` header value, in bytes.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

/// Longest name inside a list caveat that is compared with something (a channel pattern, a snap id), in bytes.
pub const MAX_NAME_BYTES: usize = 256;

/// Longest text that is read as an exported credential, in bytes.
pub const MAX_EXPORTED_BYTES: usize = 1024 * 1024;
