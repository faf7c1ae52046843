//! Texts made to cost much: the bytes that are looked at are counted, and stay within a multiple of the text.

use super::*;

/// How many bytes are looked at for each byte of a text that repeats a pattern.
fn cost(pattern: &[u8], length: usize) -> u64 {
    let text = pattern.repeat(length / pattern.len());
    work::take();
    let _ = find(&text);
    work::take().div_ceil(text.len() as u64)
}

fn patterns() -> Vec<Vec<u8>> {
    let (r, d) = tokens();
    let small = Macaroon::mint(&RootKey::derive(b"k"), "", "").unwrap();
    let v2_small = base64::encode(&v2(&small));
    let mut many = Macaroon::mint(&RootKey::derive(b"k"), "", "x").unwrap();
    let mut asking = many.clone();
    for index in 0..200 {
        many.attenuate(&format!("{index}")).unwrap();
        asking.attenuate_third_party("", "x", &RootKey::derive(b"k"), [0; 24]).unwrap();
    }
    let texts = [
        "M",
        "A",
        "e",
        "W",
        "MDA",
        "Ag",
        "AgI",
        "AgIA",
        "eyJ",
        "eyJ0IjogI",
        "TURB",
        "QWdF",
        "xvY2F0aW9u",
        "MDAyOWxvY2F0aW9u",
        "{",
        "{\"",
        "{\"a\":",
        "{\"a\":\"",
        "[",
        "\"",
        "\\",
        "\\n",
        "\\/",
        "\n",
        "+",
        "-",
        "Macaroon root=",
        "Macaroon root=\"",
        "macaroon = ",
        "root=",
        "[a]\nmacaroon = ",
        "[a]\n",
        "a\\n",
        "W3si",
        "W3siYSI6W3siYSI6",
        "\"s64\": \"",
        "\n+",
    ];
    let mut patterns: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    // A credential again and again, whole, cut, and in places that ask for a look around.
    for token in [r.clone(), d, v2_small, small.to_v1(), many.to_v1(), asking.to_v1()] {
        for (before, after) in [
            ("", ""),
            ("", "\n"),
            ("", "\\n"),
            ("", "\\/"),
            ("{\"macaroon\": \"", "\", "),
            ("{\"a\": {\"macaroon\": \"", "\"}, "),
            ("{\"", "\": "),
            ("{\"root\": \"", "\", \"root\": 1}\n"),
            ("{\\\"macaroon\\\": \\\"", "\\\", "),
            ("Macaroon root=", ", "),
            ("Macaroon root=", " root="),
            ("Macaroon root=\"", "\", discharge=\""),
            ("macaroon = ", "\n"),
            ("[a]\nmacaroon = ", "\n"),
            ("[a]\nmacaroon = x\nmacaroon = ", "\n"),
            ("\\nmacaroon = ", ""),
            ("\n+macaroon = ", ""),
            ("\n-macaroon = ", "\n+[a]"),
        ] {
            patterns.push(format!("{before}{token}{after}").into_bytes());
        }
        patterns.push(token.as_bytes()[..token.len() - 1].to_vec());
        patterns.push(token.as_bytes()[..token.len() / 2].to_vec());
    }
    // In base64: documents that never end, sections, macaroons that begin in the caveats of others.
    for text in [
        "{\"t\":",
        "{\"t\": {\"t\":",
        "[a]\nb=c\n",
        "[a]\n",
        "[a]\nmacaroon=x\n",
        "[a]\nmacaroon={}\nauth=W3si\n",
        "[{\"i\":",
        "[{\"i\":\"",
        "[{\"i\":{}},",
        "\x02\x02\x01\x00\x00",
        "\x02\x02\x02\x01\x00\x00",
        "0010location \n0012identifier x\n",
        "0027cid 0010location \n0010identifier \n\n",
    ] {
        for padding in 0..3 {
            patterns.push(base64::encode(format!("{text}{}", " ".repeat(padding)).as_bytes()).into_bytes());
            patterns.push(format!("{}\n", base64::encode(text.repeat(57).as_bytes())).into_bytes());
            patterns.push(base64::encode(text.repeat(3).as_bytes()).into_bytes());
        }
    }
    patterns.extend(patterns_of_json(&many));
    patterns
}

/// Macaroons in JSON: whole, cut, in wrappers, and signatures whose object has no beginning, no end, or other members.
fn patterns_of_json(many: &Macaroon) -> Vec<Vec<u8>> {
    let json = many.to_json();
    let signature = base64::encode(&[7; 32]);
    let hex = "0f".repeat(32);
    let mut patterns = vec![json.as_bytes()[..json.len() - 1].to_vec(), json.into_bytes()];
    for (before, after) in [
        ("", ""),
        ("{", ""),
        ("{\"a\": 1, ", ""),
        ("{\"a\": 1, ", "}"),
        ("{\"i\": \"\", ", "}"),
        ("{\"i\": \"\", ", ", \"c\": ["),
        ("{\"m\": {\"i\": \"\", ", "}"),
        ("{\"m\": {\"i\": \"\", ", "}}"),
        ("{\"m\": {\"i\": \"\", ", "}, \"v\": 3}"),
        ("[a]\nmacaroon = {\"i\": \"\", ", "}\n"),
        ("\\nmacaroon = {\"i\": \"\", ", "}"),
        ("}, ", "{"),
        ("\\\"", "\\"),
        ("(", ""),
    ] {
        for member in
            [format!("\"s64\": \"{signature}\""), format!("\"location\": \"\", \"signature\": \"{hex}\"")]
        {
            let pattern = format!("{before}{member}{after}");
            patterns.push(pattern.replace('"', "\\\"").into_bytes());
            patterns.push(base64::encode(format!("[{pattern}").as_bytes()).into_bytes());
            patterns.push(pattern.into_bytes());
        }
    }
    patterns
}

/// Measured: 13 at most for what holds no credential, 31 for a text that holds nothing else.
#[test]
fn the_work_is_a_multiple_of_the_text() {
    for pattern in patterns() {
        let shown = || String::from_utf8_lossy(&pattern[..pattern.len().min(60)]).into_owned();
        let small = cost(&pattern, 80_000);
        assert!(small <= 40, "{small} times {}…", shown());
    }
}

#[test]
fn twice_the_text_is_twice_the_work() {
    for pattern in [
        "M",
        "MDA",
        "Macaroon root=",
        "eyJ0IjogI",
        "AgIA",
        "{\"a\":\"",
        "W2FdCm",
        "W3siYSI6",
        "\"s64\": \"0123456789012345678901234567890123456789012\", ",
    ] {
        let (small, large) = (cost(pattern.as_bytes(), 2_000_000), cost(pattern.as_bytes(), 8_000_000));
        assert!(large <= small + 1, "{pattern}: {small}, then {large}");
    }
}
