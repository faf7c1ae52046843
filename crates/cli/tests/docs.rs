//! What the pages name: every path, command, make target and endpoint in the README, the guides, `docs/` and the crates'
//! READMEs is there.
#![expect(clippy::unwrap_used, reason = "a failed assumption of a test should end it, also in a helper")]

#[path = "docs/page.rs"]
mod page;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;

use page::{Kind, Mention};

/// What looks like a path or a command of ours and is none, with the reason.
const EXCEPTIONS: [(&str, &str); 5] = [
    ("blobs/", "below the data directory"),
    ("data_dir/blobs/", "the data directory of a service"),
    ("meta/snap.yaml", "inside a snap file"),
    ("target/", "made by a build"),
    ("crates/NAME/", "a crate that a reader is about to make"),
];
const FILES: [&str; 10] = [".rs", ".md", ".py", ".sh", ".toml", ".yaml", ".yml", ".sql", ".json", ".assert"];

#[test]
fn everything_that_a_page_names_is_there() {
    let mut house = House::read();
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in pages() {
        let text = std::fs::read_to_string(&path).unwrap();
        let mentions = page::mentions(&text);
        house.bases = bases(&text);
        count += mentions.len();
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        wrong.extend(house.missing(&name, &mentions));
    }
    assert!(count > 500, "the pages have lost their form: {count} spans, links and lines of a shell");
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn a_planted_stale_name_is_found() {
    let house = House::read();
    for (text, found) in [
        ("see `domain/login.rs`", "no file domain/login.rs"),
        ("see `service/migrations/`", "no file service/migrations/"),
        ("[x](nowhere.md)", "no file nowhere.md"),
        ("`macaroond burn`", "macaroond has no burn"),
        ("`macaroond keys shop show`", "keys has no shop"),
        ("`macaroond verify FILE --rooot x`", "verify has no --rooot"),
        ("```sh\nmacaroond mint \\\n  --emial x\n```", "mint has no --emial"),
        ("```console\n$ target/debug/macaroond prod\n```", "macaroond has no prod"),
        ("```sh\n(umask 077; macaroond keys route reveal)\n```", "keys has no route"),
        ("`make coffee`", "no target coffee"),
        ("`GET /v1/revocation`", "no endpoint GET /v1/revocation"),
        ("`DELETE /healthz`", "no endpoint DELETE /healthz"),
    ] {
        let wrong = house.missing("README.md", &page::mentions(text));
        assert!(wrong.iter().any(|wrong| wrong.contains(found)), "{text}: {wrong:?}");
    }
}

#[test]
fn a_name_that_is_there_is_not_found() {
    let house = House::read();
    for text in [
        "`credentials/login.rs` and `crates/storage/migrations/`, [x](docs/errors.md#codes), [y](https://example.com/z.md)",
        "`macaroond keys store show --root-assertion --data-dir d`, `macaroond --version`, `macaroond revoke ci.login --server x`",
        "`GET`, `PUT /v1/packages/{name}/policy`; `POST /v1/revocations/12/lift`; `GET /v2/assertions/account/a/b?x=1`",
        "```sh\nMACAROOND_PASSWORD=x macaroond mint --email a > b.txt   # --nothing\nmake demo\n```",
    ] {
        let wrong = house.missing("README.md", &page::mentions(text));
        assert!(wrong.is_empty(), "{text}: {wrong:?}");
    }
}

/// What there is.
struct House {
    program: clap::Command,
    targets: Vec<String>,
    /// Methods and path of each route.
    routes: Vec<(Vec<&'static str>, String)>,
    /// Folders that the page says its paths are below.
    bases: Vec<String>,
}

impl House {
    fn read() -> House {
        let mut program = macaroond::Arguments::command();
        program.build();
        let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
        let targets = makefile.lines().filter_map(|line| Some(line.strip_prefix(".PHONY: ")?.to_owned()));
        House { program, targets: targets.collect(), routes: routes(), bases: Vec::new() }
    }

    /// What of these mentions is not there, in words.
    fn missing(&self, page: &str, mentions: &[Mention]) -> Vec<String> {
        let judged = mentions.iter().filter_map(|mention| {
            let problem = match mention.kind {
                Kind::Link => is_missing_link(page, &mention.text),
                Kind::Span => self.judge(page, mention.kind, &mention.text),
                // A line of a shell may hold several commands.
                Kind::Shell => mention
                    .text
                    .split([';', '|', '&', '('])
                    .find_map(|text| self.judge(page, mention.kind, text)),
            }?;
            let mut told = String::new();
            write!(told, "{page}:{}: {problem}", mention.line).unwrap();
            Some(told)
        });
        judged.collect()
    }

    fn judge(&self, page: &str, kind: Kind, text: &str) -> Option<String> {
        let words: Vec<&str> = text.split_whitespace().take_while(|word| !ends(word)).collect();
        let is_setting = |word: &&&str| word.contains('=') && !word.starts_with('-');
        let words: Vec<&str> = words.iter().skip_while(is_setting).copied().collect();
        match words.as_slice() {
            [program, rest @ ..] if program.rsplit('/').next() == Some("macaroond") => self.command(rest),
            ["make", target, ..] if target.starts_with(|letter: char| letter.is_ascii_lowercase()) => {
                let is_there = self.targets.iter().any(|known| known == target);
                (!is_there).then(|| format!("there is no target {target} in the Makefile"))
            }
            [method @ ("GET" | "POST" | "PUT" | "DELETE" | "HEAD"), path, ..] if path.starts_with('/') => {
                self.endpoint(method, path)
            }
            [path] if kind == Kind::Span && is_path(path) && !self.is_file(page, path) => {
                Some(format!("there is no file {path}"))
            }
            _ => None,
        }
    }

    /// Follows the words of a command through its subcommands, and looks for each flag where it stands.
    fn command(&self, words: &[&str]) -> Option<String> {
        let mut at = &self.program;
        let mut is_value = false;
        for word in words {
            if let Some(flag) = word.strip_prefix("--") {
                let name = flag.split(['=', ',', '.', ']']).next().unwrap_or(flag);
                let argument = at.get_arguments().find(|argument| argument.get_long() == Some(name));
                match argument {
                    Some(argument) => {
                        is_value = argument.get_action().takes_values() && !flag.contains('=');
                    }
                    None => return Some(format!("{} has no --{name}", at.get_name())),
                }
            } else if is_value {
                is_value = false;
            } else if let Some(next) = at.find_subcommand(word) {
                at = next;
            } else if at.has_subcommands() && word.starts_with(|letter: char| letter.is_ascii_lowercase()) {
                return Some(format!("{} has no {word}", at.get_name()));
            }
        }
        None
    }

    /// Below the root, below the service's sources, below what the page names for it, or beside the page.
    fn is_file(&self, page: &str, word: &str) -> bool {
        let beside = root().join(page);
        let beside = beside.parent().unwrap();
        let places = [root().to_owned(), root().join("service/src"), beside.to_owned(), beside.join("src")];
        places
            .into_iter()
            .chain(self.bases.iter().map(|base| root().join(base)))
            .any(|place| place.join(word).exists())
    }

    fn endpoint(&self, method: &str, path: &str) -> Option<String> {
        if path.contains('…') {
            return None;
        }
        let path = path.split('?').next().unwrap_or(path);
        let is_there =
            self.routes.iter().any(|(methods, route)| methods.contains(&method) && matches(route, path));
        (!is_there).then(|| format!("there is no endpoint {method} {path}"))
    }
}

/// Where a command ends in a line of a shell.
fn ends(word: &str) -> bool {
    matches!(word, "|" | "||" | "&&" | ";" | ">" | "2>" | "#" | "&")
}

/// Whether a path is one of a route. A placeholder takes one part, one with a pattern takes the rest.
fn matches(route: &str, path: &str) -> bool {
    let (mut route, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (route.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(_)) if part.contains(':') => return true,
            (Some(part), Some(word)) if part == word || (part.starts_with('{') && !word.is_empty()) => {}
            _ => return false,
        }
    }
}

/// The routes, as the sources of `http` state them: a path in quotes or a constant, then its methods.
fn routes() -> Vec<(Vec<&'static str>, String)> {
    let mut routes = Vec::new();
    let http = root().join("service/src/http");
    let read = |name: &str| std::fs::read_to_string(http.join(name)).unwrap();
    let constant = |file: &str, name: &str| {
        let source = read(file);
        let after = source.split(&format!("const {name}: &str = \"")).nth(1).unwrap().to_owned();
        after.split('"').next().unwrap().to_owned()
    };
    let table = read("mod.rs")
        .replace("dashboard::status::PATH", &format!("\"{}\"", constant("dashboard/status.rs", "PATH")))
        .replace("assertions::V2", &format!("\"{}\"", constant("assertions.rs", "V2")))
        .replace("assertions::V1", &format!("\"{}\"", constant("assertions.rs", "V1")));
    for source in [table, read("dashboard/not_implemented.rs")] {
        for piece in source.split("\"/").skip(1) {
            let (path, rest) = piece.split_once('"').unwrap();
            // A loop over paths ends in the method that all of them have.
            let rest = if rest.starts_with(", web::post().to(change_")
                && !rest.starts_with(", web::post().to(change_validation_sets)));")
            {
                format!("{rest} web::get()")
            } else {
                rest.to_owned()
            };
            let methods = [("GET", "get()"), ("POST", "post()"), ("PUT", "put()"), ("HEAD", "head()")];
            let methods = methods.into_iter().filter(|(_, call)| rest.contains(&format!("web::{call}")));
            routes.push((methods.map(|(method, _)| method).collect(), format!("/{path}")));
        }
    }
    routes
}

/// Whether a span is the path of a file or a folder of ours.
fn is_path(word: &str) -> bool {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-/".contains(letter);
    let is_outside = word.starts_with(['/', '.', '~']) || !word.contains('/') || !word.chars().all(is_plain);
    let first = word.split('/').next().unwrap_or(word);
    let is_ours = root().join(first).is_dir();
    !is_outside
        && !EXCEPTIONS.iter().any(|(known, _)| word.starts_with(known))
        && (is_ours || FILES.iter().any(|end| word.ends_with(end)) || word.ends_with('/'))
}

/// What stands behind the word "below", as in: below `caveats/src/`.
fn bases(text: &str) -> Vec<String> {
    let named = text.split("elow `").skip(1).filter_map(|after| Some(after.split_once('`')?.0.to_owned()));
    named.collect()
}

fn is_missing_link(page: &str, target: &str) -> Option<String> {
    let path = target.split('#').next().unwrap_or(target);
    if path.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let beside = root().join(page);
    let is_there = beside.parent().unwrap().join(path).exists();
    (!is_there).then(|| format!("there is no file {path}"))
}

fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> =
        ["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root().join(name)).into();
    let of = |folder: &Path| {
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>()
    };
    pages.extend(
        of(&root().join("docs")).into_iter().filter(|path| path.extension().is_some_and(|end| end == "md")),
    );
    let readmes = of(&root().join("crates")).into_iter().map(|folder| folder.join("README.md"));
    pages.extend(readmes.filter(|path| path.exists()));
    pages
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
