//! Calls to the provider: its discovery document, its keys, its token endpoint.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::JwkSet;
use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::{Grant, SsoError, SsoSettings, id_token};
use model::account::Identity;
use model::clock::Clock;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// After this the provider is asked for its keys again: it may have withdrawn one.
const KNOWN_FOR: Duration = Duration::from_mins(10);

/// A client of the organisation's provider.
#[derive(Debug)]
pub struct Provider {
    settings: SsoSettings,
    clock: Clock,
    http: reqwest::Client,
    /// What was learnt of it, for a while; dropped when a token names a key that is not among them.
    known: RwLock<Option<Known>>,
}

#[derive(Debug, Clone)]
struct Known {
    token_endpoint: String,
    keys: JwkSet,
    since: Instant,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: Option<SecretString>,
    refresh_token: Option<SecretString>,
}

#[derive(Deserialize)]
struct OAuthError {
    error: String,
}

impl Provider {
    pub(super) fn new(settings: SsoSettings, clock: Clock) -> Result<Provider, reqwest::Error> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        Ok(Provider { settings, clock, http, known: RwLock::default() })
    }

    /// Asks whether this password is this person's.
    pub async fn password_grant(&self, username: &str, password: &SecretString) -> Result<Grant, SsoError> {
        self.grant(&[
            ("grant_type", "password"),
            ("username", username),
            ("password", password.expose_secret()),
            ("scope", "openid email profile groups offline_access"),
        ])
        .await
    }

    /// Asks whether the person and the password that gave this token are still good.
    pub async fn refresh_grant(&self, refresh_token: &SecretString) -> Result<Grant, SsoError> {
        self.grant(&[("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose_secret())]).await
    }

    async fn grant(&self, form: &[(&str, &str)]) -> Result<Grant, SsoError> {
        let known = self.known().await?;
        let answer = self
            .http
            .post(&known.token_endpoint)
            .basic_auth(&self.settings.client_id, Some(self.settings.client_secret.expose_secret()))
            .form(form)
            .send()
            .await
            .map_err(|error| unavailable("the token endpoint did not answer", &error.without_url()))?;
        match answer.status() {
            StatusCode::OK => {}
            // RFC 6749 has 400 for both; Keycloak before 26.6 answers a wrong password with 401.
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => {
                let refusal: OAuthError = answer
                    .json()
                    .await
                    .map_err(|_| unavailable("it refused without a reason", &"no JSON"))?;
                // RFC 6749, 5.2: only this one is about the person; the others are about our settings.
                return if refusal.error == "invalid_grant" {
                    Err(SsoError::Refused)
                } else {
                    Err(unavailable("it refused our request", &refusal.error))
                };
            }
            status => return Err(unavailable("the token endpoint answered", &status)),
        }
        let tokens: Tokens = answer
            .json()
            .await
            .map_err(|error| unavailable("its answer is not a token response", &error.without_url()))?;
        Ok(Grant { id_token: tokens.id_token, refresh_token: tokens.refresh_token })
    }

    /// Who a grant is about, if the provider says so.
    pub async fn identify(&self, grant: &Grant) -> Result<Option<Identity>, SsoError> {
        match &grant.id_token {
            Some(token) => Ok(Some(self.identity(token.expose_secret(), self.known().await?).await?)),
            None => Ok(None),
        }
    }

    /// Who an ID token is about; its keys are asked for once more if it names one that is not known.
    async fn identity(&self, token: &str, known: Known) -> Result<Identity, SsoError> {
        let keys = if id_token::names_known_key(token, &known.keys) {
            known.keys
        } else {
            *self.known.write().unwrap_or_else(PoisonError::into_inner) = None;
            self.known().await?.keys
        };
        id_token::verify(token, &keys, &self.settings, self.clock.now())
            .map_err(|error| unavailable("its ID token is not believed", &error))
    }

    async fn known(&self) -> Result<Known, SsoError> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(known) = known.filter(|known| known.since.elapsed() < KNOWN_FOR) {
            return Ok(known);
        }
        let issuer = self.settings.issuer.trim_end_matches('/');
        let discovery: Discovery = self.fetch(&format!("{issuer}/.well-known/openid-configuration")).await?;
        // OpenID Connect Discovery 1.0, 4.3: another issuer means that this document is not about ours.
        if discovery.issuer != self.settings.issuer {
            return Err(unavailable("its discovery document names another issuer", &discovery.issuer));
        }
        let keys = self.fetch(&discovery.jwks_uri).await?;
        let known = Known { token_endpoint: discovery.token_endpoint, keys, since: Instant::now() };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known.clone());
        Ok(known)
    }

    async fn fetch<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, SsoError> {
        let answer = async { self.http.get(url).send().await?.error_for_status()?.json().await }.await;
        answer.map_err(|error: reqwest::Error| unavailable("a document of it could not be fetched", &error))
    }
}

fn unavailable(what: &str, why: &dyn std::fmt::Display) -> SsoError {
    tracing::error!(%why, "the SSO cannot be used: {what}");
    SsoError::Unavailable
}
