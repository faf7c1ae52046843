//! The program itself, as a person or a script runs it: mint, inspect, attenuate, use, revoke, against a `dev` service.
#![cfg(test)]

#[path = "commands/leaks.rs"]
mod leaks;
#[path = "commands/vouching.rs"]
mod vouching;

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use caveats::exported;
use macaroond::commands::demo::stage::{Person, Stage};
use model::account::Role;
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_macaroond");

/// A service, and a directory to work in.
struct Shop {
    stage: Stage,
    directory: tempfile::TempDir,
}

impl Shop {
    async fn open() -> Shop {
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let keys = Path::new(env!("CARGO_TARGET_TMPDIR")).join("store-keys");
        let stage = Stage::start_with(Path::new(PROGRAM), 0, None, Some(&keys)).await.unwrap();
        Shop { stage, directory: tempfile::tempdir().unwrap() }
    }

    fn publisher(&self) -> &Person {
        self.stage.person(Role::Publisher).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The program with nothing in its environment that concerns it, and with no terminal.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).current_dir(self.directory.path()).stdin(Stdio::null());
        for name in ["MACAROOND_EMAIL", "MACAROOND_PASSWORD", "MACAROOND_CODE", "MACAROOND_LOG"] {
            command.env_remove(name);
        }
        command.env("STORE_DASHBOARD_URL", self.stage.base_url());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments).output().unwrap().into()
    }

    /// Mints with password and code from the environment.
    fn mint(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(&["mint", "--email", &self.publisher().email]);
        command.args(arguments).env("MACAROOND_PASSWORD", &self.publisher().password);
        command.env("MACAROOND_CODE", self.publisher().code().unwrap());
        command.output().unwrap().into()
    }

    /// Uses the credential in a file: registers a name.
    async fn register(&self, file: &str, name: &str) -> (u16, Value) {
        let body = json!({"snap_name": name, "is_private": false, "series": "16"});
        self.send(file, reqwest::Client::new().post(self.url("/dev/api/register-name/")).json(&body)).await
    }

    /// Uses it for what every credential in force may do.
    async fn whoami(&self, file: &str) -> (u16, Value) {
        self.send(file, reqwest::Client::new().get(self.url("/api/v2/tokens/whoami"))).await
    }

    async fn send(&self, file: &str, request: reqwest::RequestBuilder) -> (u16, Value) {
        let text = std::fs::read_to_string(self.path(file)).unwrap();
        let header = exported::read(&text).unwrap().into_bundle().unwrap().to_header();
        let answer = request.header("Authorization", header).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.stage.base_url())
    }

    async fn close(self) {
        self.stage.stop().await;
    }
}

/// What a run left.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

#[actix_web::test]
async fn open_streams_do_not_hold_up_a_stop() {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    let mut stage = Stage::start(Path::new(PROGRAM), 0, None).await.unwrap();
    let credential = stage.log_in(Role::Security, &["credential_list"]).await.unwrap();
    let header = credential.into_bundle().unwrap().to_header();
    let url = format!("{}/v1/revocations/stream?after=0", stage.base_url());
    let mut events = reqwest::Client::new().get(url).header("Authorization", header).send().await.unwrap();
    assert_eq!(events.status(), 200);
    assert!(events.chunk().await.unwrap().is_some(), "the stream says something at once");
    let process = stage.process_id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &process]).status().unwrap().success());
    let told = Instant::now();
    while let Ok(Some(_)) = events.chunk().await {}
    let ended = stage.ended().await.unwrap();
    assert!(ended.success(), "{ended}");
    assert!(told.elapsed() < Duration::from_secs(5), "it waits ten seconds for a request under way");
}

#[actix_web::test]
async fn a_credential_lives_and_dies_at_the_command_line() {
    let shop = Shop::open().await;
    let minted = shop.mint(&["--output", "own", "--expires", "2h"]);
    assert_eq!((minted.code, minted.out.as_str()), (Some(0), ""), "{minted:?}");
    assert!(minted.err.contains("It allows package_access") && minted.err.contains("expires in 2 hours"));

    let inspected = shop.run(&["inspect", "own", "--json"]);
    let report: Value = serde_json::from_str(&inspected.out).unwrap();
    assert_eq!((inspected.code, &report["verdict"]), (Some(0), &json!("usable")));
    assert_eq!(report["account"]["email"], shop.publisher().email);
    assert_eq!(report["discharge"]["state"], "unbound");

    let (status, registered) = shop.register("own", "hello-macaroon").await;
    assert_eq!(status, 201, "{registered}");
    let narrowed =
        shop.run(&["attenuate", "own", "--snap", "hello-macaroon", "--channel", "edge", "-o", "narrow"]);
    assert_eq!((narrowed.code, narrowed.out.as_str()), (Some(0), ""), "{narrowed:?}");
    let report: Value = serde_json::from_str(&shop.run(&["inspect", "--json", "narrow"]).out).unwrap();
    assert_eq!(report["snap_ids"], json!([registered["snap_id"]]));
    assert_eq!(report["channels"], json!([["edge"]]));
    let (status, refused) = shop.register("narrow", "another").await;
    assert_eq!(
        (status, refused["error_list"][0]["code"].as_str()),
        (403, Some("macaroon-permission-required"))
    );

    assert_eq!(shop.whoami("narrow").await.0, 200);
    let revoked = shop.run(&["revoke", "narrow"]);
    assert!(revoked.code == Some(0) && revoked.out.starts_with("Revoked and acknowledged"), "{revoked:?}");
    let (status, refused) = shop.whoami("narrow").await;
    assert!(status == 401 && refused.to_string().contains("revoked"), "{refused}");
    assert_eq!(shop.whoami("own").await.0, 200);
    // Offline nobody can know of the revocation, and the text says so.
    let inspected = shop.run(&["inspect", "narrow"]);
    assert!(inspected.code == Some(0) && inspected.out.contains("whether it was revoked"), "{inspected:?}");
    shop.close().await;
}

#[actix_web::test]
async fn standard_output_carries_the_credential_and_nothing_else() {
    let shop = Shop::open().await;
    let minted = shop.mint(&["--permission", "package_push,package_release"]);
    let credential = minted.out.strip_suffix('\n').unwrap();
    assert_eq!(exported::read(credential).unwrap().write(), credential);
    let through = |arguments: &[&str], input: &str| {
        let mut child = shop.command(arguments);
        child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = child.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ran::from(child.wait_with_output().unwrap())
    };
    let narrowed = through(&["attenuate", "--permission", "package_push", "--expires", "1h"], &minted.out);
    assert_eq!((narrowed.code, narrowed.err.as_str()), (Some(0), ""));
    let inspected = through(&["inspect", "-"], &narrowed.out);
    assert!(inspected.out.starts_with("USABLE"), "{inspected:?}");
    assert!(inspected.out.contains("package_push  ") && !inspected.out.contains("package_release  "));
    shop.close().await;
}

#[actix_web::test]
async fn failures_have_their_exit_codes_and_say_why() {
    let shop = Shop::open().await;
    std::fs::write(shop.path("garbage"), "hello").unwrap();
    for (arguments, code, word) in [
        (&["inspect", "garbage"][..], 1, "not a credential in any known form"),
        (&["inspect", "missing"], 1, "cannot read missing"),
        (&["inspect"], 1, "the input is empty"),
        (&["attenuate", "garbage"], 2, "required arguments"),
        (&["attenuate", "garbage", "--channel", "edge"], 1, "not a credential"),
        (&["mint", "--email", "a@example.com"], 1, "set MACAROOND_PASSWORD"),
        (&["mint"], 1, "give it with --email"),
        (&["mint", "--password", "x"], 2, "never given as an argument"),
        (&["mint", "--email", "a@example.com", "--snap", "no-such"], 1, "Snap not found"),
        (&["mint", "--server", "localhost"], 1, "is no URL"),
        (&["mint", "--output", "garbage"], 1, "exists already"),
    ] {
        let ran = shop.run(arguments);
        assert!(
            ran.code == Some(code) && ran.err.contains(word) && ran.out.is_empty(),
            "{arguments:?}: {ran:?}"
        );
    }
    let mut wrong = shop.command(&["mint", "--email", &shop.publisher().email]);
    let wrong = Ran::from(wrong.env("MACAROOND_PASSWORD", "wrong").output().unwrap());
    assert!(
        wrong.code == Some(1) && wrong.err.contains("Provided email/password is not correct."),
        "{wrong:?}"
    );
    let mut codeless = shop.command(&["mint", "--email", &shop.publisher().email]);
    let codeless = codeless.env("MACAROOND_PASSWORD", &shop.publisher().password).output().unwrap();
    assert!(Ran::from(codeless).err.contains("set MACAROOND_CODE"));

    assert_eq!(shop.mint(&["--expires", "1s", "--output", "brief"]).code, Some(0));
    // Polled, as a second is a second.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let expired = loop {
        let ran = shop.run(&["inspect", "brief"]);
        if ran.code == Some(3) || std::time::Instant::now() > deadline {
            break ran;
        }
    };
    assert!(expired.code == Some(3) && expired.out.starts_with("EXPIRED"), "{expired:?}");
    shop.close().await;
}

/// On a pseudo-terminal, which `script` (of Debian's essential bsdutils) makes.
#[actix_web::test]
async fn on_a_terminal_password_and_code_are_asked_for_and_not_shown() {
    let shop = Shop::open().await;
    let email = &shop.publisher().email;
    let mint = format!("tty > terminal-name; exec '{PROGRAM}' mint --email {email} --output own");
    let mut terminal = Command::new("script");
    terminal.args(["--quiet", "--return", "--command", &mint, "/dev/null"]);
    terminal.env("STORE_DASHBOARD_URL", shop.stage.base_url()).current_dir(shop.directory.path());
    terminal.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut terminal = terminal.spawn().unwrap();
    let (mut keys, mut screen) = (terminal.stdin.take().unwrap(), terminal.stdout.take().unwrap());
    let mut shown = String::new();
    let mut until = |words: &str, shown: &mut String| {
        let mut byte = [0];
        while !shown.ends_with(words) {
            assert_eq!(screen.read(&mut byte).unwrap(), 1, "it ended before '{words}': {shown}");
            shown.push(char::from(byte[0]));
        }
    };
    let code = shop.publisher().code().unwrap();
    for (prompt, answer) in [("Password: ", &shop.publisher().password), ("One-time code: ", &code)] {
        until(prompt, &mut shown);
        // The prompt stands before the echo is off, and what is typed in between is thrown away.
        until_echo_is_off(&shop.path("terminal-name"));
        writeln!(keys, "{answer}").unwrap();
    }
    until("only you can read it.", &mut shown);
    assert!(terminal.wait().unwrap().success(), "{shown}");
    assert!(!shown.contains(&shop.publisher().password) && !shown.contains(&code), "{shown}");
    assert_eq!(shop.run(&["inspect", "own"]).code, Some(0));
    shop.close().await;
}

fn until_echo_is_off(terminal_name: &Path) {
    let name = std::fs::read_to_string(terminal_name).unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let settings = Command::new("stty").args(["--all", "--file", name.trim()]).output().unwrap();
        if String::from_utf8_lossy(&settings.stdout).split_whitespace().any(|word| word == "-echo") {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "the terminal shows what is typed: {settings:?}");
    }
}
