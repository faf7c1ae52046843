//! Who may revoke what, and what a request must say.

use caveats::{Permission, Predicate};
use futures_util::future::join_all;
use serde_json::json;
use service::config::Tokens;

use crate::support::{Held, List, Start, TestApp, discharge};

#[tokio::test]
async fn revoking_again_is_acknowledged_again() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let ci = own.on_channel("edge");
    for _ in 0..3 {
        app.revoke(&own, &ci.leaked()).await.success();
        app.whoami(&ci).await.revoked();
    }
    let answers = join_all((0..10).map(|_| async { app.revoke(&own, &ci.leaked()).await })).await;
    for answer in answers {
        assert_eq!(answer.success()["revoked"][0]["position"], 1, "what is dead is not killed again");
    }
    assert_eq!(app.count("revocations").await, 1);
}

#[tokio::test]
async fn other_people_s_credentials_need_the_permission_to_revoke_them() {
    let app = TestApp::start(List::Embedded).await;
    let (own, other) = (app.log_in(&app.publisher).await, app.log_in(&app.other).await);
    let listing = app.log_in_for(&app.security, &["credential_list"]).await;
    for held in [&other, &listing] {
        for body in [
            json!({"text": own.export()}),
            json!({"text": own.header()}),
            json!({"text": own.export(), "scope": "family"}),
            json!({"text": own.export(), "scope": "session"}),
            json!({"text": own.export(), "scope": "account"}),
            json!({"token_id": own.token_id()}),
            json!({"account": app.publisher.email}),
        ] {
            let answer = app.revoke(held, &body).await;
            answer.refused(403, "macaroon-permission-required");
            assert_eq!(
                answer.body["error_list"][0]["extra"]["permission"], "credential_revoke",
                "{answer:?}"
            );
        }
    }
    app.whoami(&own).await.success();
    let engineer = app.log_in(&app.security).await;
    let body = app.revoke(&engineer, &json!({"token_id": own.token_id()})).await.success();
    assert_eq!(body["revoked"][0]["kind"], "family");
    app.whoami(&own).await.revoked();
}

#[tokio::test]
async fn a_family_that_two_accounts_share_is_neither_s_alone() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let answer = app.attempt(&own.root, &app.other, Some(&app.code(&app.other))).await;
    let shared = Held { root: own.root.clone(), discharge: discharge(&answer.success()) };
    let token = json!({"token_id": own.token_id()});
    app.revoke(&shared, &token).await.refused(403, "macaroon-permission-required");
    app.revoke(&own, &token).await.refused(403, "macaroon-permission-required");
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn a_narrow_leaked_credential_cannot_cut_its_owner_off() {
    let app = TestApp::start(List::Embedded).await;
    let (own, another) = (app.log_in(&app.publisher).await, app.log_in(&app.publisher).await);
    let snap_id = app.register(&own, "thing").await.success()["snap_id"].as_str().unwrap().to_owned();
    for narrow in [
        own.on_channel("edge"),
        own.narrowed(&Predicate::Packages(vec![snap_id])),
        own.narrowed(&Predicate::SourceIp(vec!["127.0.0.1".to_owned()])),
        own.narrowed(&Predicate::UploadDigest(vec!["a".repeat(64)])),
        own.narrowed(&Predicate::Acl(vec![Permission::PackagePush, Permission::PackageRelease])),
        app.log_in_for(&app.publisher, &["package_push"]).await,
    ] {
        for body in [
            json!({"account": app.publisher.email}),
            json!({"text": narrow.export(), "scope": "account"}),
            json!({"token_id": another.token_id()}),
        ] {
            app.revoke(&narrow, &body).await.refused(403, "macaroon-permission-required");
        }
    }
    app.whoami(&own).await.success();
    app.whoami(&another).await.success();
    // It can end itself, and whoever finds it can do so with it.
    let ci = own.on_channel("beta");
    app.revoke(&ci, &ci.leaked()).await.success();
    app.whoami(&ci).await.revoked();
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn a_request_that_names_nothing_or_several_things_is_refused() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let (text, token) = (own.export(), own.token_id());
    for (body, words) in [
        (json!({}), "exactly one thing"),
        (json!({"reason": "x"}), "exactly one thing"),
        (json!({"text": text, "token_id": token}), "exactly one thing"),
        (json!({"text": text, "account": "a"}), "exactly one thing"),
        (json!({"text": text, "scope": "everything"}), ""),
        (json!({"text": text, "colour": "blue"}), ""),
        (json!({"token_id": "short"}), ""),
        (json!({"everything": false}), "exactly one thing"),
        (json!({"everything": true, "account": "a"}), "exactly one thing"),
        (json!({"text": 7}), ""),
        (json!({"text": text, "reason": 7}), ""),
        (json!([]), ""),
    ] {
        app.revoke(&own, &body).await.refused_saying(400, "bad-request", words);
    }
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn a_text_without_a_credential_of_ours_is_refused_in_words() {
    let app = TestApp::start(List::Embedded).await;
    let theirs = TestApp::start(List::Embedded).await;
    let (own, foreign) = (app.log_in(&app.publisher).await, theirs.log_in(&theirs.publisher).await);
    for (text, words) in [
        ("", "No credential was found"),
        ("hello", "No credential was found"),
        ("{\"a\": 1}", "No credential was found"),
        (&own.export()[..own.export().len() - 40], "one that is cut off is not found"),
        (&foreign.export(), "cannot be revoked here"),
        (&format!("Macaroon {}", foreign.root.to_v1()), "cannot be revoked here"),
        (&foreign.discharge.to_v1(), "cannot be revoked here"),
    ] {
        let answer = app.revoke(&own, &json!({"text": text})).await;
        answer.refused_saying(400, "invalid-field", words);
        assert_eq!(answer.body["error_list"][0]["extra"]["field"], "text", "{answer:?}");
    }
}

#[tokio::test]
async fn whom_the_service_knows_is_told_to_security_engineers_alone() {
    let app = TestApp::start(List::Embedded).await;
    let (own, engineer) = (app.log_in(&app.publisher).await, app.log_in(&app.security).await);
    for body in [
        json!({"account": "nobody@example.com"}),
        json!({"account": "a".repeat(32)}),
        json!({"account": ""}),
        json!({"token_id": "a".repeat(22)}),
    ] {
        app.revoke(&own, &body).await.refused(403, "macaroon-permission-required");
        app.revoke(&engineer, &body).await.refused(404, "resource-not-found");
    }
}

#[tokio::test]
async fn a_reason_is_kept_short_and_without_control_characters() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let ci = own.on_channel("edge");
    let reason = format!("a|b{{c}}\r\n\u{1b}[31m\u{0}{}", "x".repeat(10_000));
    let body = app.revoke(&own, &json!({"text": ci.export(), "reason": reason})).await.success();
    let kept = body["revoked"][0]["reason"].as_str().unwrap();
    assert!(kept.starts_with("a|b{c}[31mxxx") && kept.chars().count() == 500, "{kept}");
    let answer = app.whoami(&ci).await;
    assert!(answer.revoked().message().contains("Reason: a|b(c)[31mxxx"), "{answer:?}");
}

#[tokio::test]
async fn a_login_right_after_an_account_s_cut_waits_out_the_skew_of_clocks() {
    let tokens = Tokens { clock_skew: std::time::Duration::from_secs(1), ..Tokens::default() };
    let app = TestApp::with(Start { tokens, ..Start::default() }).await;
    let own = app.log_in(&app.simple).await;
    let body = app.revoke(&own, &json!({"account": app.simple.email})).await.success();
    let cut: timestamp::Timestamp = body["revoked"][0]["at"].as_str().unwrap().parse().unwrap();
    app.whoami(&own).await.revoked();
    let after = app.log_in(&app.simple).await;
    let last_auth: timestamp::Timestamp = after.said("last_auth").unwrap().parse().unwrap();
    assert!(last_auth >= cut.add_secs(1).unwrap(), "{last_auth} is too soon after {cut}");
    app.whoami(&after).await.success();
}
