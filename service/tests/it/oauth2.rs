//! The endpoints of OAuth: a holder gives a credential back, and a service asks about one.

use caveats::{Permission, Predicate};
use serde_json::{Value, json};

use crate::support::{Answer, Held, List, TestApp};

with_both_lists! {
    a_credential_is_given_back_by_whoever_holds_it,
    a_credential_in_force_is_told_and_a_dead_one_is_not,
    nothing_is_told_while_it_cannot_be_found_out,
}

async fn post(app: &TestApp, path: &str, authorization: Option<&str>, form: &[(&str, &str)]) -> Answer {
    let request = app.request(reqwest::Method::POST, path).form(form);
    let request = match authorization {
        Some(value) => request.header("Authorization", value),
        None => request,
    };
    let answer = Answer::to(request).await;
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer:?}");
    answer
}

async fn give_back(app: &TestApp, token: &str) -> Answer {
    post(app, "/oauth2/revoke", None, &[("token", token), ("token_type_hint", "refresh_token")]).await
}

async fn introspect(app: &TestApp, caller: &Held, token: &str) -> Value {
    post(app, "/oauth2/introspect", Some(&caller.header()), &[("token", token)]).await.success()
}

async fn a_credential_is_given_back_by_whoever_holds_it(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let shapes: [fn(&Held) -> String; 4] = [
        Held::export,
        Held::header,
        |held| held.header().split_once(' ').unwrap().1.replace("root=", "Macaroon root="),
        |held| json!({"root": held.root.to_v1(), "discharge": held.discharge.to_v1()}).to_string(),
    ];
    for (number, shape) in shapes.iter().enumerate() {
        let ci = own.on_channel(&format!("{number}/edge"));
        for _ in 0..2 {
            assert_eq!(give_back(&app, &shape(&ci)).await.status, 200);
            app.whoami(&ci).await.revoked();
        }
    }
    app.whoami(&own).await.success();
    assert_eq!(app.count("revocations").await, 4);
    // A plus sign in standard base64 that was not encoded.
    let ci = own.on_channel("plain/edge");
    let request = app.request(reqwest::Method::POST, "/oauth2/revoke").body(format!("token={}", ci.export()));
    assert_eq!(Answer::to(request).await.status, 200);
    app.whoami(&ci).await.revoked();
}

async fn a_credential_in_force_is_told_and_a_dead_one_is_not(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let engineer = app.log_in(&app.security).await;
    let account = app.account(&own).await.success()["id"].clone();
    let soon = app.clock.now().add_secs(3600).unwrap();
    let narrow = own
        .on_channel("edge")
        .narrowed(&Predicate::Packages(vec!["a".repeat(32)]))
        .narrowed(&Predicate::Acl(vec![Permission::PackagePush, Permission::PackageRelease]))
        .narrowed(&Predicate::SourceIp(vec!["192.0.2.0/24".to_owned()]))
        .narrowed(&Predicate::Expires(soon));
    for token in [narrow.export(), narrow.header()] {
        let body = introspect(&app, &engineer, &token).await;
        let expected = json!({
            "active": true, "token_type": "macaroon", "scope": "package_push package_release", "sub": account,
            "username": "ada", "jti": own.token_id(), "iss": format!("http://{}", app.address),
            "session_id": own.said("session"), "last_auth": body["last_auth"], "iat": body["iat"],
            "exp": soon.micros() / 1_000_000, "snap_ids": ["a".repeat(32)], "channels": [["edge"]],
            "upload_digests": null, "build_keys": null, "source_ips": [["192.0.2.0/24"]],
        });
        assert_eq!(body, expected);
        let now = app.clock.now().micros() / 1_000_000;
        for time in ["iat", "last_auth"] {
            assert!((now - 600..=now).contains(&body[time].as_i64().unwrap()), "{time}: {body}");
        }
    }
    app.revoke(&own, &narrow.leaked()).await.success();
    assert_eq!(introspect(&app, &engineer, &narrow.export()).await, json!({"active": false}));
    assert_eq!(introspect(&app, &own, &own.export()).await["active"], true);
}

async fn nothing_is_told_while_it_cannot_be_found_out(app: TestApp) {
    let (own, engineer) = (app.log_in(&app.publisher).await, app.log_in(&app.security).await);
    if app.redis.is_some() {
        app.redis().freeze();
    } else {
        app.execute("ALTER TABLE accounts RENAME TO elsewhere").await;
    }
    let form = [("token", own.export())];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let asked = post(&app, "/oauth2/introspect", Some(&engineer.header()), &form).await;
    if app.redis.is_none() {
        app.execute("ALTER TABLE elsewhere RENAME TO accounts").await;
        app.execute("ALTER TABLE revocations RENAME TO elsewhere").await;
    }
    for answer in [asked, give_back(&app, &own.export()).await] {
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (503, &json!("temporarily_unavailable")),
            "{answer:?}"
        );
        assert!(answer.header("retry-after").is_some() && answer.body["error_description"].is_string());
    }
}

#[tokio::test]
async fn what_is_no_credential_is_given_back_as_well() {
    let app = TestApp::start(List::Embedded).await;
    let theirs = TestApp::start(List::Embedded).await;
    let (own, foreign) = (app.log_in(&app.publisher).await, theirs.log_in(&theirs.publisher).await);
    let half = format!("Macaroon root={}", own.root.to_v1());
    for token in ["x", &foreign.export(), &half, &own.discharge.to_v1()] {
        assert_eq!(give_back(&app, token).await.status, 200);
    }
    assert_eq!(app.count("revocations").await, 0);
    app.whoami(&own).await.success();
    let twice = [("token", "a"), ("token", "b")];
    for form in [&[("hint", "x")][..], &[("token", "")], &twice, &[]] {
        let answer = post(&app, "/oauth2/revoke", None, form).await;
        assert_eq!((answer.status, &answer.body["error"]), (400, &json!("invalid_request")), "{answer:?}");
    }
}

#[tokio::test]
async fn a_caller_hears_of_their_own_and_who_may_list_of_all() {
    let app = TestApp::start(List::Embedded).await;
    let (own, other) = (app.log_in(&app.publisher).await, app.log_in(&app.other).await);
    let revoking = app.log_in_for(&app.security, &["credential_revoke"]).await;
    assert_eq!(introspect(&app, &own, &own.on_channel("edge").export()).await["active"], true);
    for caller in [&other, &revoking] {
        assert_eq!(introspect(&app, caller, &own.export()).await, json!({"active": false}));
    }
    assert_eq!(introspect(&app, &app.log_in(&app.security).await, &own.export()).await["active"], true);

    let answer = post(&app, "/oauth2/introspect", None, &[("token", &own.export())]).await;
    assert_eq!((answer.status, &answer.body["error"]), (401, &json!("invalid_token")));
    assert!(answer.header("www-authenticate").is_some());
    let dead = own.on_channel("dead");
    app.revoke(&own, &dead.leaked()).await.success();
    let answer = post(&app, "/oauth2/introspect", Some(&dead.header()), &[("token", &own.export())]).await;
    assert_eq!((answer.status, &answer.body["error"]), (401, &json!("invalid_token")));
    let answer = post(&app, "/oauth2/introspect", Some(&own.header()), &[("hint", "x")]).await;
    assert_eq!((answer.status, &answer.body["error"]), (400, &json!("invalid_request")));
}

#[tokio::test]
async fn whatever_would_be_refused_everywhere_is_not_active() {
    let app = TestApp::start(List::Embedded).await;
    let engineer = app.log_in(&app.security).await;
    let own = app.log_in(&app.publisher).await;
    let (past, future) = (app.clock.now().add_secs(-60).unwrap(), app.clock.now().add_secs(3600).unwrap());
    for held in [
        own.narrowed(&Predicate::Expires(past)),
        own.narrowed(&Predicate::NotBefore(future)),
        own.narrowed(&Predicate::Acl(Vec::new())),
        own.with_caveat("myapps.developer.ubuntu.com|colour|blue"),
        own.with_caveat("elsewhere.example|acl|[]"),
    ] {
        assert_eq!(introspect(&app, &engineer, &held.export()).await, json!({"active": false}));
    }
    for token in [own.root.to_v1(), own.discharge.to_v1(), "x".to_owned()] {
        assert_eq!(introspect(&app, &engineer, &token).await, json!({"active": false}));
    }
    app.advance(25 * 3600);
    let engineer = app.log_in(&app.security).await;
    let stale = json!({"active": false, "refresh_required": true});
    assert_eq!(introspect(&app, &engineer, &own.export()).await, stale);
}
