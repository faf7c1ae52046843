//! Revoking by pasting: whatever is in the text, what is ours of it dies, and each of the rest has its answer.

use std::time::{Duration, Instant};

use caveats::{Macaroon, Predicate, RootKey};
use model::ids::TokenId;
use reqwest::Method;
use serde_json::{Value, json};
use service::credentials::ticket::{self, Scope};

use crate::support::{Answer, Held, List, STORE, TestApp, discharge};

with_both_lists! {
    a_leaked_header_is_revoked_wherever_it_stands,
    a_root_alone_is_revoked_as_what_it_is,
    a_discharge_alone_ends_its_login,
    a_thousand_credentials_are_revoked_at_once,
    one_s_own_are_revoked_and_of_the_others_it_is_told,
}

/// What became of each, as a word.
fn outcomes(body: &Value) -> Vec<(&str, &str)> {
    let found = body["found"].as_array().expect("what was found");
    found.iter().map(|one| (one["what"].as_str().unwrap(), one["outcome"].as_str().unwrap())).collect()
}

async fn paste(app: &TestApp, held: &Held, text: &str) -> Answer {
    let raw = app.paste(held, "", text.to_owned()).await;
    assert!(raw.body["found"].is_null() || !raw.body.to_string().contains(&text[text.len() / 2..]));
    raw
}

async fn a_leaked_header_is_revoked_wherever_it_stands(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let (one, two) = (own.on_channel("edge"), own.on_channel("beta"));
    let log = format!("10:00 starting\n10:01 > Authorization: {}\n10:02 done\n", one.header());
    let body = paste(&app, &own, &log).await.success();
    let expected = json!([{
        "offset": log.find("Macaroon").unwrap(), "what": "credential", "outcome": "revoked", "position": 1,
        "kind": "credential", "token_id": own.token_id(),
    }]);
    assert_eq!(body["found"], expected);
    assert_eq!((body["acknowledged"].as_bool(), body["revoked"].as_array().unwrap().len()), (Some(true), 1));
    app.whoami(&one).await.revoked();
    app.whoami(&own).await.success();
    // Again, in JSON, with another one; and in one call.
    let text = format!("{log}\nexport SNAPCRAFT_STORE_CREDENTIALS={}\n", two.export());
    let body = app.revoke(&own, &json!({"text": text})).await.success();
    assert_eq!(outcomes(&body), [("credential", "already-revoked"), ("credential", "revoked")]);
    let body = app.revoke(&own, &json!({"text": text, "scope": "family"})).await.success();
    assert_eq!(outcomes(&body), [("credential", "revoked"), ("credential", "revoked")]);
    assert_eq!(body["revoked"].as_array().unwrap().len(), 1, "one family: {body}");
    app.whoami(&own).await.revoked();
}

async fn a_root_alone_is_revoked_as_what_it_is(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let ci = own.on_channel("edge");
    let body = paste(&app, &own, &format!("Macaroon root={}", ci.root.to_v1())).await.success();
    assert_eq!(outcomes(&body), [("root", "revoked")]);
    assert_eq!(
        (&body["revoked"][0]["kind"], &body["found"][0]["token_id"]),
        (&json!("credential"), &json!(own.token_id()))
    );
    app.whoami(&ci).await.revoked();
    app.whoami(&own).await.success();
    // Somebody else's is theirs.
    let other = app.log_in(&app.other).await;
    let answer = app.revoke(&other, &json!({"text": own.root.to_v1()})).await;
    answer.refused(403, "macaroon-permission-required");
    assert_eq!(outcomes(&answer.body), [("root", "forbidden")]);
    // One that nobody has logged in with is whoever's who holds it: it is worth nothing yet, nor will it be.
    let unused = app.root(&["package_push"]).await;
    app.revoke(&other, &json!({"text": unused.to_v1()})).await.success();
    let later = app.attempt(&unused, &app.publisher, Some(&app.code(&app.publisher))).await;
    if later.status == 200 {
        app.whoami(&Held { root: unused, discharge: discharge(&later.success()) }).await.revoked();
    }
    // It says nothing of a login: wider than itself is its family, or the account of all who have used it.
    for (scope, kind) in [("session", "family"), ("account", "account"), ("family", "family")] {
        let held = app.log_in(&app.publisher).await;
        let body = json!({"text": held.root.to_v1(), "scope": scope});
        assert_eq!(app.revoke(&held, &body).await.success()["revoked"][0]["kind"], kind, "{scope}");
        app.whoami(&held).await.revoked();
    }
}

async fn a_discharge_alone_ends_its_login(app: TestApp) {
    for (scope, kind) in
        [("credential", "session"), ("session", "session"), ("family", "family"), ("account", "account")]
    {
        let (held, own) = (app.log_in(&app.publisher).await, app.log_in(&app.publisher).await);
        let body = json!({"text": held.discharge.to_v1(), "scope": scope});
        let body = app.revoke(&own, &body).await.success();
        assert_eq!(
            (outcomes(&body), &body["revoked"][0]["kind"]),
            (vec![("discharge", "revoked")], &json!(kind))
        );
        app.whoami(&held).await.revoked();
        app.refresh(&held.discharge).await.refused(401, "invalid-credentials");
    }
    let other = app.log_in(&app.other).await;
    let own = app.log_in(&app.publisher).await;
    app.revoke(&other, &json!({"text": own.discharge.to_v1()}))
        .await
        .refused(403, "macaroon-permission-required");
    app.whoami(&own).await.success();
}

async fn a_thousand_credentials_are_revoked_at_once(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let many: Vec<Held> = (0..1000).map(|number| own.on_channel(&format!("{number}/edge"))).collect();
    let lines: Vec<String> = many.iter().map(|held| format!("job: {}\n", held.export())).collect();
    let text = lines.concat();
    let answer = async { app.paste(&own, "?reason=all+of+them", text).await };
    let others = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let began = Instant::now();
            app.get("/healthz", None).await.success();
            slowest = slowest.max(began.elapsed());
        }
        slowest
    };
    let (answer, slowest) = tokio::join!(answer, others);
    let body = answer.success();
    assert_eq!(
        (body["found"].as_array().unwrap().len(), body["revoked"].as_array().unwrap().len()),
        (1000, 1000)
    );
    assert!(outcomes(&body).iter().all(|one| *one == ("credential", "revoked")));
    for (number, revoked) in body["revoked"].as_array().unwrap().iter().enumerate() {
        assert_eq!(revoked["position"], number + 1, "one transaction, without gaps");
    }
    for index in [0, 500, 999] {
        assert!(app.whoami(&many[index]).await.revoked().message().contains("all of them"));
    }
    app.whoami(&own).await.success();
    assert!(slowest < Duration::from_secs(2), "a request waited {slowest:?} for the paste");
}

async fn one_s_own_are_revoked_and_of_the_others_it_is_told(app: TestApp) {
    let (own, other) = (app.log_in(&app.publisher).await, app.log_in(&app.other).await);
    let engineer = app.log_in(&app.security).await;
    let (mine, theirs) = (own.on_channel("edge"), other.on_channel("edge"));
    let text = format!("a {}\nb {}\n", theirs.export(), mine.export());
    let body = paste(&app, &own, &text).await.success();
    assert_eq!(outcomes(&body), [("credential", "forbidden"), ("credential", "revoked")]);
    assert!(body["found"][0]["advice"].as_str().unwrap().contains("Ask its owner"), "{body}");
    assert!(body["found"][0]["position"].is_null());
    app.whoami(&mine).await.revoked();
    app.whoami(&theirs).await.success();
    let answer = paste(&app, &own, &theirs.export()).await;
    answer.refused(403, "macaroon-permission-required");
    assert_eq!(outcomes(&answer.body), [("credential", "forbidden")]);
    let body = paste(&app, &engineer, &text).await.success();
    assert_eq!(outcomes(&body), [("credential", "revoked"), ("credential", "already-revoked")]);
    app.whoami(&theirs).await.revoked();
}

#[tokio::test]
async fn a_bound_discharge_alone_proves_nothing() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let mut bound = own.discharge.clone();
    bound.bind(&own.root);
    let answer = app.revoke(&own, &json!({"text": bound.to_v1()})).await;
    answer.refused_saying(400, "invalid-field", "Paste the text with its root");
    assert_eq!(outcomes(&answer.body), [("discharge", "unproven")]);
    assert_eq!(answer.body["found"][0]["token_id"], own.token_id());
    assert!(answer.body["found"][0]["advice"].as_str().unwrap().contains("revoke by token_id"), "{answer:?}");
    app.whoami(&own).await.success();
    // Beside one that is revoked, it is told of.
    let other = app.log_in(&app.publisher).await;
    let text = format!("{}\n\n{}", bound.to_v1(), other.export());
    let body = app.revoke(&own, &json!({"text": text})).await.success();
    assert_eq!(outcomes(&body), [("discharge", "unproven"), ("credential", "revoked")]);
}

#[tokio::test]
async fn a_discharge_that_no_login_made_proves_nothing() {
    let app = TestApp::start(List::Embedded).await;
    let (own, engineer) = (app.log_in(&app.publisher).await, app.log_in(&app.security).await);
    // Whoever knows the public key that tickets are sealed to can write one, and a discharge to go with it.
    let scope = Scope {
        permissions: Vec::new(),
        packages: None,
        channels: None,
        expires: None,
        description: String::new(),
    };
    let (id, key) = ticket::write(&app.state().keys, &TokenId::generate(), &scope).unwrap();
    let mut forged = Macaroon::mint(&key, own.discharge.location(), &id).unwrap();
    for caveat in own.discharge.caveats() {
        forged.attenuate(std::str::from_utf8(caveat.id).unwrap()).unwrap();
    }
    for scope in ["credential", "account"] {
        let answer = app.revoke(&engineer, &json!({"text": forged.to_v1(), "scope": scope})).await;
        answer.refused(400, "invalid-field");
        assert_eq!(outcomes(&answer.body), [("discharge", "unproven")]);
    }
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn what_is_cut_off_or_changed_is_not_taken_for_whole() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    // Within the discharge: the root is whole.
    let ci = own.on_channel("edge");
    let header = ci.header();
    let body = paste(&app, &own, &header[..header.len() - 50]).await.success();
    assert_eq!(outcomes(&body), [("root", "revoked")]);
    app.whoami(&ci).await.revoked();
    // Within the root: nothing is.
    paste(&app, &own, &own.export()[..400]).await.refused_saying(
        400,
        "invalid-field",
        "one that is cut off is not found",
    );
    // One of ours by its name, and signed by somebody else.
    let identifier = std::str::from_utf8(own.root.identifier()).unwrap();
    let changed = Macaroon::mint(&RootKey::derive(b"another key"), STORE, identifier).unwrap();
    let answer = paste(&app, &own, &changed.to_v1()).await;
    answer.refused_saying(400, "invalid-field", "incomplete or damaged");
    assert_eq!(outcomes(&answer.body), [("root", "damaged")]);
    assert_eq!(answer.body["found"][0]["token_id"], own.token_id());
    assert!(answer.body["found"][0]["advice"].as_str().unwrap().contains("cut off or changed"), "{answer:?}");
    // Halves of two logins that do not belong together: each is one of ours.
    let other = app.log_in(&app.publisher).await;
    let crossed = Held { root: own.on_channel("x/edge").root, discharge: other.discharge.clone() };
    let body = app.revoke(&own, &crossed.leaked()).await.success();
    assert_eq!(outcomes(&body)[0], ("root", "revoked"));
}

#[tokio::test]
async fn one_credential_in_several_wrappings_counts_once() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let ci = own.on_channel("edge");
    let text = format!(
        "{root}\n{gap}\n{export}\n{header}\n{json}\n{v2}\n{gap}{root}\n",
        root = ci.root.to_v1(),
        export = ci.export(),
        header = ci.header(),
        json = json!({"root": ci.root.to_v1(), "discharge": ci.discharge.to_v1()}),
        v2 = ci.root.to_v2(),
        gap = "-\n".repeat(70_000 / 2),
    );
    let body = paste(&app, &own, &text).await.success();
    assert_eq!(outcomes(&body), [("credential", "revoked")], "{body}");
    assert_eq!(body["found"][0]["offset"], 0);
    app.whoami(&ci).await.revoked();
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn a_credential_with_caveats_that_nobody_understands_is_revoked_all_the_same() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    for text in [
        "myapps.developer.ubuntu.com|colour|blue",
        "elsewhere.example|expires|soon",
        "myapps.developer.ubuntu.com|expires|soon",
        "myapps.developer.ubuntu.com|session|mine",
    ] {
        let odd = own.with_caveat(text);
        let body = app.revoke(&own, &odd.leaked()).await.success();
        assert_eq!(outcomes(&body), [("credential", "revoked")], "{text}");
    }
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn a_log_of_fifty_megabytes_is_searched() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let leaked: Vec<Held> = (0..3).map(|number| own.on_channel(&format!("{number}/edge"))).collect();
    let line = "2026-11-24T14:12:59 INFO build: sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 ok\n";
    let filler = line.repeat(16 * 1024 * 1024 / line.len());
    let mut log = String::with_capacity(52 * 1024 * 1024);
    for held in &leaked {
        log.push_str(&filler);
        log.push_str("export SNAPCRAFT_STORE_CREDENTIALS=");
        log.push_str(&held.export());
        log.push('\n');
    }
    log.push_str(&line.repeat(1000));
    assert!(log.len() > 48 * 1024 * 1024);
    let body = app.paste(&own, "?scope=credential", log).await.success();
    assert_eq!(outcomes(&body), [("credential", "revoked"); 3]);
    for held in &leaked {
        app.whoami(held).await.revoked();
    }
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn a_text_has_bounds_and_its_query_is_checked() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let long = json!({"text": "x".repeat(1024 * 1024)});
    app.revoke(&own, &long).await.refused_saying(413, "payload-too-large", "content type text/plain");
    let almost =
        json!({"text": format!("{}{}", " ".repeat(1024 * 1024 - 8192), own.on_channel("a/edge").export())});
    app.revoke(&own, &almost).await.success();
    for query in ["?scope=everything", "?colour=blue", "?scope=family&scope=session"] {
        app.paste(&own, query, "x").await.refused_saying(400, "bad-request", "The query takes");
    }
    app.paste(&own, "", "").await.refused_saying(400, "invalid-field", "No credential was found");
    let request = app.request(Method::POST, "/v1/revocations").header("Content-Type", "text/plain").body("x");
    Answer::to(request).await.refused(401, "macaroon-authorization-required");
    // Announced longer than is taken, it is refused before it comes.
    let head = format!(
        "POST /v1/revocations HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\nContent-Type: text/plain\r\n\
         Content-Length: {}\r\n\r\n",
        own.header(),
        64 * 1024 * 1024 + 1,
    );
    let answer = crate::support::raw::ask(app.address, head.as_bytes()).unwrap();
    answer.refused_saying(413, "payload-too-large", "64 MiB");
    let many: String =
        (0..10_001).map(|number| own.on_channel(&format!("{number}/x")).root.to_v1() + "\n").collect();
    app.paste(&own, "", many).await.refused_saying(413, "payload-too-large", "more than 10000");
    assert_eq!(app.count("revocations").await, 1, "all or nothing of it");
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn a_paste_that_is_not_acknowledged_is_completed_when_sent_again() {
    let app = TestApp::start(List::Redis).await;
    let own = app.log_in(&app.publisher).await;
    let (one, two) = (own.on_channel("edge"), own.narrowed(&Predicate::Channels(vec!["beta".to_owned()])));
    let text = format!("{}\n{}\n", one.export(), two.export());
    app.redis().freeze();
    let answer = app.paste(&own, "", text.clone()).await;
    assert!(answer.undecided().message().contains("NOT YET ACKNOWLEDGED"), "{answer:?}");
    app.redis().resume();
    let body = crate::support::until("the acknowledgement", async || {
        let answer = app.paste(&own, "", text.clone()).await;
        (answer.status == 200).then_some(answer.body)
    });
    let body = body.await;
    assert_eq!(outcomes(&body), [("credential", "already-revoked"); 2]);
    app.whoami(&one).await.revoked();
    app.whoami(&two).await.revoked();
}
