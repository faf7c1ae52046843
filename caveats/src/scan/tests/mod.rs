//! Every shape of a credential, and the tests of finding them.

mod chunks;
mod hostile;
mod noise;
mod places;
mod together;

use super::*;
use crate::exported::Shape;
use crate::key::RootKey;
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
