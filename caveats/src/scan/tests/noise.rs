//! Ordinary base64 holds no credentials, and none are found in it.

use std::fmt::Write as _;

use super::*;

/// Numbers that look like chance and are the same each time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        std::iter::repeat_with(|| self.next().to_le_bytes()).flatten().take(length).collect()
    }
}

fn wrapped(text: &str, width: usize) -> String {
    text.as_bytes().chunks(width).flat_map(|line| [line, b"\n"].concat()).map(char::from).collect()
}

#[test]
fn nothing_is_found_in_certificates_images_and_hashes() {
    let mut numbers = Numbers(0x5eed);
    let mut text = String::new();
    for _ in 0..300 {
        let certificate =
            [&b"\x30\x82\x03\x0f\x30\x82\x01\xf7\xa0\x03\x02\x01\x02\x02\x14"[..], &numbers.bytes(780)]
                .concat();
        let image = [
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06"[..],
            &[0; 900],
            &numbers.bytes(3000),
        ]
        .concat();
        let claims = format!(r#"{{"iss":"https://sso.example","t":"x","n":{}}}"#, numbers.next());
        let hash = numbers.bytes(32).iter().fold(String::new(), |hash, byte| hash + &format!("{byte:02x}"));
        let parts = [
            "-----BEGIN CERTIFICATE-----\n",
            &wrapped(&base64::encode_standard(&certificate), 64),
            "-----END CERTIFICATE-----\n<img src=\"data:image/png;base64,",
            &base64::encode_standard(&image),
            "\">\nAuthorization: Bearer eyJhbGciOiJSUzI1NiJ9.",
            &base64::encode(claims.as_bytes()),
            ".",
            &base64::encode(&numbers.bytes(256)),
            "\n",
            &hash,
            "  file.tar.gz\nsha256-",
            &base64::encode_standard(&numbers.bytes(48)),
            "\n",
        ];
        text.extend(parts);
    }
    assert!(text.len() > 2_000_000);
    assert_eq!(outlines(&text), []);
}

#[test]
fn nothing_is_found_in_chance_that_begins_like_a_credential() {
    let mut numbers = Numbers(0xfeed);
    for start in [
        "MDA",
        "MDAy",
        "MDAyOWxvY2F0aW9u",
        "MDAyOWxvY2F0aW9uIA",
        "Ag",
        "AgE",
        "AgI",
        "AgEA",
        "eyJ0Ijog",
        "eyJyIjog",
        "W2xvZ2lu",
        "W2FdCm",
        "W3siaSI6ICJ",
        "{\"i\": \"a\", \"s64\": \"",
        "TURBeU9X",
        "QWdF",
    ] {
        let mut text = String::new();
        while text.len() < 500_000 {
            let length = 40 + usize::try_from(numbers.next() % 1500).unwrap();
            writeln!(text, "{start}{}", base64::encode(&numbers.bytes(length))).unwrap();
            writeln!(text, "x={start}{}, ", base64::encode_standard(&numbers.bytes(length))).unwrap();
        }
        assert_eq!(outlines(&text), [], "{start}");
    }
}

#[test]
fn nothing_is_found_in_chance_of_any_kind() {
    let mut numbers = Numbers(0xbeef);
    assert_eq!(outlines(numbers.bytes(1_000_000)), []);
    assert_eq!(outlines(base64::encode(&numbers.bytes(2_000_000))), []);
    assert_eq!(outlines(wrapped(&base64::encode_standard(&numbers.bytes(2_000_000)), 76)), []);
    // Small numbers are what lengths and kinds of fields look like.
    let small: Vec<u8> = numbers.bytes(2_000_000).iter().map(|byte| byte % 7).collect();
    assert_eq!(outlines(wrapped(&base64::encode_standard(&small), 76)), []);
}

#[test]
fn nothing_is_found_in_a_macaroon_with_one_wrong_character() {
    let (root, _) = pair();
    for token in [root.to_v1(), base64::encode(&v2(&root))] {
        // The signature and the verification id are any bytes, and text any text: what must be right is between them.
        let cut = &token[..token.len() - 1];
        assert_eq!(outlines(cut), []);
        assert_eq!(outlines(&token[1..]), []);
    }
}
