//! Refreshing: a discharge that has grown old for a new one, while login, account and password are good.

use caveats::{Macaroon, Predicate};
use futures_util::future::join_all;
use serde_json::json;
use sso_mock::Fault;

use crate::support::{Answer, Held, List, TestApp, discharge, said};

with_both_lists! {
    a_stale_discharge_is_refreshed_and_works_again,
    of_a_login_that_was_ended_nothing_is_refreshed,
}

const DAY: u64 = 24 * 3600;

async fn a_stale_discharge_is_refreshed_and_works_again(app: TestApp) {
    let held = app.log_in(&app.publisher).await;
    app.advance(DAY - 60);
    app.whoami(&held).await.success();
    app.advance(120);
    let answer = app.whoami(&held).await;
    answer.refused(401, "macaroon-needs-refresh");
    // snapcraft 2 to 6 compare it to the letter.
    assert_eq!(answer.headers.get_all("www-authenticate").iter().count(), 1);
    assert_eq!(answer.header("www-authenticate"), Some("Macaroon needs_refresh=1"));
    let age = answer.body["error_list"][0]["extra"]["age"].as_u64().unwrap();
    assert!((DAY..DAY + 300).contains(&age), "{age}");
    assert_eq!(answer.message(), format!("Expired macaroon (age: {age} seconds)"));

    let refreshed = app.refresh(&held.discharge).await;
    assert_eq!(refreshed.status, 200);
    let new = discharge(&refreshed.success());
    assert_eq!(new.identifier(), held.discharge.identifier(), "the root is as it was");
    assert_eq!(new.location(), held.discharge.location());
    for same in ["account", "last_auth", "expires", "session"] {
        assert_eq!(said(&new, same), held.said(same), "{same}");
    }
    assert!(said(&new, "valid_since") > held.said("valid_since"));
    let held = Held { root: held.root, discharge: new };
    app.whoami(&held).await.success();
    // And so on, day after day.
    app.advance(DAY + 60);
    app.whoami(&held).await.refused(401, "macaroon-needs-refresh");
    let held = Held { discharge: discharge(&app.refresh(&held.discharge).await.success()), root: held.root };
    app.whoami(&held).await.success();
}

#[tokio::test]
async fn every_endpoint_asks_for_the_refresh_but_the_one_that_old_clients_would_repeat_wrongly() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    app.advance(DAY + 60);
    let answers = [
        app.account(&held).await,
        app.channel_map(&held, "thing").await,
        app.releases(&held, "thing").await,
        app.release(&held, "thing", 1, &["edge"]).await,
        app.push(&held, &json!({"name": "thing", "dry_run": true})).await,
        app.register(&held, "another").await,
    ];
    for answer in answers {
        answer.refused(401, "macaroon-needs-refresh");
        assert_eq!(answer.header("www-authenticate"), Some("Macaroon needs_refresh=1"));
    }
    let verified = app.verify(&held.header()).await.success();
    assert_eq!((&verified["allowed"], &verified["refresh_required"]), (&json!(true), &json!(true)));
    // Nothing holds up a revocation.
    app.revoke(&held, &held.leaked()).await.success();
    app.whoami(&held).await.revoked();
}

#[tokio::test]
async fn a_refresh_is_asked_for_only_where_it_helps() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    let revoked = held.narrowed(&Predicate::Channels(vec!["edge".to_owned()]));
    let expired = held.narrowed(&Predicate::Expires(app.clock.now().add_secs(60).unwrap()));
    app.revoke(&held, &json!({"text": revoked.export()})).await.success();
    app.advance(DAY + 60);
    app.whoami(&revoked).await.revoked();
    app.whoami(&expired).await.dead("expired at");
    let denied = app.log_in(&app.simple).await;
    app.advance(DAY + 60);
    let narrow = denied.narrowed(&Predicate::Acl(Vec::new()));
    app.register(&narrow, "another").await.refused(403, "macaroon-permission-required");
}

#[tokio::test]
async fn what_a_holder_added_stays_in_the_refreshed_discharge() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    let sso = app.address.to_string();
    let mut narrow = held.discharge.clone();
    narrow.attenuate(&Predicate::Acl(vec![caveats::Permission::PackageAccess]).encode(&sso)).unwrap();
    narrow.attenuate(&format!("{sso}|valid_since|2099-01-01T00:00:00.000000")).unwrap();
    narrow.attenuate(&format!("{sso}|colour|blue")).unwrap();
    // A caveat that is not understood may not be carried over as if it were; a refusal will do as well.
    let answer = app.refresh(&narrow).await;
    if answer.status == 200 {
        app.whoami(&Held { root: held.root.clone(), discharge: discharge(&answer.success()) })
            .await
            .refused(403, "macaroon-permission-required");
    } else {
        answer.refused(401, "invalid-credentials");
    }
    let mut narrow = held.discharge.clone();
    narrow.attenuate(&Predicate::Acl(vec![caveats::Permission::PackageAccess]).encode(&sso)).unwrap();
    narrow.attenuate(&format!("{sso}|valid_since|2001-01-01T00:00:00.000000")).unwrap();
    let new = discharge(&app.refresh(&narrow).await.success());
    assert_eq!(said(&new, "acl").as_deref(), Some("[\"package_access\"]"));
    let refreshed = Held { root: held.root.clone(), discharge: new };
    app.channel_map(&refreshed, "thing").await.success();
    app.register(&refreshed, "another").await.refused(403, "macaroon-permission-required");
}

#[tokio::test]
async fn what_is_no_unbound_discharge_of_ours_is_refused_in_both_dialects() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    let mut bound = held.discharge.clone();
    bound.bind(&held.root);
    let key = caveats::RootKey::derive(b"guess");
    let identifier = std::str::from_utf8(held.discharge.identifier()).unwrap();
    let mut forged = Macaroon::mint(&key, held.discharge.location(), identifier).unwrap();
    for caveat in held.discharge.caveats() {
        forged.attenuate(std::str::from_utf8(caveat.id).unwrap()).unwrap();
    }
    let theirs = TestApp::start(List::Embedded).await;
    let foreign = theirs.log_in(&theirs.simple).await;
    for (what, discharge) in [
        ("a bound one", &bound),
        ("a root", &held.root),
        ("a forged one", &forged),
        ("one of another service", &foreign.discharge),
    ] {
        let answer = app.refresh(discharge).await;
        refused(&answer, what);
    }
    for text in ["", "nonsense", "====", &held.discharge.to_v1()[..400], &held.header()] {
        let body = json!({"discharge_macaroon": text});
        refused(&app.post("/api/v2/tokens/refresh", None, &body).await, text);
    }
}

/// A refusal of the SSO's: 401 in both dialects, and never the header that would make old clients ask for ever.
#[track_caller]
fn refused(answer: &Answer, what: &str) {
    answer.refused(401, "invalid-credentials");
    assert_eq!(answer.body["code"], "INVALID_CREDENTIALS", "{what}");
    assert_eq!(answer.header("www-authenticate"), None, "{what}");
}

#[tokio::test]
async fn an_authorization_header_is_ignored_by_a_refresh() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.advance(DAY + 60);
    for header in [held.header().as_str(), "Macaroon root=nonsense", "Basic YTpi"] {
        let body = json!({"discharge_macaroon": held.discharge.to_v1()});
        app.post("/api/v2/tokens/refresh", Some(header), &body).await.success();
    }
}

#[tokio::test]
async fn a_login_that_the_sso_does_not_stand_by_is_not_refreshed() {
    let app = TestApp::start(List::Embedded).await;
    let (one, other) = (app.log_in(&app.simple).await, app.log_in(&app.other).await);
    app.sso.set_password(app.simple.email, "another one").await.unwrap();
    app.sso.disable(app.other.email).unwrap();
    for held in [&one, &other] {
        refused(&app.refresh(&held.discharge).await, "the password or the account is not what it was");
        // The credential as it is lives until the discharge is stale: revoking is what ends it at once.
        app.whoami(held).await.success();
    }
    app.sso.enable(app.other.email).unwrap();
    refused(&app.refresh(&other.discharge).await, "an account that was disabled in between");
}

async fn of_a_login_that_was_ended_nothing_is_refreshed(app: TestApp) {
    for scope in ["session", "family", "account"] {
        let held = app.log_in(&app.simple).await;
        app.refresh(&held.discharge).await.success();
        app.revoke(&held, &json!({"text": held.export(), "scope": scope})).await.success();
        refused(&app.refresh(&held.discharge).await, scope);
    }
}

#[tokio::test]
async fn a_discharge_whose_own_time_is_over_is_not_refreshed() {
    let app = TestApp::start(List::Embedded).await;
    let body = json!({"permissions": ["package_access"], "expires": app.clock.now().add_secs(3600).unwrap().to_string()});
    let held = app.log_in_with(&app.simple, &body).await;
    app.refresh(&held.discharge).await.success();
    app.advance(3600);
    refused(&app.refresh(&held.discharge).await, "expired");
}

#[tokio::test]
async fn a_bad_day_of_the_sso_is_no_refresh_and_no_end() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.sso.set_faults(vec![Fault::ServerError]);
    let answer = app.refresh(&held.discharge).await;
    assert_eq!(answer.undecided().header("www-authenticate"), None);
    app.sso.set_faults(Vec::new());
    app.refresh(&held.discharge).await.success();
    // A provider may leave the ID token out of a refresh (OpenID Connect Core 1.0, 12.2).
    app.sso.set_faults(vec![Fault::WithoutIdToken]);
    app.refresh(&held.discharge).await.success();
    // An ID token that cannot be believed is never the way to a new discharge.
    for fault in
        [Fault::WrongKey, Fault::WrongIssuer, Fault::ExpiredToken, Fault::Unsigned, Fault::HmacWithPublicKey]
    {
        app.sso.set_faults(Vec::new());
        let held = app.log_in(&app.simple).await;
        app.sso.set_faults(vec![fault]);
        app.refresh(&held.discharge).await.undecided();
    }
}

#[tokio::test]
async fn an_sso_that_recovers_from_unbelievable_tokens_has_ended_no_login() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.sso.set_faults(vec![Fault::WrongKey]);
    app.refresh(&held.discharge).await.undecided();
    app.sso.set_faults(Vec::new());
    app.refresh(&held.discharge).await.success();
}

#[tokio::test]
async fn a_refresh_takes_over_the_groups_of_today() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    app.sso.set_groups(app.simple.email, Vec::new()).unwrap();
    let answer = app.refresh(&held.discharge).await;
    if answer.status == 200 {
        let held = Held { root: held.root.clone(), discharge: discharge(&answer.success()) };
        app.channel_map(&held, "thing").await.refused(403, "resource-forbidden");
    }
}

#[tokio::test]
async fn refreshes_at_once_end_no_login() {
    let app = TestApp::start(List::Embedded).await;
    for _ in 0..3 {
        let held = app.log_in(&app.simple).await;
        let answers = join_all((0..5).map(|_| app.refresh(&held.discharge))).await;
        for answer in &answers {
            assert!([200, 401, 503].contains(&answer.status), "{answer:?}");
        }
        let refreshed = answers.iter().filter(|answer| answer.status == 200).count();
        assert!(refreshed >= 1, "{answers:?}");
        // Whoever lost asks again and has it.
        app.refresh(&held.discharge).await.success();
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [200; 5], "a client that is told 401 logs its user out");
    }
}
