//! Other methods, other paths, and what is hardly HTTP.

use reqwest::Method;

use crate::garbage::{ANONYMOUS, CREDENTIAL, refused_in_words, request, with_caveats};
use crate::support::raw::{Raw, ask};
use crate::support::{Answer, List, TestApp, panics};

#[tokio::test]
async fn a_request_beyond_what_the_server_reads_is_refused_with_431() {
    let app = TestApp::start(List::Embedded).await;
    for (what, bytes) in [
        ("a header of 1 MB", request("GET", "/healthz", Some(&vec![b'A'; 1_000_000]), b"")),
        ("a macaroon with 10,000 caveats", {
            let header = format!("Macaroon root={}", with_caveats(10_000));
            request("GET", "/api/v2/tokens/whoami", Some(header.as_bytes()), b"")
        }),
        ("a path of 200 kB", request("GET", &format!("/{}", "a".repeat(200_000)), None, b"")),
        ("1,000 headers", {
            let headers = "A: b\r\n".repeat(1000);
            format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").into_bytes()
        }),
    ] {
        let answer = ask(app.address, &bytes).unwrap_or_else(|| panic!("{what}: no answer"));
        assert_eq!(answer.status, 431, "{what}: {answer:?}");
    }
}

#[tokio::test]
async fn what_is_no_http_is_answered_with_400() {
    let app = TestApp::start(List::Embedded).await;
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"[..],
        b"hello\r\n\r\n",
        b"G@T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: a\0b\r\n\r\n",
        b"POST /dev/api/acl/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /dev/api/acl/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /dev/api/acl/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        b"POST /dev/api/acl/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    ] {
        let answer = ask(app.address, bytes).unwrap_or_else(|| panic!("no answer to {bytes:?}"));
        assert_eq!(answer.status, 400, "{bytes:?}: {answer:?}");
    }
}

#[tokio::test]
async fn another_method_is_refused_in_words_on_every_path() {
    let app = TestApp::start(List::Embedded).await;
    for (right, path) in CREDENTIAL.iter().chain(&ANONYMOUS) {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
            if method == *right || CREDENTIAL.contains(&(method, path)) {
                continue;
            }
            let answer = ask(app.address, &request(method, path, None, b"")).expect("an answer");
            refused_in_words(&format!("{method} {path}"), &answer);
            assert_eq!(answer.status, 405, "{method} {path}: {answer:?}");
        }
        let answer = Answer::to(app.request(Method::HEAD, path)).await;
        assert!(answer.status < 500, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn another_path_is_not_found_in_words() {
    panics::watch();
    let app = TestApp::start(List::Embedded).await;
    for path in [
        "/",
        "/nothing",
        "/dev/api/acl",
        "/dev/api/acl/verify",
        "/api/v2/tokens/whoami/",
        "/healthz/..",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%00",
        "/%ff%fe",
        "/%",
        "/%zz",
        "/{0}",
        "/api/v2/snaps//channel-map",
        "/api/v2/snaps/a/b/channel-map",
        "/dev/api/snaps/a/builds/b",
        "*",
    ] {
        for method in ["GET", "POST"] {
            let answer = ask(app.address, &request(method, path, None, b"{}")).expect("an answer");
            refused_in_words(&format!("{method} {path}"), &answer);
            assert_eq!(answer.status, 404, "{method} {path}: {answer:?}");
        }
    }
    let long = format!("/{}", "é".repeat(10_000));
    let answer = Answer::to(app.request(Method::GET, &long)).await;
    refused_in_words("a long path", &answer);
    assert!(answer.message().chars().count() < 300, "{answer:?}");
    panics::none();
}

#[tokio::test]
async fn a_name_in_a_path_may_be_anything_and_is_not_found() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    for name in [
        "%00",
        "%ff",
        "%f0%9f%a6%80",
        "..%2f..",
        "%7b0%7d",
        "'%20OR%20'1'='1",
        "A",
        "-",
        &"a".repeat(5000),
        "%",
    ] {
        for what in ["channel-map", "releases"] {
            let path = format!("/api/v2/snaps/{name}/{what}");
            let answer = ask(app.address, &request("GET", &path, Some(held.header().as_bytes()), b""));
            let answer = answer.unwrap_or_else(|| panic!("no answer of {path}"));
            refused_in_words(&path, &answer);
            assert_eq!(answer.status, 404, "{path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_connection_serves_on_after_a_refusal_or_says_that_it_ends() {
    let app = TestApp::start(List::Embedded).await;
    let mut raw = Raw::connect(app.address);
    for (method, path, body, status) in [
        ("GET", "/nothing", "", 404),
        ("POST", "/dev/api/acl/", "{}", 400),
        ("POST", "/nothing", "{}", 404),
        ("GET", "/api/v2/tokens/whoami", "", 401),
        ("POST", "/dev/api/snap-push/", "{}", 401),
        ("GET", "/healthz", "", 200),
    ] {
        let answer = raw.send(&request(method, path, None, body.as_bytes())).answer().expect("an answer");
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        if answer.header("connection") == Some("close") {
            raw = Raw::connect(app.address);
        }
    }
}
