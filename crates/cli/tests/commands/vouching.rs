//! The store's word at the command line: its keys made, shown and replaced, a file verified, a publisher's key revoked.

use assertions::{NewAccountKeyRequest, NewSnapBuild, PrivateKey};
use macaroond::commands::demo::snap::make;
use model::clock::Clock;
use service::authority::keys::files;
use sha3::{Digest as _, Sha3_384};
use storage::sealing::MasterKey;

use super::*;

const BOUNDARY: &str = "boundary-of-the-tests";

impl Shop {
    /// `macaroond keys`, of the running service's data directory.
    fn keys(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(&["keys"]);
        command.args(arguments).arg("--data-dir").arg(self.stage.directory());
        command.output().unwrap().into()
    }

    /// Registers a name, and uploads and pushes a file that is also written to `file`; with an assertion, if there is one.
    async fn publish(
        &self,
        credential: &str,
        snap: &str,
        file: &str,
        sign: impl Fn(&str, &[u8]) -> Option<String>,
    ) {
        let (status, registered) = self.register(credential, snap).await;
        assert_eq!(status, 201, "{registered}");
        let bytes = make(snap, "1.0").unwrap();
        std::fs::write(self.path(file), &bytes).unwrap();
        let part = |name: &str, content: &[u8]| {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"f\"\r\n\r\n"
            );
            [head.as_bytes(), content, b"\r\n"].concat()
        };
        let mut body = part("binary", &bytes);
        if let Some(assertion) = sign(registered["snap_id"].as_str().unwrap(), &bytes) {
            body.extend(part("assertion", assertion.as_bytes()));
        }
        body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
        let upload = reqwest::Client::new().post(self.url("/unscanned-upload/")).body(body);
        let upload = upload.header("Content-Type", format!("multipart/form-data; boundary={BOUNDARY}"));
        let uploaded: Value = upload.send().await.unwrap().json().await.unwrap();
        let push = json!({"name": snap, "updown_id": uploaded["upload_id"]});
        let (status, pushed) = self
            .send(credential, reqwest::Client::new().post(self.url("/dev/api/snap-push/")).json(&push))
            .await;
        assert_eq!(status, 202, "{pushed}");
    }

    /// Lets the file with the root key's assertion be there.
    fn trust(&self) {
        let shown = self.keys(&["store", "show", "--root-assertion"]);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        std::fs::write(self.path("root.assert"), shown.out).unwrap();
    }
}

#[actix_web::test]
async fn a_file_is_vouched_for_offline_and_another_is_not() {
    let shop = Shop::open().await;
    assert_eq!(shop.mint(&["--output", "own"]).code, Some(0));
    shop.publish("own", "hello-macaroon", "hello.snap", |_, _| None).await;
    shop.trust();
    let url = shop.stage.base_url();
    let fetched = shop.run(&["verify", "hello.snap", "--root", "root.assert", "--fetch", url]);
    assert_eq!(fetched.code, Some(0), "{fetched:?}");
    let offline = shop.run(&["verify", "hello.snap", "--root", "root.assert"]);
    assert_eq!((offline.code, &offline.out), (Some(0), &fetched.out), "{offline:?}");
    assert!(offline.out.starts_with("VOUCHED FOR: hello.snap is revision 1 of the snap hello-macaroon."));
    for word in ["Demo Publisher (publisher), unproven", "by the store", "not signed by its publisher"] {
        assert!(offline.out.contains(word), "'{word}' was due: {}", offline.out);
    }
    let json = shop.run(&["verify", "hello.snap", "--root", "root.assert", "--json"]);
    let report: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((&report["vouched"], &report["snap"]["revision"]), (&json!(true), &json!(1)), "{report}");
    let root_id = report["keys"][0].as_str().unwrap();
    assert_eq!(shop.run(&["verify", "hello.snap", "--root", root_id]).code, Some(0));

    let mut bytes = std::fs::read(shop.path("hello.snap")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(shop.path("other.snap"), bytes).unwrap();
    let other = &["verify", "other.snap", "--root", "root.assert", "--assertions", "hello.assert"][..];
    let unknown = &["verify", "other.snap", "--root", "root.assert", "--fetch", url];
    let nobody = format!("-{}", "A".repeat(63));
    let (hello, other_store) = (shop.path("hello.assert"), shop.path("changed.assert"));
    let changed = std::fs::read_to_string(&hello).unwrap().replace("snap-revision: 1", "snap-revision: 2");
    std::fs::write(&other_store, changed).unwrap();
    for (arguments, code, word) in [
        (other, 1, "no snap-revision names a file with this digest"),
        (unknown, 1, "has no snap-revision for a file with this digest"),
        (&["verify", "hello.snap", "--root", &nobody], 1, "no account-key says whose the trusted key is"),
        (
            &["verify", "hello.snap", "--root", "root.assert", "--assertions", "changed.assert"],
            1,
            "does not fit",
        ),
        (&["verify", "other.snap", "--root", "root.assert"], 2, "cannot read the assertions in other.assert"),
        (
            &["verify", "hello.snap", "--root", "nonsense"],
            2,
            "--root takes a key's id, of 64 characters, or the file",
        ),
        (&["verify", "missing.snap", "--root", "root.assert"], 2, "cannot read missing.snap"),
        (&["verify", ".", "--root", "root.assert"], 2, "is a directory"),
        (&["verify", "hello.snap", "--root", "own"], 2, "cannot read the assertions in own"),
        (&["verify", "hello.snap", "--root", "hello.snap"], 2, "cannot read the assertions in hello.snap"),
        (
            &["verify", "hello.snap", "--root", "root.assert", "--fetch", "http://127.0.0.1:9"],
            2,
            "does not answer",
        ),
        (&["verify", "hello.snap", "--root", "root.assert", "--fetch", "nowhere"], 2, "is no URL"),
        (&["verify", "hello.snap"], 2, "--root"),
    ] {
        let ran = shop.run(arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {ran:?}");
        assert!(ran.out.contains(word) || ran.err.contains(word), "'{word}' was due: {arguments:?}: {ran:?}");
    }
    assert!(hello.is_file() && !shop.path("other.assert").exists());
    shop.close().await;
}

#[actix_web::test]
async fn the_stores_keys_are_shown_replaced_and_taken_away_while_it_runs() {
    let shop = Shop::open().await;
    assert_eq!(shop.mint(&["--output", "own"]).code, Some(0));
    shop.publish("own", "hello-macaroon", "hello.snap", |_, _| None).await;
    shop.trust();
    let shown = shop.keys(&["store", "show"]);
    let lines: Vec<&str> = shown.out.lines().collect();
    assert!(shown.code == Some(0) && lines.len() == 3, "{shown:?}");
    assert!(lines[0].starts_with("store account  ") && lines[0].ends_with("  macaroond dev"), "{shown:?}");
    assert!(lines[1].starts_with("root key       ") && lines[2].starts_with("signing key    "), "{shown:?}");
    let made = shop.keys(&["store", "make", "--name", "x"]);
    assert!(made.code == Some(1) && made.err.contains("has keys already"), "{made:?}");

    // Small keys, as nobody shall wait for large ones here.
    for name in ["signing.pem", "root.pem", "third.pem"] {
        let key = PrivateKey::generate(2048).unwrap();
        std::fs::write(shop.path(name), files::to_pem(&key).as_str()).unwrap();
    }
    let rotated = shop.keys(&["store", "rotate", "--new-key", "signing.pem"]);
    assert!(rotated.code == Some(0) && rotated.out.contains("3 assertions were signed anew"), "{rotated:?}");
    let rotated = shop.keys(&["store", "rotate", "--root", "--new-key", "root.pem"]);
    assert!(
        rotated.code == Some(0) && rotated.out.contains("Whoever trusts the old root key"),
        "{rotated:?}"
    );
    let url = shop.stage.base_url();
    let verified = shop.run(&["verify", "hello.snap", "--root", "root.assert", "--fetch", url, "--json"]);
    let report: Value = serde_json::from_str(&verified.out).unwrap();
    assert_eq!((verified.code, report["keys"].as_array().map(Vec::len)), (Some(0), Some(3)), "{report}");
    shop.trust();
    assert_eq!(shop.run(&["verify", "hello.snap", "--root", "root.assert"]).code, Some(0));

    let exported = shop.keys(&["store", "export-root", "--yes"]);
    assert_eq!(exported.out, std::fs::read_to_string(shop.path("root.pem")).unwrap());
    let forgotten = shop.keys(&["store", "forget-root", "--yes"]);
    assert_eq!(forgotten.code, Some(0), "{forgotten:?}");
    assert!(shop.keys(&["store", "show"]).out.contains("kept elsewhere"));
    for (arguments, word) in [
        (&["store", "export-root"][..], "add --yes"),
        (&["store", "forget-root"], "export it first"),
        (&["store", "forget-root", "--yes"], "not in the database"),
        (&["store", "export-root", "--yes"], "give it with --root-key"),
        (&["store", "rotate", "--new-key", "third.pem"], "give it with --root-key"),
        (
            &["store", "rotate", "--new-key", "third.pem", "--root-key", "third.pem"],
            "not the store's root key",
        ),
        (&["store", "rotate", "--root", "--root-key", "root.pem"], "give it with --new-key"),
        (&["store", "rotate", "--new-key", "own"], "openssl genpkey"),
    ] {
        let ran = shop.keys(arguments);
        assert!(ran.code == Some(1) && ran.err.contains(word), "{arguments:?}: {ran:?}");
    }
    let since = ["--compromised-since", "2026-01-01T00:00:00Z"];
    let rotated = ["store", "rotate", "--new-key", "third.pem", "--root-key", "root.pem", since[0], since[1]];
    assert_eq!(shop.keys(&rotated).code, Some(0));
    let verified = shop.run(&["verify", "hello.snap", "--root", "root.assert", "--fetch", url]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    shop.close().await;
}

#[test]
fn a_stores_keys_are_made_before_its_first_start_from_what_its_operator_brings() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).display().to_string();
    MasterKey::read_or_create(&directory.path().join("master.key")).unwrap();
    for name in ["root.pem", "signing.pem"] {
        let key = PrivateKey::generate(2048).unwrap();
        std::fs::write(directory.path().join(name), files::to_pem(&key).as_str()).unwrap();
    }
    let run = |more: &[&str]| -> Ran {
        let data = [
            "--data-dir",
            &at("data"),
            "--master-key-file",
            &at("master.key"),
            "--root-key",
            &at("root.pem"),
        ];
        let mut command = Command::new(PROGRAM);
        command.args(["keys", "store", "make"]).args(data).args(more).stdin(Stdio::null());
        command.output().unwrap().into()
    };
    let signing = at("signing.pem");
    for (more, word) in [
        (&["--signing-key", &signing][..], "give the store a name"),
        (&["--signing-key", &signing, "--name", " "], "a store's name has"),
        (&["--signing-key", &signing, "--name", "x", "--account-id", "A"], "an account's id has"),
        (&["--signing-key", &at("root.pem"), "--name", "x"], "the same key"),
        (&["--signing-key", &at("missing.pem"), "--name", "x"], "could not be used"),
    ] {
        let refused = run(more);
        assert!(refused.code == Some(1) && refused.err.contains(word), "{more:?}: {refused:?}");
    }
    let arguments = ["--signing-key", &signing, "--name", "Example Store", "--account-id", "example-store"];
    let made = run(&arguments);
    assert!(
        made.code == Some(0) && made.out.starts_with("store account  example-store  Example Store\n"),
        "{made:?}"
    );
    assert!(run(&arguments).err.contains("has keys already"));
}

#[actix_web::test]
async fn a_publishers_key_is_listed_and_revoked_and_what_it_signed_is_told() {
    let shop = Shop::open().await;
    let permissions =
        "package_access,package_manage,package_push,package_register,package_release,modify_account_key";
    assert_eq!(shop.mint(&["--output", "own", "--permission", permissions]).code, Some(0));
    let (_, whoami) = shop.whoami("own").await;
    let account = whoami["account"]["id"].as_str().unwrap().to_owned();
    let key = PrivateKey::generate(2048).unwrap();
    let clock = Clock::system();
    let since = clock.now();
    let request = NewAccountKeyRequest {
        account_id: &account,
        name: "ci",
        since,
        until: None,
        public_key: key.public(),
    };
    let request = request.draft().sign(&key, since).unwrap();
    let body = json!({"account_key_request": request.as_str()});
    let register = reqwest::Client::new().post(shop.url("/dev/api/account/account-key")).json(&body);
    let (status, registered) = shop.send("own", register).await;
    assert_eq!(status, 200, "{registered}");
    shop.publish("own", "hello-macaroon", "hello.snap", |snap, file| {
        let digest: [u8; 48] = Sha3_384::digest(file).into();
        let (size, timestamp) = (file.len() as u64, clock.now());
        let build = NewSnapBuild {
            authority: &account,
            snap_id: snap,
            digest: &digest,
            size,
            grade: "stable",
            timestamp,
        };
        Some(build.draft().sign(&key, timestamp).unwrap().as_str().to_owned())
    })
    .await;
    shop.trust();
    let url = shop.stage.base_url();
    let verified = shop.run(&["verify", "hello.snap", "--root", "root.assert", "--fetch", url]);
    let id = key.public().id().to_string();
    assert!(verified.out.contains(&format!("signed by its publisher with the key {id}")), "{verified:?}");

    let listed = shop.keys(&["publisher", "list", "--account", &shop.publisher().email]);
    let line = format!("{id}  {}  ci  registered ", shop.publisher().email);
    assert!(listed.code == Some(0) && listed.out.starts_with(&line), "{listed:?}");
    let nobody = shop.keys(&["publisher", "list", "--account", "nobody@example.com"]);
    assert!(nobody.code == Some(1) && nobody.err.contains("nobody has logged in"), "{nobody:?}");

    let revoke = ["keys", "publisher", "revoke", "--credentials-file", "own", "--reason", "stolen"];
    let run = |more: &[&str]| shop.run(&[&revoke[..], more].concat());
    let wrong = run(&["short"]);
    assert!(wrong.code == Some(2), "{wrong:?}");
    let unknown = run(&[&format!("-{}", "A".repeat(63))]);
    assert!(unknown.code == Some(1), "{unknown:?}");
    let revoked = run(&["--compromised-since", "2026-01-01T00:00:00Z", &id]);
    assert!(
        revoked.code == Some(0) && revoked.out.starts_with("Revoked and acknowledged in "),
        "{revoked:?}"
    );
    assert!(revoked.out.contains("  revision 1  "), "{revoked:?}");
    let listed = shop.keys(&["publisher", "list"]);
    assert!(listed.out.contains("  ci  revoked "), "{listed:?}");
    // The revision stays the store's word; its publisher's is worth nothing any more.
    let verified = shop.run(&["verify", "hello.snap", "--root", "root.assert", "--fetch", url]);
    assert!(verified.code == Some(0) && verified.out.contains("not signed by its publisher"), "{verified:?}");
    shop.close().await;
}
