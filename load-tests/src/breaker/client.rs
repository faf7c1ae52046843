//! What a client sends to the services, and what each answer counts as.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};

use super::history::Outcome;

const PATIENCE: Duration = Duration::from_secs(3);
/// An acknowledgement is worth waiting for.
const PATIENCE_REVOKING: Duration = Duration::from_secs(10);
const BOUNDARY: &str = "breaker-boundary-7d1f2c";

/// A client of all services.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base_urls: Vec<String>,
}

/// What a revocation was answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// At this place in the journal.
    Acknowledged(i64),
    /// Not acknowledged; ask again.
    Not,
    /// Whoever asks may not.
    Refused,
    Unexpected(u16),
}

impl Client {
    pub(crate) fn of(base_urls: Vec<String>) -> anyhow::Result<Client> {
        Client::with_patience(base_urls, PATIENCE)
    }

    /// One that waits so long for each answer.
    pub(crate) fn with_patience(base_urls: Vec<String>, patience: Duration) -> anyhow::Result<Client> {
        Ok(Client { http: reqwest::Client::builder().no_proxy().timeout(patience).build()?, base_urls })
    }

    pub(crate) fn services(&self) -> usize {
        self.base_urls.len()
    }

    pub(crate) async fn whoami(&self, service: usize, header: &str) -> Outcome {
        let request =
            self.http.get(self.url(service, "/api/v2/tokens/whoami")).header("Authorization", header);
        outcome(&sent(request).await, 200)
    }

    pub(crate) async fn verify(&self, service: usize, header: &str) -> Outcome {
        let body = json!({"auth_data": {"authorization": header}});
        outcome(&sent(self.http.post(self.url(service, "/dev/api/acl/verify/")).json(&body)).await, 200)
    }

    /// Sends a file's bytes; answers with their upload id.
    pub(crate) async fn receive(&self, service: usize, file: &[u8]) -> (Outcome, Option<String>) {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"binary\"; filename=\"a.snap\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let body = [head.as_bytes(), file, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat();
        let request = self.http.post(self.url(service, "/unscanned-upload/")).body(body);
        let answer =
            sent(request.header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"))).await;
        let id =
            answer.as_ref().ok().and_then(|(_, body)| body.get("upload_id")?.as_str().map(str::to_owned));
        (outcome(&answer, 200), id)
    }

    pub(crate) async fn push(&self, service: usize, header: &str, name: &str, upload: &str) -> Outcome {
        let body = json!({"name": name, "updown_id": upload});
        outcome(&self.json(service, "/dev/api/snap-push/", Some(header), &body).await, 202)
    }

    pub(crate) async fn revoke(&self, service: usize, header: &str, body: &Value) -> Revoked {
        let request = self.http.post(self.url(service, "/v1/revocations")).timeout(PATIENCE_REVOKING);
        match sent(request.header("Authorization", header).json(body)).await {
            Ok((200, body)) => match body.pointer("/revoked/0/position").and_then(Value::as_i64) {
                Some(position) => Revoked::Acknowledged(position),
                None => Revoked::Unexpected(200),
            },
            Ok((503, _)) | Err(_) => Revoked::Not,
            Ok((401 | 403, _)) => Revoked::Refused,
            Ok((status, _)) => Revoked::Unexpected(status),
        }
    }

    /// Posts JSON, and answers with status and body.
    pub(crate) async fn json(
        &self,
        service: usize,
        path: &str,
        header: Option<&str>,
        body: &Value,
    ) -> anyhow::Result<(u16, Value)> {
        let mut request = self.http.post(self.url(service, path)).json(body);
        if let Some(header) = header {
            request = request.header("Authorization", header);
        }
        sent(request).await
    }

    fn url(&self, service: usize, path: &str) -> String {
        format!("{}{path}", self.base_urls.get(service).map(String::as_str).unwrap_or_default())
    }
}

/// The whole answer; what has no end is no answer.
async fn sent(request: reqwest::RequestBuilder) -> anyhow::Result<(u16, Value)> {
    let answer = request.send().await.context("no answer")?;
    let status = answer.status().as_u16();
    let bytes = answer.bytes().await.context("half an answer")?;
    Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
}

fn outcome(answer: &anyhow::Result<(u16, Value)>, accepted: u16) -> Outcome {
    match answer {
        Err(_) => Outcome::Unknown,
        Ok((status, _)) if *status == accepted => Outcome::Accepted,
        Ok((401 | 403, _)) => Outcome::Refused,
        Ok((503, _)) => Outcome::CannotTell,
        Ok((status, _)) => Outcome::Unexpected(*status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_status_of_a_yes_counts_as_one() {
        for (status, counts_as) in [
            (202, Outcome::Accepted),
            (200, Outcome::Unexpected(200)),
            (401, Outcome::Refused),
            (403, Outcome::Refused),
            (503, Outcome::CannotTell),
            (500, Outcome::Unexpected(500)),
            (404, Outcome::Unexpected(404)),
        ] {
            assert_eq!(outcome(&Ok((status, Value::Null)), 202), counts_as);
        }
        assert_eq!(outcome(&Err(anyhow::anyhow!("timeout")), 202), Outcome::Unknown);
    }
}
