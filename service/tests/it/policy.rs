//! A package's policy: who may read and set it, and what it takes to weaken one.

use serde_json::json;

use crate::support::{List, TestApp};

with_both_lists! {
    a_policy_is_set_by_whoever_manages_the_package,
}

async fn a_policy_is_set_by_whoever_manages_the_package(app: TestApp) {
    let held = app.log_in(&app.publisher).await;
    app.register(&held, "thing").await.success();
    let path = "/v1/packages/thing/policy";
    let shown = app.get(path, Some(&held.header())).await.success();
    assert_eq!(shown, json!({"package": "thing", "signed_uploads": "off", "observed": []}));
    let set = app.set_policy(&held, "thing", "observe").await.success();
    assert_eq!((&set["before"], &set["signed_uploads"]), (&json!("off"), &json!("observe")));
    app.set_policy(&held, "thing", "required").await.success();
    // A moment after the login weaker is fine, too.
    app.set_policy(&held, "thing", "off").await.success();
    // A security team may set anybody's.
    let manager = app.log_in_for(&app.security, &["policy_manage"]).await;
    app.set_policy(&manager, "thing", "required").await.success();
    let shown = app.get(path, Some(&manager.header())).await.success();
    assert_eq!(shown["signed_uploads"], "required");
}

#[tokio::test]
async fn a_weaker_policy_takes_a_fresh_login_with_a_code() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.publisher).await;
    app.register(&held, "thing").await.success();
    app.advance(20 * 60);
    app.set_policy(&held, "thing", "required").await.success();
    for weaker in ["observe", "off"] {
        let answer = app.set_policy(&held, "thing", weaker).await;
        answer.refused_saying(403, "macaroon-permission-required", "a login of the last 15 minutes");
    }
    app.set_policy(&held, "thing", "required").await.success();
    let fresh = app.log_in(&app.publisher).await;
    app.set_policy(&fresh, "thing", "off").await.success();

    let simple = app.log_in(&app.simple).await;
    app.register(&simple, "simple-thing").await.success();
    app.set_policy(&simple, "simple-thing", "observe").await.success();
    let answer = app.set_policy(&simple, "simple-thing", "off").await;
    answer.refused_saying(403, "macaroon-permission-required", "a login with a one-time code");
}

#[tokio::test]
async fn nobody_else_sets_a_policy_and_no_narrow_credential() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.publisher).await;
    app.register(&held, "thing").await.success();
    let other = app.log_in(&app.other).await;
    let engineer = app.log_in(&app.security).await;
    let pusher = app.log_in_for(&app.publisher, &["package_push", "package_access"]).await;
    app.set_policy(&other, "thing", "required").await.refused(403, "resource-forbidden");
    app.set_policy(&engineer, "thing", "required").await.refused(403, "macaroon-permission-required");
    app.set_policy(&pusher, "thing", "required").await.refused(403, "macaroon-permission-required");
    app.set_policy(&held, "nothing", "required").await.refused(404, "resource-not-found");
    app.set_policy(&held, "thing", "sometimes").await.refused_saying(400, "bad-request", "line 1");
    app.get("/v1/packages/thing/policy", Some(&pusher.header())).await.success();
    app.get("/v1/packages/thing/policy", Some(&other.header())).await.refused(403, "resource-forbidden");
}
