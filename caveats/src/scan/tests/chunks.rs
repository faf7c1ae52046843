//! A text gives the same findings however it is cut.

use proptest::prelude::*;

use super::*;

/// All shapes in one text, each in a line of its own, with other text between.
fn all() -> String {
    let lines = every_shape().into_iter().map(|(_, text)| format!("line {text}\n\nand \"other\" {{text}}\n"));
    lines.collect()
}

#[test]
fn every_shape_is_found_when_the_text_is_cut_anywhere_inside() {
    for (shape, text) in every_shape() {
        let text = format!("line\n{}\nend", text.trim_end());
        let whole = described(&find(text.as_bytes()));
        assert_eq!(whole.len(), 1, "{shape}");
        for cut in 0..text.len() {
            assert_eq!(
                described(&in_chunks(text.as_bytes(), &[cut, usize::MAX])),
                whole,
                "{shape} cut at {cut}"
            );
        }
    }
}

#[test]
fn byte_by_byte() {
    let text = all();
    let findings = in_chunks(text.as_bytes(), &[1]);
    assert_eq!(described(&findings), described(&find(text.as_bytes())));
}

#[test]
fn far_into_a_long_text() {
    let text = all();
    for filler in ["lorem ipsum dolor sit amet\n", "0123456789abcdef", "{\"a\": [1, 2]}, "] {
        let before = filler.repeat(3 * AFTER / filler.len()) + "\n";
        let long = format!("{before}{text}{before}");
        let moved: Vec<Outline> = outlines(&text)
            .into_iter()
            .map(|(at, length, shape)| (at + before.len(), length, shape))
            .collect();
        assert_eq!(outlines(&long), moved, "{filler}");
        let findings = in_chunks(long.as_bytes(), &[100_003]);
        assert_eq!(findings.iter().map(outline).collect::<Vec<_>>(), moved, "{filler}");
    }
}

#[test]
fn a_long_document_is_seen_whole_after_another_token() {
    let (r, d) = tokens();
    let prose = "lorem ipsum ".repeat(AFTER / 20);
    let file = format!(r#"{{"root": "{r}", "discharge": "{d}", "note": "{prose}"}}"#);
    let found = outlines(format!("{r}\n{prose}{file}{prose}"));
    let at = r.len() + 1 + prose.len();
    assert_eq!(found, [(0, r.len(), Shape::Macaroon), (at, file.len(), Shape::Surl)]);
}

#[test]
fn each_of_megabytes_of_tokens_is_a_finding_in_one_line_or_several() {
    let (r, _) = tokens();
    for lines in [1, 2, 3, 5, 6] {
        let wrapped: Vec<&[u8]> = r.as_bytes().chunks(r.len().div_ceil(lines)).collect();
        let token = [wrapped.join(&b'\n'), b"\n".to_vec()].concat();
        let count = 5 * AFTER / 2 / token.len();
        let found: Vec<usize> = outlines(token.repeat(count)).into_iter().map(|(at, ..)| at).collect();
        assert_eq!(found, (0..count).map(|index| index * token.len()).collect::<Vec<_>>(), "{lines}");
    }
}

#[test]
fn a_scanner_holds_four_mebibytes_of_a_text_at_most() {
    assert_eq!(MAX_BUFFERED_BYTES, 4 << 20);
    for text in ["A", "A\n"] {
        let mut scanner = Scanner::new();
        for _ in 0..8 {
            scanner.feed(text.repeat((1 << 20) / text.len()).as_bytes(), |_| {});
            assert!(scanner.window.capacity() <= MAX_BUFFERED_BYTES);
        }
    }
}

/// Pieces that are, look like, or surround credentials.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let shapes: Vec<Vec<u8>> = every_shape().into_iter().map(|(_, text)| text.into_bytes()).collect();
    let words: Vec<Vec<u8>> = [
        "\n",
        "\r\n",
        "\\n",
        "\n+",
        "\n-",
        " ",
        "\"",
        "\\\"",
        "{\"",
        "}",
        "[",
        "]",
        "\\/",
        "Macaroon root=",
        ", discharge=",
        "macaroon = ",
        "[login.ubuntu.com]\n",
        "\"macaroon\": ",
        "xvY2F0aW9u",
        "eyJ",
        "W2xv",
        "AgE",
        "W3si",
        "\"s64\": ",
        "{\"m\": ",
        "auth = ",
        "MDAy",
        "TURB",
        "=",
    ]
    .iter()
    .map(|word| word.as_bytes().to_vec())
    .collect();
    prop_oneof![
        3 => proptest::sample::select(shapes.clone()),
        2 => (proptest::sample::select(shapes), any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(text, from, to)| {
            let (from, to) = (from.index(text.len()), to.index(text.len()));
            text[from.min(to)..from.max(to)].to_vec()
        }),
        6 => proptest::sample::select(words),
        1 => "[A-Za-z0-9+/_-]{0,200}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 0..50),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 200 } else { 5000 }))]

    #[test]
    fn any_text_in_any_chunks_gives_the_same_findings(pieces in proptest::collection::vec(piece(), 0..25), sizes in proptest::collection::vec(1..3000_usize, 1..6)) {
        let text = pieces.concat();
        let whole = find(&text);
        prop_assert_eq!(described(&in_chunks(&text, &sizes)), described(&whole));
        for finding in &whole {
            let bounds = finding.places.iter().flat_map(|place| [place.start, place.end]);
            prop_assert!(bounds.is_sorted());
            prop_assert!(finding.places.last().is_some_and(|place| place.end <= text.len() as u64));
        }
    }

    /// Whatever surrounds a token, it is found, alone or as part of something.
    #[test]
    fn a_token_is_found_between_any_bytes(before in proptest::collection::vec(any::<u8>(), 0..200), after in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (r, _) = tokens();
        let text = [&before[..], r.as_bytes(), &after[..]].concat();
        let findings = find(&text);
        prop_assert_eq!(findings.len(), 1);
        prop_assert_eq!(findings[0].credential.root.identifier(), b"root-1");
    }
}
