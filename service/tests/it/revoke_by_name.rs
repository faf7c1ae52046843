//! Revoking by name: a login, a package, everything, a key; and up to which moment.

use model::ids::KeyId;
use serde_json::{Value, json};
use timestamp::Timestamp;

use crate::support::{Held, List, Start, TestApp, hex};

with_both_lists! {
    a_session_is_revoked_by_its_id,
    a_package_is_kept_from_all_who_logged_in_before,
    everything_is_cut_off_up_to_now,
    a_cut_spares_whoever_logged_in_after_its_moment,
    a_root_key_takes_all_that_was_made_with_it,
}

fn position(body: &Value) -> &Value {
    &body["revoked"][0]["position"]
}

async fn a_session_is_revoked_by_its_id(app: TestApp) {
    let (one, other) = (app.log_in(&app.publisher).await, app.log_in(&app.publisher).await);
    let body =
        app.revoke(&other, &json!({"session_id": one.said("session"), "reason": "a lost laptop"})).await;
    let body = body.success();
    let revoked = &body["revoked"][0];
    assert_eq!(
        (&revoked["kind"], &revoked["session_id"]),
        (&json!("session"), &json!(one.said("session"))),
        "{body}"
    );
    assert!(app.whoami(&one).await.revoked().message().contains("a lost laptop"));
    app.whoami(&other).await.success();
    // One's own, also with a credential for one job only.
    let ci = other.on_channel("edge");
    app.revoke(&ci, &json!({"session_id": ci.said("session")})).await.success();
    app.whoami(&other).await.revoked();
}

async fn a_package_is_kept_from_all_who_logged_in_before(app: TestApp) {
    let engineer = app.log_in(&app.security).await;
    let own = app.log_in(&app.publisher).await;
    for (name, by_id) in [("thing", false), ("other-thing", true)] {
        let id = app.register(&own, name).await.success()["snap_id"].clone();
        app.channel_map(&own, name).await.success();
        let named = if by_id { id.clone() } else { json!(name) };
        let body = app.revoke(&engineer, &json!({"package": named})).await.success();
        assert_eq!((&body["revoked"][0]["kind"], &body["revoked"][0]["snap_id"]), (&json!("package"), &id));
        app.channel_map(&own, name).await.revoked();
        app.release(&own, name, 1, &["edge"]).await.revoked();
    }
    app.whoami(&own).await.success();
    let after = app.log_in(&app.publisher).await;
    app.channel_map(&after, "thing").await.success();
}

async fn everything_is_cut_off_up_to_now(app: TestApp) {
    let engineer = app.log_in(&app.security).await;
    let (own, other) = (app.log_in(&app.publisher).await, app.log_in(&app.other).await);
    let body = app.revoke(&engineer, &json!({"everything": true, "reason": "a breach"})).await.success();
    assert_eq!(body["revoked"][0]["kind"], "everything");
    assert!(body["revoked"][0]["reach"]["logged_in_before"].is_string());
    for dead in [&own, &other, &engineer] {
        assert!(app.whoami(dead).await.revoked().message().contains("a breach"));
        app.refresh(&dead.discharge).await.refused(401, "invalid-credentials");
    }
    app.whoami(&app.log_in(&app.publisher).await).await.success();
}

async fn a_cut_spares_whoever_logged_in_after_its_moment(app: TestApp) {
    let engineer = app.log_in(&app.security).await;
    let old = app.log_in(&app.publisher).await;
    app.advance(3600);
    let moment = app.clock.now().to_string();
    app.advance(3600);
    let new = app.log_in(&app.publisher).await;
    let body = app.revoke(&engineer, &json!({"account": app.publisher.email, "issued_before": moment})).await;
    assert_eq!(body.success()["revoked"][0]["reach"]["logged_in_before"], moment);
    app.whoami(&old).await.revoked();
    app.whoami(&new).await.success();
}

async fn a_root_key_takes_all_that_was_made_with_it(app: TestApp) {
    let engineer = app.log_in(&app.security).await;
    let own = app.log_in(&app.publisher).await;
    let key = |held: &Held| {
        std::str::from_utf8(held.root.identifier()).unwrap().split('.').nth(1).unwrap().to_owned()
    };
    // A second key, as if the first had been taken out of use.
    let id = KeyId::generate();
    let state = app.state();
    let sealed = state.master.seal(&format!("keys/root/{id}"), &[9; 32]);
    let created_at = app.clock.now().add_secs(1).unwrap().micros();
    // Each database has its own way to spell bytes.
    let sealed = if app.redis.is_some() {
        format!("decode('{}', 'hex')", hex(&sealed))
    } else {
        format!("X'{}'", hex(&sealed))
    };
    let statement = format!(
        "INSERT INTO keys (id, purpose, sealed, created_at) VALUES ('{id}', 'root', {sealed}, {created_at})"
    );
    app.execute(statement.leak()).await;
    state.keys.reload().await.unwrap();
    let new = app.log_in(&app.publisher).await;
    assert_ne!(key(&own), key(&new));

    app.revoke(&own, &json!({"root_key_id": key(&own)})).await.refused(403, "macaroon-permission-required");
    let body = app.revoke(&engineer, &json!({"root_key_id": key(&own)})).await.success();
    assert_eq!(
        (&body["revoked"][0]["kind"], &body["revoked"][0]["root_key_id"]),
        (&json!("root-key"), &json!(key(&own)))
    );
    app.whoami(&own).await.revoked();
    app.whoami(&engineer).await.revoked();
    app.whoami(&new).await.success();
}

#[tokio::test]
async fn who_may_revoke_what_by_name() {
    let app = TestApp::start(List::Embedded).await;
    let engineer = app.log_in(&app.security).await;
    let (own, another) = (app.log_in(&app.publisher).await, app.log_in(&app.publisher).await);
    let other = app.log_in(&app.other).await;
    app.register(&own, "thing").await.success();
    let root_key = app.state().keys.newest_root().unwrap().0;
    let narrow = own.on_channel("edge");
    let others = [
        json!({"everything": true}),
        json!({"root_key_id": root_key}),
        json!({"signing_key_id": "a".repeat(64)}),
        json!({"session_id": other.said("session")}),
        json!({"account": app.other.email}),
    ];
    for body in &others {
        app.revoke(&own, body).await.refused(403, "macaroon-permission-required");
    }
    for body in [json!({"package": "thing"}), json!({"session_id": another.said("session")})] {
        app.revoke(&other, &body).await.refused(403, "macaroon-permission-required");
        app.revoke(&narrow, &body).await.refused(403, "macaroon-permission-required");
    }
    for body in [
        json!({"package": "no-such-thing"}),
        json!({"session_id": "a".repeat(22)}),
        json!({"root_key_id": "abcd1234"}),
    ] {
        app.revoke(&own, &body).await.refused(403, "macaroon-permission-required");
        app.revoke(&engineer, &body).await.refused(404, "resource-not-found");
    }
    app.whoami(&other).await.success();
    app.whoami(&another).await.success();
    app.channel_map(&own, "thing").await.success();
    // An owner's own hand.
    app.revoke(&own, &json!({"session_id": another.said("session")})).await.success();
    app.revoke(&own, &json!({"package": "thing"})).await.success();
    app.whoami(&another).await.revoked();
    app.channel_map(&own, "thing").await.revoked();
    let body = app.revoke(&engineer, &json!({"signing_key_id": "a".repeat(64)})).await.success();
    assert_eq!(body["revoked"][0]["signing_key_id"], "a".repeat(64));
    let again = app.revoke(&engineer, &json!({"signing_key_id": "a".repeat(64)})).await.success();
    assert_eq!(position(&body), position(&again), "for good is for good");
}

#[tokio::test]
async fn a_moment_goes_with_what_it_cuts_and_is_not_in_the_future() {
    let tokens = service::config::Tokens {
        clock_skew: std::time::Duration::from_secs(2),
        ..service::config::Tokens::default()
    };
    let app = TestApp::with(Start { tokens, ..Start::default() }).await;
    let engineer = app.log_in(&app.security).await;
    let own = app.log_in(&app.publisher).await;
    let in_seconds = |seconds| app.clock.now().add_secs(seconds).unwrap().to_string();
    let (past, future) = (in_seconds(-60), in_seconds(60));
    for (body, words) in [
        (json!({"everything": true, "issued_before": future}), "still to come"),
        (json!({"account": app.publisher.email, "issued_before": future}), "still to come"),
        (json!({"account": app.publisher.email, "issued_before": "yesterday"}), "not a time in UTC"),
        (json!({"account": app.publisher.email, "issued_before": ""}), "not a time in UTC"),
        (json!({"token_id": own.token_id(), "issued_before": past}), "goes with 'account'"),
        (json!({"text": own.export(), "issued_before": past}), "goes with 'account'"),
        (json!({"signing_key_id": "a".repeat(64), "issued_before": past}), "goes with 'account'"),
        (json!({"account": app.publisher.email, "scope": "family"}), "goes with 'text'"),
    ] {
        app.revoke(&engineer, &body).await.refused_saying(400, "invalid-field", words);
    }
    app.whoami(&own).await.success();
    // Within what clocks may differ by, it is now.
    let body = json!({"account": app.publisher.email, "issued_before": in_seconds(1)});
    let told =
        app.revoke(&engineer, &body).await.success()["revoked"][0]["reach"]["logged_in_before"].clone();
    assert!(told.as_str().unwrap().parse::<Timestamp>().is_ok());
    app.whoami(&own).await.revoked();
}
