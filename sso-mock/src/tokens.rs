//! ID tokens (OpenID Connect Core 1.0, 2), right or wrong in the way a test asked for.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde::Serialize;
use serde_json::json;

use crate::accounts::Person;
use crate::faults::{Fault, InForce};
use crate::keys::Keys;

/// How long ID and access tokens are good for, in seconds.
pub(crate) const LIFETIME: i64 = 300;

/// What an ID token says.
#[derive(Debug, Serialize)]
pub(crate) struct IdToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    email: &'a str,
    email_verified: bool,
    name: &'a str,
    preferred_username: &'a str,
    groups: &'a [String],
}

impl<'a> IdToken<'a> {
    /// A true one. Times are seconds since the epoch.
    pub(crate) fn new(
        issuer: &'a str,
        client_id: &'a str,
        person: &'a Person,
        auth_time: i64,
        now: i64,
    ) -> IdToken<'a> {
        IdToken {
            iss: issuer,
            sub: &person.subject,
            aud: client_id,
            exp: now.saturating_add(LIFETIME),
            iat: now,
            auth_time,
            email: &person.email,
            email_verified: true,
            name: &person.display_name,
            preferred_username: &person.username,
            groups: &person.groups,
        }
    }

    /// Signs it, after making it as wrong as the faults say.
    pub(crate) async fn signed(mut self, keys: &Keys, faults: &InForce) -> String {
        self.distort(faults);
        let key = keys.current();
        if faults.has(Fault::Unsigned) {
            return self.unsigned(&key.header());
        }
        if faults.has(Fault::HmacWithPublicKey) {
            let header = Header { kid: key.header().kid, ..Header::new(jsonwebtoken::Algorithm::HS256) };
            return self.encoded(&header, &EncodingKey::from_secret(key.public_pem().as_bytes()));
        }
        if faults.has(Fault::WrongKey) {
            return self.encoded(&key.header(), keys.foreign().await.private());
        }
        self.encoded(&key.header(), key.private())
    }

    fn distort(&mut self, faults: &InForce) {
        if faults.has(Fault::WrongIssuer) {
            self.iss = "https://another-issuer.invalid";
        }
        if faults.has(Fault::WrongAudience) {
            self.aud = "another-client";
        }
        if faults.has(Fault::ExpiredToken) {
            self.exp -= LIFETIME + HOUR;
            self.iat -= LIFETIME + HOUR;
            self.auth_time = self.auth_time.min(self.iat);
        }
    }

    fn encoded(&self, header: &Header, key: &EncodingKey) -> String {
        encode(header, self, key).expect("the claims are plain JSON, and the key is of the header's kind")
    }

    /// An unsecured token (RFC 7519, 6): no signature after the last dot.
    fn unsigned(&self, header: &Header) -> String {
        let header = json!({ "typ": "JWT", "alg": "none", "kid": header.kid });
        let claims = serde_json::to_vec(self).expect("the claims are plain JSON");
        format!("{}.{}.", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims))
    }
}

const HOUR: i64 = 3600;
