//! Revoking: dead on the next request, at every endpoint and every replica, with its children; and nothing else is.

use std::sync::atomic::{AtomicBool, Ordering};

use caveats::Predicate;
use serde_json::json;

use crate::support::{Client, Held, List, TestApp, discharge, snap};

with_both_lists! {
    a_leaked_credential_is_dead_on_the_next_request_and_its_parent_is_not,
    a_revoked_credential_is_dead_everywhere,
    a_family_is_everything_of_one_root,
    a_session_is_one_login_and_its_refreshes,
    an_account_is_cut_off_up_to_now_and_can_log_in_again,
    an_acknowledged_revocation_survives_a_restart,
    no_request_that_begins_after_the_acknowledgement_is_accepted,
}

async fn a_leaked_credential_is_dead_on_the_next_request_and_its_parent_is_not(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let ci = own.on_channel("edge");
    let (child, sibling) = (ci.on_channel("edge/fix"), own.on_channel("beta"));
    let engineer = app.log_in(&app.security).await;
    app.whoami(&ci).await.success();

    let answer = app.revoke(&engineer, &ci.leaked()).await;
    assert_eq!(answer.status, 200);
    let body = answer.success();
    let at = body["revoked"][0]["at"].as_str().unwrap().to_owned();
    let revoked = json!({
        "kind": "credential", "position": 1, "at": at, "reason": "found in a build log", "token_id": own.token_id(),
    });
    let found = json!({
        "offset": 0, "what": "credential", "outcome": "revoked", "position": 1, "kind": "credential",
        "token_id": own.token_id(),
    });
    assert_eq!(body, json!({"acknowledged": true, "found": [found], "revoked": [revoked]}));

    for dead in [&ci, &child] {
        let answer = app.whoami(dead).await;
        let words = format!("This credential was revoked at {at} UTC. Reason: found in a build log.");
        assert!(answer.revoked().message().starts_with(&words), "{answer:?}");
    }
    for alive in [&own, &sibling, &engineer] {
        app.whoami(alive).await.success();
    }
    // The same caveat added anew makes the same credential, not a fresh one.
    app.whoami(&own.on_channel("edge")).await.revoked();
    app.whoami(&own.on_channel("edge/fix")).await.success();
}

async fn a_revoked_credential_is_dead_everywhere(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    app.publish(&own, "thing", &snap("thing", "1")).await;
    let ci = own.on_channel("edge");
    let id = app.uploaded(&snap("thing", "2")).await;
    app.revoke(&own, &ci.leaked()).await.success();
    for answer in app.every_authenticated(&ci, &id).await {
        answer.revoked();
    }
    // Nor does it end anything any more, not even itself.
    app.revoke(&ci, &ci.leaked()).await.revoked();
    app.revoke(&ci, &json!({"account": "x"})).await.revoked();
    assert_eq!(app.push(&own, &json!({"name": "thing", "updown_id": id})).await.status, 202);
}

async fn a_family_is_everything_of_one_root(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let another = app.log_in(&app.publisher).await;
    let answer = app.attempt(&own.root, &app.publisher, Some(&app.code(&app.publisher))).await;
    let again = Held { root: own.root.clone(), discharge: discharge(&answer.success()) };
    let ci = own.on_channel("edge");
    let body = json!({"text": ci.export(), "scope": "family"});
    let body = app.revoke(&another, &body).await.success();
    assert_eq!(
        (&body["revoked"][0]["kind"], &body["revoked"][0]["token_id"]),
        (&json!("family"), &json!(own.token_id()))
    );
    for dead in [&own, &ci, &again] {
        app.whoami(dead).await.revoked();
    }
    app.whoami(&another).await.success();
}

async fn a_session_is_one_login_and_its_refreshes(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let answer = app.attempt(&own.root, &app.publisher, Some(&app.code(&app.publisher))).await;
    let again = Held { root: own.root.clone(), discharge: discharge(&answer.success()) };
    let refreshed = discharge(&app.refresh(&own.discharge).await.success());
    let refreshed = Held { root: own.root.clone(), discharge: refreshed };
    app.whoami(&refreshed).await.success();
    let body = app.revoke(&again, &json!({"text": own.export(), "scope": "session"})).await.success();
    assert_eq!(body["revoked"][0]["kind"], "session");
    assert_eq!(body["revoked"][0]["session_id"], json!(own.said("session")));
    for dead in [&own, &refreshed, &own.on_channel("edge")] {
        app.whoami(dead).await.revoked();
        app.refresh(&dead.discharge).await.refused(401, "invalid-credentials");
    }
    app.whoami(&again).await.success();
    app.refresh(&again.discharge).await.success();
}

async fn an_account_is_cut_off_up_to_now_and_can_log_in_again(app: TestApp) {
    let (one, other) = (app.log_in(&app.publisher).await, app.log_in(&app.publisher).await);
    let somebody = app.log_in(&app.other).await;
    let engineer = app.log_in(&app.security).await;
    let account = app.account(&one).await.success()["id"].clone();
    let body = app.revoke(&engineer, &json!({"account": app.publisher.email})).await.success();
    assert_eq!(
        (&body["revoked"][0]["kind"], &body["revoked"][0]["account_id"]),
        (&json!("account"), &account)
    );
    for dead in [&one, &other] {
        app.whoami(dead).await.revoked();
        app.refresh(&dead.discharge).await.refused(401, "invalid-credentials");
    }
    let after = app.log_in(&app.publisher).await;
    for alive in [&after, &somebody, &engineer] {
        app.whoami(alive).await.success();
    }
    // By id as well; and a login after the first cut is before the second.
    app.revoke(&engineer, &json!({"account": account})).await.success();
    app.whoami(&after).await.revoked();
    app.whoami(&app.log_in(&app.publisher).await).await.success();
    // An owner cuts off all of their own with a credential that was not narrowed.
    app.revoke(&somebody, &json!({"account": app.other.email})).await.success();
    app.whoami(&somebody).await.revoked();
}

async fn an_acknowledged_revocation_survives_a_restart(mut app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let (ci, beta) = (own.on_channel("edge"), own.on_channel("beta"));
    let other = app.log_in(&app.other).await;
    app.revoke(&own, &ci.leaked()).await.success();
    app.revoke(&other, &json!({"account": app.other.email})).await.success();
    for _ in 0..2 {
        app.restart().await;
        app.whoami(&ci).await.revoked();
        app.whoami(&other).await.revoked();
        app.whoami(&own).await.success();
    }
    let body = app.revoke(&own, &beta.leaked()).await.success();
    assert_eq!(body["revoked"][0]["position"], 3, "the journal goes on where it was");
    app.whoami(&beta).await.revoked();
}

async fn no_request_that_begins_after_the_acknowledgement_is_accepted(app: TestApp) {
    let own = app.log_in(&app.publisher).await;
    let replica = if app.redis.is_some() { Some(app.another_replica().await.unwrap()) } else { None };
    let elsewhere = replica.as_ref().map_or(&*app, |(_, client)| client);
    for round in 0..5 {
        let ci = own.on_channel(&format!("{round}/edge"));
        let acknowledged = AtomicBool::new(false);
        let asking = async |client: &Client| {
            for _ in 0..20 {
                let after = acknowledged.load(Ordering::SeqCst);
                let answer = client.whoami(&ci).await;
                assert!(!after || answer.status == 401, "accepted after the acknowledgement: {answer:?}");
                assert!([200, 401].contains(&answer.status), "{answer:?}");
            }
        };
        let revoking = async {
            app.whoami(&own).await.success();
            app.revoke(&own, &ci.leaked()).await.success();
            acknowledged.store(true, Ordering::SeqCst);
        };
        tokio::join!(asking(&app), asking(elsewhere), asking(elsewhere), revoking);
        app.whoami(&ci).await.revoked();
        elsewhere.whoami(&ci).await.revoked();
    }
}

#[tokio::test]
async fn a_credential_is_recognised_in_whatever_it_is_pasted() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let shapes: [fn(&Held) -> String; 6] = [
        Held::export,
        Held::header,
        |held| format!("  Authorization: {}\r\n", held.header()),
        |held| {
            let text = held.export();
            format!("{}\n{}\n", &text[..70], &text[70..])
        },
        |held| json!({"root": held.root.to_v1(), "discharge": held.discharge.to_v1()}).to_string(),
        |held| json!({"macaroon": held.root.to_v1(), "discharges": [held.discharge.to_v1()]}).to_string(),
    ];
    for (number, shape) in shapes.iter().enumerate() {
        let ci = own.on_channel(&format!("{number}/edge"));
        app.whoami(&ci).await.success();
        let body = json!({"text": shape(&ci)});
        assert_eq!(app.revoke(&own, &body).await.success()["revoked"][0]["kind"], "credential");
        app.whoami(&ci).await.revoked();
    }
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn a_credential_that_is_good_for_nothing_can_still_be_revoked() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let soon = app.clock.now().add_secs(60).unwrap();
    for (number, narrow) in [
        own.narrowed(&Predicate::Expires(soon)),
        own.narrowed(&Predicate::SourceIp(vec!["192.0.2.1".to_owned()])),
        own.narrowed(&Predicate::Acl(Vec::new())),
        own.narrowed(&Predicate::NotBefore(app.clock.now().add_secs(86_400).unwrap())),
    ]
    .iter()
    .enumerate()
    {
        app.advance(60);
        let body = app.revoke(&own, &narrow.leaked()).await.success();
        assert_eq!(body["revoked"][0]["position"], number + 1);
    }
    app.whoami(&own).await.success();
}

#[tokio::test]
async fn a_root_that_is_revoked_is_not_revived_by_another_login() {
    let app = TestApp::start(List::Embedded).await;
    let (own, another) = (app.log_in(&app.publisher).await, app.log_in(&app.publisher).await);
    app.revoke(&another, &own.leaked()).await.success();
    let answer = app.attempt(&own.root, &app.publisher, Some(&app.code(&app.publisher))).await;
    if answer.status == 200 {
        let again = Held { root: own.root.clone(), discharge: discharge(&answer.success()) };
        app.whoami(&again).await.revoked();
        app.whoami(&again.on_channel("edge")).await.revoked();
    }
    let refreshed = app.refresh(&own.discharge).await;
    if refreshed.status == 200 {
        let again = Held { root: own.root.clone(), discharge: discharge(&refreshed.success()) };
        app.whoami(&again).await.revoked();
    }
}
