//! A device: asks for assertions one by one, and follows them from a key that it trusts to a file.

use assertions::{Assertion, Chain, ChainError, KeyId, MEDIA_TYPE, Vouched, encode_digest};
use reqwest::Method;
use sha3::{Digest as _, Sha3_384};

use super::Client;

/// What a store has told of a file.
pub(crate) struct Told(pub(crate) Vec<Assertion>);

impl Client {
    /// An assertion as text; `None` if there is none.
    pub(crate) async fn assertion(&self, path: &str) -> Option<Assertion> {
        let request =
            self.request(Method::GET, &format!("/v2/assertions/{path}")).header("Accept", MEDIA_TYPE);
        let response = request.send().await.unwrap();
        if response.status() == 404 {
            return None;
        }
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["content-type"], MEDIA_TYPE);
        Some(Assertion::decode(&response.bytes().await.unwrap()).unwrap())
    }

    /// Everything that leads from the store's root key to a file.
    pub(crate) async fn told_of(&self, file: &[u8]) -> Told {
        let digest = encode_digest(&sha3(file));
        let revision = self.assertion(&format!("snap-revision/{digest}")).await.expect("a snap-revision");
        let snap = revision.text("snap-id").unwrap().to_owned();
        let declaration =
            self.assertion(&format!("snap-declaration/16/{snap}")).await.expect("a declaration");
        let publisher = declaration.text("publisher-id").unwrap().to_owned();
        let account = self.assertion(&format!("account/{publisher}")).await.expect("an account");
        let store = self.assertion(&format!("account/{}", revision.authority().unwrap())).await.unwrap();
        let mut told = vec![revision, declaration, account, store];
        let mut at = 0;
        while let Some(signer) = told.get(at).map(|one| one.sign_key().to_string()) {
            if !told.iter().any(|one| one.text("public-key-sha3-384") == Some(&signer)) {
                told.push(self.assertion(&format!("account-key/{signer}")).await.expect("an account-key"));
            }
            at += 1;
        }
        Told(told)
    }
}

impl Told {
    /// What they say of the file, to whoever trusts this key.
    pub(crate) fn vouch(&self, root: KeyId, file: &[u8]) -> Result<Vouched, ChainError> {
        Chain::new(self.0.clone(), &[root]).vouch(&sha3(file), file.len() as u64)
    }

    /// One of a type.
    pub(crate) fn of(&self, kind: &str) -> &Assertion {
        self.0.iter().find(|one| one.kind() == kind).expect("one of this type")
    }
}

/// The key in an account-key.
pub(crate) fn key_of(account_key: &Assertion) -> KeyId {
    account_key.text("public-key-sha3-384").unwrap().parse().unwrap()
}

/// SHA3-384.
pub(crate) fn sha3(file: &[u8]) -> [u8; 48] {
    Sha3_384::digest(file).into()
}
