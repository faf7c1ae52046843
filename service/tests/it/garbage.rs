//! Whatever is sent, the answer is a refusal in words: never a 5xx, never a panic, never silence.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::raw::ask;
use crate::support::{Answer, Held, List, TestApp, panics};

pub(crate) const CREDENTIAL: [(&str, &str); 24] = [
    ("GET", "/api/v2/tokens/whoami"),
    ("GET", "/dev/api/account"),
    ("GET", "/api/v2/snaps/thing/channel-map"),
    ("GET", "/api/v2/snaps/thing/releases"),
    ("POST", "/dev/api/register-name/"),
    ("POST", "/dev/api/snap-push/"),
    ("POST", "/dev/api/snap-release/"),
    ("GET", "/dev/api/snaps/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/state"),
    ("GET", "/dev/api/snaps/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/history"),
    ("POST", "/dev/api/snaps/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/close"),
    ("POST", "/dev/api/snaps/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/metadata"),
    ("PUT", "/dev/api/snaps/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/metadata"),
    ("POST", "/dev/api/agreement/"),
    ("POST", "/v1/snap/thing/tracks"),
    ("POST", "/dev/api/account/account-key"),
    ("POST", "/dev/api/snaps/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/builds"),
    ("GET", "/v1/packages/thing/policy"),
    ("PUT", "/v1/packages/thing/policy"),
    ("GET", "/v1/keys"),
    ("POST", "/v1/keys/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/revoke"),
    ("POST", "/v1/revocations"),
    ("GET", "/v1/revocations"),
    ("POST", "/v1/revocations/self"),
    ("POST", "/v1/revocations/1/lift"),
];
pub(crate) const ANONYMOUS: [(&str, &str); 8] = [
    ("POST", "/api/v2/tokens/discharge"),
    ("POST", "/api/v2/tokens/refresh"),
    ("POST", "/dev/api/acl/"),
    ("POST", "/dev/api/acl/verify/"),
    ("POST", "/unscanned-upload/"),
    ("GET", "/dev/api/snaps/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/builds/x/status"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
];

/// A refusal that a person can read: 4xx, and a sentence.
#[track_caller]
pub(crate) fn refused_in_words(what: &str, answer: &Answer) {
    assert!((400..500).contains(&answer.status), "{what}: {answer:?}");
    answer.explained();
    let message = answer.message();
    // The words of the real store, which clients compare, have no full stop.
    let of_the_store = [
        "The request is missing an Authorization header field containing a valid macaroon",
        "Snap not found for the given snap name: '",
    ];
    let sentence = message.ends_with('.') || of_the_store.iter().any(|words| message.starts_with(words));
    assert!(sentence && message.starts_with(|letter: char| !letter.is_lowercase()), "{what}: {message}");
}

/// A macaroon in V1 with this many caveats; its signature is made up.
pub(crate) fn with_caveats(count: usize) -> String {
    let packet = |key: &str, data: &[u8]| {
        let length = 4 + key.len() + 1 + data.len() + 1;
        [format!("{length:04x}{key} ").as_bytes(), data, b"\n"].concat()
    };
    let head =
        [packet("location", b"store"), packet("identifier", b"1.aaaaaaaa.aaaaaaaaaaaaaaaaaaaaaa")].concat();
    let bytes = [head, packet("cid", b"x").repeat(count), packet("signature", &[7; 32])].concat();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Values of a header that holds no credential, each with a name for it.
fn headers(held: &Held) -> Vec<(&'static str, Vec<u8>)> {
    let good = held.header();
    let root = held.root.to_v1();
    vec![
        ("empty", b"".to_vec()),
        ("a scheme alone", b"Macaroon".to_vec()),
        ("another scheme", b"Basic dXNlcjpwYXNzd29yZA==".to_vec()),
        ("not ASCII", "Macaroon root=é".as_bytes().to_vec()),
        ("not UTF-8", b"Macaroon root=\xff\xfe".to_vec()),
        ("truncated", good.as_bytes()[..good.len() - 7].to_vec()),
        ("cut in the root", good.as_bytes()[..200].to_vec()),
        ("no base64", b"Macaroon root=????, discharge=!!!!".to_vec()),
        (
            "base64 of noise",
            format!("Macaroon root={0}, discharge={0}", URL_SAFE_NO_PAD.encode([2; 100])).into_bytes(),
        ),
        ("257 caveats", format!("Macaroon root={}", with_caveats(257)).into_bytes()),
        ("3,000 caveats", format!("Macaroon root={}", with_caveats(3000)).into_bytes()),
        ("two roots", format!("Macaroon root={root}, root={root}").into_bytes()),
        ("17 discharges", format!("Macaroon root={root}{}", ", discharge=MDA".repeat(17)).into_bytes()),
        ("long", [b"Macaroon root=", "A".repeat(100_000).as_bytes()].concat()),
        ("commas", [b"Macaroon ", ",".repeat(10_000).as_bytes()].concat()),
        ("quotes", b"Macaroon root=\"\"\"\"\"".to_vec()),
        ("a nested header", format!("Macaroon root={good}").into_bytes()),
        ("JSON", b"Macaroon {\"root\": []}".to_vec()),
    ]
}

pub(crate) fn request(method: &str, path: &str, header: Option<&[u8]>, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n").into_bytes();
    let header = header.map_or(Vec::new(), |value| [b"Authorization: ", value, b"\r\n"].concat());
    [&head, &header[..], b"\r\n", body].concat()
}

#[tokio::test]
async fn a_header_that_holds_no_credential_is_refused_by_every_endpoint_that_needs_one() {
    panics::watch();
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    for (what, header) in headers(&held) {
        for (method, path) in CREDENTIAL {
            let answer = ask(app.address, &request(method, path, Some(&header), b"{}"));
            let answer = answer.unwrap_or_else(|| panic!("{what}: no answer of {path}"));
            refused_in_words(&format!("{what} {path}"), &answer);
            assert_eq!((answer.status, answer.code()), (401, "macaroon-authorization-required"), "{what}");
        }
        // And ignored where none is looked at.
        for (method, path) in ANONYMOUS {
            let answer = ask(app.address, &request(method, path, Some(&header), b"{}"));
            let answer = answer.unwrap_or_else(|| panic!("{what}: no answer of {path}"));
            assert!(answer.status < 500 && answer.status != 401, "{what} {path}: {answer:?}");
        }
    }
    panics::none();
}

/// Bodies that no endpoint takes, each with a name for it.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(1000), close.repeat(1000)).into_bytes();
    vec![
        ("nothing", b"".to_vec()),
        ("a list", b"[]".to_vec()),
        ("a list of objects", b"[{\"permissions\": []}]".to_vec()),
        ("a number", b"7".to_vec()),
        ("a string", b"\"hello\"".to_vec()),
        ("null", b"null".to_vec()),
        ("true", b"true".to_vec()),
        ("a truncated object", b"{\"email\": \"a".to_vec()),
        ("two objects", b"{}{}".to_vec()),
        ("NUL bytes", b"\0\0\0\0".to_vec()),
        ("NUL bytes after an object", b"{}\0\0".to_vec()),
        ("no UTF-8", b"{\"email\": \"\xff\xfe\"}".to_vec()),
        (
            "a lone surrogate",
            b"{\"email\": \"\\ud800\", \"snap_name\": \"\\udfff\", \"name\": \"\\ud800x\"}".to_vec(),
        ),
        ("lists 1,000 deep", deep("[", "]")),
        ("objects 1,000 deep", deep("{\"a\":", "}")),
        ("a field 1,000 deep", format!("{{\"permissions\": {}", "[".repeat(1000)).into_bytes()),
        ("a number that no type holds", b"{\"expires\": 1e999, \"binary_filesize\": -1}".to_vec()),
        ("a comment", b"/* hello */ {}".to_vec()),
        ("a byte order mark", b"\xef\xbb\xbf{}".to_vec()),
        ("a form", b"email=a&password=b".to_vec()),
        ("XML", b"<?xml version=\"1.0\"?><a/>".to_vec()),
        ("fields of another world", b"{\"__proto__\": {}, \"$ne\": null}".to_vec()),
        ("300 kB", vec![b' '; 300_000]),
        ("300 kB of a string", [b"{\"name\": \"", vec![b'a'; 300_000].as_slice(), b"\"}"].concat()),
    ]
}

#[tokio::test]
async fn a_body_that_is_no_object_of_ours_is_refused_by_every_endpoint_that_takes_one() {
    panics::watch();
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    let header = held.header();
    let routes = CREDENTIAL.iter().chain(&ANONYMOUS).filter(|(method, _)| *method == "POST");
    for (method, path) in routes {
        for (what, body) in bodies() {
            // The one that needs no body would kill what the others are sent with.
            if *path == "/v1/revocations/self" && body.is_empty() {
                continue;
            }
            let answer = ask(app.address, &request(method, path, Some(header.as_bytes()), &body));
            let answer = answer.unwrap_or_else(|| panic!("{what}: no answer of {path}"));
            refused_in_words(&format!("{what} {path}"), &answer);
        }
    }
    panics::none();
}

#[tokio::test]
async fn a_body_of_10_megabytes_is_answered_by_every_endpoint() {
    panics::watch();
    let app = TestApp::start(List::Embedded).await;
    let body = vec![b' '; 10_000_000];
    for (method, path) in CREDENTIAL.iter().chain(&ANONYMOUS) {
        let answer = ask(app.address, &request(method, path, None, &body));
        let answer = answer.unwrap_or_else(|| panic!("no answer of {path}"));
        if *method == "POST" || path.contains("whoami") {
            refused_in_words(path, &answer);
        }
        assert!(answer.status < 500, "{path}: {answer:?}");
    }
    // An ordinary client hears the refusal, too, and is not just cut off.
    for path in ["/dev/api/acl/", "/dev/api/snap-push/", "/unscanned-upload/", "/nothing"] {
        let answer = Answer::to(app.request(Method::POST, path).body(body.clone())).await;
        refused_in_words(path, &answer);
    }
    panics::none();
}

#[tokio::test]
async fn each_field_of_each_body_may_hold_anything_and_is_refused_or_taken_for_what_it_is() {
    panics::watch();
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    app.register(&held, "thing").await.success();
    let nasty = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(""),
        json!("\u{0}"),
        json!("\u{202e}\u{feff}\u{1f980}"),
        json!("{0}{x!r}%s%n"),
        json!("' OR 1=1 --"),
        json!("../../../../etc/passwd"),
        json!("x".repeat(100_000)),
        json!([]),
        json!([[]]),
        json!([null, 7, "x"]),
        json!(vec!["x"; 10_000]),
        json!({}),
        json!({"a": {"b": {}}}),
        json!(with_caveats(257)),
    ];
    let shapes: [(&str, Value); 11] = [
        ("/api/v2/tokens/discharge", json!({"email": "a", "password": "b", "caveat_id": "c", "otp": "d"})),
        ("/api/v2/tokens/refresh", json!({"discharge_macaroon": "a"})),
        (
            "/dev/api/acl/",
            json!({"permissions": ["package_pushed"], "packages": [], "channels": [], "expires": null, "description": "x"}),
        ),
        ("/dev/api/acl/verify/", json!({"auth_data": {"authorization": "x"}})),
        (
            "/dev/api/register-name/",
            json!({"snap_name": "A", "is_private": false, "series": "16", "store": "x"}),
        ),
        (
            "/dev/api/snap-push/",
            json!({
                "name": "thing", "dry_run": false, "updown_id": "x", "binary_filesize": 7, "channels": [],
                "delta_format": "x", "components": {}, "built_at": "x", "source_uploaded": false,
            }),
        ),
        (
            "/dev/api/snap-release/",
            json!({"name": "thing", "revision": "9", "channels": ["edge"], "progressive": null}),
        ),
        ("/v1/revocations", json!({"text": "x", "scope": "credential", "reason": "x"})),
        ("/v1/revocations", json!({"account": "nobody", "token_id": null})),
        ("/v1/revocations", json!({"session_id": "x", "package": null, "issued_before": "x"})),
        ("/v1/revocations", json!({"root_key_id": "x", "signing_key_id": null, "everything": false})),
    ];
    for (path, whole) in &shapes {
        for field in whole.as_object().unwrap().keys() {
            for value in &nasty {
                let mut body = whole.clone();
                body[field] = value.clone();
                let answer = app.post(path, Some(&held.header()), &body).await;
                let shown: String = value.to_string().chars().take(60).collect();
                if answer.status >= 400 {
                    refused_in_words(&format!("{path} {field} {shown}"), &answer);
                } else {
                    let dry_run = field == "dry_run" && value == true;
                    assert!(dry_run, "{path} {field} {shown}: {answer:?}");
                }
            }
        }
    }
    panics::none();
}

#[derive(Debug, Clone)]
struct Noise {
    route: (&'static str, &'static str),
    header: Vec<u8>,
    body: Vec<u8>,
}

fn noise() -> impl Strategy<Value = Noise> {
    let routes: Vec<_> = CREDENTIAL.into_iter().chain(ANONYMOUS).collect();
    // Any bytes that may stand in a header, and text that almost is a credential.
    let byte = prop_oneof![0x20_u8..0x7f, 0x80_u8..=0xff];
    let header = prop_oneof![
        prop::collection::vec(byte, 0..200),
        "(Macaroon|macaroon|Bearer) (root|discharge)=\"?[A-Za-z0-9_=-]{0,100}\"?[ ,]{0,3}"
            .prop_map(String::into_bytes),
        "(Macaroon|Bearer) [A-Za-z0-9_=-]{0,200}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(|bytes| format!(
            "Macaroon root={}",
            URL_SAFE_NO_PAD.encode(bytes)
        )
        .into_bytes()),
    ];
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..500),
        "[\\[\\]{}\":,0-9a-z\\\\u ]{0,300}".prop_map(String::into_bytes),
        "\\{\"[a-z_]{1,12}\": (\"[^\"\\\\]{0,30}\"|[0-9]{1,30}|null|\\[\\])\\}".prop_map(String::into_bytes),
    ];
    (prop::sample::select(routes), header, body).prop_map(|(route, header, body)| Noise {
        route,
        header,
        body,
    })
}

#[tokio::test]
async fn any_noise_at_all_is_refused_in_words() {
    panics::watch();
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    let good = held.header();
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&noise(), |Noise { route: (method, path), header, body }| {
        let needs_credential = CREDENTIAL.contains(&(method, path));
        let answer = ask(app.address, &request(method, path, Some(&header), &body)).expect("an answer");
        if needs_credential || method == "POST" {
            refused_in_words(path, &answer);
        }
        prop_assert!(answer.status < 500 && (!needs_credential || answer.status == 401), "{:?}", answer);
        let answer =
            ask(app.address, &request(method, path, Some(good.as_bytes()), &body)).expect("an answer");
        if method == "POST" {
            refused_in_words(path, &answer);
        }
        prop_assert!(answer.status < 500, "{:?}", answer);
        Ok(())
    });
    outcome.unwrap();
    panics::none();
}
