//! Start, stop, and what is told in between.

use std::time::{Duration, Instant};

use sso_mock::{AccountError, Fault, Settings, StartError, spawn};

use crate::support::{EMAIL, PASSWORD, Sso, ada, grace, http};

/// That nothing answers any more, not even on a connection that was kept.
async fn is_gone(client: &reqwest::Client, url: &str) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while client.get(url).send().await.is_ok() {
        assert!(Instant::now() < deadline, "{url} still answers");
    }
}

#[tokio::test]
async fn a_stopped_provider_answers_no_more_and_its_port_is_free() {
    let sso = Sso::start().await;
    let url = sso.url("/jwks");
    assert!(sso.http.get(&url).send().await.is_ok());
    let listen = sso.provider.issuer().strip_prefix("http://").unwrap().parse().unwrap();
    sso.provider.stop().await;
    assert!(http().get(&url).send().await.is_err());
    is_gone(&sso.http, &url).await;
    let again = spawn(Settings { listen, ..Settings::default() }).await.unwrap();
    assert_eq!(format!("{}/jwks", again.issuer()), url);
}

#[tokio::test]
async fn a_dropped_provider_answers_no_more() {
    let sso = Sso::start().await;
    let url = sso.url("/jwks");
    assert!(sso.http.get(&url).send().await.is_ok());
    drop(sso.provider);
    assert!(http().get(&url).send().await.is_err());
    is_gone(&sso.http, &url).await;
}

#[tokio::test]
async fn a_provider_stops_at_once_while_a_request_waits() {
    let sso = Sso::start().await;
    sso.provider.set_faults(vec![Fault::Slow(Duration::from_mins(1))]);
    let waiting = tokio::spawn(sso.request(&[("grant_type", "password")]).send());
    // Another answer shows that the server runs; the slow request may or may not have arrived.
    sso.keys().await;
    let start = Instant::now();
    sso.provider.stop().await;
    assert!(waiting.await.unwrap().is_err());
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn providers_in_one_process_know_nothing_of_each_other() {
    let (one, other) = (Sso::start().await, Sso::start().await);
    assert_ne!(one.provider.issuer(), other.provider.issuer());
    assert_ne!(one.provider.client_secret(), other.provider.client_secret());
    let token = one.refresh_token().await;
    assert_eq!(other.refresh(&token).await.refused(), (400, "invalid_grant"));
    drop(one);
    other.log_in(EMAIL, PASSWORD).await.granted("id_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_shared_between_threads() {
    let sso = std::sync::Arc::new(Sso::start().await);
    let asked = tokio::spawn({
        let sso = sso.clone();
        async move { sso.refresh_token().await }
    });
    sso.provider.rotate_keys(sso_mock::OldKeys::Keep).await;
    assert!(!asked.await.unwrap().is_empty());
}

#[actix_web::test]
async fn a_provider_starts_from_within_an_actix_runtime() {
    Sso::start().await.log_in(EMAIL, PASSWORD).await.granted("id_token");
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    let error = spawn(Settings { listen, ..Settings::default() }).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot listen on {listen}"));
    assert!(std::error::Error::source(&error).is_some());
    let twice = Settings { accounts: vec![ada(), grace(), ada()], ..Settings::default() };
    let error = spawn(twice).await.unwrap_err();
    assert!(error.to_string().contains(EMAIL), "{error}");
    let taken = AccountError::Taken("e-mail address");
    assert!(matches!(error, StartError::Account { source, .. } if source == taken));
    let secretless = Settings { client_secret: String::new(), ..Settings::default() };
    assert!(matches!(spawn(secretless).await, Err(StartError::NoSecret)));
}

#[tokio::test]
async fn debug_output_has_no_secret_in_it() {
    let settings =
        Settings { accounts: vec![ada()], client_secret: "s3cret".to_owned(), ..Settings::default() };
    let shown = format!("{settings:?} {settings:#?}");
    let provider = spawn(settings).await.unwrap();
    let shown = format!("{shown} {provider:?}");
    assert!(shown.contains("[redacted]"));
    assert!(!shown.contains("s3cret") && !shown.contains(PASSWORD), "{shown}");
}
