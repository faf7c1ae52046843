//! `snap-declaration`: the store says what a snap is called and whose it is.

use timestamp::Timestamp;

use super::fields::{Fields, TypeError, is_account_id, is_alias, is_dashed};
use crate::assertion::Assertion;
use crate::draft::Draft;
use crate::value::{Value, number};
use timestamp::rfc3339;

/// What a store says about a snap.
#[derive(Debug, Clone)]
pub struct SnapDeclaration {
    assertion: Assertion,
    authority: String,
    series: String,
    snap_id: String,
    snap_name: String,
    publisher_id: String,
    refresh_control: Vec<String>,
    timestamp: Timestamp,
}

impl SnapDeclaration {
    /// Reads an assertion of the type `snap-declaration`. The rules below `plugs` and `slots` are not looked into.
    pub fn read(assertion: Assertion) -> Result<Self, TypeError> {
        let fields = Fields::of(&assertion, "snap-declaration")?;
        for header in ["plugs", "slots"] {
            if assertion.header(header).is_some_and(|rules| rules.as_map().is_none()) {
                return Err(TypeError::Invalid { header, expected: "a map of rules" });
            }
        }
        fields.list("auto-aliases", "a list of names of aliases", is_alias)?;
        each(&assertion, "aliases", "a list of maps with a name and a target", is_alias_entry)?;
        each(
            &assertion,
            "revision-authority",
            "a list of maps with an account-id and a list of provenances",
            is_revision_authority,
        )?;
        Ok(Self {
            authority: fields.authority()?,
            series: fields.series()?,
            snap_id: fields.snap_id("snap-id")?,
            snap_name: fields.text("snap-name")?.to_owned(),
            publisher_id: fields.account_id("publisher-id")?,
            refresh_control: fields.list("refresh-control", "a list of snap ids", |_| true)?,
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

    /// The series that it holds for.
    pub fn series(&self) -> &str {
        &self.series
    }

    /// The snap's id, which never changes.
    pub fn snap_id(&self) -> &str {
        &self.snap_id
    }

    /// Its name; empty if it has been taken away from it.
    pub fn snap_name(&self) -> &str {
        &self.snap_name
    }

    /// The account whose snap it is.
    pub fn publisher_id(&self) -> &str {
        &self.publisher_id
    }

    /// The snaps whose updates this one has a say in.
    pub fn refresh_control(&self) -> &[String] {
        &self.refresh_control
    }

    /// When it was signed.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }
}

fn each(
    assertion: &Assertion,
    header: &'static str,
    expected: &'static str,
    is: impl Fn(&Value) -> bool,
) -> Result<(), TypeError> {
    let sound = |value: &Value| value.as_list().is_some_and(|items| items.iter().all(is));
    if assertion.header(header).is_none_or(sound) {
        Ok(())
    } else {
        Err(TypeError::Invalid { header, expected })
    }
}

fn is_alias_entry(item: &Value) -> bool {
    let entry = |key| item.as_map().and_then(|item| item.get(key)).and_then(Value::as_text);
    entry("name").is_some_and(is_alias) && entry("target").is_some_and(is_dashed)
}

fn is_revision_authority(item: &Value) -> bool {
    let Some(item) = item.as_map() else { return false };
    let account = item.get("account-id").and_then(Value::as_text).is_some_and(is_account_id);
    let provenances = item.get("provenance").and_then(Value::as_list).is_some_and(|items| {
        !items.is_empty() && items.iter().all(|item| item.as_text().is_some_and(is_dashed))
    });
    let bound = |key: &str| match item.get(key) {
        Some(value) => value.as_text().and_then(number).filter(|bound| *bound > 0).map(Some),
        None => Some(None),
    };
    let bounds = match (bound("min-revision"), bound("max-revision")) {
        (Some(min), Some(max)) => max.is_none_or(|max| max >= min.unwrap_or(1)),
        _ => false,
    };
    account && provenances && bounds
}

/// What goes into a `snap-declaration` that a store signs.
#[derive(Debug, Clone)]
pub struct NewSnapDeclaration<'a> {
    /// The store's account.
    pub authority: &'a str,
    /// The series that it holds for: `16`.
    pub series: &'a str,
    /// The snap's id.
    pub snap_id: &'a str,
    /// Its name; empty if it is taken away from it.
    pub snap_name: &'a str,
    /// The account whose snap it is.
    pub publisher_id: &'a str,
    /// The snaps whose updates this one has a say in.
    pub refresh_control: &'a [String],
    /// When it is signed.
    pub timestamp: Timestamp,
    /// Higher than that of the one it replaces; 0 for the first.
    pub revision: u64,
}

impl NewSnapDeclaration<'_> {
    /// The assertion to sign.
    pub fn draft(&self) -> Draft {
        Draft::new("snap-declaration")
            .authority(self.authority)
            .revision(self.revision)
            .header("series", self.series)
            .header("snap-id", self.snap_id)
            .header("publisher-id", self.publisher_id)
            .header("refresh-control", self.refresh_control.to_vec())
            .header("snap-name", self.snap_name)
            .header("timestamp", rfc3339::write(self.timestamp))
    }
}
