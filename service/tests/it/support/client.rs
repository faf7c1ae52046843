//! A client: one method a route, and any request at all where a test needs one.

use std::net::SocketAddr;

use caveats::Macaroon;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Answer, Held};

const BOUNDARY: &str = "boundary-of-the-tests";

/// A client of one replica. Every request has a connection of its own, so that none meets a closed one.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    pub(crate) address: SocketAddr,
}

impl Client {
    pub(crate) fn of(address: SocketAddr) -> Client {
        // reqwest wants a TLS provider even for plain HTTP; a second call changes nothing.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
        Client { http: http.build().unwrap(), address }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Any request.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub(crate) async fn get(&self, path: &str, authorization: Option<&str>) -> Answer {
        Answer::to(with(self.request(Method::GET, path), authorization)).await
    }

    pub(crate) async fn post(&self, path: &str, authorization: Option<&str>, body: &Value) -> Answer {
        Answer::to(with(self.request(Method::POST, path), authorization).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, authorization: Option<&str>, body: &Value) -> Answer {
        Answer::to(with(self.request(Method::PUT, path), authorization).json(body)).await
    }

    pub(crate) async fn acl(&self, body: &Value) -> Answer {
        self.post("/dev/api/acl/", None, body).await
    }

    pub(crate) async fn discharge(&self, body: &Value) -> Answer {
        self.post("/api/v2/tokens/discharge", None, body).await
    }

    pub(crate) async fn refresh(&self, discharge: &Macaroon) -> Answer {
        self.post("/api/v2/tokens/refresh", None, &json!({"discharge_macaroon": discharge.to_v1()})).await
    }

    pub(crate) async fn verify(&self, authorization: &str) -> Answer {
        let body = json!({"auth_data": {"authorization": authorization}});
        self.post("/dev/api/acl/verify/", None, &body).await
    }

    pub(crate) async fn whoami(&self, held: &Held) -> Answer {
        self.get("/api/v2/tokens/whoami", Some(&held.header())).await
    }

    pub(crate) async fn account(&self, held: &Held) -> Answer {
        self.get("/dev/api/account", Some(&held.header())).await
    }

    pub(crate) async fn register(&self, held: &Held, name: &str) -> Answer {
        let body = json!({"snap_name": name, "is_private": false, "series": "16"});
        self.post("/dev/api/register-name/", Some(&held.header()), &body).await
    }

    /// Sends bytes as clients do: one part named `binary`.
    pub(crate) async fn upload(&self, bytes: &[u8]) -> Answer {
        self.multipart(&[part("binary", bytes)]).await
    }

    /// Sends these parts.
    pub(crate) async fn multipart(&self, parts: &[Vec<u8>]) -> Answer {
        let body = [parts.concat(), format!("--{BOUNDARY}--\r\n").into_bytes()].concat();
        let request = self.request(Method::POST, "/unscanned-upload/").body(body);
        Answer::to(request.header("Content-Type", content_type())).await
    }

    pub(crate) async fn push(&self, held: &Held, body: &Value) -> Answer {
        self.post("/dev/api/snap-push/", Some(&held.header()), body).await
    }

    pub(crate) async fn release(&self, held: &Held, name: &str, revision: i64, channels: &[&str]) -> Answer {
        let body = json!({"name": name, "revision": revision.to_string(), "channels": channels});
        self.post("/dev/api/snap-release/", Some(&held.header()), &body).await
    }

    pub(crate) async fn channel_map(&self, held: &Held, name: &str) -> Answer {
        self.get(&format!("/api/v2/snaps/{name}/channel-map"), Some(&held.header())).await
    }

    pub(crate) async fn releases(&self, held: &Held, name: &str) -> Answer {
        self.get(&format!("/api/v2/snaps/{name}/releases"), Some(&held.header())).await
    }

    /// What is asked about a snap, or sent, by its id.
    pub(crate) async fn about(&self, held: &Held, snap_id: &str, what: &str) -> Answer {
        self.get(&format!("/dev/api/snaps/{snap_id}/{what}"), Some(&held.header())).await
    }

    pub(crate) async fn close(&self, held: &Held, snap_id: &str, channels: &[&str]) -> Answer {
        let path = format!("/dev/api/snaps/{snap_id}/close");
        self.post(&path, Some(&held.header()), &json!({"channels": channels})).await
    }

    /// Makes tracks that take every version.
    pub(crate) async fn make_tracks(&self, held: &Held, name: &str, tracks: &[&str]) -> Answer {
        let wanted: Vec<Value> = tracks.iter().map(|track| json!({"name": track})).collect();
        self.post(&format!("/v1/snap/{name}/tracks"), Some(&held.header()), &json!(wanted)).await
    }

    pub(crate) async fn revoke(&self, held: &Held, body: &Value) -> Answer {
        self.post("/v1/revocations", Some(&held.header()), body).await
    }

    /// Sends a text as it is.
    pub(crate) async fn paste(&self, held: &Held, query: &str, text: impl Into<reqwest::Body>) -> Answer {
        let request = self.request(Method::POST, &format!("/v1/revocations{query}")).body(text);
        Answer::to(with(request, Some(&held.header())).header("Content-Type", "text/plain")).await
    }

    pub(crate) async fn lift(&self, held: &Held, position: &Value) -> Answer {
        let path = format!("/v1/revocations/{position}/lift");
        self.post(&path, Some(&held.header()), &json!({"reason": "a false alarm"})).await
    }

    /// One request to each endpoint that takes a credential, but for the one that revokes.
    pub(crate) async fn every_authenticated(&self, held: &Held, upload_id: &str) -> Vec<Answer> {
        vec![
            self.whoami(held).await,
            self.account(held).await,
            self.verify(&held.header()).await,
            self.channel_map(held, "thing").await,
            self.releases(held, "thing").await,
            self.release(held, "thing", 1, &["edge"]).await,
            self.make_tracks(held, "thing", &["2.0"]).await,
            self.about(held, &"a".repeat(32), "state").await,
            self.register(held, "another").await,
            self.push(held, &json!({"name": "thing", "dry_run": true})).await,
            self.push(held, &json!({"name": "thing", "updown_id": upload_id})).await,
        ]
    }
}

/// One part of a multipart body.
pub(crate) fn part(name: &str, bytes: &[u8]) -> Vec<u8> {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"filename\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    [head.as_bytes(), bytes, b"\r\n"].concat()
}

/// The content type of a multipart body.
pub(crate) fn content_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

fn with(request: reqwest::RequestBuilder, authorization: Option<&str>) -> reqwest::RequestBuilder {
    match authorization {
        Some(value) => request.header("Authorization", value),
        None => request,
    }
}
