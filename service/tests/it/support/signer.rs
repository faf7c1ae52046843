//! Somebody with a signing key of their own: makes the requests and the assertions that snapd's tool makes.

use assertions::{NewAccountKeyRequest, NewSnapBuild, PrivateKey};
use model::clock::Clock;
use serde_json::{Value, json};
use sha3::{Digest as _, Sha3_384};
use timestamp::Timestamp;

use super::{Answer, Client, Held};

/// Small, as keys are made for each test; what it signs is checked all the same.
const BITS: usize = 2048;

/// A key, and the clock by which it signs.
pub(crate) struct Signer {
    key: PrivateKey,
    clock: Clock,
}

impl Signer {
    /// Made where blocking is allowed: the service shares the thread of its test, and gives up its list while that is busy.
    pub(crate) async fn new(clock: &Clock) -> Signer {
        let key = tokio::task::spawn_blocking(|| PrivateKey::generate(BITS).unwrap()).await.unwrap();
        Signer { key, clock: clock.clone() }
    }

    pub(crate) fn id(&self) -> String {
        self.key.public().id().to_string()
    }

    pub(crate) fn now(&self) -> Timestamp {
        // Assertions are dated in whole seconds, and no later than they are made.
        Timestamp::from_micros(self.clock.now().micros() / 1_000_000 * 1_000_000)
    }

    /// What `snap export-key --account` prints.
    pub(crate) fn request(&self, account: &str, name: &str) -> String {
        self.request_until(account, name, None)
    }

    pub(crate) fn request_until(&self, account: &str, name: &str, until: Option<Timestamp>) -> String {
        let since = self.now();
        let public_key = self.key.public();
        let new = NewAccountKeyRequest { account_id: account, name, since, until, public_key };
        new.draft().sign(&self.key, since).unwrap().as_str().to_owned()
    }

    /// What `snap sign-build` prints.
    pub(crate) fn build(&self, account: &str, snap: &str, file: &[u8]) -> String {
        self.build_of(account, snap, file, file.len())
    }

    /// The same with a size that may be another.
    pub(crate) fn build_of(&self, account: &str, snap: &str, file: &[u8], size: usize) -> String {
        self.build_at(account, snap, file, size, self.now())
    }

    /// The same, dated as one likes.
    pub(crate) fn build_at(
        &self,
        account: &str,
        snap: &str,
        file: &[u8],
        size: usize,
        timestamp: Timestamp,
    ) -> String {
        let digest: [u8; 48] = Sha3_384::digest(file).into();
        let new = NewSnapBuild {
            authority: account,
            snap_id: snap,
            digest: &digest,
            size: size as u64,
            grade: "stable",
            timestamp,
        };
        new.draft().sign(&self.key, timestamp).unwrap().as_str().to_owned()
    }
}

impl Client {
    pub(crate) async fn register_key(&self, held: &Held, request: &str) -> Answer {
        let body = json!({"account_key_request": request});
        self.post("/dev/api/account/account-key", Some(&held.header()), &body).await
    }

    pub(crate) async fn revoke_key(&self, held: &Held, key: &str, body: &Value) -> Answer {
        self.post(&format!("/v1/keys/{key}/revoke"), Some(&held.header()), body).await
    }

    pub(crate) async fn send_build(&self, held: &Held, snap: &str, assertion: &str) -> Answer {
        let path = format!("/dev/api/snaps/{snap}/builds");
        self.post(&path, Some(&held.header()), &json!({"assertion": assertion})).await
    }

    pub(crate) async fn set_policy(&self, held: &Held, name: &str, policy: &str) -> Answer {
        let request = self.request(reqwest::Method::PUT, &format!("/v1/packages/{name}/policy"));
        let request = request.header("Authorization", held.header());
        Answer::to(request.json(&json!({"signed_uploads": policy}))).await
    }
}
