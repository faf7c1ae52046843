//! What is no credential: changed, incomplete, unbound, another's. And every grammar in which one is one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caveats::{Bundle, Macaroon, Predicate, RootKey};
use serde_json::json;

use crate::support::{Answer, List, STORE, TestApp};

with_both_lists! {
    a_credential_that_is_changed_or_incomplete_is_no_credential,
}

async fn a_credential_that_is_changed_or_incomplete_is_no_credential(app: TestApp) {
    let held = app.log_in(&app.simple).await;
    let again = app.log_in(&app.simple).await;
    let bundle = |root: &Macaroon, discharges: Vec<Macaroon>| Bundle::new(root.clone(), discharges).unwrap();
    let (root, discharge) = (&held.root, &held.discharge);
    let mut bound = discharge.clone();
    bound.bind(root);
    let mut twice = bound.clone();
    twice.bind(root);
    let mut narrowed = root.clone();
    narrowed.attenuate(&Predicate::Channels(vec!["edge".to_owned()]).encode(STORE)).unwrap();
    let mut of_another = again.discharge.clone();
    of_another.bind(root);
    let identifier = std::str::from_utf8(root.identifier()).unwrap();
    let ours = Macaroon::mint(&RootKey::derive(b"guess"), root.location(), identifier).unwrap();
    let unknown_key =
        Macaroon::mint(&RootKey::derive(b"guess"), "store", "1.aaaaaaaa.aaaaaaaaaaaaaaaaaaaaaa").unwrap();
    let foreign = Macaroon::mint(&RootKey::derive(b"guess"), "store", "{\"secret\": \"AAAA\"}").unwrap();
    let header = held.header();
    let flipped = flip(&header, "discharge=");
    for (what, header) in [
        ("no discharge", bundle(root, vec![]).to_header()),
        ("the root alone as a token", format!("Macaroon {}", root.to_v1())),
        ("the root alone as a bearer token", format!("Bearer {}", root.to_v1())),
        ("the discharge alone", format!("Macaroon root={}", discharge.to_v1())),
        ("an unbound discharge", bundle(root, vec![discharge.clone()]).to_header()),
        ("a discharge bound twice", bundle(root, vec![twice]).to_header()),
        ("the discharge of another root", bundle(root, vec![of_another.clone()]).to_header()),
        (
            "a discharge bound before the root was narrowed",
            bundle(&narrowed, vec![bound.clone()]).to_header(),
        ),
        ("a discharge twice", bundle(root, vec![bound.clone(), bound.clone()]).to_header()),
        ("a discharge too many", bundle(root, vec![bound.clone(), of_another]).to_header()),
        ("a guessed key", bundle(&ours, vec![bound.clone()]).to_header()),
        ("a key that is not there", bundle(&unknown_key, vec![bound.clone()]).to_header()),
        ("another service's", bundle(&foreign, vec![bound.clone()]).to_header()),
        ("a root with a flipped bit", flip(&header, "root=")),
        ("a discharge with a flipped bit", flipped),
    ] {
        let answers = [
            app.get("/api/v2/tokens/whoami", Some(&header)).await,
            app.get("/dev/api/account", Some(&header)).await,
            app.verify(&header).await,
            app.post("/v1/revocations", Some(&header), &json!({"account": "x"})).await,
        ];
        for answer in answers {
            // All forgeries look alike, so that a forger learns nothing.
            assert_eq!(answer.dead("The credential is not valid here").status, 401, "{what}");
        }
    }
    app.get("/api/v2/tokens/whoami", Some(&header)).await.success();
}

#[tokio::test]
async fn a_request_without_a_credential_is_told_what_is_missing() {
    let app = TestApp::start(List::Embedded).await;
    for (method, path) in [
        ("GET", "/api/v2/tokens/whoami"),
        ("GET", "/dev/api/account"),
        ("GET", "/api/v2/snaps/thing/channel-map"),
        ("GET", "/api/v2/snaps/thing/releases"),
        ("POST", "/dev/api/register-name/"),
        ("POST", "/dev/api/snap-push/"),
        ("POST", "/dev/api/snap-release/"),
        ("POST", "/v1/revocations"),
        ("GET", "/v1/revocations"),
        ("POST", "/v1/revocations/self"),
        ("POST", "/v1/revocations/1/lift"),
    ] {
        let request = app.request(method.parse().unwrap(), path).json(&json!({}));
        let answer = Answer::to(request).await;
        answer.dead("The request is missing an Authorization header field containing a valid macaroon");
        assert_eq!(answer.body["error_list"][0]["extra"]["realm"], "Devportal", "{path}");
    }
}

#[tokio::test]
async fn a_credential_is_read_in_every_client_s_grammar() {
    let app = TestApp::start(List::Embedded).await;
    let held = app.log_in(&app.simple).await;
    let mut discharge = held.discharge.clone();
    discharge.bind(&held.root);
    let (r, d) = (held.root.to_v1(), discharge.to_v1());
    for header in [
        format!("Macaroon root={r}, discharge={d}"),
        format!("Macaroon root=\"{r}\", discharge=\"{d}\""),
        format!("macaroon root={r},discharge={d}"),
        format!("MACAROON discharge={d} root={r}"),
        format!("Macaroon root={r}  ,  discharge={d}"),
    ] {
        app.get("/api/v2/tokens/whoami", Some(&header)).await.success();
    }
    // The binary form of version 2 carries the same chain.
    let header = format!("Macaroon root={}, discharge={}", v2(&held.root), v2(&discharge));
    let answer = app.get("/api/v2/tokens/whoami", Some(&header)).await;
    assert!(answer.status == 200 || answer.status == 401, "{answer:?}");
}

/// The header with one bit changed in the middle of a macaroon's text, in a place that stays base64.
fn flip(header: &str, which: &str) -> String {
    let start = header.find(which).unwrap() + which.len();
    let at = start + 200;
    let mut text = header.to_owned();
    let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    text.replace_range(at..=at, other);
    text
}

/// A macaroon in the binary form of version 2, written here and not by the service's library.
fn v2(macaroon: &Macaroon) -> String {
    let v1 = URL_SAFE_NO_PAD.decode(macaroon.to_v1()).unwrap();
    let signature = &v1[v1.len() - 33..v1.len() - 1];
    let mut out = vec![2];
    let field = |out: &mut Vec<u8>, kind: u8, data: &[u8]| {
        out.push(kind);
        let mut length = data.len();
        while length >= 0x80 {
            out.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        out.push(u8::try_from(length).unwrap());
        out.extend_from_slice(data);
    };
    field(&mut out, 1, macaroon.location().as_bytes());
    field(&mut out, 2, macaroon.identifier());
    out.push(0);
    for caveat in macaroon.caveats() {
        if let Some(third_party) = &caveat.third_party {
            field(&mut out, 1, third_party.location.as_bytes());
        }
        field(&mut out, 2, caveat.id);
        if let Some(third_party) = &caveat.third_party {
            field(&mut out, 4, third_party.vid);
        }
        out.push(0);
    }
    out.push(0);
    field(&mut out, 6, signature);
    URL_SAFE_NO_PAD.encode(out)
}
