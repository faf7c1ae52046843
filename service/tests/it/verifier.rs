//! Another service that verifies credentials by itself and follows the revocations.

use std::time::{Duration, Instant};

use caveats::{Access, Macaroon, Package, Permission, RootKey, Upload};
use serde_json::json;
use storage::records::KeyPurpose;
use storage::sealing::reveal;
use verifier::{Bound, Settings};

use crate::support::{Held, List, TestApp, until};

const BOUND: Duration = Duration::from_secs(3);

struct Verifier(verifier::Verifier);

impl Verifier {
    /// With the newest root key and a credential to follow with.
    async fn start(app: &TestApp, watcher: &Held) -> Verifier {
        let state = app.state();
        let key = state.records.keys(KeyPurpose::Root).await.unwrap().into_iter().next().unwrap();
        let raw = reveal(&state.master, KeyPurpose::Root, &key).unwrap();
        let settings = Settings::new(&app.url(""), watcher.header().into()).unwrap();
        let settings = settings.root_key(key.id, RootKey::derive(&raw)).bound(Bound::new(BOUND));
        Verifier(verifier::Verifier::follow(settings))
    }

    fn verdict(&self, header: &str) -> String {
        let access = Access {
            now: self.0.now(),
            permissions: &[Permission::PackageAccess],
            package: Package::None,
            channels: &[],
            upload: Upload::None,
            source: None,
        };
        self.0.check(header, &access).to_string()
    }

    /// Waits for a verdict of this kind.
    async fn comes_to(&self, held: &Held, kind: &str) -> String {
        until(kind, async || Some(self.verdict(&held.header())).filter(|verdict| verdict.starts_with(kind)))
            .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_honours_a_revocation_within_its_bound_and_accepts_nothing_when_it_cannot_tell() {
    let mut app = TestApp::start(List::Embedded).await;
    // One login each, so that no clock is turned: the verifier has the machine's.
    let (own, engineer) = (app.log_in(&app.publisher).await, app.log_in(&app.security).await);
    let (ci, child) = (own.on_channel("edge"), own.on_channel("edge").on_channel("edge/fix"));
    let verifier = Verifier::start(&app, &engineer).await;
    verifier.comes_to(&ci, "ACCEPTED").await;
    assert!(verifier.verdict(&engineer.header()).contains("not package_access"), "the caveats are asked");
    let mut forged = ci.clone();
    forged.root = Macaroon::mint(&RootKey::derive(b"another"), "x", "1.2.3").unwrap();
    assert_eq!(verifier.verdict(&forged.header()), "REFUSED (not genuine)");
    assert_eq!(verifier.verdict("nothing"), "REFUSED (not genuine)");

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

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_reads_cuts_of_accounts_packages_and_families_and_is_freed_by_a_lift() {
    let app = TestApp::start(List::Embedded).await;
    let (own, engineer) = (app.log_in(&app.publisher).await, app.log_in(&app.security).await);
    app.register(&own, "thing").await.success();
    let verifier = Verifier::start(&app, &engineer).await;
    verifier.comes_to(&own, "ACCEPTED").await;

    let cut = app.revoke(&engineer, &json!({"account": app.publisher.email})).await.success();
    verifier.comes_to(&own, "REFUSED (revoked at ").await;
    app.lift(&engineer, &cut["revoked"][0]["position"]).await.success();
    verifier.comes_to(&own, "ACCEPTED").await;

    // An unreadable entry would begin the list anew, without end: never level again.
    let package = app.revoke(&engineer, &json!({"package": "thing"})).await.success();
    app.lift(&engineer, &package["revoked"][0]["position"]).await.success();
    app.revoke(&own, &json!({"text": own.export(), "scope": "family"})).await.success();
    verifier.comes_to(&own, "REFUSED (revoked at ").await;
    let simple = app.log_in(&app.simple).await;
    verifier.comes_to(&simple, "ACCEPTED").await;
}
