//! `account`: who is behind an account, as the store knows them.

use timestamp::Timestamp;

use super::fields::{Fields, TypeError};
use crate::assertion::Assertion;
use crate::draft::Draft;
use timestamp::rfc3339;

/// What a store says about an account.
#[derive(Debug, Clone)]
pub struct Account {
    assertion: Assertion,
    authority: String,
    id: String,
    username: Option<String>,
    display_name: String,
    standing: ValidationStatus,
    timestamp: Timestamp,
}

/// How sure the store is of the name, and what it thinks of the publisher: the header `validation`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValidationStatus {
    /// Nobody has looked.
    Unproven,
    /// A publisher that has earned trust.
    Starred,
    /// The name has been checked. Written `certified` in old assertions.
    Verified,
    /// Another word.
    Other(String),
}

impl Account {
    /// Reads an assertion of the type `account`.
    pub fn read(assertion: Assertion) -> Result<Self, TypeError> {
        let fields = Fields::of(&assertion, "account")?;
        Ok(Self {
            authority: fields.authority()?,
            id: fields.account_id("account-id")?,
            username: fields.optional("username")?.map(str::to_owned),
            display_name: fields.non_empty("display-name")?,
            standing: ValidationStatus::new(&fields.non_empty("validation")?),
            timestamp: fields.time("timestamp")?,
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

    /// The account's id.
    pub fn account_id(&self) -> &str {
        &self.id
    }

    /// The name that its holder chose for it.
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// The name to show to people.
    pub fn display_name(&self) -> &str {
        &self.display_name
    }

    /// How sure the store is of it.
    pub fn validation(&self) -> &ValidationStatus {
        &self.standing
    }

    /// When it was signed.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }
}

impl ValidationStatus {
    fn new(word: &str) -> Self {
        match word {
            "unproven" => Self::Unproven,
            "starred" => Self::Starred,
            "verified" | "certified" => Self::Verified,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The word in the header.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Unproven => "unproven",
            Self::Starred => "starred",
            Self::Verified => "verified",
            Self::Other(word) => word,
        }
    }
}

/// What goes into an `account` that a store signs.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// The store's account.
    pub authority: &'a str,
    /// The account's id.
    pub account_id: &'a str,
    /// The name that its holder chose for it.
    pub username: Option<&'a str>,
    /// The name to show to people.
    pub display_name: &'a str,
    /// How sure the store is of it.
    pub validation: &'a ValidationStatus,
    /// When it is signed.
    pub timestamp: Timestamp,
    /// Higher than that of the one it replaces; 0 for the first.
    pub revision: u64,
}

impl NewAccount<'_> {
    /// The assertion to sign.
    pub fn draft(&self) -> Draft {
        Draft::new("account")
            .authority(self.authority)
            .revision(self.revision)
            .header("account-id", self.account_id)
            .header("display-name", self.display_name)
            .header("timestamp", rfc3339::write(self.timestamp))
            .header_if("username", self.username)
            .header("validation", self.validation.as_str())
    }
}
