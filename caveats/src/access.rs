//! The facts of one attempt, against which a credential is cleared. Where they come from is the caller's business.

use std::net::IpAddr;

use crate::predicate::{Channel, Permission};
use timestamp::Timestamp;

/// What is being attempted, by whom it is seen to come, and when.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// The moment of the request.
    pub now: Timestamp,
    /// The permissions the attempt needs, every one of them. Empty for reading about oneself, which any valid
    /// credential may.
    pub permissions: &'a [Permission],
    /// The package that is touched.
    pub package: Package<'a>,
    /// The channels that are touched, every one of which must be allowed.
    pub channels: &'a [Channel],
    /// The file that is uploaded.
    pub upload: Upload<'a>,
    /// Where the request comes from; `None` if that is not known, which a `source_ip` caveat refuses.
    pub source: Option<IpAddr>,
}

/// The package an attempt touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Package<'a> {
    /// None: account data, `whoami`.
    None,
    /// The snap with this id.
    Id(&'a str),
    /// One that is yet to be made, which no list of ids can hold.
    New,
}

/// The upload an attempt consists of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Upload<'a> {
    /// It is no upload. A credential that is limited to certain files or build keys then allows nothing that needs a
    /// permission.
    #[default]
    None,
    /// A dry run before the bytes are sent: nothing is accepted, so the file is not yet asked about.
    Proposed,
    /// A file that has come, and whose signature may still come: nothing is accepted yet, so the key is not asked about.
    Received {
        /// SHA3-384 of the file.
        digest: &'a [u8; 48],
    },
    /// A file to be accepted.
    File {
        /// SHA3-384 of the file.
        digest: &'a [u8; 48],
        /// The id of the key whose signature over the build was checked, if there was one.
        build_key: Option<&'a str>,
    },
}

/// The locations that caveats must be addressed to. What a macaroon says of its own location is not authenticated, so
/// this is the service's setting and never taken from the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locations<'a> {
    /// The prefix of every first-party caveat in a root.
    pub store: &'a str,
    /// The prefix of every first-party caveat in a discharge.
    pub sso: &'a str,
}
