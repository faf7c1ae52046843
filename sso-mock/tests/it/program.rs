//! The `sso-mock` program.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::support::http;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sso-mock"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A program that is killed, should the test fail.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _already_ended = self.0.kill();
        let _status = self.0.wait();
    }
}

fn write_accounts(path: &Path) {
    let ada = json!({
        "email": "ada@example.com", "username": "ada", "display_name": "Ada", "password": "pw",
        "groups": ["publisher"], "subject": "1",
    });
    std::fs::write(path, json!([ada]).to_string()).unwrap();
}

#[tokio::test]
async fn it_prints_its_issuer_serves_the_accounts_of_the_file_and_stops_when_told() {
    for signal in ["INT", "TERM"] {
        let dir = tempfile::tempdir().unwrap();
        let (secret_file, accounts) = (dir.path().join("secret"), dir.path().join("accounts.json"));
        write_accounts(&accounts);
        let mut command = program();
        command.arg("--client-secret-file").arg(&secret_file).arg("--accounts").arg(&accounts);
        let mut running = Running(command.args(["--client-id", "me"]).spawn().unwrap());
        let mut out = BufReader::new(running.0.stdout.take().unwrap());
        let mut issuer = String::new();
        out.read_line(&mut issuer).unwrap();
        let issuer = issuer.trim_end();

        // The secret was made, for its owner alone.
        let secret = std::fs::read_to_string(&secret_file).unwrap();
        assert_eq!(secret_file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let form = [("grant_type", "password"), ("username", "ada"), ("password", "pw")];
        let request = http().post(format!("{issuer}/token")).basic_auth("me", Some(secret.trim_end()));
        let tokens: Value = request.form(&form).send().await.unwrap().json().await.unwrap();
        assert!(tokens["id_token"].is_string(), "{tokens}");

        let pid = running.0.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
        assert!(running.0.wait().unwrap().success());
        let mut rest = String::new();
        out.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }
}

#[test]
fn what_it_cannot_use_is_named_without_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let (secret, accounts) = (dir.path().join("secret"), dir.path().join("accounts.json"));
    let run = || {
        let mut command = program();
        command.arg("--client-secret-file").arg(&secret).arg("--accounts").arg(&accounts);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    std::fs::write(&secret, "\n").unwrap();
    assert!(run().contains("secret is empty"));
    std::fs::write(&secret, "something").unwrap();
    assert!(run().contains("accounts.json: No such file"));
    std::fs::write(&accounts, r#"[{"email": "a@example.com", "password": 17, "hunter": 2}]"#).unwrap();
    let error = run();
    assert!(error.contains("accounts.json: a string was expected, at line 1, column"), "{error}");
    assert!(!error.contains("17"), "{error}");
}

#[test]
fn help_explains_every_flag() {
    let output = program().arg("--help").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for flag in ["--listen", "--issuer", "--client-id", "--client-secret-file", "--accounts", "--algorithm"] {
        assert!(help.contains(flag), "{flag}");
    }
    assert_eq!(program().output().unwrap().status.code(), Some(2));
}
