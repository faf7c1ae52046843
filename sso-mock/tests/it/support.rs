//! A provider with two people, and a client that asks it.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use reqwest::{RequestBuilder, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use sso_mock::{Algorithm, NewAccount, Provider, Settings, spawn};

pub(crate) const EMAIL: &str = "ada@example.com";
pub(crate) const PASSWORD: &str = "correct horse";

/// A provider that a test may do anything to.
pub(crate) struct Sso {
    pub(crate) provider: Provider,
    pub(crate) http: reqwest::Client,
}

/// What the token endpoint answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) sub: String,
    pub(crate) exp: i64,
    pub(crate) iat: i64,
    pub(crate) auth_time: i64,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    pub(crate) name: String,
    pub(crate) preferred_username: String,
    pub(crate) groups: Vec<String>,
}

pub(crate) fn ada() -> NewAccount {
    NewAccount {
        email: EMAIL.to_owned(),
        username: "ada".to_owned(),
        display_name: "Ada Lovelace".to_owned(),
        password: PASSWORD.to_owned(),
        groups: vec!["publisher".to_owned(), "reviewer".to_owned()],
        subject: Some("subject-of-ada".to_owned()),
    }
}

pub(crate) fn grace() -> NewAccount {
    NewAccount {
        email: "grace@example.com".to_owned(),
        username: "grace".to_owned(),
        display_name: "Grace Hopper".to_owned(),
        password: "nanosecond".to_owned(),
        groups: Vec::new(),
        subject: None,
    }
}

pub(crate) fn http() -> reqwest::Client {
    // reqwest wants a TLS provider even for plain HTTP; a second call changes nothing.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Sso {
    pub(crate) async fn start() -> Sso {
        Sso::signing(Algorithm::Es256).await
    }

    pub(crate) async fn signing(algorithm: Algorithm) -> Sso {
        Sso::with(Settings { accounts: vec![ada(), grace()], algorithm, ..Settings::default() }).await
    }

    pub(crate) async fn with(settings: Settings) -> Sso {
        Sso { provider: spawn(settings).await.unwrap(), http: http() }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.provider.issuer())
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.http.get(self.url(path)).send().await.unwrap().json().await.unwrap()
    }

    /// A request for tokens by the right client.
    pub(crate) fn request(&self, form: &[(&str, &str)]) -> RequestBuilder {
        let (id, secret) = (self.provider.client_id(), self.provider.client_secret());
        self.http.post(self.url("/token")).basic_auth(id, Some(secret)).form(form)
    }

    pub(crate) async fn ask(&self, form: &[(&str, &str)]) -> Answer {
        Answer::to(self.request(form)).await
    }

    pub(crate) async fn log_in(&self, username: &str, password: &str) -> Answer {
        let form = [("grant_type", "password"), ("username", username), ("password", password)];
        self.ask(&[form.as_slice(), &[("scope", "openid email")]].concat()).await
    }

    pub(crate) async fn refresh(&self, token: &str) -> Answer {
        self.ask(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Logs Ada in, and answers with her refresh token.
    pub(crate) async fn refresh_token(&self) -> String {
        self.log_in(EMAIL, PASSWORD).await.granted("refresh_token").to_owned()
    }

    pub(crate) async fn keys(&self) -> JwkSet {
        serde_json::from_value(self.get("/jwks").await).unwrap()
    }

    /// Checks an ID token as a careful client does: by the published key that it names, of that key's algorithm.
    pub(crate) async fn verify(&self, token: &str) -> Result<Claims, jsonwebtoken::errors::Error> {
        let keys = self.keys().await;
        let key = keys.find(&decode_header(token)?.kid.unwrap()).unwrap();
        let mut validation = Validation::new(key.common.key_algorithm.unwrap().try_into()?);
        validation.set_issuer(&[self.provider.issuer()]);
        validation.set_audience(&[self.provider.client_id()]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Ok(decode(token, &DecodingKey::from_jwk(key)?, &validation)?.claims)
    }

    /// A call of `/admin/` with the right secret.
    pub(crate) async fn admin(&self, what: &str, body: Value) -> Answer {
        let secret = self.provider.client_secret();
        let request = self.http.post(self.url(&format!("/admin/{what}"))).basic_auth("any", Some(secret));
        Answer::to(request.json(&body)).await
    }
}

impl Answer {
    pub(crate) async fn to(request: RequestBuilder) -> Answer {
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body = answer.bytes().await.unwrap();
        Answer { status, body: serde_json::from_slice(&body).unwrap_or_default() }
    }

    /// A field of what was granted.
    pub(crate) fn granted(&self, field: &str) -> &str {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.body[field].as_str().unwrap()
    }

    /// Status and error code of a refusal.
    pub(crate) fn refused(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["error"].as_str().unwrap_or_default())
    }
}
