//! Each shape as its program writes it, read and written back; and what is refused.

use std::collections::HashSet;

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
fn scripts_are_told_a_word_and_people_a_few() {
    for (text, word, words) in [
        (pair().0.to_v1(), "macaroon", "a bare macaroon"),
        (pair().0.to_json(), "json", "a macaroon as JSON"),
        (format!("Macaroon {}", pair().0.to_v1()), "header", "an Authorization header"),
    ] {
        let shape = read(&text).unwrap().shape;
        assert_eq!((shape.as_str(), shape.to_string().as_str()), (word, words));
    }
    let shapes: HashSet<Shape> = every_shape().into_iter().map(|(shape, ..)| shape).collect();
    let words: HashSet<&str> = shapes.iter().map(|shape| shape.as_str()).collect();
    let sentences: HashSet<String> = shapes.iter().map(Shape::to_string).collect();
    assert_eq!((words.len(), sentences.len()), (shapes.len(), shapes.len()));
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
fn a_header_is_read_with_its_name() {
    let (root, discharge) = pair();
    let list = header::write_list(&root, &[discharge]);
    for text in [format!("Macaroons: {list}"), format!("macaroons :{list}\r\n")] {
        assert_eq!(read(&text).unwrap().shape, Shape::MacaroonsHeader, "{text}");
    }
    assert_eq!(read(&format!("Cookie: {list}")).unwrap_err(), ReadError::Unrecognised);
}

#[test]
fn a_bare_macaroon_is_one_even_if_every_byte_of_its_signature_is_a_letter() {
    let token = wire::base64::encode(
        b"000elocation \n0010identifier \n002fsignature aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb\n",
    );
    let exported = read(&token).unwrap();
    assert_eq!((exported.shape, exported.write()), (Shape::Macaroon, token));
}

#[test]
fn debug_shows_the_shape_and_no_token() {
    let (root, discharge) = pair();
    let shown = format!("{:?}", Exported::u1_macaroon(root, discharge));
    assert!(shown.contains("shape: U1Macaroon") && shown.contains("bound: No"), "{shown}");
    assert!(!shown.contains("MDA") && !shown.contains("signature"), "{shown}");
}

#[test]
fn the_longest_text_and_the_most_discharges_are_read() {
    let (r, d) = tokens();
    let discharges = vec![format!("\"{d}\""); MAX_DISCHARGES].join(",");
    let auth = read(&format!(r#"{{"macaroon": "{r}", "discharges": [{discharges}]}}"#)).unwrap();
    assert_eq!(auth.discharges.len(), MAX_DISCHARGES);
    let text = format!("{r}{}", "\n".repeat(MAX_EXPORTED_BYTES - r.len()));
    assert_eq!(read(&text).unwrap().shape, Shape::Macaroon);
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
fn a_list_that_was_narrowed_leaves_the_bakery_s_macaroon_as_it_was() {
    let (root, discharge) = pair();
    let bakery = BakeryMacaroon::new(root.clone()).to_json();
    let mut narrow = root;
    narrow.attenuate("store|acl|[]").unwrap();
    let list = header::write_list(&narrow, &[discharge]);
    let text = format!("[host:80]\nmacaroon = {bakery}\nauth = {list}\n\n");
    let exported = read(&text).unwrap();
    assert_eq!((exported.root.to_v1(), exported.write()), (narrow.to_v1(), text));
}

#[test]
fn what_other_sections_say_is_theirs() {
    let (r, d) = tokens();
    let bakery = BakeryMacaroon::new(pair().0).to_json();
    for (before, after) in [
        (format!("[a]\nauth = basic\n\n[host]\nmacaroon = {bakery}\n"), "\n"),
        (format!("[a]\nunbound_discharge = x\n\n[sso]\nmacaroon = {r}\nunbound_discharge = {d}\n"), "\n"),
        (format!("[sso]\nmacaroon = {r}\n"), "\n[b]\nauth = basic\nunbound_discharge = x\n\n"),
    ] {
        let text = before + after;
        let mut exported = read(&text).unwrap();
        assert_eq!(exported.write(), text);
        exported.attenuate("store|acl|[]").unwrap();
        assert_eq!(read(&exported.write()).unwrap().root.caveats().len(), 2, "{text}");
    }
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
        (&format!("[a]\nmacaroon = {r}\n[b]\n[b]\n"), ReadError::Ini),
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
