//! Taking a cut back, and reading the journal in which all of it stands.

use caveats::Predicate;
use serde_json::{Value, json};

use crate::support::{Held, List, TestApp};

with_both_lists! {
    after_a_lift_the_other_cuts_still_stand,
    a_package_and_everything_can_be_lifted_too,
    what_leaked_and_what_is_for_good_is_never_lifted,
    to_lift_again_is_acknowledged_again,
    a_lift_survives_a_restart,
}

/// Cuts off all of an account that logged in up to now, and answers with the position.
async fn cut_off(app: &TestApp, engineer: &Held, email: &str) -> Value {
    app.revoke(engineer, &json!({"account": email})).await.success()["revoked"][0]["position"].clone()
}

async fn after_a_lift_the_other_cuts_still_stand(app: TestApp) {
    let engineer = app.log_in(&app.security).await;
    let old = app.log_in(&app.publisher).await;
    let leaked = old.on_channel("edge");
    app.revoke(&old, &leaked.leaked()).await.success();
    let older = cut_off(&app, &engineer, app.publisher.email).await;
    let between = app.log_in(&app.publisher).await;
    app.whoami(&between).await.success();
    let newer = cut_off(&app, &engineer, app.publisher.email).await;
    app.whoami(&old).await.revoked();
    app.whoami(&between).await.revoked();

    let body = app.lift(&engineer, &newer).await.success();
    assert_eq!((&body["acknowledged"], &body["lifted"]["lifts"]), (&json!(true), &newer), "{body}");
    assert_eq!(body["lifted"]["reason"], "a false alarm");
    assert!(body["lifted"]["left"]["reach"]["logged_in_before"].is_string(), "the older cut is left: {body}");
    app.whoami(&old).await.revoked();
    app.whoami(&between).await.success();

    let body = app.lift(&engineer, &older).await.success();
    assert_eq!(body["lifted"]["left"], Value::Null, "{body}");
    app.whoami(&old).await.success();
    app.whoami(&between).await.success();
    // What was revoked by itself is not freed by that.
    app.whoami(&leaked).await.revoked();
}

async fn a_package_and_everything_can_be_lifted_too(app: TestApp) {
    let engineer = app.log_in(&app.security).await;
    let own = app.log_in(&app.publisher).await;
    app.register(&own, "thing").await.success();
    let package = app.revoke(&engineer, &json!({"package": "thing"})).await.success();
    app.channel_map(&own, "thing").await.revoked();
    app.whoami(&own).await.success();
    app.lift(&engineer, &package["revoked"][0]["position"]).await.success();
    app.channel_map(&own, "thing").await.success();

    let everything = app.revoke(&engineer, &json!({"everything": true})).await.success();
    app.whoami(&own).await.revoked();
    app.whoami(&engineer).await.revoked();
    let engineer = app.log_in(&app.security).await;
    app.lift(&engineer, &everything["revoked"][0]["position"]).await.success();
    app.whoami(&own).await.success();
}

async fn what_leaked_and_what_is_for_good_is_never_lifted(app: TestApp) {
    let engineer = app.log_in(&app.security).await;
    let (own, other) = (app.log_in(&app.publisher).await, app.log_in(&app.other).await);
    for body in [
        json!({"text": own.export()}),
        json!({"text": own.export(), "scope": "family"}),
        json!({"text": own.export(), "scope": "session"}),
        json!({"text": own.export(), "scope": "account"}),
        json!({"token_id": other.token_id()}),
        json!({"session_id": other.said("session")}),
        json!({"signing_key_id": "a".repeat(64)}),
    ] {
        let position = app.revoke(&engineer, &body).await.success()["revoked"][0]["position"].clone();
        app.lift(&engineer, &position).await.refused_saying(409, "conflict", "stays");
    }
    app.whoami(&own).await.revoked();
    app.whoami(&other).await.revoked();
}

async fn to_lift_again_is_acknowledged_again(app: TestApp) {
    let engineer = app.log_in(&app.security).await;
    let own = app.log_in(&app.publisher).await;
    let cut = cut_off(&app, &engineer, app.publisher.email).await;
    let first = app.lift(&engineer, &cut).await.success();
    let again = app.lift(&engineer, &cut).await.success();
    assert_eq!(first, again);
    assert_eq!(app.count("revocations").await, 2);
    app.whoami(&own).await.success();
    // The lift itself is no cut, and there is nothing behind it.
    app.lift(&engineer, &first["lifted"]["position"]).await.refused(404, "resource-not-found");
    app.lift(&engineer, &json!(99)).await.refused(404, "resource-not-found");
    app.lift(&engineer, &json!(-1)).await.refused(404, "resource-not-found");
    let header = engineer.header();
    let answer = app.post("/v1/revocations/last/lift", Some(&header), &json!({"reason": "x"})).await;
    answer.refused(404, "resource-not-found");
    // Cut again, it is dead again.
    cut_off(&app, &engineer, app.publisher.email).await;
    app.whoami(&own).await.revoked();
}

async fn a_lift_survives_a_restart(mut app: TestApp) {
    let engineer = app.log_in(&app.security).await;
    let own = app.log_in(&app.publisher).await;
    let cut = cut_off(&app, &engineer, app.publisher.email).await;
    app.lift(&engineer, &cut).await.success();
    app.restart().await;
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn lifting_takes_the_permission_and_a_login_of_a_moment_ago() {
    let app = TestApp::start(List::Embedded).await;
    let engineer = app.log_in(&app.security).await;
    let own = app.log_in(&app.publisher).await;
    let cut = cut_off(&app, &engineer, app.other.email).await;
    app.lift(&own, &cut).await.refused(403, "macaroon-permission-required");
    let listing = app.log_in_for(&app.security, &["credential_list"]).await;
    app.lift(&listing, &cut).await.refused(403, "macaroon-permission-required");
    let path = format!("/v1/revocations/{cut}/lift");
    app.post(&path, None, &json!({"reason": "x"})).await.refused(401, "macaroon-authorization-required");
    app.post(&path, Some(&engineer.header()), &json!({})).await.refused(400, "missing-field");

    app.advance(15 * 60 + 1);
    let answer = app.lift(&engineer, &cut).await;
    answer.refused_saying(403, "macaroon-permission-required", "a login of the last 15 minutes");
    assert_eq!(answer.body["error_list"][0]["extra"]["permission"], "last_auth");
    // Nor does it help to add what a login says, or to refresh.
    let now = Predicate::LastAuth(app.clock.now());
    app.lift(&engineer.narrowed(&now), &cut).await.refused(403, "macaroon-permission-required");
    let refreshed = crate::support::discharge(&app.refresh(&engineer.discharge).await.success());
    let refreshed = Held { root: engineer.root.clone(), discharge: refreshed };
    app.lift(&refreshed, &cut).await.refused(403, "macaroon-permission-required");
    let again = app.log_in(&app.security).await;
    app.lift(&again, &cut).await.success();
}

#[tokio::test]
async fn the_journal_is_read_page_by_page() {
    let app = TestApp::start(List::Embedded).await;
    let engineer = app.log_in(&app.security).await;
    let own = app.log_in(&app.publisher).await;
    let account = app.account(&own).await.success()["id"].clone();
    app.revoke(&own, &own.on_channel("edge").leaked()).await.success();
    let cut = cut_off(&app, &engineer, app.publisher.email).await;
    app.lift(&engineer, &cut).await.success();
    let engineer_id = engineer.said("account").unwrap();
    let page =
        async |query: &str| app.get(&format!("/v1/revocations{query}"), Some(&engineer.header())).await;

    let body = page("").await.success();
    let told = body["revocations"].as_array().unwrap();
    assert_eq!((told.len(), &body["next"]), (3, &Value::Null), "{body}");
    for (number, told) in told.iter().enumerate() {
        assert_eq!(told["position"], number + 1);
        assert!(told["at"].is_string());
    }
    let expected = json!({
        "position": 1, "kind": "credential", "token_id": own.token_id(), "at": told[0]["at"], "reason": "found in a build log",
        "actor": account, "reach": "all", "leaked": true, "lifted_by": null,
    });
    assert_eq!(told[0], expected);
    let expected = json!({
        "position": 2, "kind": "account", "account_id": account, "at": told[1]["at"], "reason": "",
        "actor": told[1]["actor"], "reach": {"logged_in_before": told[1]["reach"]["logged_in_before"]}, "leaked": false, "lifted_by": 3,
    });
    assert_eq!(told[1], expected);
    assert!(told[1]["reach"]["logged_in_before"].is_string());
    assert!(!engineer_id.is_empty() && told[1]["actor"] != account, "the engineer did it: {body}");
    let expected = json!({
        "position": 3, "kind": "account", "account_id": account, "at": told[2]["at"], "reason": "a false alarm",
        "actor": told[1]["actor"], "lifts": 2,
    });
    assert_eq!(told[2], expected);

    let first = page("?limit=2").await.success();
    assert_eq!((first["revocations"].as_array().unwrap().len(), &first["next"]), (2, &json!(2)));
    let second = page("?after=2&limit=2").await.success();
    assert_eq!((&second["revocations"][0]["position"], &second["next"]), (&json!(3), &Value::Null));
    for query in ["?after=-1", "?limit=0", "?limit=1001", "?limit=x", "?limit=1&limit=2", "?colour=blue"] {
        page(query).await.refused(400, "bad-request");
    }
    let answer = app.get("/v1/revocations", Some(&own.header())).await;
    answer.refused(403, "macaroon-permission-required");
}
