//! The caps on what is read: at each, and one past it.

use std::time::Instant;

use assertions::{Assertion, DecodeError, SignatureError, limits};

use crate::support::{build, key, sign};

fn decode(text: &str) -> Result<Assertion, DecodeError> {
    Assertion::decode(text.as_bytes())
}

/// With headers of exactly as many bytes.
fn with_headers_of(bytes: usize) -> String {
    let one = sign(&build().draft(), key(0));
    let (headers, rest) = one.as_str().split_once("\n\n").unwrap();
    let padding = "x".repeat(bytes - headers.len() - "\nx: ".len());
    format!("{headers}\nx: {padding}\n\n{rest}")
}

#[test]
fn headers_are_capped() {
    decode(&with_headers_of(limits::MAX_HEADERS_BYTES)).unwrap();
    let error = decode(&with_headers_of(limits::MAX_HEADERS_BYTES + 1));
    assert_eq!(error, Err(DecodeError::HeadersTooLong));
    let error = decode(&"x".repeat(limits::MAX_HEADERS_BYTES + 1));
    assert_eq!(error, Err(DecodeError::HeadersTooLong));
}

#[test]
fn the_number_of_headers_is_capped() {
    let one = sign(&build().draft(), key(0));
    let with_more = |more: usize| {
        let headers: Vec<String> = (0..more).map(|number| format!("\nx-{number}: header")).collect();
        one.as_str().replacen("\n\n", &format!("{}\n\n", headers.concat()), 1)
    };
    let room = limits::MAX_HEADERS - one.headers().count();
    decode(&with_more(room)).unwrap();
    assert_eq!(decode(&with_more(room + 1)), Err(DecodeError::TooManyHeaders));
}

#[test]
fn nesting_is_capped() {
    let one = sign(&build().draft(), key(0));
    let nested = |levels: usize| {
        let lines: Vec<String> = (1..=levels).map(|level| format!("\n{}-", "  ".repeat(level))).collect();
        one.as_str().replacen("\n\n", &format!("\nx:{} item\n\n", lines.concat()), 1)
    };
    decode(&nested(limits::MAX_NESTING)).unwrap();
    assert!(matches!(decode(&nested(limits::MAX_NESTING + 1)), Err(DecodeError::TooDeep { .. })));
}

#[test]
fn bodies_are_capped() {
    let longest = sign(&build().draft().body("x".repeat(limits::MAX_BODY_BYTES)), key(0));
    longest.verify(key(0).public()).unwrap();
    let longer = longest.as_str().replacen("body-length: 2097152", "body-length: 2097153", 1);
    assert_eq!(decode(&longer.replacen("xx", "xxx", 1)), Err(DecodeError::BodyTooLong));
}

#[test]
fn signatures_are_capped() {
    let one = sign(&build().draft(), key(0));
    let (content, _) = one.as_str().rsplit_once("\n\n").unwrap();
    let line = "A".repeat(76) + "\n";
    let long = line.repeat(limits::MAX_SIGNATURE_BYTES / line.len() + 1);
    let error = decode(&format!("{content}\n\n{long}"));
    assert_eq!(error, Err(DecodeError::Signature(SignatureError::TooLong)));
}

#[test]
fn streams_are_capped() {
    let one = sign(&build().draft(), key(0));
    let many = vec![one.as_str(); limits::MAX_ASSERTIONS].join("\n");
    assert_eq!(Assertion::decode_stream(many.as_bytes()).unwrap().len(), limits::MAX_ASSERTIONS);
    let more = format!("{many}\n{}", one.as_str());
    assert_eq!(Assertion::decode_stream(more.as_bytes()), Err(DecodeError::TooMany));
    let long = vec![b'x'; limits::MAX_STREAM_BYTES + 1];
    assert_eq!(Assertion::decode_stream(&long), Err(DecodeError::TooLong));
    assert_eq!(Assertion::decode(&long), Err(DecodeError::TooLong));
}

/// What grows with the square of its length would take minutes here.
#[test]
fn no_text_within_the_caps_takes_long() {
    let one = sign(&build().draft(), key(0));
    let with = |lines: &str| one.as_str().replacen("\n\n", &format!("\n{lines}\n\n"), 1);
    let full = limits::MAX_HEADERS_BYTES - 1024;
    let entries: Vec<String> = (0..full / 12).map(|number| format!("\n  k{number}: v")).collect();
    let texts = [
        with(&format!("x:{}", "\n  - ".repeat(full / 5))),
        with(&format!("x:{}", "\n  -\n    - ".repeat(full / 11))),
        with(&format!("x:{}", "\n     ".repeat(full / 6))),
        with(&format!("x:{}", entries.concat())),
        with(&format!("x:\n{}", " ".repeat(full))),
        "\n".repeat(limits::MAX_STREAM_BYTES),
        ":\n".repeat(limits::MAX_STREAM_BYTES / 2),
        format!("x:{}", "\n    ".repeat(full / 5)),
    ];
    for text in texts {
        let start = Instant::now();
        let _ = decode(&text);
        let _ = Assertion::decode_stream(text.as_bytes());
        let took = start.elapsed();
        assert!(took.as_secs() < 5, "{took:?} for {:?}", &text[..text.len().min(40)]);
    }
}
