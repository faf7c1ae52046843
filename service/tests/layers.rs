//! One direction inside the service: http → publishing | revoking → authorization → credentials → authority | sso. Fails when
//! a source file names what stands to its left, when files of any crate name each other in a circle, and when a file does
//! not say what it owns or has grown too long.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed assumption of a test should end it, also in a helper, where clippy sees no test"
)]

#[path = "layers/circles.rs"]
mod circles;
#[path = "layers/code.rs"]
mod code;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use code::{Token, code_of, tokens};

/// From left to right; what shares a place stands side by side.
const ORDER: [&[&str]; 5] =
    [&["http"], &["publishing", "revoking"], &["authorization"], &["credentials"], &["authority", "sso"]];
/// They put the rest together, and nobody names them.
const COMPOSERS: [&str; 4] = ["startup", "config", "telemetry", "lib"];
/// Who may nevertheless name what: a file or folder, and the path named.
const EXCEPTIONS: [(&str, &str); 2] = [("http/state.rs", "config::Settings"), ("startup", "config")];
const MAX_LINES: usize = 350;

#[test]
fn no_file_names_what_stands_to_its_left() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&root);
    assert!(files.len() > 50, "the sources were not found in {}", root.display());
    let violations: Vec<String> = files
        .iter()
        .flat_map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap();
            violations(name, &std::fs::read_to_string(path).unwrap())
        })
        .map(|violation| violation.to_string())
        .collect();
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn every_part_of_the_tree_has_its_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let known = |name: &str| COMPOSERS.contains(&name) || place(name).is_some();
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(known(name), "{name} is in no layer: give it its place in tests/layers.rs");
    }
}

#[test]
fn every_file_says_what_it_owns_and_is_short_enough_to_be_one_idea() {
    let sources = sources_of_every_crate();
    let wrong: Vec<String> = sources
        .iter()
        .flat_map(|(folder, files)| files.iter().map(move |(file, source)| (folder, file, source)))
        .flat_map(|(folder, file, source)| {
            forms(source).into_iter().map(move |(line, what)| format!("{folder}/{file}:{line}: {what}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn files_name_each_other_in_no_circle() {
    let circles: Vec<String> = sources_of_every_crate()
        .iter()
        .flat_map(|(folder, files)| {
            circles::circles(files).into_iter().map(move |circle| format!("{folder}: {}", circle.join(", ")))
        })
        .collect();
    assert!(circles.is_empty(), "\n{}\n", circles.join("\n"));
}

/// The source of every crate of the workspace that has one, by its folder: each file by its path there.
fn sources_of_every_crate() -> BTreeMap<String, BTreeMap<String, String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folders = [root.to_owned(), root.join("crates")];
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let crates: BTreeMap<_, _> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|folder| folder.join("Cargo.toml").exists() && folder.join("src").exists())
        .map(|folder| {
            let source = folder.join("src");
            let files = sources(&source).into_iter().map(|path| {
                let name = path.strip_prefix(&source).unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read_to_string(path).unwrap())
            });
            (source.strip_prefix(root).unwrap().to_str().unwrap().to_owned(), files.collect())
        })
        .collect();
    assert!(crates.len() > 10, "the crates were not found in {}", root.display());
    crates
}

#[test]
fn a_planted_violation_is_found() {
    for (file, source, found) in [
        (
            "sso/provider.rs",
            "use crate::http::state::State;\n",
            "src/sso/provider.rs:2: names crate::http::state::State",
        ),
        (
            "sso/provider.rs",
            "\n\nuse crate::credentials::verify;\n",
            "src/sso/provider.rs:4: names crate::credentials::verify",
        ),
        (
            "credentials/login.rs",
            "use super::super::http::problem::Problem;\n",
            "names crate::http::problem::Problem",
        ),
        (
            "authority/sign.rs",
            "use crate::{\n    authority::keys,\n    publishing::{builds, release},\n};\n",
            "rs:4: names crate::publishing::builds",
        ),
        ("publishing/builds.rs", "fn f() { crate::revoking::find(p); }\n", "names crate::revoking::find"),
        ("publishing/builds.rs", "use crate::config::Settings;\n", "names crate::config::Settings"),
        ("authorization/mod.rs", "use crate::revoking::Named;\n", "names crate::revoking::Named"),
        ("http/body.rs", "use crate::config::Settings;\n", "names crate::config::Settings"),
        ("http/body.rs", "use crate::startup::Service;\n", "names crate::startup::Service"),
        (
            "config/mod.rs",
            "use crate::credentials::login::Login;\n",
            "names crate::credentials::login::Login",
        ),
    ] {
        let violations = violations(file, &format!("//! Doc.\n{source}"));
        let texts: Vec<String> = violations.iter().map(ToString::to_string).collect();
        assert!(texts.iter().any(|text| text.contains(found)), "{file}: {source}{texts:?}");
    }
    assert_eq!(violations("sso/mod.rs", "use std::fmt;\n").len(), 1, "no module documentation");
    assert_eq!(violations("sso/mod.rs", &format!("//! Doc.\n{}", "\n".repeat(349))).len(), 0);
    assert_eq!(violations("sso/mod.rs", &format!("//! Doc.\n{}", "\n".repeat(350))).len(), 1, "too long");
}

#[test]
fn what_is_allowed_is_not_found() {
    for (file, source) in [
        ("http/state.rs", "use crate::config::Settings;\nuse crate::publishing::workspace::Workspace;\n"),
        ("http/dashboard/push.rs", "use super::super::state::State;\nuse crate::http::body::Json;\n"),
        (
            "http/mod.rs",
            "use sso::refresh;\nuse self::sso::discharge;\npub(crate) mod a;\npub(super) fn b() {}\n",
        ),
        ("credentials/login.rs", "use crate::sso::Provider;\nuse crate::authority::{keys, sign};\n"),
        ("config/mod.rs", "use crate::sso::SsoSettings;\n"),
        ("startup.rs", "use crate::http::state::State;\nuse crate::config::Settings;\n"),
        (
            "sso/mod.rs",
            "/// See [`x`](crate::http::state).\n// crate::http\nlet a = \"crate::http::state\";\n",
        ),
        (
            "sso/mod.rs",
            "let a = r#\"a \" crate::http\"#;\nlet b = '\"';\nlet c: &'static str = \"\\\"crate::http\";\n",
        ),
        ("sso/mod.rs", "/* crate::http /* crate::config */ crate::publishing */\n"),
    ] {
        let violations = violations(file, &format!("//! Doc.\n{source}"));
        let texts: Vec<String> = violations.iter().map(ToString::to_string).collect();
        assert!(texts.is_empty(), "{file}: {source}{texts:?}");
    }
}

/// Something that a source file should not do.
struct Violation {
    file: String,
    line: usize,
    what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "service/src/{}:{}: {}", self.file, self.line, self.what)
    }
}

/// What is wrong with a source file, by its path under `src`.
fn violations(file: &str, source: &str) -> Vec<Violation> {
    let violation = |line: usize, what: String| Violation { file: file.to_owned(), line, what };
    let mut found: Vec<Violation> =
        forms(source).into_iter().map(|(line, what)| violation(line, what)).collect();
    let tokens = tokens(&code_of(source));
    for named in paths(&tokens, &module(file)) {
        if !may_name(file, &named.path) {
            let path = named.path.join("::");
            found.push(violation(
                named.line,
                format!("names crate::{path}, which stands to its left or beside it"),
            ));
        }
    }
    found
}

/// What is wrong with the form of any source file, and in which line.
fn forms(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    if !source.starts_with("//!") && !source.starts_with("#![doc = include_str!") {
        found.push((1, "does not begin with `//!`, which says what it owns".to_owned()));
    }
    let lines = source.lines().count();
    if lines > MAX_LINES {
        found.push((lines, format!("is longer than {MAX_LINES} lines: split it by noun")));
    }
    found
}

/// The layer's place from the left.
fn place(layer: &str) -> Option<usize> {
    ORDER.iter().position(|place| place.contains(&layer))
}

fn may_name(file: &str, path: &[String]) -> bool {
    let own = layer_of(file);
    let (Some(named), Some(last)) = (path.first().map(String::as_str), path.last()) else { return true };
    let excepted = |(who, what): &(&str, &str)| {
        let here = file == *who || own == *who;
        here && path.join("::").starts_with(what)
    };
    if named == own || EXCEPTIONS.iter().any(excepted) {
        return true;
    }
    match (place(own), place(named)) {
        // Settings of lower layers are read where all settings are.
        (None, Some(_)) if own == "config" => ["Settings", "Policy"].iter().any(|end| last.ends_with(end)),
        // Who puts the others together may name them all.
        (None, Some(_)) => true,
        (Some(own), Some(named)) => named > own,
        (_, None) => !COMPOSERS.contains(&named),
    }
}

fn layer_of(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(first)
}

/// The module that a file is.
pub(crate) fn module(file: &str) -> Vec<String> {
    let mut module: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "main" | "lib")) {
        module.pop();
    }
    module
}

/// A path from the root of the crate, and where it is named.
pub(crate) struct Named {
    pub(crate) path: Vec<String>,
    line: usize,
}

/// Every path that begins with `crate` or `super`, made one from the root of the crate.
pub(crate) fn paths(tokens: &[Token], module: &[String]) -> Vec<Named> {
    let mut named = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let first = at.checked_sub(1).is_none_or(|before| tokens[before].text != "::");
        let follows = tokens.get(at + 1).is_some_and(|next| next.text == "::");
        if !first || !follows {
            continue;
        }
        let base = match token.text.as_str() {
            "crate" => Vec::new(),
            "super" => parent(module),
            _ => continue,
        };
        tree(tokens, at + 2, base, token.line, &mut named);
    }
    named
}

/// Reads the rest of a path, or of a tree of them in braces; answers with the place behind it.
fn tree(
    tokens: &[Token],
    mut at: usize,
    mut path: Vec<String>,
    line: usize,
    named: &mut Vec<Named>,
) -> usize {
    let mut line = line;
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "super" => path = parent(&path),
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    if tokens[at].text == "," {
                        at += 1;
                    } else {
                        at = tree(tokens, at, path.clone(), tokens[at].line, named).max(at + 1);
                    }
                }
                return at + 1;
            }
            text if text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') => {
                line = token.line;
                path.push(text.to_owned());
            }
            _ => break,
        }
        at += 1;
        if tokens.get(at).is_none_or(|next| next.text != "::") {
            // `a as b`
            if tokens.get(at).is_some_and(|next| next.text == "as") {
                at += 2;
            }
            break;
        }
        at += 1;
    }
    named.push(Named { path, line });
    at
}

pub(crate) fn parent(module: &[String]) -> Vec<String> {
    module.split_last().map_or_else(Vec::new, |(_, parent)| parent.to_vec())
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}
