//! Until when a revocation is kept: as long as anything that it concerns could be valid, and a day more.

use caveats::{Macaroon, Predicate};
use serde_json::{Value, json};
use service::credentials::issue::root_end;
use timestamp::Timestamp;

use crate::support::{Held, List, STORE, TestApp};

const DAY: i64 = 24 * 3600;

/// When the last revocation may be forgotten.
async fn forget_at(app: &TestApp) -> Option<Timestamp> {
    let page = app.state().records.journal_after(0, 1_000, Timestamp::from_micros(0)).await.unwrap();
    page.entries.last().unwrap().forget_at
}

async fn after(app: &TestApp, held: &Held, body: &Value) -> Option<Timestamp> {
    app.revoke(held, body).await.success();
    forget_at(app).await
}

fn day_after(moment: Timestamp) -> Option<Timestamp> {
    moment.add_secs(DAY)
}

fn end(root: &Macaroon) -> Timestamp {
    root_end(root, STORE).expect("every root ends")
}

#[tokio::test]
async fn a_credential_is_remembered_as_long_as_its_root_could_last() {
    let app = TestApp::start(List::Embedded).await;
    let own = app.log_in(&app.publisher).await;
    let ci = own.on_channel("edge");
    assert_eq!(after(&app, &own, &ci.leaked()).await, day_after(end(&own.root)));
    let soon = app.clock.now().add_secs(3600).unwrap();
    let brief = own.narrowed(&Predicate::Expires(soon));
    assert_eq!(after(&app, &own, &brief.leaked()).await, day_after(soon));
    // What the discharge says does not count: the root can be discharged again.
    let mut discharge = own.discharge.clone();
    let location = discharge.location().to_owned();
    discharge.attenuate(&Predicate::Expires(soon).encode(&location)).unwrap();
    let pair = Held { root: own.on_channel("beta").root, discharge };
    assert_eq!(after(&app, &own, &pair.leaked()).await, day_after(end(&own.root)));
    // Nor does a caveat that is addressed to somebody else.
    let odd = own.with_caveat("elsewhere.example|expires|2001-01-01T00:00:00");
    assert_eq!(after(&app, &own, &odd.leaked()).await, day_after(end(&own.root)));
}

#[tokio::test]
async fn a_family_is_remembered_by_what_its_issuer_said_and_not_by_what_a_holder_adds() {
    let app = TestApp::start(List::Embedded).await;
    let long = json!({"permissions": ["package_push"], "expires": "2099-01-02T03:04:05"});
    for body in [json!({"permissions": ["package_push"]}), long] {
        let held = app.log_in_with(&app.publisher, &body).await;
        let ends = end(&held.root);
        let early = Timestamp::from_micros(1);
        let shortened = held.narrowed(&Predicate::Expires(early)).narrowed(&Predicate::ValidSince(early));
        let text = json!({"text": shortened.export(), "scope": "family"});
        assert_eq!(after(&app, &held, &text).await, day_after(ends));
    }
    for body in [json!({"permissions": ["package_push"], "expires": "2099-01-02T03:04:05"})] {
        let held = app.log_in_with(&app.publisher, &body).await;
        assert_eq!(
            after(&app, &held, &json!({"token_id": held.token_id()})).await,
            day_after(end(&held.root))
        );
    }
    let held = app.log_in(&app.publisher).await;
    let own = app.log_in(&app.publisher).await;
    let alone = json!({"text": held.discharge.to_v1(), "scope": "family"});
    assert_eq!(after(&app, &own, &alone).await, day_after(end(&held.root)));
}

#[tokio::test]
async fn a_root_of_an_older_service_says_nothing_of_its_family_s_end() {
    let app = TestApp::start(List::Embedded).await;
    let (key_id, key) = app.state().keys.newest_root().unwrap();
    let token = model::ids::TokenId::generate();
    let mut root = Macaroon::mint(&key, STORE, &format!("1.{key_id}.{token}")).unwrap();
    let sso = caveats::RootKey::derive(b"key");
    root.attenuate(&Predicate::ValidSince(app.clock.now()).encode(STORE)).unwrap();
    root.attenuate_third_party("sso", "id", &sso, [7; 24]).unwrap();
    root.attenuate(&Predicate::Expires(app.clock.now()).encode(STORE)).unwrap();
    assert_eq!(root_end(&root, STORE), None);
    let own = app.log_in(&app.publisher).await;
    assert_eq!(after(&app, &own, &json!({"text": root.to_v1(), "scope": "family"})).await, None);
    let now = app.clock.now();
    app.revoke(&own, &json!({"text": root.to_v1()})).await.success();
    assert!(forget_at(&app).await.is_some_and(|moment| moment <= day_after(now).unwrap()));
}

#[tokio::test]
async fn a_cut_by_name_outlasts_every_login_that_it_could_concern() {
    let app = TestApp::start(List::Embedded).await;
    let engineer = app.log_in(&app.security).await;
    let held = app.log_in(&app.publisher).await;
    // A login that was made when they lasted longer.
    app.execute("UPDATE sessions SET expires_at = 4102444800000000").await;
    let long = Timestamp::from_micros(4_102_444_800_000_000);
    for body in [
        json!({"account": app.publisher.email}),
        json!({"session_id": held.said("session")}),
        json!({"text": held.export(), "scope": "account"}),
    ] {
        assert_eq!(after(&app, &engineer, &body).await, day_after(long), "{body}");
    }
    for body in [json!({"everything": true}), json!({"signing_key_id": "a".repeat(64)})] {
        let engineer = app.log_in(&app.security).await;
        assert_eq!(after(&app, &engineer, &body).await, None, "{body}");
    }
}
