//! The password grant.

use std::time::Duration;

use serde_json::Value;
use sso_mock::Algorithm;

use crate::support::{Answer, EMAIL, PASSWORD, Sso};

const WRONG: (u16, &str) = (400, "invalid_grant");

#[tokio::test]
async fn a_right_password_gives_an_id_token_that_the_published_es256_key_verifies() {
    identifies_ada(&Sso::signing(Algorithm::Es256).await).await;
}

#[tokio::test]
async fn a_right_password_gives_an_id_token_that_the_published_rs256_key_verifies() {
    identifies_ada(&Sso::signing(Algorithm::Rs256).await).await;
}

async fn identifies_ada(sso: &Sso) {
    let answer = sso.log_in(EMAIL, PASSWORD).await;
    assert_eq!(answer.granted("token_type"), "Bearer");
    assert_eq!(answer.granted("scope"), "openid email");
    assert_eq!(answer.body["expires_in"], 300);
    assert!(answer.granted("access_token").len() >= 43);
    let claims = sso.verify(answer.granted("id_token")).await.unwrap();
    assert_eq!(claims.sub, "subject-of-ada");
    assert_eq!(claims.email, EMAIL);
    assert!(claims.email_verified);
    assert_eq!(claims.name, "Ada Lovelace");
    assert_eq!(claims.preferred_username, "ada");
    assert_eq!(claims.groups, ["publisher", "reviewer"]);
    assert_eq!(claims.exp - claims.iat, 300);
    assert!((0..=1).contains(&(claims.iat - claims.auth_time)));
}

#[tokio::test]
async fn a_user_name_and_an_address_in_capitals_are_the_same_person() {
    let sso = Sso::start().await;
    for name in ["ada", "ADA@example.com"] {
        let answer = sso.log_in(name, PASSWORD).await;
        assert_eq!(sso.verify(answer.granted("id_token")).await.unwrap().sub, "subject-of-ada");
    }
    assert_eq!(sso.log_in("ADA", PASSWORD).await.refused(), WRONG);
}

#[tokio::test]
async fn nothing_tells_a_wrong_password_from_an_unknown_or_disabled_account() {
    let sso = Sso::start().await;
    sso.provider.disable("grace@example.com").unwrap();
    let wrong = sso.log_in(EMAIL, "incorrect horse").await;
    assert_eq!(wrong.refused(), WRONG);
    for (name, password) in [("nobody@example.com", PASSWORD), ("grace", "nanosecond"), ("grace", "wrong")] {
        let answer = sso.log_in(name, password).await;
        assert_eq!((answer.status, answer.body), (wrong.status, wrong.body.clone()), "{name}");
    }
}

#[tokio::test]
async fn an_unknown_account_takes_as_long_as_a_wrong_password() {
    let sso = Sso::start().await;
    // The fastest of several: what else the machine does makes an answer slower, never faster.
    let mut fastest = [Duration::MAX; 2];
    for _ in 0..8 {
        for (fastest, name) in fastest.iter_mut().zip([EMAIL, "nobody@example.com"]) {
            let start = std::time::Instant::now();
            assert_eq!(sso.log_in(name, "wrong").await.refused(), WRONG);
            *fastest = start.elapsed().min(*fastest);
        }
    }
    let [known, unknown] = fastest;
    assert!(unknown > known / 2, "{unknown:?} for nobody, {known:?} for somebody");
}

#[tokio::test]
async fn an_enabled_account_logs_in_again() {
    let sso = Sso::start().await;
    sso.provider.disable(EMAIL).unwrap();
    assert_eq!(sso.log_in(EMAIL, PASSWORD).await.refused(), WRONG);
    sso.provider.enable(EMAIL).unwrap();
    sso.log_in(EMAIL, PASSWORD).await.granted("id_token");
}

#[tokio::test]
async fn only_the_new_password_works_after_a_change() {
    let sso = Sso::start().await;
    sso.provider.set_password(EMAIL, "battery staple").await.unwrap();
    assert_eq!(sso.log_in(EMAIL, PASSWORD).await.refused(), WRONG);
    sso.log_in(EMAIL, "battery staple").await.granted("id_token");
}

#[tokio::test]
async fn changed_groups_stand_in_the_next_id_token() {
    let sso = Sso::start().await;
    sso.provider.set_groups(EMAIL, vec!["security".to_owned()]).unwrap();
    let answer = sso.log_in(EMAIL, PASSWORD).await;
    assert_eq!(sso.verify(answer.granted("id_token")).await.unwrap().groups, ["security"]);
}

#[tokio::test]
async fn there_is_no_id_token_without_the_openid_scope_and_everything_without_a_scope() {
    let sso = Sso::start().await;
    let form = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
    let all = sso.ask(&form).await;
    assert_eq!(all.granted("scope"), "openid email profile groups offline_access");
    all.granted("id_token");
    let plain = sso.ask(&[form.as_slice(), &[("scope", "email")]].concat()).await;
    assert_eq!(plain.granted("scope"), "email");
    assert_eq!(plain.body["id_token"], Value::Null);
    let malformed = sso.ask(&[form.as_slice(), &[("scope", "op\"enid")]].concat()).await;
    assert_eq!(malformed.refused(), (400, "invalid_scope"));
}

#[tokio::test]
async fn tokens_are_stamped_with_the_time_that_the_clock_was_turned_to() {
    let sso = Sso::start().await;
    let before = sso.verify(sso.log_in(EMAIL, PASSWORD).await.granted("id_token")).await.unwrap();
    sso.provider.advance_clock(Duration::from_hours(1));
    let after = sso.verify(sso.log_in(EMAIL, PASSWORD).await.granted("id_token")).await.unwrap();
    assert!((3600..3660).contains(&(after.iat - before.iat)));
}

#[tokio::test]
async fn answers_of_the_token_endpoint_are_not_stored() {
    let sso = Sso::start().await;
    let good = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
    for form in [good.as_slice(), &[("grant_type", "password")], &[]] {
        let answer = sso.request(form).send().await.unwrap();
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
    let anonymous = sso.http.post(sso.url("/token")).form(&good);
    assert_eq!(Answer::to(anonymous).await.refused(), (401, "invalid_client"));
}
