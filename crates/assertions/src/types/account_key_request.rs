//! `account-key-request`: somebody asks a store to take a key for their account, and proves by signing that they have it.

use timestamp::Timestamp;

use super::fields::{Fields, TypeError};
use crate::assertion::{Assertion, VerifyError};
use crate::draft::Draft;
use crate::public_key::PublicKey;
use timestamp::rfc3339;

/// A request to take a key: what `snap export-key --account` prints.
#[derive(Debug, Clone)]
pub struct AccountKeyRequest {
    assertion: Assertion,
    account_id: String,
    name: String,
    since: Timestamp,
    until: Option<Timestamp>,
    public_key: PublicKey,
}

impl AccountKeyRequest {
    /// Reads an assertion of the type `account-key-request`: it must say that it is signed with the key in its body.
    /// Whether it is, [`AccountKeyRequest::verify`] answers.
    pub fn read(assertion: Assertion) -> Result<Self, TypeError> {
        let fields = Fields::of(&assertion, "account-key-request")?;
        let (since, until) = fields.since_until()?;
        let account_id = fields.account_id("account-id")?;
        let name = fields.key_name("name")?;
        let public_key = fields.public_key()?;
        if public_key.id() != assertion.sign_key() {
            return Err(TypeError::NotSelfSigned);
        }
        Ok(Self { assertion, account_id, name, since, until, public_key })
    }

    /// Whether it is signed with the key in its body.
    pub fn verify(&self) -> Result<(), VerifyError> {
        self.assertion.verify(&self.public_key)
    }

    /// The assertion that this was read from.
    pub fn assertion(&self) -> &Assertion {
        &self.assertion
    }

    /// The account that the key is for. Anyone can write any: compare it with who is logged in.
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// What to call the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// From when on its signatures are to count: when the request was made, if a tool of snapd made it.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// From when on they are not to count any more.
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }
}

/// What goes into an `account-key-request`.
#[derive(Debug, Clone)]
pub struct NewAccountKeyRequest<'a> {
    /// The account that the key is for.
    pub account_id: &'a str,
    /// What to call the key.
    pub name: &'a str,
    /// From when on its signatures are to count.
    pub since: Timestamp,
    /// From when on they are not to count any more.
    pub until: Option<Timestamp>,
    /// The key, with which the request is to be signed.
    pub public_key: &'a PublicKey,
}

impl NewAccountKeyRequest<'_> {
    /// The assertion to sign.
    pub fn draft(&self) -> Draft {
        Draft::new("account-key-request")
            .header("public-key-sha3-384", self.public_key.id().to_string())
            .header("account-id", self.account_id)
            .header("name", self.name)
            .header("since", rfc3339::write(self.since))
            .header_if("until", self.until.map(rfc3339::write))
            .body(self.public_key.encode())
    }
}
