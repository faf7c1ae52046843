//! The organisation's SSO on a bad day: what it does wrong is never a login, and never anybody's wrong password.

use std::time::Duration;

use sso_mock::{Algorithm, Fault, OldKeys};

use crate::support::{List, Start, TestApp};

#[tokio::test]
async fn groups_are_read_anew_at_each_login() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    app.sso.set_groups(app.simple.email, vec!["choir".to_owned()]).unwrap();
    app.attempt(&root, &app.simple, None).await.refused(403, "resource-forbidden");
    app.sso.set_groups(app.simple.email, vec!["publisher".to_owned()]).unwrap();
    app.attempt(&root, &app.simple, None).await.success();
}

async fn a_bad_day_of_the_sso_is_never_a_login(algorithm: Algorithm) {
    let app = TestApp::with(Start { algorithm, ..Start::default() }).await;
    let root = app.root(&["package_access"]).await;
    for fault in [
        Fault::ServerError,
        Fault::WrongKey,
        Fault::ExpiredToken,
        Fault::WrongIssuer,
        Fault::WrongAudience,
        Fault::Unsigned,
        Fault::HmacWithPublicKey,
        Fault::WithoutIdToken,
    ] {
        app.sso.set_faults(vec![fault]);
        let answer = app.attempt(&root, &app.simple, None).await;
        assert_eq!(answer.undecided().body.get("discharge_macaroon"), None, "{fault:?}");
        assert!(answer.message().contains("single sign-on"), "{fault:?}: {answer:?}");
        let answer = app.attempt(&root, &app.publisher, Some(&app.code(&app.publisher))).await;
        assert_eq!(answer.undecided().body.get("discharge_macaroon"), None, "{fault:?}");
        app.sso.set_faults(Vec::new());
        app.attempt(&root, &app.simple, None).await.success();
    }
}

#[tokio::test]
async fn a_bad_day_of_an_sso_with_elliptic_curves_is_never_a_login() {
    a_bad_day_of_the_sso_is_never_a_login(Algorithm::Es256).await;
}

#[tokio::test]
async fn a_bad_day_of_an_sso_with_rsa_is_never_a_login() {
    a_bad_day_of_the_sso_is_never_a_login(Algorithm::Rs256).await;
}

#[tokio::test]
async fn an_sso_that_does_not_answer_in_time_is_no_login() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    app.sso.set_faults(vec![Fault::Slow(Duration::from_mins(1))]);
    app.attempt(&root, &app.simple, None).await.undecided();
}

#[tokio::test]
async fn an_sso_that_is_gone_is_no_login() {
    let mut app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    app.attempt(&root, &app.simple, None).await.success();
    let another = sso_mock::spawn(sso_mock::Settings::default()).await.unwrap();
    std::mem::replace(&mut app.sso, another).stop().await;
    app.attempt(&root, &app.simple, None).await.undecided();
}

#[tokio::test]
async fn faults_of_the_sso_count_as_nobody_s_failure() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    app.sso.set_faults(vec![Fault::ServerError]);
    for _ in 0..15 {
        app.attempt(&root, &app.simple, None).await.undecided();
    }
    app.sso.set_faults(Vec::new());
    app.attempt(&root, &app.simple, None).await.success();
}

#[tokio::test]
async fn new_keys_of_the_sso_are_learnt_when_they_are_used() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    for old in [OldKeys::Keep, OldKeys::Withdraw, OldKeys::Keep] {
        app.attempt(&root, &app.simple, None).await.success();
        app.sso.rotate_keys(old).await;
        app.attempt(&root, &app.simple, None).await.success();
    }
}
