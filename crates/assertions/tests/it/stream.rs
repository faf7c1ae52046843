//! Several assertions in one text, and one alone.

use assertions::{Assertion, DecodeError};

use crate::support::{account, build, declaration, key, sign, store_key};

#[test]
fn a_stream_is_written_and_read_back() {
    let all = [
        sign(&store_key(key(0)).draft(), key(0)),
        sign(&account().draft(), key(0)),
        sign(&build().draft().body("with\n\nblank lines\n\n"), key(0)),
        sign(&declaration().draft(), key(0)),
    ];
    let text = Assertion::encode_stream(&all);
    let read = Assertion::decode_stream(text.as_bytes()).unwrap();
    assert_eq!(read, all);
    assert_eq!(Assertion::decode_stream(all[0].encode()).unwrap(), all[..1]);
    assert_eq!(Assertion::encode_stream(&all[..1]), all[0].as_str());
}

#[test]
fn nothing_is_an_empty_stream_and_no_assertion() {
    assert_eq!(Assertion::decode_stream(b""), Ok(Vec::new()));
    assert_eq!(Assertion::encode_stream([]), "");
    assert_eq!(Assertion::decode(b""), Err(DecodeError::Empty));
}

/// snapd reads both as well. A shell takes the last newline away.
#[test]
fn the_last_newline_may_be_missing_and_a_stream_may_end_with_a_blank_line() {
    let one = sign(&build().draft(), key(0));
    let bare = one.as_str().trim_end();
    let read = Assertion::decode(bare.as_bytes()).unwrap();
    read.verify(key(0).public()).unwrap();
    assert_eq!(read.as_str(), bare);
    let two = format!("{}\n{bare}", one.as_str());
    assert_eq!(Assertion::decode_stream(two.as_bytes()).unwrap().len(), 2);
    assert_eq!(Assertion::encode_stream(&Assertion::decode_stream(two.as_bytes()).unwrap()), two + "\n");
    let ended = format!("{}\n", one.as_str());
    assert_eq!(Assertion::decode_stream(ended.as_bytes()).unwrap(), [one]);
}

#[test]
fn what_does_not_hold_in_one_does_not_hold_in_a_stream() {
    let one = sign(&build().draft(), key(0));
    let two = format!("{}\n{}", one.as_str(), one.as_str().replace("type:", "Type:"));
    assert_eq!(Assertion::decode_stream(two.as_bytes()), Err(DecodeError::NoName { line: 1 }));
    let two = format!("{}\n\n{}", one.as_str(), one.as_str());
    assert_eq!(Assertion::decode_stream(two.as_bytes()), Err(DecodeError::NoName { line: 1 }));
    let cut = &one.as_str()[..one.as_str().find("\n\n").unwrap()];
    let two = format!("{}\n{cut}", one.as_str());
    assert_eq!(Assertion::decode_stream(two.as_bytes()), Err(DecodeError::NoSignature));
}

/// An empty body with blank lines around it is signed along.
#[test]
fn an_empty_body_may_be_written_out() {
    let one = sign(&build().draft(), key(0));
    let spelled = one.as_str().replacen("\n\n", "\n\n\n\n", 1);
    let read = Assertion::decode(spelled.as_bytes()).unwrap();
    assert_eq!((read.as_str(), read.body()), (spelled.as_str(), ""));
    assert!(read.verify(key(0).public()).is_err());
}

#[test]
fn json_has_the_headers_and_the_body_if_there_is_one() {
    let json = sign(&account().draft(), key(0)).to_json();
    assert_eq!(json["headers"]["username"], "ada");
    assert_eq!(json["headers"]["type"], "account");
    assert!(json.get("body").is_none());
    let signed = sign(&store_key(key(0)).draft(), key(0));
    let json = signed.to_json();
    assert_eq!(json["body"], signed.body());
    assert_eq!(json["headers"]["body-length"], signed.body().len().to_string());
}
