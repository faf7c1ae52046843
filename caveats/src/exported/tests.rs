//! Each shape as its program writes it, read and written back; and what is refused.

use super::*;
use crate::key::RootKey;

fn pair() -> (Macaroon, Macaroon) {
    let key = RootKey::derive(b"k");
    let mut root = Macaroon::mint(&key, "store", "root").unwrap();
    root.attenuate_third_party("sso", "discharge", &key, [1; 24]).unwrap();
    (root, Macaroon::mint(&key, "sso", "discharge").unwrap())
}

fn tokens() -> (String, String) {
    let (root, discharge) = pair();
    (root.to_v1(), discharge.to_v1())
}

fn base64(text: &str) -> String {
    wire::base64::encode_standard(text.as_bytes())
}

fn every_shape() -> Vec<(Shape, Bound, String)> {
    let (r, d) = tokens();
    let ini =
        format!("[login.ubuntu.com]\nmacaroon = {r}\nunbound_discharge = {d}\nemail = a@example.com\n\n");
    let (root, discharge) = pair();
    let list = header::write_list(&root, &[discharge]);
    let bakery = BakeryMacaroon::new(root).to_json();
    let u1 = base64(&format!(r#"{{"t": "u1-macaroon", "v": {{"r": "{r}", "d": "{d}"}}}}"#));
    vec![
        (Shape::SnapcraftCfg, Bound::No, ini.clone()),
        (Shape::SnapcraftCfgBase64, Bound::No, base64(&ini)),
        (Shape::U1Macaroon, Bound::No, u1.clone()),
        (Shape::Pair, Bound::No, base64(&format!(r#"{{"r": "{r}", "d": "{d}"}}"#))),
        (Shape::TypedToken, Bound::NoDischarges, base64(&format!(r#"{{"t": "macaroon", "v": "{r}"}}"#))),
        (Shape::TypedToken, Bound::NoDischarges, base64(&format!(r#"{{"t": "bearer", "v": "{r}"}}"#))),
        (Shape::EncodedToken, Bound::NoDischarges, base64(&r)),
        (Shape::DeveloperToken, Bound::NoDischarges, base64(&format!(r#"{{"macaroon": "{r}"}}"#))),
        (Shape::KeyringFile, Bound::No, format!(r#"{{"snapcraft": {{"dashboard.snapcraft.io": "{u1}"}}}}"#)),
        (
            Shape::Surl,
            Bound::No,
            format!(r#"{{"root": "{r}", "discharge": "{d}", "store": "staging", "type": "snapcraft"}}"#),
        ),
        (Shape::Surl, Bound::NoDischarges, format!(r#"{{"root": "{r}", "discharge": null}}"#)),
        (Shape::SnapdAuth, Bound::No, format!(r#"{{"macaroon": "{r}", "discharges": ["{d}", "{d}"]}}"#)),
        (Shape::Header, Bound::Yes, format!("Macaroon root={r}, discharge={d}")),
        (Shape::MacaroonsHeader, Bound::Yes, list.clone()),
        (Shape::CandidCfg, Bound::Yes, format!("[host:80]\nmacaroon = {bakery}\nauth = {list}\n\n")),
        (Shape::CandidCfg, Bound::NoDischarges, format!("[host:80]\nmacaroon = {bakery}\n\n")),
        (Shape::CandidCfgBase64, Bound::NoDischarges, base64(&format!("[host]\nmacaroon = {bakery}\n\n"))),
        (Shape::Bakery, Bound::NoDischarges, bakery),
        (Shape::Json, Bound::NoDischarges, pair().0.to_json()),
        (Shape::Header, Bound::NoDischarges, format!("Macaroon root={r}")),
        (Shape::Macaroon, Bound::NoDischarges, r),
    ]
}

#[test]
fn every_shape_is_recognised_and_written_back_byte_for_byte() {
    for (shape, bound, text) in every_shape() {
        let exported = read(&text).unwrap();
        assert_eq!((exported.shape, exported.bound), (shape, bound), "{text}");
        assert_eq!(exported.root.identifier(), b"root");
        assert_eq!(exported.write(), text);
    }
}

#[test]
fn every_shape_can_be_narrowed_and_written_unless_its_discharge_is_bound() {
    for (shape, bound, text) in every_shape() {
        let mut exported = read(&text).unwrap();
        let narrowed = exported.attenuate("store|acl|[]");
        if bound == Bound::Yes {
            assert_eq!(narrowed, Err(NarrowError::Bound));
            continue;
        }
        narrowed.unwrap();
        let again = read(&exported.write()).unwrap();
        assert_eq!(again.shape, shape);
        assert_eq!(again.root.caveats().last().unwrap().id, b"store|acl|[]");
        assert_eq!(again.discharges.len(), exported.discharges.len());
    }
}

#[test]
fn a_stored_credential_is_bound_when_it_is_used() {
    let (root, discharge) = pair();
    let bundle = Exported::u1_macaroon(root, discharge).into_bundle().unwrap();
    assert!(bundle.verify(&RootKey::derive(b"k")).is_ok());
}

#[test]
fn pasting_adds_blanks_and_breaks_lines_without_harm() {
    let (r, d) = tokens();
    let wrapped: String =
        r.as_bytes().chunks(40).flat_map(|line| [line, b"\n"].concat()).map(char::from).collect();
    assert_eq!(read(&format!("  {wrapped}\n\n")).unwrap().shape, Shape::Macaroon);
    let header = format!("authorization:  MACAROON root=\"{r}\" discharge=\"{d}\"\r\n");
    assert_eq!(read(&header).unwrap().shape, Shape::Header);
    let plain = format!(r#"{{"d":"{d}","r":"{r}"}}"#);
    assert_eq!(read(&plain).unwrap().shape, Shape::Pair);
}

#[test]
fn an_ini_file_keeps_its_other_sections() {
    let (r, d) = tokens();
    let text =
        format!("[a]\nk = v\n\n[sso:8000]\naccount_id = x\nmacaroon = {r}\nunbound_discharge = {d}\n\n");
    assert_eq!(read(&text).unwrap().write(), text);
    assert_eq!(
        read(&format!("[a]\nmacaroon={r}\n[b]\nmacaroon={r}\n")).unwrap_err(),
        ReadError::Several { count: 2 }
    );
}

#[test]
fn what_holds_no_credential_is_refused_with_its_reason() {
    let (r, _) = tokens();
    let many =
        format!(r#"{{"macaroon": "{r}", "discharges": [{}]}}"#, vec![format!("\"{r}\""); 17].join(","));
    for (text, error) in [
        ("", ReadError::Unrecognised),
        ("hello world", ReadError::Unrecognised),
        ("!", ReadError::Unrecognised),
        ("aGVsbG8=", ReadError::Unrecognised),
        ("{}", ReadError::Json),
        ("{", ReadError::Json),
        (r#"{"r": "x"}"#, ReadError::Json),
        (r#"{"r": "x", "r": "y", "d": "z"}"#, ReadError::Json),
        (r#"{"r": "!", "d": "z"}"#, ReadError::Root(DecodeError::Base64)),
        (r#"{"t": "other", "v": "x"}"#, ReadError::Json),
        ("[section]\nkey = value\n", ReadError::Ini),
        ("[section\n", ReadError::Ini),
        (&base64(&BakeryMacaroon::new(pair().0).to_json()), ReadError::Json),
        ("[a]\nmacaroon = x\nmacaroon = y\n", ReadError::Ini),
        ("[a]\nmacaroon = x\n:y\n", ReadError::Ini),
        (&(0..65).map(|n| format!("[{n}]")).collect::<Vec<_>>().join("\n"), ReadError::Ini),
        ("Bearer ", ReadError::Unrecognised),
        ("Macaroon root=", ReadError::Header(HeaderError::Root(DecodeError::Format))),
        (&many, ReadError::TooManyDischarges),
        (&"A".repeat(MAX_EXPORTED_BYTES + 1), ReadError::TooLong),
    ] {
        assert_eq!(read(text).unwrap_err(), error, "{}", &text[..text.len().min(80)]);
    }
}

#[test]
fn the_environment_variable_begins_as_known_tools_expect() {
    let (root, discharge) = pair();
    assert!(Exported::u1_macaroon(root, discharge).write().starts_with("eyJ0Ijog"));
}
