//! Every shape, in every place where credentials leak.

use super::*;

/// A text around a credential; `check` is told the shape's name for messages.
fn is_found(shape: Shape, credential: &str, before: &str, after: &str) {
    let text = format!("{before}{credential}{after}");
    let length = credential.trim_end().len();
    assert_eq!(outlines(&text), [(before.len(), length, shape)], "{shape}: {text}");
}

#[test]
fn alone() {
    for (shape, text) in every_shape() {
        is_found(shape, &text, "", "");
        is_found(shape, &text, "\n", "\n");
    }
}

#[test]
fn what_is_found_is_what_was_there() {
    for (shape, text) in every_shape() {
        let findings = find(text.as_bytes());
        assert_eq!(
            findings[0].credential.root.identifier(),
            if text.contains("root=") { b"root-1" } else { findings[0].credential.root.identifier() }
        );
        let read = crate::exported::read(text.trim()).unwrap();
        assert_eq!(findings[0].credential.write(), read.write(), "{shape}");
    }
}

#[test]
fn in_a_log_line() {
    for (shape, text) in every_shape() {
        is_found(shape, &text, "2026-11-23 20:00:01,123 DEBUG store [12] headers: ", " (200 OK)\n");
        is_found(shape, &text, "> Authorization: ", "\r\n> Accept: */*\r\n");
        is_found(shape, &text, "token='", "', retrying\n");
    }
}

#[test]
fn in_a_string_in_json() {
    for (shape, text) in every_shape() {
        let escaped = serde_json::to_string(text.trim_end()).unwrap();
        for escaped in [escaped.clone(), escaped.replace('/', "\\/")] {
            let inner = &escaped[1..escaped.len() - 1];
            is_found(shape, inner, r#"{"level": "info", "n": {"a": {}}, "message": ""#, r#"", "time": 1}"#);
            is_found(shape, inner, r#"["a", ""#, "\"]");
            is_found(shape, inner, r#"{"env": {"SNAPCRAFT_STORE_CREDENTIALS": ""#, r#""}}"#);
        }
    }
}

#[test]
fn in_a_macaroons_header() {
    for (shape, text) in every_shape().into_iter().filter(|(shape, _)| *shape == Shape::MacaroonsHeader) {
        is_found(shape, &text, "GET /v2/tokens HTTP/1.1\r\nMacaroons: ", "\r\nAccept: */*\r\n");
        is_found(shape, &text, "Cookie: macaroon-1a2b=", "; Path=/\n");
        is_found(shape, &text, r#"{"headers": {"Macaroons": ["#.to_owned().as_str(), "]}}");
    }
}

#[test]
fn as_an_object_in_json() {
    for (shape, text) in every_shape().into_iter().filter(|(_, text)| text.starts_with('{')) {
        is_found(shape, text.trim_end(), r#"{"status": {"code": 200}, "body": "#, r#", "more": [{"a": 1}]}"#);
        is_found(shape, text.trim_end(), "[{\"a\": 1}, ", ", {}]");
    }
}

#[test]
fn in_a_shell_history() {
    for (shape, text) in every_shape() {
        let text = text.trim_end();
        is_found(shape, &text.replace('\n', "\\n"), ": 1764000000:0;export CREDENTIALS='", "'\nls -l\n");
        let line = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        is_found(shape, &line, "curl -s -H \"", "\" https://dashboard.snapcraft.io/dev/api/account\n");
        is_found(shape, &line, "printf \"", "\\n\" > snapcraft.cfg\n");
    }
}

#[test]
fn in_a_diff() {
    let before = "--- a/ci.env\n+++ b/ci.env\n@@ -1,3 +1,4 @@\n PATH=/bin\n";
    for (shape, text) in every_shape() {
        for sign in ["+", "-"] {
            let added = text.trim_end().replace('\n', &format!("\n{sign}"));
            is_found(shape, &added, &format!("{before}{sign}"), &format!("\n{sign}X=1\n Y=2\n"));
        }
        is_found(shape, &text.trim_end().replace('\n', "\n "), &format!("{before} "), "\n+Y=2\n");
    }
}

#[test]
fn in_lines_of_base64() {
    let one_line = |text: &String| {
        text.trim_end().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+/=".contains(&byte))
    };
    for (shape, text) in every_shape().into_iter().filter(|(_, text)| one_line(text)) {
        for width in [52, 64, 76] {
            let lines: Vec<&str> =
                text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
            for (before, between) in [
                ("", "\n"),
                ("x:\n    ", "\n    "),
                ("\r\n", "\r\n"),
                ("@@\n+", "\n+"),
                ("@@\n-key: ", "\n-  "),
            ] {
                is_found(
                    shape,
                    &lines.join(between),
                    before,
                    &format!("{}\n", between.trim_end_matches(' ')),
                );
            }
            is_found(shape, &lines.join("\\n"), "{\"data\": \"", "\\n\"}");
        }
    }
}

#[test]
fn between_binary_data() {
    for (shape, text) in every_shape() {
        for glue in ["", "A", "x9", "Zm9"] {
            let mut bytes = vec![0, 0xff, 0x80, 0x1b];
            bytes.extend_from_slice(glue.as_bytes());
            let offset = bytes.len();
            bytes.extend_from_slice(text.trim_end().as_bytes());
            let length = bytes.len() - offset;
            bytes.extend_from_slice(&[0, 1, 2, 0xfe]);
            // A header with letters before it is a word that is not the scheme.
            if shape != Shape::Header || glue.is_empty() {
                assert_eq!(outlines(&bytes), [(offset, length, shape)], "{shape} after {glue}");
            }
        }
    }
}

#[test]
fn a_finding_shows_no_token() {
    let (r, _) = tokens();
    for (_, text) in every_shape() {
        let shown = format!("{:?}", find(text.as_bytes()));
        assert!(!shown.contains(&r[..20]) && !shown.contains(&text[..text.len().min(30)]), "{shown}");
    }
    let shown = format!("{:?}", find(r.as_bytes())[0]);
    assert_eq!(format!("{:?}", Scanner::new()), "Scanner { at: 0, .. }");
    assert_eq!(shown, format!("Finding {{ places: [0..{}], shape: Macaroon, .. }}", r.len()));
}
