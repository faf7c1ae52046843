//! Roots and discharges in separate places, and several credentials in one text.

use super::*;
use crate::exported::{Bound, NarrowError};
use crate::limits::MAX_DISCHARGES;

#[test]
fn a_root_and_its_discharge_on_two_lines_are_one_finding() {
    let (r, d) = tokens();
    for (before, between, after) in [
        ("", "\n", ""),
        ("root: ", "\nother: 1\ndischarge: \"", "\"\n"),
        ("{\"a\": \"", "\", \"b\": \"", "\"}"),
        ("", "\\n", ""),
    ] {
        for (first, second) in [(&r, &d), (&d, &r)] {
            let text = format!("{before}{first}{between}{second}{after}");
            let [found] = &find(text.as_bytes())[..] else { panic!("{text}") };
            let second_at = before.len() + first.len() + between.len();
            let places = [before.len()..before.len() + first.len(), second_at..second_at + second.len()];
            let places = places.map(|place| place.start as u64..place.end as u64);
            assert_eq!(found.places, places, "{text}");
            assert_eq!((found.credential.shape, found.credential.bound), (Shape::Apart, Bound::Unknown));
            assert_eq!(found.credential.clone().attenuate("a|b|c"), Err(NarrowError::Bound));
            assert_eq!(found.credential.root.identifier(), b"root-1");
            assert_eq!(found.credential.discharges.len(), 1);
            assert!(found.credential.clone().into_bundle().unwrap().verify(&RootKey::derive(b"k")).is_ok());
        }
    }
}

#[test]
fn either_without_the_other_is_a_finding() {
    let (r, d) = tokens();
    let far = "far away ".repeat(MAX_HEADER_BYTES / 9 + 1);
    assert_eq!(outlines(format!("a {r}")), [(2, r.len(), Shape::Macaroon)]);
    assert_eq!(outlines(format!("a {d}")), [(2, d.len(), Shape::Macaroon)]);
    let apart = outlines(format!("{r} {far} {d}"));
    assert_eq!(apart, [(0, r.len(), Shape::Macaroon), (r.len() + far.len() + 2, d.len(), Shape::Macaroon)]);
}

#[test]
fn what_could_have_been_one_header_is_near_and_no_more() {
    let (r, d) = tokens();
    for (gap, count) in [(MAX_HEADER_BYTES, 1), (MAX_HEADER_BYTES + 1, 2)] {
        assert_eq!(outlines(format!("{r}{}{d}", " ".repeat(gap))).len(), count, "{gap}");
    }
}

#[test]
fn a_root_waits_behind_thirty_others_for_its_discharge() {
    let (r, d) = tokens();
    let other = |index| Macaroon::mint(&RootKey::derive(b"k"), "", &format!("{index}")).unwrap().to_v1();
    for (others, are_one) in [(30, true), (31, false)] {
        let others: Vec<String> = (0..others).map(other).collect();
        let found = find(format!("{r}\n{}\n{d}", others.join("\n")).as_bytes());
        let is_apart = found.iter().any(|finding| finding.credential.shape == Shape::Apart);
        assert_eq!(is_apart, are_one, "{}", others.len());
    }
}

#[test]
fn a_root_gets_as_many_discharges_as_can_be_sent() {
    let key = RootKey::derive(b"k");
    let mut root = Macaroon::mint(&key, "store.example", "root-1").unwrap();
    let mut lines = Vec::new();
    for index in 0..=MAX_DISCHARGES {
        root.attenuate_third_party("", &format!("{index}"), &key, [1; 24]).unwrap();
        lines.push(Macaroon::mint(&key, "", &format!("{index}")).unwrap().to_v1());
    }
    lines.insert(0, root.to_v1());
    let found = find(lines.join("\n").as_bytes());
    let discharges: Vec<_> = found.iter().map(|finding| finding.credential.discharges.len()).collect();
    assert_eq!(discharges, [MAX_DISCHARGES, 0]);
}

#[test]
fn what_nothing_more_can_belong_to_is_handed_over_before_the_end() {
    let (r, _) = tokens();
    let (mut found, mut scanner) = (0, Scanner::new());
    scanner.feed(r.as_bytes(), |_| found += 1);
    scanner.feed(" far away".repeat(AFTER / 8).as_bytes(), |_| found += 1);
    assert_eq!(found, 1);
}

#[test]
fn a_token_right_behind_a_document_that_holds_it_is_another_finding() {
    let (r, _) = tokens();
    let document = format!(r#"{{"macaroon": "{r}"}}"#);
    let found = outlines(format!("{document}{r}"));
    assert_eq!(
        found,
        [(0, document.len(), Shape::DeveloperToken), (document.len(), r.len(), Shape::Macaroon)]
    );
}

#[test]
fn the_same_credential_in_two_places_is_two_findings() {
    for (shape, text) in every_shape() {
        let text = text.trim_end();
        let twice = outlines(format!("{text}\n--\n{text}\n"));
        assert_eq!(twice, [(0, text.len(), shape), (text.len() + 4, text.len(), shape)], "{shape}");
    }
    let (r, d) = tokens();
    let apart: Vec<_> =
        outlines(format!("{r}\n{d}\n{r}\n{d}\n")).into_iter().map(|(.., shape)| shape).collect();
    assert_eq!(apart, [Shape::Apart, Shape::Apart]);
}

#[test]
fn a_token_that_a_document_does_not_name_is_not_lost_in_it() {
    let (r, d) = tokens();
    let other = Macaroon::mint(&RootKey::derive(b"o"), "store.example", "other").unwrap().to_v1();
    let text = format!(
        r#"{{"store-macaroon": "{other}", "macaroon": "{r}", "discharges": ["{d}"], "last": "{other}"}}"#
    );
    let shapes: Vec<_> = find(text.as_bytes())
        .iter()
        .map(|found| (found.credential.shape, found.credential.root.identifier().to_vec()))
        .collect();
    let other = (Shape::Macaroon, b"other".to_vec());
    assert_eq!(shapes, [(Shape::SnapdAuth, b"root-1".to_vec()), other.clone(), other]);
}

#[test]
fn each_section_of_a_file_is_a_finding_of_its_own() {
    let (r, d) = tokens();
    let section = |host| format!("[{host}]\nmacaroon = {r}\nunbound_discharge = {d}\n\n");
    let file = format!("# mine\n{}{}", section("login.ubuntu.com"), section("sso:8000"));
    let shapes =
        |text: &str| find(text.as_bytes()).iter().map(|found| found.credential.shape).collect::<Vec<_>>();
    assert_eq!(shapes(&file), [Shape::SnapcraftCfg; 2]);
    assert_eq!(shapes(&base64(&file[7..])), [Shape::SnapcraftCfgBase64; 2]);
}

#[test]
fn a_file_in_base64_keeps_its_other_sections() {
    let (r, d) = tokens();
    let file = format!("[general]\ncolour = red\n\n[sso:8000]\nmacaroon = {r}\nunbound_discharge = {d}\n\n");
    let found = find(base64(&file).as_bytes());
    let written: Vec<_> = found.iter().map(|finding| finding.credential.write()).collect();
    assert_eq!(written, [base64(&file)]);
}

#[test]
fn both_sides_of_a_diff_are_found() {
    let (old, d) = tokens();
    let (mut root, _) = pair();
    root.attenuate("store.example|channel|[\"edge\"]").unwrap();
    let new = root.to_v1();
    let text = format!(
        "@@ -1,4 +1,4 @@\n [sso]\n-macaroon = {old}\n-unbound_discharge = {d}\n+macaroon = {new}\n+unbound_discharge = {d}\n email = x\n"
    );
    let found = find(text.as_bytes());
    let roots: Vec<_> =
        found.iter().map(|found| (found.credential.shape, found.credential.root.to_v1())).collect();
    assert_eq!(roots, [(Shape::SnapcraftCfg, old), (Shape::SnapcraftCfg, new)]);
}

#[test]
fn a_discharge_of_a_discharge_belongs_to_the_root() {
    let key = RootKey::derive(b"k");
    let (root, mut discharge) = pair();
    discharge.attenuate_third_party("third.example", "deeper", &key, [2; 24]).unwrap();
    let deeper = Macaroon::mint(&key, "third.example", "deeper").unwrap();
    let tokens = [root.to_v1(), discharge.to_v1(), deeper.to_v1()];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let text = order.map(|index| tokens[index].as_str()).join("\n");
        let findings = find(text.as_bytes());
        assert_eq!(findings.len(), 1, "{order:?}");
        assert_eq!(findings[0].places.len(), 3);
        assert_eq!(findings[0].credential.root.identifier(), b"root-1");
    }
}

#[test]
fn a_header_that_is_cut_still_gives_its_root() {
    let (r, d) = tokens();
    let text = format!("Macaroon root={r}, discharge={}", &d[..d.len() / 2]);
    assert_eq!(outlines(&text), [(14, r.len(), Shape::Macaroon)]);
    let text = format!("Macaroon root={r}, discharge=<hidden>");
    assert_eq!(outlines(&text), [(0, 14 + r.len(), Shape::Header)]);
    let text = format!("Macaroon root=\"{r}\"discharge=\"{d}\"");
    let rest = (27 + r.len(), d.len(), Shape::Macaroon);
    assert_eq!(outlines(&text), [(0, 16 + r.len(), Shape::Header), rest]);
    assert_eq!(outlines(format!("Macaroon \"{r}\"")), [(10, r.len(), Shape::Macaroon)]);
}
