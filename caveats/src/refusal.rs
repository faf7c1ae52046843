//! Why a genuine credential does not allow an attempt: typed, comparable, and a sentence a person can act on.

use std::fmt;
use std::net::IpAddr;

use crate::predicate::acl::Permission;
use crate::predicate::channel::Channel;
use crate::predicate::kind::Kind;
use timestamp::Timestamp;

/// The reason a credential was refused. Holds no token material; text from caveats is cut and cleaned, see [`Shown`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The root has no `acl` caveat, so it allows nothing at all.
    MissingAcl,
    /// A permission is needed that an `acl` does not grant.
    Acl {
        /// What is needed.
        needed: Permission,
        /// What that `acl` names.
        allowed: Vec<Permission>,
    },
    /// A `channel` list does not allow a channel.
    Channel {
        /// What is attempted.
        wanted: Channel,
        /// The patterns of that list.
        allowed: Vec<Shown>,
    },
    /// A `package_id` list does not hold the package.
    Package {
        /// The snap id; `None` if the attempt would create a package.
        wanted: Option<String>,
        /// The snap ids of that list.
        allowed: Vec<Shown>,
    },
    /// `expires` has come.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// `not_before` has not come.
    NotBefore {
        /// When it will.
        until: Timestamp,
    },
    /// An `upload_digest` list does not hold the file.
    UploadDigest {
        /// The file's digest; `None` if the attempt is no upload.
        wanted: Option<String>,
        /// The digests of that list.
        allowed: Vec<Shown>,
    },
    /// A `build_key` list does not hold the key that signed the build.
    BuildKey {
        /// The key's id; `None` if the build is not signed, or the attempt is no upload.
        wanted: Option<String>,
        /// The key ids of that list.
        allowed: Vec<Shown>,
    },
    /// A `source_ip` list does not hold the address.
    SourceIp {
        /// The address; `None` if it is not known.
        source: Option<IpAddr>,
        /// The networks of that list.
        allowed: Vec<Shown>,
    },
    /// A caveat whose key this service does not know.
    Unknown {
        /// The key.
        caveat: Shown,
    },
    /// A caveat addressed to another service, or in no known form.
    Foreign {
        /// The caveat.
        caveat: Shown,
    },
    /// A caveat whose value is not in its form.
    Malformed {
        /// Its key.
        kind: Kind,
    },
    /// A caveat that says who holds the credential, in a root, where anyone could have put it.
    Misplaced {
        /// Its key.
        kind: Kind,
    },
    /// Two caveats of a key that disagree about who holds the credential.
    Conflicting {
        /// Their key.
        kind: Kind,
    },
    /// The identifier is not text, so it is none that this service issued.
    Identifier,
}

impl Refusal {
    /// A stable word for logs, metrics and error bodies: the caveat's key where one refused, else what was wrong.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::MissingAcl => "missing_acl",
            Self::Acl { .. } => Kind::Acl.as_str(),
            Self::Channel { .. } => Kind::Channels.as_str(),
            Self::Package { .. } => Kind::Packages.as_str(),
            Self::Expired { .. } => Kind::Expires.as_str(),
            Self::NotBefore { .. } => Kind::NotBefore.as_str(),
            Self::UploadDigest { .. } => Kind::UploadDigest.as_str(),
            Self::BuildKey { .. } => Kind::BuildKey.as_str(),
            Self::SourceIp { .. } => Kind::SourceIp.as_str(),
            Self::Unknown { .. } => "unknown",
            Self::Foreign { .. } => "foreign",
            Self::Malformed { .. } => "malformed",
            Self::Misplaced { kind } | Self::Conflicting { kind } => kind.as_str(),
            Self::Identifier => "identifier",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingAcl => f.write_str("the credential has no `acl` caveat, so it allows nothing"),
            Self::Acl { needed, allowed } => {
                write!(f, "the credential allows {}, not {needed}", Listed("", allowed))
            }
            Self::Channel { wanted, allowed } => {
                write!(f, "the credential allows {}, not {wanted}", Listed("channels ", allowed))
            }
            Self::Package { wanted: Some(id), allowed } => {
                write!(f, "the credential allows {}, not {}", Listed("snap ids ", allowed), Shown::new(id))
            }
            Self::Package { wanted: None, allowed } => {
                write!(
                    f,
                    "the credential allows {}, and can't create a package",
                    Listed("snap ids ", allowed)
                )
            }
            Self::Expired { at } => write!(f, "the credential expired at {at} UTC"),
            Self::NotBefore { until } => write!(f, "the credential is not valid before {until} UTC"),
            Self::UploadDigest { wanted: Some(digest), allowed } => {
                write!(f, "the credential allows uploading {}, not {digest}", Listed("the files ", allowed))
            }
            Self::UploadDigest { wanted: None, allowed } => {
                write!(f, "the credential allows only uploading {}", Listed("the files ", allowed))
            }
            Self::BuildKey { wanted, allowed } => {
                write!(
                    f,
                    "the credential allows only uploads signed by {}",
                    Listed("the build keys ", allowed)
                )?;
                match wanted {
                    Some(key) => write!(f, ", not by {}", Shown::new(key)),
                    None => f.write_str(", and there is no such signature"),
                }
            }
            Self::SourceIp { source, allowed } => {
                write!(f, "the credential may be used from {}, ", Listed("", allowed))?;
                match source {
                    Some(address) => write!(f, "not from {address}"),
                    None => f.write_str("and where this request comes from is not known"),
                }
            }
            Self::Unknown { caveat } => write!(f, "caveat `{caveat}` is not known to this service"),
            Self::Foreign { caveat } => write!(f, "caveat `{caveat}` is not addressed to this service"),
            Self::Malformed { kind } => write!(f, "the value of caveat `{kind}` is not in its form"),
            Self::Misplaced { kind } => write!(f, "caveat `{kind}` is believed in a discharge only"),
            Self::Conflicting { kind } => write!(f, "two caveats `{kind}` contradict each other"),
            Self::Identifier => f.write_str("the credential's identifier is not text"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Text out of an untrusted caveat, fit for a message: at most 80 characters of printable ASCII. Every other character,
/// and `{`, `}` and the backtick, is shown as `?`; braces because old snapcraft runs messages through a format call.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shown(String);

impl Shown {
    /// Cuts and cleans a text.
    pub fn new(text: &str) -> Self {
        let clean = |character: char| match character {
            '{' | '}' | '`' => '?',
            ' '..='~' => character,
            _ => '?',
        };
        let mut shown: String = text.chars().take(MAX_SHOWN).map(clean).collect();
        if text.chars().nth(MAX_SHOWN).is_some() {
            shown.push_str("...");
        }
        Self(shown)
    }

    /// Cuts and cleans bytes that may be text.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self::new(&String::from_utf8_lossy(bytes.get(..ENOUGH_BYTES).unwrap_or(bytes)))
    }

    /// The clean text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Characters of untrusted text that a message repeats.
const MAX_SHOWN: usize = 80;

/// Bytes of untrusted text that hold one character more, so that what is cut is seen to be.
const ENOUGH_BYTES: usize = (MAX_SHOWN + 1) * 4;

/// Items of a list that a message repeats.
const MAX_LISTED: usize = 8;

/// A list in a sentence, after a noun; an empty one is "no …", "nothing" if there is no noun.
struct Listed<'l, T>(&'static str, &'l [T]);

impl<T: fmt::Display> fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(noun, items) = self;
        if items.is_empty() {
            let noun = noun.trim_end().trim_start_matches("the ");
            return if noun.is_empty() { f.write_str("nothing") } else { write!(f, "no {noun}") };
        }
        f.write_str(noun)?;
        for (index, item) in items.iter().take(MAX_LISTED).enumerate() {
            let separator = if index > 0 { ", " } else { "" };
            write!(f, "{separator}{item}")?;
        }
        if items.len() > MAX_LISTED { write!(f, " and {} more", items.len() - MAX_LISTED) } else { Ok(()) }
    }
}
