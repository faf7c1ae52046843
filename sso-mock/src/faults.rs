//! What the token endpoint does wrong, when a test asks for it.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// One thing that the token endpoint does wrong. Several can be in force at once.
///
/// As JSON: its name in `snake_case`, such as `"server_error"`; for [`Fault::Slow`], `{"slow_ms": 1500}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// It answers this much later.
    #[serde(rename = "slow_ms", deserialize_with = "milliseconds")]
    Slow(Duration),
    /// It answers 500 to everything, and changes nothing: a refresh token is not spent.
    ServerError,
    /// ID tokens are signed with a key that is not the one published under the key id they name.
    WrongKey,
    /// ID tokens expired an hour ago.
    ExpiredToken,
    /// ID tokens name another issuer.
    WrongIssuer,
    /// ID tokens are for another client.
    WrongAudience,
    /// ID tokens are not signed: their algorithm is `none` (RFC 8725, 2.1).
    Unsigned,
    /// ID tokens are signed with HS256, with the text of the public key (PEM) as the secret (RFC 8725, 2.1).
    HmacWithPublicKey,
    /// There is no ID token.
    WithoutIdToken,
}

/// The faults of a provider.
#[derive(Debug, Default)]
pub(crate) struct Faults(RwLock<Vec<Fault>>);

/// The faults that one request meets.
#[derive(Debug)]
pub(crate) struct InForce(Vec<Fault>);

impl Faults {
    /// Replaces them all.
    pub(crate) fn set(&self, faults: Vec<Fault>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// Those of now.
    pub(crate) fn in_force(&self) -> InForce {
        InForce(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl InForce {
    /// Whether this one is among them.
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    /// How long to wait before an answer.
    pub(crate) fn delay(&self) -> Duration {
        let delays = self.0.iter().map(|fault| match fault {
            Fault::Slow(delay) => *delay,
            _ => Duration::ZERO,
        });
        delays.fold(Duration::ZERO, Duration::saturating_add)
    }
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}
