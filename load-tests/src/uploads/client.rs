//! What a client sends, a file at the pace of a network; no answer is `None`, and so is half of one.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::stream;
use reqwest::Method;
use serde_json::{Value, json};

use crate::breaker::client::Client as Plain;

/// Status and body of a whole answer.
pub(crate) type Answer = Option<(u16, Value)>;

const PATIENCE: Duration = Duration::from_secs(20);
const BOUNDARY: &str = "uploads-boundary-5e2b90";
/// How much of a file is sent at once.
const PIECE: usize = 32 << 10;

/// A client of all services.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base_urls: Vec<String>,
    /// For those who log in.
    pub(crate) plain: Plain,
}

impl Client {
    pub(crate) fn of(base_urls: Vec<String>) -> anyhow::Result<Client> {
        let plain = Plain::with_patience(base_urls.clone(), PATIENCE)?;
        Ok(Client {
            http: reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?,
            base_urls,
            plain,
        })
    }

    pub(crate) fn services(&self) -> usize {
        self.base_urls.len()
    }

    pub(crate) fn url(&self, service: usize, path: &str) -> String {
        format!("{}{path}", self.base_urls.get(service).map(String::as_str).unwrap_or_default())
    }

    /// Sends a file, with an assertion before it if there is one, and rests after each piece.
    pub(crate) async fn receive(
        &self,
        service: usize,
        file: &[u8],
        along: Option<&str>,
        rest: Duration,
    ) -> Answer {
        let part =
            |name: &str| format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        let mut body = Vec::new();
        if let Some(along) = along {
            body.extend([part("assertion").as_bytes(), along.as_bytes(), b"\r\n"].concat());
        }
        body.extend([part("binary").as_bytes(), file, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat());
        let pieces: Vec<Vec<u8>> = body.chunks(PIECE).map(<[u8]>::to_vec).collect();
        let paced = stream::unfold(pieces.into_iter(), move |mut pieces| async move {
            let piece = pieces.next()?;
            tokio::time::sleep(rest).await;
            Some((Ok::<_, Infallible>(piece), pieces))
        });
        let request = self.http.post(self.url(service, "/unscanned-upload/"));
        let request = request.header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"));
        sent(request.body(reqwest::Body::wrap_stream(paced))).await
    }

    pub(crate) async fn push(&self, service: usize, header: &str, name: &str, upload: &str) -> Answer {
        let body = json!({"name": name, "updown_id": upload, "channels": ["edge"]});
        self.post(service, "/dev/api/snap-push/", header, &body).await
    }

    pub(crate) async fn post(&self, service: usize, path: &str, header: &str, body: &Value) -> Answer {
        self.json(Method::POST, service, path, header, body).await
    }

    pub(crate) async fn json(
        &self,
        method: Method,
        service: usize,
        path: &str,
        header: &str,
        body: &Value,
    ) -> Answer {
        let request = self.http.request(method, self.url(service, path));
        sent(request.header("Authorization", header).json(body)).await
    }

    /// Asks with a credential, or without one.
    pub(crate) async fn get(&self, service: usize, path: &str, header: Option<&str>) -> Answer {
        let mut request = self.http.get(self.url(service, path));
        if let Some(header) = header {
            request = request.header("Authorization", header);
        }
        sent(request).await
    }
}

async fn sent(request: reqwest::RequestBuilder) -> Answer {
    let answer = request.send().await.ok()?;
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.ok()?;
    Some((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
}

/// The sentence of a refusal.
pub(crate) fn message(body: &Value) -> String {
    let text = body.pointer("/error_list/0/message").or_else(|| body.get("message"));
    text.and_then(Value::as_str).unwrap_or_default().to_owned()
}
