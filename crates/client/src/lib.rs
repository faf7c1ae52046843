#![doc = include_str!("../README.md")]

pub mod login;

use anyhow::{Context as _, bail};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::{Host, Url};

/// A running service, and perhaps a credential for it.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base_url: String,
}

/// An answer: its status and its JSON body, null where it has none.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body, null where there is none.
    pub body: Value,
}

impl Client {
    /// A client of the service at this URL, `http` or `https`.
    pub fn new(base_url: &str) -> anyhow::Result<Client> {
        let url = Url::parse(base_url).ok();
        if !url.is_some_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host()) {
            bail!("'{base_url}' is no URL of a service, such as https://store.example.com");
        }
        let http = reqwest::Client::builder().timeout(std::time::Duration::from_mins(1)).build()?;
        Ok(Client { http, base_url: base_url.trim_end_matches('/').to_owned() })
    }

    /// Whether what is sent can be read on its way: no TLS, and not to this very machine.
    pub fn is_in_the_clear(&self) -> bool {
        let url = Url::parse(&self.base_url).ok().filter(|url| url.scheme() == "http");
        url.is_some_and(|url| match url.host() {
            Some(Host::Ipv4(address)) => !address.is_loopback(),
            Some(Host::Ipv6(address)) => !address.is_loopback(),
            Some(Host::Domain(name)) => name != "localhost",
            None => true,
        })
    }

    /// Posts JSON; `authorization` is the whole header's value.
    pub async fn post(
        &self,
        path: &str,
        authorization: Option<&SecretString>,
        body: &Value,
    ) -> anyhow::Result<Answer> {
        self.send(self.http.post(self.url(path)).json(body), authorization).await
    }

    /// Posts a text as it is, which may take its time.
    pub async fn post_text(
        &self,
        path: &str,
        authorization: &SecretString,
        text: Vec<u8>,
    ) -> anyhow::Result<Answer> {
        let request = self.http.post(self.url(path)).timeout(std::time::Duration::from_mins(10)).body(text);
        self.send(request.header("Content-Type", "application/octet-stream"), Some(authorization)).await
    }

    /// Gets.
    pub async fn get(&self, path: &str, authorization: Option<&SecretString>) -> anyhow::Result<Answer> {
        self.send(self.http.get(self.url(path)), authorization).await
    }

    /// Gets an assertion's text; `None` if there is none.
    pub async fn assertion(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
        let request = self.http.get(self.url(path)).header("Accept", assertions::MEDIA_TYPE);
        let response = request
            .send()
            .await
            .with_context(|| format!("the service at {} does not answer", self.base_url))?;
        let status = response.status().as_u16();
        let mut text = Vec::new();
        let mut body = response;
        while let Some(piece) = body.chunk().await? {
            text.extend_from_slice(&piece);
            if text.len() > assertions::limits::MAX_STREAM_BYTES {
                bail!("the service at {} sends more than any assertion has", self.base_url);
            }
        }
        if status == 200 {
            return Ok(Some(text));
        }
        let answer = Answer { status, body: serde_json::from_slice(&text).unwrap_or(Value::Null) };
        // A 404 without the code comes from something else than a store.
        let code = answer.body.pointer("/error-list/0/code").and_then(Value::as_str);
        if code == Some("not-found") { Ok(None) } else { answer.success().map(|_| None) }
    }

    /// Uploads bytes as clients do: one multipart part named `binary`.
    pub async fn upload(&self, bytes: &[u8]) -> anyhow::Result<Answer> {
        const BOUNDARY: &str = "macaroond-boundary-7d1f2c";
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"binary\"; filename=\"demo.snap\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let body = [head.as_bytes(), bytes, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat();
        let request = self.http.post(self.url("/unscanned-upload/")).body(body);
        self.send(request.header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}")), None)
            .await
    }

    async fn send(
        &self,
        request: reqwest::RequestBuilder,
        authorization: Option<&SecretString>,
    ) -> anyhow::Result<Answer> {
        let request = match authorization {
            Some(value) => request.header("Authorization", value.expose_secret()),
            None => request,
        };
        let response = request
            .send()
            .await
            .with_context(|| format!("the service at {} does not answer", self.base_url))?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await?;
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }

    fn url(&self, path: &str) -> String {
        if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.base_url) }
    }
}

impl Answer {
    /// The body of a success, or what the service says instead.
    pub fn success(self) -> anyhow::Result<Value> {
        if self.status < 300 {
            return Ok(self.body);
        }
        bail!("{} ({})", self.message(), self.status)
    }

    /// The code of a failure.
    pub fn code(&self) -> Option<&str> {
        self.body.pointer("/error_list/0/code").and_then(Value::as_str)
    }

    /// What the service says of a failure.
    pub fn message(&self) -> String {
        let message = self.body.pointer("/error_list/0/message").or_else(|| self.body.get("message"));
        message.and_then(Value::as_str).unwrap_or("the service gave no reason").to_owned()
    }
}
