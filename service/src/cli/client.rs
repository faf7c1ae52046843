//! The commands that talk to a running service: one HTTP client, and its answers in words.

use std::fs::File;
use std::io::{IsTerminal as _, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use caveats::exported::{self, Exported};
use caveats::limits::MAX_EXPORTED_BYTES;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::{Host, Url};

use super::tell;

/// A running service, and perhaps a credential for it.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    base_url: String,
}

/// An answer: its status and its JSON body, null where it has none.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl Client {
    pub(super) fn new(base_url: &str) -> anyhow::Result<Client> {
        let url = Url::parse(base_url).ok();
        if !url.is_some_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host()) {
            bail!("'{base_url}' is no URL of a service, such as https://store.example.com");
        }
        let http = reqwest::Client::builder().timeout(std::time::Duration::from_mins(1)).build()?;
        Ok(Client { http, base_url: base_url.trim_end_matches('/').to_owned() })
    }

    /// Whether what is sent can be read on its way: no TLS, and not to this very machine.
    pub(super) fn is_in_the_clear(&self) -> bool {
        let url = Url::parse(&self.base_url).ok().filter(|url| url.scheme() == "http");
        url.is_some_and(|url| match url.host() {
            Some(Host::Ipv4(address)) => !address.is_loopback(),
            Some(Host::Ipv6(address)) => !address.is_loopback(),
            Some(Host::Domain(name)) => name != "localhost",
            None => true,
        })
    }

    /// Posts JSON; `authorization` is the whole header's value.
    pub(super) async fn post(
        &self,
        path: &str,
        authorization: Option<&SecretString>,
        body: &Value,
    ) -> anyhow::Result<Answer> {
        self.send(self.http.post(self.url(path)).json(body), authorization).await
    }

    /// Posts a text as it is, which may take its time.
    pub(super) async fn post_text(
        &self,
        path: &str,
        authorization: &SecretString,
        text: Vec<u8>,
    ) -> anyhow::Result<Answer> {
        let request = self.http.post(self.url(path)).timeout(std::time::Duration::from_mins(10)).body(text);
        self.send(request.header("Content-Type", "application/octet-stream"), Some(authorization)).await
    }

    /// Gets.
    pub(super) async fn get(
        &self,
        path: &str,
        authorization: Option<&SecretString>,
    ) -> anyhow::Result<Answer> {
        self.send(self.http.get(self.url(path)), authorization).await
    }

    /// Gets an assertion's text; `None` if there is none.
    pub(super) async fn assertion(&self, path: &str) -> anyhow::Result<Option<Vec<u8>>> {
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
    pub(super) async fn upload(&self, bytes: &[u8]) -> anyhow::Result<Answer> {
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
    pub(super) fn success(self) -> anyhow::Result<Value> {
        if self.status < 300 {
            return Ok(self.body);
        }
        bail!("{} ({})", self.message(), self.status)
    }

    /// The code of a failure.
    pub(super) fn code(&self) -> Option<&str> {
        self.body.pointer("/error_list/0/code").and_then(Value::as_str)
    }

    /// What the service says of a failure.
    pub(super) fn message(&self) -> String {
        let message = self.body.pointer("/error_list/0/message").or_else(|| self.body.get("message"));
        message.and_then(Value::as_str).unwrap_or("the service gave no reason").to_owned()
    }
}

/// The Authorization header of a credential in any form in which clients keep one.
pub(super) fn authorization(text: &str) -> anyhow::Result<SecretString> {
    header(parse(text)?)
}

/// The Authorization header of a credential.
pub(super) fn header(credential: Exported) -> anyhow::Result<SecretString> {
    let bundle = credential.into_bundle().context("this credential cannot be used")?;
    Ok(SecretString::from(bundle.to_header()))
}

/// Reads a credential in any form in which clients keep one.
pub(super) fn parse(text: &str) -> anyhow::Result<Exported> {
    if text.trim().is_empty() {
        bail!("there is no credential: the input is empty");
    }
    exported::read(text).context(
        "this is no credential that can be read (it may be what export-login wrote, a client's own file, or a whole \
         Authorization header)",
    )
}

/// What is in a file, or on standard input for `-`; a credential's size at most.
pub(super) fn read(path: &Path) -> anyhow::Result<SecretString> {
    if path == Path::new("-") {
        return read_standard_input();
    }
    let bounded = File::open(path).map(|file| file.take(MAX_READ)).and_then(std::io::read_to_string);
    Ok(SecretString::from(bounded.with_context(|| format!("cannot read {}", path.display()))?))
}

fn read_standard_input() -> anyhow::Result<SecretString> {
    let input = std::io::stdin();
    let typed = input.is_terminal();
    if typed {
        tell("Paste the credential, then press Enter and Ctrl-D:");
    }
    let text = std::io::read_to_string(input.take(MAX_READ)).context("cannot read standard input")?;
    let text = SecretString::from(text);
    if typed && text.expose_secret().lines().any(|line| line.len() >= TERMINAL_LINE) {
        bail!(
            "a terminal cuts lines off at {TERMINAL_LINE} characters: save the credential to a file instead"
        );
    }
    Ok(text)
}

/// One byte more than is accepted, so that what is longer is seen to be.
const MAX_READ: u64 = MAX_EXPORTED_BYTES as u64 + 1;
/// What Linux passes on of one line that is typed or pasted.
const TERMINAL_LINE: usize = 4095;
