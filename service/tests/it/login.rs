//! Logging in: a password at the SSO and a one-time code here make a discharge; nothing else does.

use futures_util::future::join_all;
use serde_json::{Value, json};
use service::config::Tokens;
use service::credentials::login::SecondFactorPolicy;

use crate::support::{List, Person, Start, TestApp, login_body};

with_both_lists! {
    a_password_and_a_code_make_a_credential,
    a_code_works_once,
    of_two_concurrent_logins_with_one_code_exactly_one_wins,
}

async fn a_password_and_a_code_make_a_credential(app: TestApp) {
    let held = app.log_in(&app.publisher).await;
    let body = app.whoami(&held).await.success();
    assert_eq!(body["account"]["email"], app.publisher.email);
    // The user name does as well as the address.
    let root = app.root(&["package_access"]).await;
    let code = app.code(&app.publisher);
    let body = login_body(&root, app.publisher.name, app.publisher.password, Some(&code));
    app.discharge(&body).await.success();
}

async fn a_code_works_once(app: TestApp) {
    let root = app.root(&["package_access"]).await;
    let code = app.code(&app.publisher);
    let earlier = app.publisher.code_of_step(&app.clock, -1);
    app.attempt(&root, &app.publisher, Some(&code)).await.success();
    for spent in [&code, &earlier] {
        let answer = app.attempt(&root, &app.publisher, Some(spent)).await;
        assert_eq!(answer.refused(403, "twofactor-failure").body["code"], "TWOFACTOR_FAILURE");
    }
    if app.redis.is_some() {
        let (_replica, elsewhere) = app.another_replica().await.unwrap();
        for spent in [&code, &earlier] {
            let body = login_body(&root, app.publisher.email, app.publisher.password, Some(spent));
            elsewhere.discharge(&body).await.refused(403, "twofactor-failure");
        }
    }
    app.attempt(&root, &app.publisher, Some(&app.code(&app.publisher))).await.success();
}

async fn of_two_concurrent_logins_with_one_code_exactly_one_wins(app: TestApp) {
    let root = app.root(&["package_access"]).await;
    let replica = if app.redis.is_some() { Some(app.another_replica().await.unwrap()) } else { None };
    let elsewhere = replica.as_ref().map_or(&*app, |(_, client)| client);
    for _ in 0..5 {
        let code = app.code(&app.publisher);
        let body = login_body(&root, app.publisher.email, app.publisher.password, Some(&code));
        let answers = join_all([app.discharge(&body), elsewhere.discharge(&body)]).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403], "{answers:?}");
    }
}

#[tokio::test]
async fn a_login_without_a_code_is_told_so_in_both_dialects() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    for code in [None, Some(""), Some("  ")] {
        let answer = app.attempt(&root, &app.publisher, code).await;
        let answer = answer.refused(401, "twofactor-required");
        assert_eq!(answer.body["code"], "TWOFACTOR_REQUIRED");
        assert_eq!(answer.message(), "2-factor authentication required.");
        assert_eq!(answer.body["extra"], json!({}));
        assert!(answer.header("www-authenticate").is_none());
    }
}

#[tokio::test]
async fn a_wrong_code_is_refused_whatever_it_looks_like() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    let old = app.publisher.code_of_step(&app.clock, -20);
    for wrong in [old.as_str(), "1", "12345678901234567890", "abcdef", "١٢٣٤٥٦", "12 34 56", "\u{0}"] {
        let answer = app.attempt(&root, &app.publisher, Some(wrong)).await;
        assert_eq!(answer.refused(403, "twofactor-failure").body["code"], "TWOFACTOR_FAILURE");
    }
}

#[tokio::test]
async fn a_wrong_password_an_unknown_user_and_a_disabled_account_look_alike() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    app.sso.disable(app.other.email).unwrap();
    let code = app.code(&app.publisher);
    let wrong = app.discharge(&login_body(&root, app.publisher.email, "wrong", Some(&code))).await;
    assert_eq!(wrong.refused(401, "invalid-credentials").body["code"], "INVALID_CREDENTIALS");
    assert_eq!(wrong.message(), "Provided email/password is not correct.");
    let without_code = app.discharge(&login_body(&root, app.publisher.email, "wrong", None)).await;
    let unknown = app.discharge(&login_body(&root, "nobody@example.com", "wrong", None)).await;
    let disabled = app.attempt(&root, &app.other, Some(&app.code(&app.other))).await;
    for answer in [without_code, unknown, disabled] {
        assert_eq!((answer.status, &answer.body), (wrong.status, &wrong.body));
        let names = |headers: &reqwest::header::HeaderMap| headers.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&answer.headers), names(&wrong.headers));
    }
}

#[tokio::test]
async fn a_changed_password_is_the_one_that_counts() {
    let app = TestApp::start(List::Embedded).await;
    app.sso.set_password(app.simple.email, "another one").await.unwrap();
    let root = app.root(&["package_access"]).await;
    app.attempt(&root, &app.simple, None).await.refused(401, "invalid-credentials");
    app.discharge(&login_body(&root, app.simple.email, "another one", None)).await.success();
}

#[tokio::test]
async fn an_account_without_second_factor_needs_no_code() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    app.attempt(&root, &app.simple, None).await.success();
}

#[tokio::test]
async fn a_service_may_ask_everybody_for_a_second_factor() {
    let tokens = Tokens { second_factor: SecondFactorPolicy::Required, ..Tokens::default() };
    let app = TestApp::with(Start { tokens, ..Start::default() }).await;
    let root = app.root(&["package_access"]).await;
    for code in [None, Some("123456")] {
        let answer = app.attempt(&root, &app.simple, code).await;
        answer.refused_saying(403, "twofactor-failure", "has no second factor");
    }
    let wrong = login_body(&root, app.simple.email, "wrong", None);
    app.discharge(&wrong).await.refused(401, "invalid-credentials");
    app.log_in(&app.publisher).await;
}

#[tokio::test]
async fn too_many_failures_make_one_wait_and_then_one_may_again() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    let wrong = login_body(&root, app.publisher.email, "wrong", None);
    for _ in 0..10 {
        app.discharge(&wrong).await.refused(401, "invalid-credentials");
    }
    // From now on also the right password, in any spelling of the address, and with the right code.
    let right = |app: &TestApp| {
        let email = app.publisher.email.to_uppercase();
        login_body(&root, &email, app.publisher.password, Some(&app.code(&app.publisher)))
    };
    let answer = app.discharge(&right(&app)).await;
    assert_eq!(answer.refused(429, "too-many-requests").body["code"], "TOO_MANY_REQUESTS");
    let seconds: u64 = answer.header("retry-after").expect("a Retry-After header").parse().unwrap();
    assert!((800..=900).contains(&seconds), "{seconds}");
    // Others are not held up.
    app.attempt(&root, &app.other, Some(&app.code(&app.other))).await.success();
    app.advance(seconds);
    app.discharge(&right(&app)).await.success();
}

#[tokio::test]
async fn wrong_codes_count_as_failures_and_missing_ones_never_do() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    for _ in 0..25 {
        app.attempt(&root, &app.publisher, None).await.refused(401, "twofactor-required");
    }
    for _ in 0..10 {
        app.attempt(&root, &app.publisher, Some("000000x")).await.refused(403, "twofactor-failure");
        app.attempt(&root, &app.other, None).await.refused(401, "twofactor-required");
    }
    app.attempt(&root, &app.publisher, None).await.refused(429, "too-many-requests");
    app.attempt(&root, &app.other, Some(&app.code(&app.other))).await.success();
}

#[tokio::test]
async fn a_success_forgets_the_failures_before_it() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    let wrong = login_body(&root, app.simple.email, "wrong", None);
    for _ in 0..3 {
        for _ in 0..9 {
            app.discharge(&wrong).await.refused(401, "invalid-credentials");
        }
        app.attempt(&root, &app.simple, None).await.success();
    }
}

#[tokio::test]
async fn a_role_that_the_account_does_not_have_is_refused_by_name() {
    let app = TestApp::start(List::Embedded).await;
    let cases: [(&Person, &[&str], &[&str]); 3] = [
        (&app.publisher, &["package_access", "credential_revoke"], &["credential_revoke"]),
        (&app.security, &["credential_revoke", "package_push"], &["package_push"]),
        (&app.outsider, &["package_access"], &["package_access"]),
    ];
    for (person, permissions, lacking) in cases {
        let root = app.root(permissions).await;
        let code = person.secret.is_some().then(|| app.code(person));
        let answer = app.attempt(&root, person, code.as_deref()).await;
        answer.refused(403, "resource-forbidden");
        assert_eq!(answer.body["extra"]["permissions"], json!(lacking));
        assert!(answer.message().contains(lacking[0]), "{}", answer.message());
    }
}

#[tokio::test]
async fn a_login_that_lacks_something_is_told_which_field() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    let whole = login_body(&root, app.simple.email, app.simple.password, None);
    for field in ["email", "password"] {
        let mut body = whole.clone();
        body[field] = "".into();
        let answer = app.discharge(&body).await;
        assert_eq!(answer.refused(400, "invalid-data").body["code"], "INVALID_DATA");
        assert!(answer.body["extra"][field][0].is_string(), "{answer:?}");
    }
    for field in ["email", "password", "caveat_id"] {
        let mut body = whole.clone();
        body.as_object_mut().unwrap().remove(field);
        app.discharge(&body).await.refused_saying(400, "missing-field", &format!("'{field}'"));
        for wrong in [json!(null), json!(7), json!([]), json!({"a": 1})] {
            body[field] = wrong;
            app.discharge(&body).await.refused(400, "bad-request");
        }
    }
}

#[tokio::test]
async fn a_caveat_of_somebody_else_is_not_discharged() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    let right = login_body(&root, app.simple.email, app.simple.password, None);
    let ours = right["caveat_id"].as_str().unwrap();
    let (flipped, cut) = (ours.replace(&ours[60..62], "xy"), &ours[..ours.len() - 4]);
    for foreign in
        ["", "1", "1.", "1..", "{\"secret\": \"AAAA\", \"version\": 1}", &flipped, cut, "1.aaaaaaaa.AAAA"]
    {
        let mut body = right.clone();
        body["caveat_id"] = foreign.into();
        let answer = app.discharge(&body).await;
        answer.refused(400, "invalid-data");
        assert!(answer.body["extra"]["caveat_id"][0].is_string(), "{answer:?}");
    }
    let theirs = TestApp::start(List::Embedded).await.root(&["package_access"]).await;
    app.attempt(&theirs, &app.simple, None).await.refused(400, "invalid-data");
}

#[tokio::test]
async fn an_authorization_header_is_ignored_by_a_login() {
    let app = TestApp::start(List::Embedded).await;
    let old = app.log_in(&app.simple).await;
    app.revoke(&old, &json!({"text": old.export()})).await.success();
    let body = login_body(&old.root, app.simple.email, app.simple.password, None);
    for header in [old.header().as_str(), "Macaroon root=nonsense", "Basic YTpi"] {
        app.post("/api/v2/tokens/discharge", Some(header), &body).await.success();
    }
}

#[tokio::test]
async fn a_discharge_says_what_clients_and_the_store_read_in_it() {
    let app = TestApp::start(List::Embedded).await;
    let root = app.root(&["package_access"]).await;
    let answer = app.attempt(&root, &app.simple, None).await.success();
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["discharge_macaroon"]);
    let text = answer["discharge_macaroon"].as_str().unwrap();
    let discharge = caveats::Macaroon::parse(text).unwrap();
    assert_eq!(discharge.to_v1(), text, "V1, URL-safe, without padding");
    let location = discharge.location().to_owned();
    assert_eq!(location, app.address.to_string(), "host and port as the client was told them");
    let caveats: Vec<String> =
        discharge.caveats().map(|caveat| String::from_utf8(caveat.id.to_vec()).unwrap()).collect();
    let keys: Vec<&str> = caveats.iter().map(|text| text.split('|').nth(1).unwrap()).collect();
    assert_eq!(keys, ["account", "valid_since", "last_auth", "expires", "session"]);
    assert!(caveats.iter().all(|text| text.starts_with(&format!("{location}|"))), "{caveats:?}");
    let account = caveats[0].splitn(3, '|').nth(2).unwrap();
    let account = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, account).unwrap();
    let account: Value = serde_json::from_slice(&account).unwrap();
    assert_eq!(account["email"], app.simple.email);
    assert_eq!(account["username"], app.simple.name);
    assert_eq!(account["displayname"], app.simple.display_name);
    assert_eq!(account["is_verified"], true);
    assert_eq!(account["openid"].as_str().unwrap().len(), 32);
}
