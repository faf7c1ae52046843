//! Every shape of a credential, and the tests of finding them.

mod chunks;
mod hostile;
mod json;
mod noise;
mod places;
mod together;

use super::*;
use crate::bakery::BakeryMacaroon;
use crate::exported::Shape;
use crate::header;
use crate::key::RootKey;
use crate::macaroon::Macaroon;
use crate::wire::{self, base64};

fn pair() -> (Macaroon, Macaroon) {
    let key = RootKey::derive(b"k");
    let mut root = Macaroon::mint(&key, "store.example", "root-1").unwrap();
    root.attenuate_third_party("sso.example", "please discharge", &key, [1; 24]).unwrap();
    root.attenuate(r#"store.example|acl|["package_push"]"#).unwrap();
    let mut discharge = Macaroon::mint(&key, "sso.example", "please discharge").unwrap();
    discharge.attenuate("sso.example|expires|2030-01-01T00:00:00.000000").unwrap();
    (root, discharge)
}

fn tokens() -> (String, String) {
    let (root, discharge) = pair();
    (root.to_v1(), discharge.to_v1())
}

fn v2(macaroon: &Macaroon) -> Vec<u8> {
    wire::v2::encode(macaroon)
}

fn base64(text: &str) -> String {
    base64::encode_standard(text.as_bytes())
}

/// Each shape as its program writes it, and other spellings of some.
fn every_shape() -> Vec<(Shape, String)> {
    let (root, discharge) = pair();
    let (r, d) = tokens();
    let ini =
        format!("[login.ubuntu.com]\nmacaroon = {r}\nunbound_discharge = {d}\nemail = a@example.com\n\n");
    let u1 = base64(&format!(r#"{{"t": "u1-macaroon", "v": {{"r": "{r}", "d": "{d}"}}}}"#));
    let pretty =
        format!("{{\n  \"id\": 1,\n  \"macaroon\": \"{r}\",\n  \"discharges\": [\n    \"{d}\"\n  ]\n}}\n");
    vec![
        (Shape::Macaroon, r.clone()),
        (Shape::Macaroon, base64::encode_standard(&wire::v1::encode(&root))),
        (Shape::Macaroon, base64::encode(&v2(&root))),
        (Shape::Macaroon, base64::encode_standard(&v2(&discharge))),
        (Shape::Header, format!("Macaroon root={r}, discharge={d}")),
        (Shape::Header, format!("Macaroon root=\"{r}\", discharge=\"{d}\"")),
        (Shape::Header, format!("macaroon root={r} discharge={d},discharge={d}")),
        (Shape::Header, format!("Macaroon discharge={d}, root={r}")),
        (Shape::Header, format!("Macaroon root=\"{r}\"")),
        (Shape::Header, format!("Macaroon {r}")),
        (Shape::Header, format!("Bearer {}", base64::encode(&v2(&root)))),
        (Shape::U1Macaroon, u1.clone()),
        (
            Shape::U1Macaroon,
            base64(&format!("{{\n \"v\":{{\"d\":\"{d}\",\"r\":\"{r}\"}},\"t\":\"u1-macaroon\"}}\n")),
        ),
        (Shape::Pair, base64(&format!(r#"{{"r": "{r}", "d": "{d}"}}"#))),
        (Shape::TypedToken, base64(&format!(r#"{{"t": "macaroon", "v": "{r}"}}"#))),
        (Shape::TypedToken, base64(&format!(r#"{{"t": "bearer", "v": "{r}"}}"#))),
        (Shape::EncodedToken, base64(&r)),
        (Shape::EncodedToken, base64(&format!("{}\n", base64::encode_standard(&v2(&root))))),
        (Shape::DeveloperToken, base64(&format!(r#"{{"macaroon": "{r}"}}"#))),
        (Shape::DeveloperToken, format!(r#"{{"macaroon": "{r}"}}"#)),
        (Shape::SnapcraftCfgBase64, base64(&ini)),
        (Shape::SnapcraftCfg, ini),
        (Shape::KeyringFile, format!(r#"{{"snapcraft": {{"dashboard.snapcraft.io": "{u1}"}}}}"#)),
        (
            Shape::Surl,
            format!(r#"{{"root": "{r}", "discharge": "{d}", "store": "staging", "type": "snapcraft"}}"#),
        ),
        (Shape::Surl, format!(r#"{{"root": "{r}", "discharge": null}}"#)),
        (
            Shape::SnapdAuth,
            format!(r#"{{"macaroon": "{r}", "discharges": ["{d}"], "email": "a@example.com"}}"#),
        ),
        (Shape::SnapdAuth, pretty),
    ]
    .into_iter()
    .chain(every_shape_in_json())
    .collect()
}

/// The shapes that hold macaroons as JSON.
fn every_shape_in_json() -> Vec<(Shape, String)> {
    let (root, discharge) = pair();
    let list = header::write_list(&root, std::slice::from_ref(&discharge));
    let mut bakery = BakeryMacaroon::new(root.clone());
    bakery.payloads.insert(b"please discharge".to_vec(), b"payload".to_vec());
    let bakery = bakery.to_json();
    let json = root.to_json();
    vec![
        (Shape::Json, json.clone()),
        (Shape::Json, discharge.to_json()),
        (Shape::Json, json_as_go_writes_it(&root)),
        (Shape::Json, json_v1(&root)),
        (Shape::Json, json_v1(&discharge).replace(", \"", ",\n  \"")),
        (Shape::Bakery, bakery.clone()),
        (Shape::Bakery, format!("{{\n  \"v\": 3,\n  \"m\": {json}\n}}\n")),
        (Shape::MacaroonsHeader, list.clone()),
        (Shape::MacaroonsHeader, base64(&format!("[{}]\n", json_v1(&root)))),
        (Shape::CandidCfg, format!("[host:443]\nmacaroon = {bakery}\nauth = {list}\n\n")),
        (Shape::CandidCfg, format!("[host:443]\nmacaroon = {json}\n\n")),
        (Shape::CandidCfgBase64, base64(&format!("[host:443]\nmacaroon = {bakery}\nauth = {list}\n\n"))),
        (Shape::CandidCfgBase64, base64(&format!("[host]\nmacaroon = {bakery}\n\n"))),
    ]
}

/// The signature last, and what may be base64 in base64.
fn json_as_go_writes_it(macaroon: &Macaroon) -> String {
    let caveats = macaroon.caveats().map(|caveat| match caveat.third_party {
        Some(third) => format!(
            r#"{{"i64":"{}","v64":"{}","l":"{}"}}"#,
            base64::encode(caveat.id),
            base64::encode(third.vid),
            third.location
        ),
        None => format!(r#"{{"i":{}}}"#, serde_json::Value::from(String::from_utf8_lossy(caveat.id))),
    });
    format!(
        r#"{{"c":[{}],"l":"{}","i64":"{}","s64":"{}"}}"#,
        caveats.collect::<Vec<_>>().join(","),
        macaroon.location(),
        base64::encode(macaroon.identifier()),
        base64::encode(macaroon.signature().as_bytes())
    )
}

fn json_v1(macaroon: &Macaroon) -> String {
    let text = |bytes: &[u8]| serde_json::Value::from(String::from_utf8_lossy(bytes));
    let caveats = macaroon.caveats().map(|caveat| match caveat.third_party {
        Some(third) => format!(
            r#"{{"cid": {}, "vid": "{}", "cl": "{}"}}"#,
            text(caveat.id),
            base64::encode(third.vid),
            third.location
        ),
        None => format!(r#"{{"cid": {}}}"#, text(caveat.id)),
    });
    let signature: Vec<String> =
        macaroon.signature().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        r#"{{"location": "{}", "identifier": {}, "caveats": [{}], "signature": "{}"}}"#,
        macaroon.location(),
        text(macaroon.identifier()),
        caveats.collect::<Vec<_>>().join(", "),
        signature.concat()
    )
}

/// What a finding is, without its macaroons: offset, length and shape.
type Outline = (usize, usize, Shape);

fn outline(finding: &Finding) -> Outline {
    let number = |at| usize::try_from(at).unwrap();
    (number(finding.offset()), number(finding.length()), finding.credential.shape)
}

fn outlines(text: impl AsRef<[u8]>) -> Vec<Outline> {
    find(text.as_ref()).iter().map(outline).collect()
}

/// The findings of a text that comes in chunks of these sizes, over and over.
fn in_chunks(text: &[u8], sizes: &[usize]) -> Vec<Finding> {
    let (mut findings, mut scanner, mut rest) = (Vec::new(), Scanner::new(), text);
    for size in sizes.iter().cycle() {
        let (chunk, after) = rest.split_at((*size).min(rest.len()));
        scanner.feed(chunk, |finding| findings.push(finding));
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    scanner.finish(|finding| findings.push(finding));
    findings.sort_by_key(Finding::offset);
    findings
}

/// What two scans must agree on.
fn described(findings: &[Finding]) -> Vec<(Vec<Range<u64>>, Shape, String)> {
    findings
        .iter()
        .map(|found| (found.places.clone(), found.credential.shape, found.credential.write()))
        .collect()
}
