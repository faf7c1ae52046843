//! What is logged, at its most talkative, holds no secret: no password, code, token, signature or capability.

use std::io::Write;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caveats::{Macaroon, Predicate};
use serde_json::json;
use service::config::Tokens;
use sso_mock::Fault;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Held, List, PASSWORD, Start, TestApp, discharge, hex, login_body, snap};

/// Keeps everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Log;

    fn make_writer(&self) -> Log {
        self.clone()
    }
}

#[tokio::test]
async fn no_secret_of_a_whole_journey_is_ever_logged() {
    let log = Log::default();
    let filter = "off,macaroond=trace,caveats=trace,tracing_actix_web=trace,actix_web=trace,actix_http=trace,actix_multipart=trace,sqlx=trace,redis=trace";
    // One for the process: under plain `cargo test` other tests are written along, which does no harm.
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(log.clone())
        .init();
    let tokens = Tokens { login_failures: 3, ..Tokens::default() };
    let app = TestApp::with(Start { list: List::Redis, tokens, ..Start::default() }).await;
    let mut secrets: Vec<(&str, String)> = Vec::new();

    // Logging in, rightly and wrongly.
    let root = app.root(&["package_access", "package_push", "package_release", "package_register"]).await;
    let wrong = login_body(&root, app.publisher.email, "tr0ub4dor&3", None);
    app.discharge(&wrong).await.refused(401, "invalid-credentials");
    let code = app.code(&app.publisher);
    let answer = app.attempt(&root, &app.publisher, Some(&code)).await;
    app.attempt(&root, &app.publisher, Some(&code)).await.refused(403, "twofactor-failure");
    let held = Held { root, discharge: discharge(&answer.success()) };
    app.sso.set_faults(vec![Fault::WrongKey]);
    app.attempt(&held.root, &app.simple, None).await.undecided();
    app.sso.set_faults(vec![Fault::ServerError]);
    app.attempt(&held.root, &app.simple, None).await.undecided();
    app.sso.set_faults(Vec::new());

    // Workspace, and being refused.
    app.register(&held, "thing").await.success();
    let id = app.uploaded(&snap("thing", "1.0")).await;
    let pushed = app.push(&held, &json!({"name": "thing", "updown_id": id})).await.success();
    app.status(&pushed).await.success();
    app.release(&held, "thing", 1, &["edge"]).await.success();
    let ci = held.narrowed(&Predicate::Channels(vec!["edge".to_owned()]));
    app.release(&ci, "thing", 1, &["stable"]).await.refused(403, "macaroon-permission-required");
    app.whoami(&ci).await.success();
    app.get(&format!("/dev/api/account?token={}", held.root.to_v1()), Some(&held.header())).await.success();
    app.get(&format!("/{}", held.root.to_v1()), Some("Macaroon root=nonsense"))
        .await
        .refused(404, "not-found");
    app.verify(&ci.header()).await.success();

    // Refreshing, revoking, and a database and a Redis that die.
    let refreshed = discharge(&app.refresh(&held.discharge).await.success());
    app.revoke(&held, &json!({"text": ci.export(), "reason": "a test"})).await.success();
    app.whoami(&ci).await.revoked();
    app.postgres().kill();
    app.revoke(&held, &ci.leaked()).await.undecided();
    app.redis().kill();
    app.whoami(&held).await.undecided();

    secrets.push(("the password", app.publisher.password.to_owned()));
    secrets.push(("a wrong password", "tr0ub4dor&3".to_owned()));
    secrets.push(("the code", code));
    secrets.push(("the TOTP secret", app.publisher.secret.clone().unwrap()));
    secrets.push(("the SSO's client secret", app.sso.client_secret().to_owned()));
    secrets.push(("the database's password", PASSWORD.to_owned()));
    secrets.push(("the upload id", id));
    let url = pushed["status_details_url"].as_str().unwrap();
    secrets.push(("the status id", url.split('/').rev().nth(1).unwrap().to_owned()));
    secrets.push(("an export", ci.export()[100..160].to_owned()));
    for (what, macaroon) in [
        ("root", &held.root),
        ("narrowed root", &ci.root),
        ("discharge", &held.discharge),
        ("new discharge", &refreshed),
    ] {
        let text = macaroon.to_v1();
        // Its end is the signature; its beginning, up to what makes it one's own, stands in every macaroon.
        secrets.push((what, text[text.len() - 40..].to_owned()));
        secrets.push((what, text[text.len() / 2..text.len() / 2 + 60].to_owned()));
        secrets.push((what, signature(macaroon)));
    }
    let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    for (what, secret) in &secrets {
        assert!(secret.len() >= 6, "{what} is too short to look for");
        if let Some(at) = logged.find(secret.as_str()) {
            let line = logged[..at].rfind('\n').map_or(0, |end| end + 1);
            let around: String = logged[line..].chars().take(600).collect();
            panic!("{what} is logged: {around}");
        }
    }
    for expected in
        ["answered", "request", "/dev/api/snaps/{snap_id}/builds/{push_id}/status", held.token_id().as_str()]
    {
        assert!(logged.contains(expected), "the log does not hold what it should: {expected}");
    }
}

/// The signature in hexadecimal, as a careless debug print would show it.
fn signature(macaroon: &Macaroon) -> String {
    let bytes = URL_SAFE_NO_PAD.decode(macaroon.to_v1()).unwrap();
    hex(&bytes[bytes.len() - 33..bytes.len() - 1])
}
