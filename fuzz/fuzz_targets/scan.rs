//! Owns the laws of finding credentials: no text panics, what is found lies in the text and can be read, and it does not
//! depend on how the text is cut.
#![no_main]

use std::ops::Range;

use caveats::exported::Shape;
use caveats::scan::{Finding, Scanner, find};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((size, bytes)) = bytes.split_first() else { return };
    let text = with_credentials(bytes);
    let whole = find(&text);
    for finding in &whole {
        let bounds = finding.places.iter().flat_map(|place| [place.start, place.end]);
        assert!(bounds.is_sorted() && !finding.places.is_empty());
        assert!(finding.offset() + finding.length() <= text.len() as u64);
    }
    assert_eq!(described(&in_chunks(&text, usize::from(*size) + 1)), described(&whole));
});

/// A byte that text never has stands for a credential, so that chance comes by some. Cut where it gets too slow.
fn with_credentials(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in bytes {
        match byte.checked_sub(0xf5).and_then(|index| CREDENTIALS.get(usize::from(index))) {
            Some(credential) => text.extend_from_slice(credential.trim_ascii_end()),
            None => text.push(*byte),
        }
        if text.len() > MAX_TEXT {
            break;
        }
    }
    text
}

fn in_chunks(text: &[u8], size: usize) -> Vec<Finding> {
    let (mut findings, mut scanner) = (Vec::new(), Scanner::new());
    for chunk in text.chunks(size) {
        scanner.feed(chunk, |finding| findings.push(finding));
    }
    scanner.finish(|finding| findings.push(finding));
    findings.sort_by_key(Finding::offset);
    findings
}

fn described(findings: &[Finding]) -> Vec<(Vec<Range<u64>>, Shape, String)> {
    findings
        .iter()
        .map(|found| (found.places.clone(), found.credential.shape, found.credential.write()))
        .collect()
}

const MAX_TEXT: usize = 4 * 1024;

const CREDENTIALS: [&[u8]; 11] = [
    include_bytes!("../seeds/decode/root-v1.txt"),
    include_bytes!("../seeds/decode/root-v2.txt"),
    include_bytes!("../seeds/decode/discharge-v1.txt"),
    include_bytes!("../seeds/decode/u1-macaroon.txt"),
    include_bytes!("../seeds/decode/snapcraft-cfg.txt"),
    include_bytes!("../seeds/decode/snapcraft-cfg-base64.txt"),
    include_bytes!("../seeds/decode/token-base64.txt"),
    include_bytes!("../seeds/decode/auth-json.txt"),
    include_bytes!("../seeds/decode/candid-cfg.txt"),
    include_bytes!("../seeds/decode/json-v1.txt"),
    include_bytes!("../seeds/decode/macaroons-header.txt"),
];
