//! Ordinary log text without credentials, for searching it.

use std::fmt::Write as _;

/// At least `length` bytes: access logs, a service's JSON, a build's output, with the digests, ids and blobs that such
/// text is full of and that a search has to pass over.
pub(crate) fn of_length(length: usize) -> String {
    let mut text = String::with_capacity(length + 1024);
    let mut seed = 1_u64;
    while text.len() < length {
        let mut number = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            seed >> 16
        };
        let (a, b, c, d) = (number(), number(), number(), number());
        let (minute, second, millis) = (a % 60, b % 60, c % 1000);
        let written = match d % 6 {
            0 => writeln!(
                text,
                "10.1.{}.{} - - [23/Nov/2026:20:{minute:02}:{second:02} +0000] \"POST /dev/api/snap-push/ HTTP/1.1\" 202 {} \
                 \"-\" \"snapcraft/8.4.1 (testing) Ubuntu/24.04 (x86_64)\"",
                a % 250,
                b % 250,
                c % 9000
            ),
            1 => writeln!(
                text,
                "{{\"timestamp\":\"2026-11-23T20:{minute:02}:{second:02}.{millis:03}Z\",\"level\":\"INFO\",\"message\":\"revision \
                 accepted\",\"package\":\"hello-{}\",\"revision\":{},\"sha3_384\":\"{a:016x}{b:016x}{c:016x}{d:016x}\"}}",
                a % 977,
                b % 4000
            ),
            2 => writeln!(
                text,
                "Nov 23 20:{minute:02}:{second:02} build-{} snapcraft[{}]: Pulling part-{}: fetching \
                 https://example.com/archive/{a:x}/{b:x}.tar.xz ({c} bytes)",
                a % 40,
                b % 65_536,
                c % 12
            ),
            3 => writeln!(
                text,
                "2026-11-23 20:{minute:02}:{second:02},{millis:03} WARNING root: no discharge for account {a:x}, asking \
                 {b:08x}-{:04x}-4{:03x}-a{:03x}-{d:012x} again",
                a % 65_536,
                b % 4096,
                c % 4096
            ),
            4 => writeln!(
                text,
                "    Compiling parser v0.{}.{} (/root/parts/app/build/{a:x}) root={b} cid={c} identifier={d:x}",
                a % 90,
                b % 30
            ),
            _ => writeln!(text, "integrity sha512-{:0>86}== ok", format!("{a:X}Zq{b:x}mK{c:X}vW{d:x}")),
        };
        written.expect("a string takes whatever is written");
    }
    text
}
