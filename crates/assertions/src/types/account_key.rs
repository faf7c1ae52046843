//! `account-key`: the store says that a public key belongs to an account, and for how long.

use timestamp::Timestamp;

use super::fields::{Fields, TypeError};
use crate::assertion::Assertion;
use crate::draft::Draft;
use crate::public_key::PublicKey;
use crate::value::Value;
use timestamp::rfc3339;

/// A key of an account.
#[derive(Debug, Clone)]
pub struct AccountKey {
    assertion: Assertion,
    authority: String,
    account_id: String,
    name: Option<String>,
    since: Timestamp,
    until: Option<Timestamp>,
    public_key: PublicKey,
}

impl AccountKey {
    /// Reads an assertion of the type `account-key`.
    pub fn read(assertion: Assertion) -> Result<Self, TypeError> {
        let fields = Fields::of(&assertion, "account-key")?;
        let name = match assertion.header("name") {
            Some(_) => Some(fields.key_name("name")?),
            None => None,
        };
        let (since, until) = fields.since_until()?;
        if let Some(constraints) = assertion.header("constraints") {
            check_constraints(constraints, assertion.format())?;
        }
        Ok(Self {
            authority: fields.authority()?,
            account_id: fields.account_id("account-id")?,
            name,
            since,
            until,
            public_key: fields.public_key()?,
            assertion,
        })
    }

    /// The assertion that this was read from.
    pub fn assertion(&self) -> &Assertion {
        &self.assertion
    }

    /// The store's account, which vouches.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The account that the key belongs to.
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// What the account calls the key.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// From when on its signatures count.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// From when on they don't any more. Equal to `since` if it was revoked.
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Whether a signature that was made then counts.
    pub fn is_good_at(&self, moment: Timestamp) -> bool {
        self.since <= moment && self.until.is_none_or(|until| moment < until)
    }

    /// Whether it may sign only assertions with certain headers. What they are is not understood here.
    pub fn is_constrained(&self) -> bool {
        self.assertion.header("constraints").is_some()
    }
}

/// A list of maps, each with the entry `headers`, a map that names the type to sign. Needs format 1.
fn check_constraints(constraints: &Value, format: u64) -> Result<(), TypeError> {
    let header = "constraints";
    let typed = |item: &Value| {
        item.as_map()
            .and_then(|item| item.get("headers"))
            .and_then(Value::as_map)
            .and_then(|headers| headers.get("type"))
            .is_some_and(|kind| kind.as_text().is_some())
    };
    if !constraints.as_list().is_some_and(|items| items.iter().all(typed)) {
        return Err(TypeError::Invalid {
            header,
            expected: "a list of maps of headers, with a type in each",
        });
    }
    if format == 0 {
        return Err(TypeError::Invalid { header, expected: "left out in format 0" });
    }
    Ok(())
}

/// What goes into an `account-key` that a store signs.
#[derive(Debug, Clone)]
pub struct NewAccountKey<'a> {
    /// The store's account.
    pub authority: &'a str,
    /// The account that the key belongs to.
    pub account_id: &'a str,
    /// What the account calls the key; `None` once another key has the name.
    pub name: Option<&'a str>,
    /// From when on its signatures count.
    pub since: Timestamp,
    /// From when on they don't any more.
    pub until: Option<Timestamp>,
    /// The key.
    pub public_key: &'a PublicKey,
    /// Higher than that of the one it replaces; 0 for the first.
    pub revision: u64,
}

impl NewAccountKey<'_> {
    /// The assertion to sign.
    pub fn draft(&self) -> Draft {
        Draft::new("account-key")
            .authority(self.authority)
            .revision(self.revision)
            .header("public-key-sha3-384", self.public_key.id().to_string())
            .header("account-id", self.account_id)
            .header_if("name", self.name)
            .header("since", rfc3339::write(self.since))
            .header_if("until", self.until.map(rfc3339::write))
            .body(self.public_key.encode())
    }
}
