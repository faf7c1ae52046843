//! Who asks: the one client, by HTTP Basic or in the body (RFC 6749, 2.3.1). Secrets are compared in constant time.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::{Choice, ConstantTimeEq as _};
use url::form_urlencoded;

use super::form::Form;
use super::refusal::Refusal;
use crate::state::State;

/// What HTTP Basic carries (RFC 7617, 2).
pub(super) struct Basic {
    user: String,
    password: String,
}

/// Refuses everybody but the client.
pub(super) fn authenticate(state: &State, request: &HttpRequest, form: &Form) -> Result<(), Refusal> {
    let (header, in_body) = (request.headers().contains_key(AUTHORIZATION), form.optional("client_secret"));
    let good = match (header, in_body) {
        (true, Some(_)) => {
            return Err(Refusal::InvalidRequest("the client authenticates in two ways at once"));
        }
        (true, None) => Basic::read(request).is_some_and(|basic| basic.is_client(state)),
        (false, Some(secret)) => {
            let id = form.optional("client_id").unwrap_or_default();
            (same(id, &state.client_id) & same(secret, &state.client_secret)).into()
        }
        (false, None) => false,
    };
    // An id beside the header is not needed, but must not be another's.
    let other = form.optional("client_id").is_some_and(|id| id != state.client_id);
    if good && !other { Ok(()) } else { Err(Refusal::InvalidClient) }
}

impl Basic {
    /// Reads the header, if it is there and well-formed.
    pub(super) fn read(request: &HttpRequest) -> Option<Basic> {
        let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
        let (scheme, credentials) = header.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Basic { user: user.to_owned(), password: password.to_owned() })
    }

    fn is_client(&self, state: &State) -> bool {
        (either(&self.user, &state.client_id) & either(&self.password, &state.client_secret)).into()
    }

    /// Whether the password is the client's secret, whoever the user.
    pub(super) fn has_secret(&self, state: &State) -> bool {
        same(&self.password, &state.client_secret).into()
    }
}

/// RFC 6749 wants both parts form-encoded before they are joined; half of the clients do not.
fn either(given: &str, expected: &str) -> Choice {
    same(given, expected) | same(&form_decoded(given), expected)
}

fn form_decoded(text: &str) -> String {
    // As the value of a parameter without a name: all of it, since neither `&` nor the first `=` ends it.
    let parameter = format!("={}", text.replace('&', "%26"));
    form_urlencoded::parse(parameter.as_bytes()).map(|(_, value)| value.into_owned()).collect()
}

fn same(given: &str, expected: &str) -> Choice {
    given.as_bytes().ct_eq(expected.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_form_encoded_and_as_it_is() {
        let secret = "a+b/c=d&e %f:ü";
        let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        assert_ne!(encoded, secret);
        for (given, good) in
            [(secret, true), (encoded.as_str(), true), ("a b/c=d&e %f:ü", false), ("", false)]
        {
            assert_eq!(bool::from(either(given, secret)), good, "{given}");
        }
    }
}
