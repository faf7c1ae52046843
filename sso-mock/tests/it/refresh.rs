//! The refresh grant.

use sso_mock::Fault;

use crate::support::{EMAIL, PASSWORD, Sso, ada};

const DEAD: (u16, &str) = (400, "invalid_grant");

#[tokio::test]
async fn a_refresh_gives_the_same_person_and_another_refresh_token() {
    let sso = Sso::start().await;
    let login = sso.log_in(EMAIL, PASSWORD).await;
    let first = sso.verify(login.granted("id_token")).await.unwrap();
    let refreshed = sso.refresh(login.granted("refresh_token")).await;
    let second = sso.verify(refreshed.granted("id_token")).await.unwrap();
    assert_eq!((second.sub, second.auth_time), (first.sub, first.auth_time));
    assert_eq!(refreshed.granted("scope"), "openid email");
    assert_ne!(refreshed.granted("refresh_token"), login.granted("refresh_token"));
    sso.refresh(refreshed.granted("refresh_token")).await.granted("id_token");
}

#[tokio::test]
async fn a_spent_refresh_token_is_dead() {
    let sso = Sso::start().await;
    let token = sso.refresh_token().await;
    sso.refresh(&token).await.granted("refresh_token");
    assert_eq!(sso.refresh(&token).await.refused(), DEAD);
    assert_eq!(sso.refresh("never issued").await.refused(), DEAD);
}

#[tokio::test]
async fn of_many_who_spend_one_refresh_token_at_once_one_succeeds() {
    let sso = Sso::start().await;
    let token = sso.refresh_token().await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    let mut asked = tokio::task::JoinSet::new();
    for _ in 0..16 {
        asked.spawn(sso.request(&form).send());
    }
    let answers = asked.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.as_ref().unwrap().status() == 200).count(), 1);
}

#[tokio::test]
async fn a_changed_password_kills_the_refresh_token_even_if_it_is_the_same_again() {
    let sso = Sso::start().await;
    let token = sso.refresh_token().await;
    sso.provider.set_password(EMAIL, "battery staple").await.unwrap();
    sso.provider.set_password(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(sso.refresh(&token).await.refused(), DEAD);
}

#[tokio::test]
async fn a_disabled_account_has_no_refresh_token_and_gets_none_back_when_enabled() {
    let sso = Sso::start().await;
    let (one, other) = (sso.refresh_token().await, sso.refresh_token().await);
    sso.provider.disable(EMAIL).unwrap();
    assert_eq!(sso.refresh(&one).await.refused(), DEAD);
    sso.provider.enable(EMAIL).unwrap();
    assert_eq!(sso.refresh(&other).await.refused(), DEAD);
}

#[tokio::test]
async fn a_deleted_account_leaves_no_refresh_token_to_one_with_its_subject() {
    let sso = Sso::start().await;
    let token = sso.refresh_token().await;
    sso.provider.delete(EMAIL).unwrap();
    assert_eq!(sso.provider.add_account(ada()).await.unwrap(), "subject-of-ada");
    assert_eq!(sso.refresh(&token).await.refused(), DEAD);
}

#[tokio::test]
async fn changed_groups_stand_in_a_refreshed_id_token() {
    let sso = Sso::start().await;
    let token = sso.refresh_token().await;
    sso.provider.set_groups(EMAIL, vec!["security".to_owned()]).unwrap();
    let answer = sso.refresh(&token).await;
    assert_eq!(sso.verify(answer.granted("id_token")).await.unwrap().groups, ["security"]);
}

#[tokio::test]
async fn a_scope_can_be_narrowed_and_a_wider_one_does_not_cost_the_token() {
    let sso = Sso::start().await;
    let token = sso.refresh_token().await;
    let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
    let wider = sso.ask(&[form.as_slice(), &[("scope", "openid groups")]].concat()).await;
    assert_eq!(wider.refused(), (400, "invalid_scope"));
    let narrower = sso.ask(&[form.as_slice(), &[("scope", "email")]].concat()).await;
    assert_eq!(narrower.granted("scope"), "email");
    let whole = sso.refresh(narrower.granted("refresh_token")).await;
    assert_eq!(whole.granted("scope"), "openid email");
}

#[tokio::test]
async fn a_server_error_does_not_spend_the_token() {
    let sso = Sso::start().await;
    let token = sso.refresh_token().await;
    sso.provider.set_faults(vec![Fault::ServerError]);
    assert_eq!(sso.refresh(&token).await.refused(), (500, "server_error"));
    sso.provider.set_faults(Vec::new());
    sso.refresh(&token).await.granted("refresh_token");
}
