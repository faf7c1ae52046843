//! The keys of first-party caveats, a closed list.

use std::fmt;

/// The key of a first-party caveat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `valid_since`: when it was issued. Not enforced, as clocks differ.
    ValidSince,
    /// `last_auth`: when the password was last entered. Recorded, not enforced.
    LastAuth,
    /// `not_before`: refused before this moment.
    NotBefore,
    /// `expires`: refused at and after this moment.
    Expires,
    /// `acl`: the permissions.
    Acl,
    /// `package_id`, and its synonym `snap_id`: the snaps.
    Packages,
    /// `channel`: patterns of channels.
    Channels,
    /// `account`: whose it is. Only in a discharge.
    Account,
    /// `upload_digest`: the files that may be uploaded.
    UploadDigest,
    /// `build_key`: the keys that must have signed the build.
    BuildKey,
    /// `source_ip`: the networks it may be used from.
    SourceIp,
    /// `session`: the login it belongs to. Only in a discharge.
    Session,
}

impl Kind {
    /// Every kind, in the order of the enum.
    pub const ALL: [Self; 12] = [
        Self::ValidSince,
        Self::LastAuth,
        Self::NotBefore,
        Self::Expires,
        Self::Acl,
        Self::Packages,
        Self::Channels,
        Self::Account,
        Self::UploadDigest,
        Self::BuildKey,
        Self::SourceIp,
        Self::Session,
    ];

    /// The key as written in a caveat.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ValidSince => "valid_since",
            Self::LastAuth => "last_auth",
            Self::NotBefore => "not_before",
            Self::Expires => "expires",
            Self::Acl => "acl",
            Self::Packages => "package_id",
            Self::Channels => "channel",
            Self::Account => "account",
            Self::UploadDigest => "upload_digest",
            Self::BuildKey => "build_key",
            Self::SourceIp => "source_ip",
            Self::Session => "session",
        }
    }

    pub(crate) fn from_key(key: &[u8]) -> Option<Self> {
        Some(match key {
            b"valid_since" => Self::ValidSince,
            b"last_auth" => Self::LastAuth,
            b"not_before" => Self::NotBefore,
            b"expires" => Self::Expires,
            b"acl" => Self::Acl,
            b"package_id" | b"snap_id" => Self::Packages,
            b"channel" => Self::Channels,
            b"account" => Self::Account,
            b"upload_digest" => Self::UploadDigest,
            b"build_key" => Self::BuildKey,
            b"source_ip" => Self::SourceIp,
            b"session" => Self::Session,
            _ => return None,
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
