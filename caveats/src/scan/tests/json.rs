//! Macaroons in JSON: what belongs to one, what surrounds it, and what only looks like it.

use super::*;

fn signature() -> String {
    base64::encode(&[7; 32])
}

#[test]
fn the_signature_may_stand_after_hundreds_of_caveats() {
    let (mut root, _) = pair();
    for index in 0..250 {
        root.attenuate(&format!("store.example|channel|[\"{{{index}\"]")).unwrap();
    }
    for text in [json_as_go_writes_it(&root), json_v1(&root)] {
        let escaped = serde_json::to_string(&text).unwrap();
        for text in [text, escaped[1..escaped.len() - 1].to_owned()] {
            let found = find(format!("\"{{ [ {text}, {text}").as_bytes());
            let places: Vec<_> = found.iter().map(outline).collect();
            let first = (5, text.len(), Shape::Json);
            assert_eq!(places, [first, (7 + text.len(), text.len(), Shape::Json)]);
            assert_eq!(found[1].credential.root.to_v1(), root.to_v1());
        }
    }
}

#[test]
fn a_wrapper_is_one_finding_whatever_its_order_and_a_broken_one_leaves_the_macaroon() {
    let (root, _) = pair();
    let json = root.to_json();
    for text in [
        format!(r#"{{"m":{json},"v":3}}"#),
        format!(r#"{{"cdata": {{"YQ": "YQ"}}, "ns": "std: x", "m" : {json}, "v": 3}}"#),
    ] {
        assert_eq!(outlines(format!("[{text}]")), [(1, text.len(), Shape::Bakery)], "{text}");
    }
    for (before, after) in [
        (r#"{"m":"#, r#","v":4}"#),
        (r#"{"m":"#, ""),
        (r#"{"x":"#, r#","v":3}"#),
        (r#"{"m":{"m":"#, "},\"v\":3}"),
    ] {
        let text = format!("{before}{json}{after}");
        assert_eq!(outlines(&text), [(before.len(), json.len(), Shape::Json)], "{text}");
    }
}

#[test]
fn what_is_as_long_as_a_signature_may_stand_before_it() {
    let (mut root, _) = pair();
    root.attenuate(&"0f".repeat(32)).unwrap();
    root.attenuate_third_party("sso", &"0f".repeat(16), &RootKey::derive(b"k"), [2; 24]).unwrap();
    for text in [json_as_go_writes_it(&root), json_v1(&root)] {
        assert_eq!(outlines(format!("[{text}]")), [(1, text.len(), Shape::Json)], "{text}");
    }
    let text = format!(r#"{{"cdata": {{"YQ": "{}"}}, "m": {}, "v": 3}}"#, signature(), root.to_json());
    assert_eq!(outlines(format!("[{text}]")), [(1, text.len(), Shape::Bakery)], "{text}");
}

#[test]
fn each_of_a_list_that_is_not_in_base64_is_a_finding() {
    let (root, discharge) = pair();
    let (r, d) = (root.to_json(), discharge.to_json());
    let found = outlines(format!("[{r}, {d}]"));
    assert_eq!(found, [(1, r.len(), Shape::Json), (3 + r.len(), d.len(), Shape::Json)]);
}

#[test]
fn a_token_after_a_macaroon_in_json_does_not_find_that_again() {
    let (root, discharge) = pair();
    let (r, d) = (root.to_json(), discharge.to_v1());
    let found = outlines(format!("[{r}, \"{d}\"]"));
    assert_eq!(found, [(1, r.len(), Shape::Json), (4 + r.len(), d.len(), Shape::Macaroon)]);
}

#[test]
fn a_file_whose_list_was_narrowed_gives_both_macaroons() {
    let (root, discharge) = pair();
    let bakery = BakeryMacaroon::new(root.clone()).to_json();
    let mut narrow = root;
    narrow.attenuate("store.example|channel|[\"edge\"]").unwrap();
    let file = format!("[host]\nmacaroon = {bakery}\nauth = {}\n", header::write_list(&narrow, &[discharge]));
    let found = outlines(&file);
    assert_eq!(found, [(0, file.len() - 1, Shape::CandidCfg), (18, bakery.len(), Shape::Bakery)]);
}

#[test]
fn an_object_that_has_more_or_less_is_no_macaroon() {
    let (s, hex) = (signature(), "0f".repeat(32));
    for text in [
        format!(r#"{{"s64": "{s}"}}"#),
        format!(r#"{{"i": "a", "s64": "{s}", "kid": 1}}"#),
        format!(r#"{{"i": "a", "s64": "{s}A"}}"#),
        format!(r#"{{"i": "a", "s65": "{s}"}}"#),
        format!(r#"{{"i": "a", "s64": "{s}", "s64": "{s}"}}"#),
        format!(r#"{{"i": "a", "c": [1], "s64": "{s}"}}"#),
        format!(r#"{{"i": "a", "s64": "{s}""#),
        format!(r#""i": "a", "s64": "{s}"}}"#),
        format!(r#"{{"identifier": "a", "signature": "{hex}", "location": 1}}"#),
        format!(r#"{{"identifier": "a", "signature": "{s}", "location": ""}}"#),
        format!(r#"{{"signature": "{hex}", "alg": "HS256", "location": ""}}"#),
    ] {
        assert_eq!(outlines(&text), [], "{text}");
        assert_eq!(outlines(base64(&format!("[{text}]"))), [], "{text}");
    }
    assert_eq!(outlines(format!(r#"{{"identifier": "a", "signature": "{hex}"}}"#)), [], "anybody's object");
}
