//! A Redis that asks who comes: certificates on both sides, and a user of its ACL that may do what is needed, no more.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use service::config::Settings;
use tempfile::TempDir;

use crate::support::{List, Redis, TestApp, until};

/// What docs/operations.md says that the user needs.
const USER: &str = "user list on >opensesame ~{macaroond}:* -@all +@connection +info +hmget +hset +eval +set +wait \
                    +waitaof +multi +exec +del +hdel +hget +exists +persist +pexpireat";

#[tokio::test]
async fn a_redis_with_certificates_and_users_serves_whom_it_should_and_nobody_else() {
    let files = certificates();
    let at = |name: &str| files.path().join(name).display().to_string();
    let acl = files.path().join("users.acl");
    let user = USER.replace("+waitaof ", "");
    std::fs::write(&acl, format!("user default off\n{user}\n")).unwrap();
    let tls_port = Redis::start().port();
    let redis = Redis::with(&[
        "--tls-port",
        &tls_port.to_string(),
        "--tls-cert-file",
        &at("server.crt"),
        "--tls-key-file",
        &at("server.key"),
        "--tls-ca-cert-file",
        &at("ca.crt"),
        "--aclfile",
        &acl.display().to_string(),
    ]);
    std::fs::write(files.path().join("password"), "opensesame\n").unwrap();
    std::fs::write(files.path().join("wrong"), "opensesam\n").unwrap();
    let section = |password: &str, more: &str| {
        format!(
            "[redis]\nurl = 'rediss://127.0.0.1:{tls_port}'\nuser = 'list'\npassword_file = '{}'\n\
             tls_ca_file = '{}'\n{more}",
            at(password),
            at("ca.crt"),
        )
    };
    let ours = format!("tls_cert_file = '{}'\ntls_key_file = '{}'\n", at("server.crt"), at("server.key"));

    let mut app = TestApp::start(List::Redis).await;
    let own = app.log_in(&app.publisher).await;
    app.move_to(redis_of(&app, &section("password", &ours))).await;
    let leaked = own.on_channel("edge");
    let body = json!({"text": leaked.export()});
    until("an acknowledgement", async || (app.revoke(&own, &body).await.status == 200).then_some(())).await;
    app.whoami(&leaked).await.revoked();
    app.whoami(&own).await.success();

    for refused in [section("wrong", &ours), section("password", "")] {
        app.move_to(redis_of(&app, &refused)).await;
        app.whoami(&own).await.undecided();
    }
    drop(redis);
}

/// The settings that a section `[redis]` makes, in the settings file of a test.
fn redis_of(app: &TestApp, section: &str) -> storage::revocations::RedisSettings {
    let file = app.data_dir().join("macaroond.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (before, _) = text.split_once("[redis]").unwrap();
    let with = app.data_dir().join("secured.toml");
    std::fs::write(&with, format!("{before}{section}")).unwrap();
    Settings::load(&with, std::iter::empty()).unwrap().redis.unwrap()
}

/// An authority, and a certificate of it for this host.
fn certificates() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    openssl(
        directory.path(),
        "-subj /CN=authority -keyout ca.key -out ca.crt -addext basicConstraints=critical,CA:TRUE",
    );
    openssl(
        directory.path(),
        "-subj /CN=server -keyout server.key -out server.crt -CA ca.crt -CAkey ca.key \
         -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE",
    );
    directory
}

fn openssl(directory: &Path, arguments: &str) {
    let made = Command::new("openssl")
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2".split(' '))
        .args(arguments.split_whitespace())
        .current_dir(directory)
        .output()
        .expect("openssl is needed and was not found: install it");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
