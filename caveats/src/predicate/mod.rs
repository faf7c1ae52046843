//! The closed vocabulary of first-party caveats: `LOCATION|KEY|VALUE`, read and written.
//!
//! The grammar is the real store's: the text is split at its first two `|`. A caveat whose location is not the one
//! expected, or whose key is not in this list, refuses; there is no way to skip one.

mod account;
pub(crate) mod acl;
pub(crate) mod channel;
mod digest;
pub(crate) mod kind;
pub(crate) mod list;
mod package;
mod source_ip;

pub use account::Account;
pub(crate) use acl::PermissionSet;
pub use acl::{Permission, UnknownPermission};
pub use channel::{Channel, ChannelError, ChannelPattern};
pub(crate) use digest::{encode as encode_digest, is_encoded};
pub use kind::Kind;
pub(crate) use package::check_name;
pub use source_ip::Network;
use timestamp::Timestamp;

use crate::refusal::{Refusal, Shown};

/// A first-party caveat, understood. What a request must do to satisfy each is said at [`Kind`] and, with an example
/// allowed and one refused, in `docs/caveats.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Predicate {
    /// See [`Kind::ValidSince`].
    ValidSince(Timestamp),
    /// See [`Kind::LastAuth`].
    LastAuth(Timestamp),
    /// See [`Kind::NotBefore`].
    NotBefore(Timestamp),
    /// See [`Kind::Expires`].
    Expires(Timestamp),
    /// JSON list of permission names. Names that this service does not know grant nothing and are left out on reading.
    Acl(Vec<Permission>),
    /// JSON list of snap ids.
    Packages(Vec<String>),
    /// JSON list of channel patterns, see [`ChannelPattern`].
    Channels(Vec<String>),
    /// Standard base64 of JSON.
    Account(Account),
    /// JSON list of SHA3-384 digests, each URL-safe base64 without padding, 64 characters.
    UploadDigest(Vec<String>),
    /// JSON list of key ids, each URL-safe base64 without padding, 64 characters.
    BuildKey(Vec<String>),
    /// JSON list of networks in CIDR notation, or single addresses.
    SourceIp(Vec<String>),
    /// An opaque id.
    Session(String),
}

impl Predicate {
    /// The caveat's text for a macaroon whose caveats are addressed to `location`.
    pub fn encode(&self, location: &str) -> String {
        let value = match self {
            Self::ValidSince(time) | Self::LastAuth(time) | Self::NotBefore(time) | Self::Expires(time) => {
                time.to_string()
            }
            Self::Acl(permissions) => list::encode(permissions.iter().map(|permission| permission.as_str())),
            Self::Packages(names)
            | Self::Channels(names)
            | Self::UploadDigest(names)
            | Self::BuildKey(names)
            | Self::SourceIp(names) => list::encode(names.iter().map(String::as_str)),
            Self::Account(account) => account.encode(),
            Self::Session(id) => id.clone(),
        };
        format!("{location}|{}|{value}", self.kind())
    }

    /// Reads a caveat that must be addressed to `location`.
    pub fn parse(caveat_id: &[u8], location: &str) -> Result<Self, Refusal> {
        let clause = Clause::read(caveat_id, location)?;
        Ok(match clause.kind {
            Kind::ValidSince => Self::ValidSince(clause.time()?),
            Kind::LastAuth => Self::LastAuth(clause.time()?),
            Kind::NotBefore => Self::NotBefore(clause.time()?),
            Kind::Expires => Self::Expires(clause.time()?),
            Kind::Acl => Self::Acl(clause.permissions()?.iter().collect()),
            Kind::Packages => Self::Packages(clause.names()?),
            Kind::Channels => Self::Channels(clause.names()?),
            Kind::Account => Self::Account(clause.account()?),
            Kind::UploadDigest => Self::UploadDigest(clause.names()?),
            Kind::BuildKey => Self::BuildKey(clause.names()?),
            Kind::SourceIp => Self::SourceIp(clause.names()?),
            Kind::Session => Self::Session(clause.session()?.to_owned()),
        })
    }

    /// Which caveat this is.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::ValidSince(_) => Kind::ValidSince,
            Self::LastAuth(_) => Kind::LastAuth,
            Self::NotBefore(_) => Kind::NotBefore,
            Self::Expires(_) => Kind::Expires,
            Self::Acl(_) => Kind::Acl,
            Self::Packages(_) => Kind::Packages,
            Self::Channels(_) => Kind::Channels,
            Self::Account(_) => Kind::Account,
            Self::UploadDigest(_) => Kind::UploadDigest,
            Self::BuildKey(_) => Kind::BuildKey,
            Self::SourceIp(_) => Kind::SourceIp,
            Self::Session(_) => Kind::Session,
        }
    }
}

/// A caveat whose key is known and whose value is not yet read. Borrows, so that clearing needs no allocation.
#[derive(Clone, Copy)]
pub(crate) struct Clause<'m> {
    pub(crate) kind: Kind,
    value: &'m str,
}

impl<'m> Clause<'m> {
    pub(crate) fn read(caveat_id: &'m [u8], location: &str) -> Result<Self, Refusal> {
        let foreign = || Refusal::Foreign { caveat: Shown::from_bytes(caveat_id) };
        let unknown = |key| match std::str::from_utf8(caveat_id) {
            Ok(_) => Refusal::Unknown { caveat: Shown::from_bytes(key) },
            Err(_) => foreign(),
        };
        let [b'|', rest @ ..] = caveat_id.strip_prefix(location.as_bytes()).ok_or_else(foreign)? else {
            return Err(foreign());
        };
        let bar = memchr::memchr(b'|', rest).ok_or_else(|| unknown(rest))?;
        let (key, value) = (rest.get(..bar).unwrap_or_default(), rest.get(bar + 1..).unwrap_or_default());
        let kind = Kind::from_key(key).ok_or_else(|| unknown(key))?;
        // What stands before it is known to be text by now.
        let value = std::str::from_utf8(value).map_err(|_| foreign())?;
        Ok(Self { kind, value })
    }

    pub(crate) fn time(&self) -> Result<Timestamp, Refusal> {
        self.value.parse().map_err(|_| self.malformed())
    }

    pub(crate) fn account(&self) -> Result<Account, Refusal> {
        Account::decode(self.value).ok_or_else(|| self.malformed())
    }

    pub(crate) fn session(&self) -> Result<&'m str, Refusal> {
        check_name(self.value).ok_or_else(|| self.malformed())
    }

    /// Everything an `acl` grants, umbrellas opened.
    pub(crate) fn granted(&self) -> Result<PermissionSet, Refusal> {
        Ok(self.permissions()?.granted())
    }

    /// What an `acl` names, without what that includes.
    pub(crate) fn permissions(&self) -> Result<PermissionSet, Refusal> {
        let mut named = PermissionSet::default();
        self.each(|name| {
            if let Ok(permission) = name.parse() {
                named.insert(permission);
            }
            true
        })?;
        Ok(named)
    }

    /// Whether some name of a list satisfies `test`; each must be well formed for its kind, also those after a match.
    pub(crate) fn any(&self, mut test: impl FnMut(&str) -> bool) -> Result<bool, Refusal> {
        let mut found = false;
        self.each(|name| {
            found |= test(name);
            true
        })?;
        Ok(found)
    }

    /// Whether the network list of a `source_ip` contains `address`.
    pub(crate) fn contains(&self, address: std::net::IpAddr) -> Result<bool, Refusal> {
        let mut found = false;
        self.each(|text| match Network::parse(text) {
            Some(network) => {
                found |= network.contains(address);
                true
            }
            None => false,
        })?;
        Ok(found)
    }

    /// The names of a list, as written.
    pub(crate) fn names(&self) -> Result<Vec<String>, Refusal> {
        let mut names = Vec::new();
        self.each(|name| {
            names.push(name.to_owned());
            true
        })?;
        Ok(names)
    }

    pub(crate) fn malformed(&self) -> Refusal {
        Refusal::Malformed { kind: self.kind }
    }

    /// Hands over each name of a list after checking its form; `take` may refuse it.
    fn each(&self, mut take: impl FnMut(&str) -> bool) -> Result<(), Refusal> {
        let well_formed = |name: &str| match self.kind {
            Kind::UploadDigest | Kind::BuildKey => is_encoded(name),
            Kind::Channels => ChannelPattern::is_well_formed(name),
            Kind::SourceIp => Network::parse(name).is_some(),
            _ => check_name(name).is_some(),
        };
        list::each(self.value, |name| well_formed(name) && take(name)).ok_or_else(|| self.malformed())
    }
}
