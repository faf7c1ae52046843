//! Reading headers into values, each kind of value in one place. The rules are snapd's (`asserts/header_checks.go`);
//! where ours are stricter, it is said.

use timestamp::Timestamp;

use crate::assertion::Assertion;
use crate::digest::{KeyId, decode_digest};
use crate::kind::Kind;
use crate::public_key::{KeyError, PublicKey};
use crate::value::{Value, number};
use timestamp::rfc3339;

/// Why an assertion is not one of the type that it was read as.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TypeError {
    /// Another type.
    #[error("an assertion of type \"{found}\", not \"{expected}\"")]
    OtherType {
        /// The type it was read as.
        expected: &'static str,
        /// The type it says it is.
        found: String,
    },
    /// A newer form of the type than we know.
    #[error("in format {found}, of which nothing is known: {known} is the newest that is")]
    Format {
        /// The form it says it has.
        found: u64,
        /// The newest that is known.
        known: u64,
    },
    /// A header that must be there.
    #[error("the header \"{header}\" is missing")]
    Missing {
        /// The header's name.
        header: &'static str,
    },
    /// A header that holds something else than it must.
    #[error("the header \"{header}\" must be {expected}")]
    Invalid {
        /// The header's name.
        header: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A body that should be a public key.
    #[error("the body is no public key: {0}")]
    Key(#[from] KeyError),
    /// A body with another public key than the header says.
    #[error("the key in the body is not the one that the header \"public-key-sha3-384\" names")]
    OtherKey,
    /// A request for a key that is signed with another key: it does not prove that whoever asks has the key.
    #[error("not signed with the key in its body")]
    NotSelfSigned,
    /// `until` before `since`.
    #[error("the header \"until\" is before \"since\"")]
    UntilBeforeSince,
}

/// The headers of an assertion of one type.
pub(crate) struct Fields<'a> {
    assertion: &'a Assertion,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(assertion: &'a Assertion, kind: &'static str) -> Result<Self, TypeError> {
        if assertion.kind() != kind {
            return Err(TypeError::OtherType { expected: kind, found: assertion.kind().to_owned() });
        }
        let known = Kind::find(kind).map_or(0, |kind| kind.max_format);
        if assertion.format() > known {
            return Err(TypeError::Format { found: assertion.format(), known });
        }
        Ok(Self { assertion })
    }

    /// A text, perhaps empty; `None` if the header is missing.
    pub(crate) fn optional(&self, header: &'static str) -> Result<Option<&'a str>, TypeError> {
        match self.assertion.header(header) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(TypeError::Invalid { header, expected: "text" }),
        }
    }

    /// A text, perhaps empty.
    pub(crate) fn text(&self, header: &'static str) -> Result<&'a str, TypeError> {
        self.optional(header)?.ok_or(TypeError::Missing { header })
    }

    /// A text that has something in it.
    pub(crate) fn non_empty(&self, header: &'static str) -> Result<String, TypeError> {
        self.matching(header, "a text that is not empty", |text| !text.is_empty())
    }

    /// A text for which `is` holds.
    pub(crate) fn matching(
        &self,
        header: &'static str,
        expected: &'static str,
        is: impl Fn(&str) -> bool,
    ) -> Result<String, TypeError> {
        let text = self.text(header)?;
        if is(text) { Ok(text.to_owned()) } else { Err(TypeError::Invalid { header, expected }) }
    }

    /// The account that the assertion speaks for.
    pub(crate) fn authority(&self) -> Result<String, TypeError> {
        self.account_id("authority-id")
    }

    /// An account's id. snapd looks at the form of few of them; there is no account whose id has another.
    pub(crate) fn account_id(&self, header: &'static str) -> Result<String, TypeError> {
        self.matching(header, ACCOUNT_ID, is_account_id)
    }

    /// A snap's id. snapd looks at its form elsewhere; there is no snap whose id has another.
    pub(crate) fn snap_id(&self, header: &'static str) -> Result<String, TypeError> {
        self.matching(header, SNAP_ID, |text| text.len() == 32 && alphanumeric(text))
    }

    /// The series of snaps, which is `16` and has never been anything else.
    pub(crate) fn series(&self) -> Result<String, TypeError> {
        self.non_empty("series")
    }

    /// The name of a key.
    pub(crate) fn key_name(&self, header: &'static str) -> Result<String, TypeError> {
        self.matching(header, KEY_NAME, is_key_name)
    }

    /// The digest of a file.
    pub(crate) fn digest(&self, header: &'static str) -> Result<[u8; 48], TypeError> {
        let expected = "a SHA3-384 digest in URL-safe base64 without padding";
        decode_digest(self.text(header)?).map_err(|_| TypeError::Invalid { header, expected })
    }

    /// A number of bytes.
    pub(crate) fn size(&self, header: &'static str) -> Result<u64, TypeError> {
        let text = self.text(header)?;
        let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
        let expected = "a number of bytes without sign and leading zeros";
        text.parse().ok().filter(|_| plain).ok_or(TypeError::Invalid { header, expected })
    }

    /// The revision of a snap: from 1 on.
    pub(crate) fn snap_revision(&self, header: &'static str) -> Result<u64, TypeError> {
        let expected = "a whole number from 1 on, without sign and leading zeros";
        let revision = number(self.text(header)?).filter(|revision| *revision > 0);
        revision.ok_or(TypeError::Invalid { header, expected })
    }

    /// A moment; `None` if the header is missing.
    pub(crate) fn optional_time(&self, header: &'static str) -> Result<Option<Timestamp>, TypeError> {
        let expected = "a time with zone such as 2026-11-24T20:30:00Z";
        let read = |text| rfc3339::read(text).ok_or(TypeError::Invalid { header, expected });
        self.optional(header)?.map(read).transpose()
    }

    /// A moment.
    pub(crate) fn time(&self, header: &'static str) -> Result<Timestamp, TypeError> {
        self.optional_time(header)?.ok_or(TypeError::Missing { header })
    }

    /// The time within which a key is good: from `since` on, before `until`. A key that has been revoked has an `until`
    /// that equals its `since`.
    pub(crate) fn since_until(&self) -> Result<(Timestamp, Option<Timestamp>), TypeError> {
        let since = self.time("since")?;
        let until = self.optional_time("until")?;
        match until {
            Some(until) if until < since => Err(TypeError::UntilBeforeSince),
            _ => Ok((since, until)),
        }
    }

    /// `true` or `false`; false if the header is missing.
    pub(crate) fn flag(&self, header: &'static str) -> Result<bool, TypeError> {
        match self.optional(header)? {
            Some("true") => Ok(true),
            Some("false") | None => Ok(false),
            Some(_) => Err(TypeError::Invalid { header, expected: "\"true\" or \"false\"" }),
        }
    }

    /// A list of texts for each of which `is` holds; empty if the header is missing.
    pub(crate) fn list(
        &self,
        header: &'static str,
        expected: &'static str,
        is: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>, TypeError> {
        let invalid = TypeError::Invalid { header, expected };
        let Some(value) = self.assertion.header(header) else { return Ok(Vec::new()) };
        let items = value.as_list().ok_or_else(|| invalid.clone())?;
        let text = |item: &Value| item.as_text().filter(|text| is(text)).map(str::to_owned);
        items.iter().map(|item| text(item).ok_or_else(|| invalid.clone())).collect()
    }

    /// The public key in the body, which `public-key-sha3-384` must name.
    pub(crate) fn public_key(&self) -> Result<PublicKey, TypeError> {
        let header = "public-key-sha3-384";
        let named: KeyId = self
            .text(header)?
            .parse()
            .map_err(|_| TypeError::Invalid { header, expected: "the id of a key" })?;
        let key = PublicKey::decode(self.assertion.body().as_bytes())?;
        if *key.id() == named { Ok(key) } else { Err(TypeError::OtherKey) }
    }
}

/// `^(?:[a-z0-9A-Z]{32}|[-a-z0-9]{2,28})$`
pub(crate) fn is_account_id(text: &str) -> bool {
    let nice = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (text.len() == 32 && alphanumeric(text)) || ((2..=28).contains(&text.len()) && text.bytes().all(nice))
}

/// Lower-case letters, digits and single dashes inside, with a letter at least: `^(?:[a-z0-9]+-?)*[a-z](?:-?[a-z0-9])*$`
pub(crate) fn is_key_name(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.split('-').all(part) && text.bytes().any(|byte| byte.is_ascii_lowercase())
}

/// Letters, digits and single dashes inside: `^[a-zA-Z0-9](?:-?[a-zA-Z0-9])*$`
pub(crate) fn is_dashed(text: &str) -> bool {
    text.split('-').all(|part| !part.is_empty() && alphanumeric(part))
}

/// `^[a-zA-Z0-9][-_.a-zA-Z0-9]*$`
pub(crate) fn is_alias(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn alphanumeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

const ACCOUNT_ID: &str =
    "an account's id: 32 letters and digits, or 2 to 28 lower-case letters, digits and dashes";

const SNAP_ID: &str = "a snap's id: 32 letters and digits";

const KEY_NAME: &str =
    "a key's name: lower-case letters, digits and single dashes between them, with a letter at least";
