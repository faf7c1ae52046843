//! The example program: another service that verifies credentials by itself and follows the revocations.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use caveats::{Macaroon, RootKey};
use serde_json::json;
use storage::records::KeyPurpose;
use storage::sealing::reveal;

use crate::support::{Held, List, TestApp, until};

const BOUND: Duration = Duration::from_secs(3);

/// The running example.
struct Verifier {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Verifier {
    /// With the newest root key and a credential to watch with.
    async fn start(app: &TestApp, watcher: &Held) -> Verifier {
        let state = app.state();
        let key = state.records.keys(KeyPurpose::Root).await.unwrap().into_iter().next().unwrap();
        let raw = STANDARD.encode(reveal(&state.master, KeyPurpose::Root, &key).unwrap().as_slice());
        let at = |name: &str| app.data_dir().join(name);
        std::fs::write(at("root.key"), raw).unwrap();
        std::fs::write(at("watcher.txt"), watcher.export()).unwrap();
        let mut process = Command::new(program())
            .arg(app.url(""))
            .args(["--key-id", key.id.as_str(), "--bound", &format!("{}s", BOUND.as_secs())])
            .arg("--key")
            .arg(at("root.key"))
            .arg("--watcher")
            .arg(at("watcher.txt"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Verifier { process, input, output }
    }

    fn verdict(&mut self, header: &str) -> String {
        writeln!(self.input, "{header}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// Waits for a verdict of this kind.
    async fn comes_to(&mut self, held: &Held, kind: &str) -> String {
        until(kind, async || Some(self.verdict(&held.header())).filter(|verdict| verdict.starts_with(kind)))
            .await
    }
}

impl Drop for Verifier {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Cargo builds examples along with the tests, and tells nobody where.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().unwrap().parent().unwrap().join("examples/verifier");
    assert!(
        program.exists(),
        "cargo build -p macaroond --example verifier has not made {}",
        program.display()
    );
    program
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_honours_a_revocation_within_its_bound_and_accepts_nothing_when_it_cannot_tell() {
    let mut app = TestApp::start(List::Embedded).await;
    // One login each, so that no clock is turned: the example has the machine's.
    let (own, engineer) = (app.log_in(&app.publisher).await, app.log_in(&app.security).await);
    let (ci, child) = (own.on_channel("edge"), own.on_channel("edge").on_channel("edge/fix"));
    let mut verifier = Verifier::start(&app, &engineer).await;
    verifier.comes_to(&ci, "ACCEPTED").await;
    assert!(verifier.verdict(&engineer.header()).contains("not package_access"), "the caveats are asked");
    let mut forged = ci.clone();
    forged.root = Macaroon::mint(&RootKey::derive(b"another"), "x", "1.2.3").unwrap();
    assert_eq!(verifier.verdict(&forged.header()), "REFUSED (not genuine)\n");
    assert_eq!(verifier.verdict("nothing"), "REFUSED (not genuine)\n");

    app.revoke(&own, &ci.leaked()).await.success();
    let acknowledged = Instant::now();
    let refusal = verifier.comes_to(&ci, "REFUSED (revoked at ").await;
    assert!(acknowledged.elapsed() < BOUND, "{refusal}");
    assert!(verifier.verdict(&child.header()).starts_with("REFUSED (revoked"), "and what was made from it");
    verifier.comes_to(&own, "ACCEPTED").await;
    app.revoke(&own, &json!({"text": own.export(), "scope": "session"})).await.success();
    verifier.comes_to(&own, "REFUSED (revoked at ").await;

    let simple = app.log_in(&app.simple).await;
    verifier.comes_to(&simple, "ACCEPTED").await;
    let stopped = Instant::now();
    app.stop();
    let unsure = verifier.comes_to(&simple, "CANNOT TELL").await;
    assert!(unsure.contains("nothing was heard of the service since"), "{unsure}");
    assert!(stopped.elapsed() < BOUND + Duration::from_secs(2));
    assert!(verifier.verdict(&ci.header()).starts_with("REFUSED"), "what is known to be dead stays so");
}
