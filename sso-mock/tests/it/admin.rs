//! The same over HTTP, for tests in other languages.

use serde_json::json;

use crate::support::{Answer, EMAIL, PASSWORD, Sso};

#[tokio::test]
async fn only_the_client_secret_opens_it() {
    let sso = Sso::start().await;
    let post = || sso.http.post(sso.url("/admin/disable")).json(&json!({ "email": EMAIL }));
    let id = sso.provider.client_id();
    for request in
        [post(), post().basic_auth(id, Some("wrong")), post().bearer_auth(sso.provider.client_secret())]
    {
        assert_eq!(Answer::to(request).await.refused(), (401, "unauthorized"));
    }
    let garbage = sso.http.post(sso.url("/admin/disable")).body("{");
    assert_eq!(Answer::to(garbage).await.refused(), (401, "unauthorized"));
    sso.log_in(EMAIL, PASSWORD).await.granted("id_token");
}

#[tokio::test]
async fn an_account_lives_and_dies() {
    let sso = Sso::start().await;
    let linus = json!({
        "email": "linus@example.com", "username": "linus", "display_name": "Linus", "password": "penguin",
    });
    let made = sso.admin("accounts", linus.clone()).await;
    assert_eq!(made.status, 201);
    let claims = sso.verify(sso.log_in("linus", "penguin").await.granted("id_token")).await.unwrap();
    assert_eq!(made.body["subject"], claims.sub);
    assert!(claims.groups.is_empty());
    assert_eq!(sso.admin("accounts", linus).await.refused(), (409, "taken"));

    let whom = json!({ "email": "linus@example.com" });
    let change = json!({ "email": "linus@example.com", "groups": ["kernel"] });
    assert_eq!(sso.admin("groups", change).await.status, 204);
    let login = sso.log_in("linus", "penguin").await;
    assert_eq!(sso.verify(login.granted("id_token")).await.unwrap().groups, ["kernel"]);
    let change = json!({ "email": "linus@example.com", "password": "gnu" });
    assert_eq!(sso.admin("password", change).await.status, 204);
    assert_eq!(sso.refresh(login.granted("refresh_token")).await.refused(), (400, "invalid_grant"));
    assert_eq!(sso.admin("disable", whom.clone()).await.status, 204);
    assert_eq!(sso.log_in("linus", "gnu").await.refused(), (400, "invalid_grant"));
    assert_eq!(sso.admin("enable", whom.clone()).await.status, 204);
    sso.log_in("linus", "gnu").await.granted("id_token");
    assert_eq!(sso.admin("delete", whom.clone()).await.status, 204);
    assert_eq!(sso.log_in("linus", "gnu").await.refused(), (400, "invalid_grant"));
    assert_eq!(sso.admin("delete", whom).await.refused(), (404, "unknown_account"));
}

#[tokio::test]
async fn nobody_takes_a_name_that_somebody_logs_in_with() {
    let sso = Sso::start().await;
    for (field, value) in [
        ("email", "ADA@example.com"),
        ("email", "grace"),
        ("username", "ada"),
        ("username", "ada@example.com"),
        ("subject", "subject-of-ada"),
    ] {
        let mut account = json!({
            "email": "new@example.com", "username": "new", "display_name": "New", "password": "new",
        });
        account[field] = value.into();
        let answer = sso.admin("accounts", account).await;
        assert_eq!(answer.refused(), (409, "taken"), "{field} {value}");
        let what = answer.body["error_description"].as_str().unwrap();
        let name = match field {
            "email" => "e-mail address",
            "username" => "user name",
            _ => field,
        };
        assert_eq!(what, format!("the {name} is taken by another account"));
    }
}

#[tokio::test]
async fn what_nobody_can_do_without_must_not_be_empty() {
    let sso = Sso::start().await;
    for field in ["email", "username", "password", "subject"] {
        let mut account = json!({
            "email": "new@example.com", "username": "new", "display_name": "New", "password": "new",
        });
        account[field] = "".into();
        assert_eq!(sso.admin("accounts", account).await.refused(), (400, "invalid_request"), "{field}");
    }
    let change = json!({ "email": EMAIL, "password": "" });
    assert_eq!(sso.admin("password", change).await.refused(), (400, "invalid_request"));
}

#[tokio::test]
async fn faults_and_keys_are_set_by_name() {
    let sso = Sso::start().await;
    let names = [
        "server_error",
        "wrong_key",
        "expired_token",
        "wrong_issuer",
        "wrong_audience",
        "unsigned",
        "hmac_with_public_key",
        "without_id_token",
    ];
    for name in names {
        assert_eq!(
            sso.admin("faults", json!({ "faults": [name, { "slow_ms": 1 }] })).await.status,
            204,
            "{name}"
        );
        let answer = sso.log_in(EMAIL, PASSWORD).await;
        let believed = match answer.body["id_token"].as_str() {
            Some(token) if answer.status == 200 => sso.verify(token).await.is_ok(),
            _ => false,
        };
        assert!(!believed, "{name}");
    }
    assert_eq!(sso.admin("faults", json!({ "faults": [] })).await.status, 204);
    sso.log_in(EMAIL, PASSWORD).await.granted("id_token");
    assert_eq!(sso.admin("rotate-keys", json!({ "old_keys": "keep" })).await.status, 204);
    assert_eq!(sso.keys().await.keys.len(), 2);
    assert_eq!(sso.admin("rotate-keys", json!({ "old_keys": "withdraw" })).await.status, 204);
    assert_eq!(sso.keys().await.keys.len(), 1);
}

#[tokio::test]
async fn a_mistake_is_explained_without_the_password_in_it() {
    let sso = Sso::start().await;
    let answer = sso.admin("password", json!({ "email": ["hunter2"], "pasword": "hunter2" })).await;
    assert_eq!(answer.refused(), (400, "invalid_request"));
    assert!(!answer.body.to_string().contains("hunter2"));
}
