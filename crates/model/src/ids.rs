//! Identifiers: how each is made, what it may look like, and no way in but through its parser.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::random;

/// The text given is not an identifier of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}")]
pub struct InvalidId(pub(crate) &'static str);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $make:expr, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// A new one, from the system's random generator.
            pub fn generate() -> Self {
                $name($make())
            }

            /// The text, as it stands in credentials, URLs and records.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                if $valid(text) { Ok($name(text.to_owned())) } else { Err(InvalidId($what)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

fn bits_128() -> String {
    URL_SAFE_NO_PAD.encode(random::bytes::<16>())
}

fn bits_256() -> String {
    URL_SAFE_NO_PAD.encode(random::bytes::<32>())
}

fn bits_384() -> String {
    URL_SAFE_NO_PAD.encode(random::bytes::<48>())
}

fn is_base64url(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_alphanumeric(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

id!(
    /// An account: 32 of `[A-Za-z0-9]`, as snapd's assertions demand.
    AccountId, "account id", || random::alphanumeric(32), |text| is_alphanumeric(text, 32)
);
id!(
    /// A package: 32 of `[A-Za-z0-9]`, as snapd's assertions demand.
    SnapId, "snap id", || random::alphanumeric(32), |text| is_alphanumeric(text, 32)
);
id!(
    /// A token family: everything attenuated from one root macaroon; 128 random bits, base64url.
    TokenId, "token id", bits_128, |text| is_base64url(text, 22)
);
id!(
    /// A login: one discharge and its refreshes; 128 random bits, base64url.
    SessionId, "session id", bits_128, |text| is_base64url(text, 22)
);
id!(
    /// A key of ours: 8 of `[A-Za-z0-9]`; it stands in every credential made with that key.
    KeyId, "key id", || random::alphanumeric(8), |text| is_alphanumeric(text, 8)
);
id!(
    /// A publisher's signing key: the unpadded base64url of the SHA3-384 over it, as assertions name keys.
    SigningKeyId, "key id", bits_384, |text| is_base64url(text, 64)
);
id!(
    /// Bytes received and not yet claimed: a bearer capability, so 256 random bits, base64url.
    UploadId, "upload id", bits_256, |text| is_base64url(text, 43)
);
id!(
    /// The outcome of one push, readable by whoever knows it: 256 random bits, base64url.
    PushId, "status id", bits_256, |text| is_base64url(text, 43)
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_ids_parse_and_foreign_text_does_not() {
        assert!(TokenId::generate().as_str().parse::<TokenId>().is_ok());
        assert!(AccountId::generate().as_str().parse::<AccountId>().is_ok());
        assert!(UploadId::generate().as_str().parse::<UploadId>().is_ok());
        for bad in ["", "x", "../../etc/passwd", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa é"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
            assert!(bad.parse::<TokenId>().is_err(), "{bad}");
        }
    }
}
