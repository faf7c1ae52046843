//! What no client should send.

use reqwest::RequestBuilder;

use crate::support::{Answer, PASSWORD, Sso};

const FORM: &str = "application/x-www-form-urlencoded";

fn body(sso: &Sso, path: &str, content_type: &str, body: &[u8]) -> RequestBuilder {
    let request = sso.http.post(sso.url(path)).header("content-type", content_type).body(body.to_vec());
    request.basic_auth(sso.provider.client_id(), Some(sso.provider.client_secret()))
}

#[tokio::test]
async fn a_grant_that_is_not_known_or_not_whole_is_named() {
    let sso = Sso::start().await;
    let invalid = (400, "invalid_request");
    for (form, refusal) in [
        (vec![], invalid),
        (vec![("grant_type", "")], invalid),
        (vec![("grant_type", "authorization_code")], (400, "unsupported_grant_type")),
        (vec![("grant_type", "password")], invalid),
        (vec![("grant_type", "password"), ("username", "ada")], invalid),
        (vec![("grant_type", "password"), ("username", "ada"), ("password", "")], invalid),
        (vec![("grant_type", "password"), ("username", ""), ("password", PASSWORD)], invalid),
        (vec![("grant_type", "password"), ("grant_type", "password")], invalid),
        (vec![("grant_type", "refresh_token")], invalid),
    ] {
        assert_eq!(sso.ask(&form).await.refused(), refusal, "{form:?}");
    }
}

#[tokio::test]
async fn garbage_is_refused_with_a_reason_and_never_breaks_the_server() {
    let sso = Sso::start().await;
    let long = vec![b'a'; 300_000];
    let bodies: [&[u8]; 10] = [
        b"",
        b"\0\xff\xfe%%%=&&&==",
        b"grant_type=%ff%fe",
        b"grant_type=password&username=%00&password=%00",
        b"grant_type=password&username=ada&password=\xff\xff",
        b"grant_type=refresh_token&refresh_token=%F0%9F%98%80",
        b"{\"grant_type\": \"password\"}",
        b"[[[[[[[[",
        b"{\"email\": 1, \"password\": null, \"faults\": [{\"slow_ms\": -1}]}",
        &long,
    ];
    let admin = ["accounts", "password", "disable", "enable", "delete", "groups", "faults", "rotate-keys"];
    let paths = admin.map(|what| format!("/admin/{what}"));
    for path in paths.iter().map(String::as_str).chain(["/token"]) {
        for content_type in [FORM, "application/json", "text/plain; charset=\"", "\u{1F600}"] {
            for text in bodies {
                let answer = Answer::to(body(&sso, path, content_type, text)).await;
                let start = &text[..text.len().min(40)];
                assert_eq!(answer.status, 400, "{path} {content_type} {start:?}: {answer:?}");
                assert!(answer.body["error_description"].is_string(), "{path}: {answer:?}");
            }
        }
    }
    sso.log_in("ada", PASSWORD).await.granted("id_token");
}

#[tokio::test]
async fn a_path_or_method_that_does_not_exist_is_the_clients_mistake() {
    let sso = Sso::start().await;
    for (path, status) in [("/", 404), ("/authorize", 404), ("/admin/", 404), ("/token", 405)] {
        assert_eq!(sso.http.get(sso.url(path)).send().await.unwrap().status(), status, "{path}");
    }
}
