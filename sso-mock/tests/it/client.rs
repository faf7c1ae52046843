//! Authentication of the client.

use reqwest::RequestBuilder;
use sso_mock::Settings;

use crate::support::{Answer, PASSWORD, Sso, ada};

const GRANT: [(&str, &str); 3] = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];

fn in_body(sso: &Sso, id: &str, secret: &str) -> RequestBuilder {
    let credentials = [("client_id", id), ("client_secret", secret)];
    sso.http.post(sso.url("/token")).form(&[GRANT.as_slice(), &credentials].concat())
}

#[tokio::test]
async fn a_wrong_client_is_challenged() {
    let sso = Sso::start().await;
    let (id, secret) = (sso.provider.client_id(), sso.provider.client_secret());
    let post = || sso.http.post(sso.url("/token")).form(&GRANT);
    for (what, request) in [
        ("none", post()),
        ("wrong secret", post().basic_auth(id, Some("wrong"))),
        ("start of the secret", post().basic_auth(id, Some(&secret[..42]))),
        ("no secret", post().basic_auth(id, None::<&str>)),
        ("wrong id", post().basic_auth("other", Some(secret))),
        ("bearer", post().bearer_auth(secret)),
        ("no base64", post().header("authorization", "Basic ***")),
        ("no colon", post().header("authorization", "Basic bm8=")),
        ("no scheme", post().header("authorization", secret)),
        ("wrong secret in the body", in_body(&sso, id, "wrong")),
        ("wrong id in the body", in_body(&sso, "other", secret)),
        ("no secret in the body", in_body(&sso, id, "")),
        ("no id in the body", in_body(&sso, "", secret)),
        ("another id in the body", sso.request(&[GRANT.as_slice(), &[("client_id", "other")]].concat())),
    ] {
        let answer = request.send().await.unwrap();
        let challenge = answer.headers().get("www-authenticate").cloned();
        assert!(challenge.is_some_and(|value| value.as_bytes().starts_with(b"Basic realm=")), "{what}");
        assert_eq!(answer.status(), 401, "{what}");
        assert_eq!(answer.json::<serde_json::Value>().await.unwrap()["error"], "invalid_client", "{what}");
    }
}

#[tokio::test]
async fn the_secret_may_stand_in_the_body_instead_but_not_as_well() {
    let sso = Sso::start().await;
    let (id, secret) = (sso.provider.client_id(), sso.provider.client_secret());
    Answer::to(in_body(&sso, id, secret)).await.granted("id_token");
    let twice = in_body(&sso, id, secret).basic_auth(id, Some(secret));
    assert_eq!(Answer::to(twice).await.refused(), (400, "invalid_request"));
}

#[tokio::test]
async fn a_secret_with_signs_of_every_kind_works_raw_and_form_encoded() {
    let secret = "a+b/c=d&e %41:ü";
    let settings = Settings {
        client_id: "id with spaces".to_owned(),
        client_secret: secret.to_owned(),
        accounts: vec![ada()],
        ..Settings::default()
    };
    let sso = Sso::with(settings).await;
    sso.ask(&GRANT).await.granted("id_token");
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let request = sso.http.post(sso.url("/token")).basic_auth("id+with+spaces", Some(encoded)).form(&GRANT);
    Answer::to(request).await.granted("id_token");
}
