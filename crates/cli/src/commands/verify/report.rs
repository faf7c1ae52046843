//! What is told of a file. Its form as JSON is an interface: fields are added, never renamed.

use std::fmt::Write as _;
use std::path::Path;

use assertions::{Assertion, ChainError, PublicKey, SnapBuild, Vouched, encode_digest};
use bytesize::ByteSize;
use serde::Serialize;

use super::file::Measured;
use crate::terminal::time::{Moment, shown};

/// A file, judged.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    vouched: bool,
    /// Why not.
    reason: Option<String>,
    sha3_384: String,
    size: u64,
    snap: Option<Snap>,
    publisher: Option<Publisher>,
    /// When the store signed for it.
    signed_at: Option<Moment>,
    /// From the trusted key to the one that signed.
    keys: Vec<String>,
    /// The publisher's own signature, if it is among the assertions and holds.
    build: Option<Build>,
}

#[derive(Debug, Serialize)]
struct Snap {
    name: String,
    id: String,
    revision: u64,
}

#[derive(Debug, Serialize)]
struct Publisher {
    account_id: String,
    username: Option<String>,
    display_name: String,
    validation: String,
}

#[derive(Debug, Serialize)]
struct Build {
    key: String,
    signed_at: Moment,
    grade: String,
}

impl Report {
    /// What the chain says of a file.
    pub(crate) fn of(judged: Result<Vouched, ChainError>, file: &Measured, known: &[Assertion]) -> Report {
        match judged {
            Err(error) => Report::refused(format!("{error}."), file),
            Ok(vouched) => {
                let build = build(&vouched, file, known);
                let Vouched { snap_name, snap_id, snap_revision, publisher, timestamp, keys, .. } = vouched;
                Report {
                    vouched: true,
                    snap: Some(Snap { name: snap_name, id: snap_id, revision: snap_revision }),
                    publisher: Some(Publisher {
                        account_id: publisher.account_id,
                        username: publisher.username,
                        display_name: publisher.display_name,
                        validation: publisher.validation.as_str().to_owned(),
                    }),
                    signed_at: Some(Moment(timestamp)),
                    keys: keys.iter().map(ToString::to_string).collect(),
                    build,
                    ..Report::bare(file)
                }
            }
        }
    }

    /// The store at this URL says nothing of the file.
    pub(crate) fn unknown(url: &str, file: &Measured) -> Report {
        Report::refused(format!("the store at {url} has no snap-revision for a file with this digest."), file)
    }

    fn refused(reason: String, file: &Measured) -> Report {
        Report { reason: Some(reason), ..Report::bare(file) }
    }

    fn bare(file: &Measured) -> Report {
        Report {
            vouched: false,
            reason: None,
            sha3_384: encode_digest(&file.digest),
            size: file.size,
            snap: None,
            publisher: None,
            signed_at: None,
            keys: Vec::new(),
            build: None,
        }
    }

    pub(crate) fn is_vouched(&self) -> bool {
        self.vouched
    }

    /// For people.
    pub(crate) fn text(&self, path: &Path) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: &str| {
            let _infallible = write!(text, "\n  {name:<11}  {value}");
        };
        if let Some(publisher) = &self.publisher {
            let username = publisher.username.as_deref().map(|name| format!(" ({name})")).unwrap_or_default();
            let (name, validation, id) =
                (&publisher.display_name, &publisher.validation, &publisher.account_id);
            line("publisher", &format!("{name}{username}, {validation}, account {id}"));
        }
        if let Some(snap) = &self.snap {
            line("snap id", &snap.id);
        }
        if let Some(Moment(at)) = self.signed_at {
            line("signed", &format!("{} by the store", shown(at)));
        }
        match &self.build {
            Some(build) => line(
                "built",
                &format!("{}, signed by its publisher with the key {}", shown(build.signed_at.0), build.key),
            ),
            None if self.vouched => {
                line("built", "not signed by its publisher, as far as these assertions say");
            }
            None => {}
        }
        line("sha3-384", &self.sha3_384);
        line("size", &format!("{} bytes ({})", self.size, ByteSize(self.size)));
        for (at, key) in self.keys.iter().enumerate() {
            let name = match at {
                0 => "root key",
                _ => "vouches for",
            };
            line(name, key);
        }
        let path = path.display();
        let head = match (&self.snap, &self.reason) {
            (Some(snap), _) => {
                format!("VOUCHED FOR: {path} is revision {} of the snap {}.", snap.revision, snap.name)
            }
            (None, reason) => {
                format!("NOT VOUCHED FOR: {path}: {}", reason.as_deref().unwrap_or_default())
            }
        };
        head + &text
    }
}

/// The publisher's own word for the file: signed with a key of theirs for which the store vouches.
fn build(vouched: &Vouched, file: &Measured, known: &[Assertion]) -> Option<Build> {
    known.iter().filter(|one| one.kind() == "snap-build").find_map(|one| {
        let build = SnapBuild::read(one.clone()).ok()?;
        let key = publishers_key(vouched, one, known)?;
        let concerns =
            build.digest() == &file.digest && build.size() == file.size && build.snap_id() == vouched.snap_id;
        let of_them = build.authority() == vouched.publisher.account_id;
        let good = concerns && of_them && one.verify(&key).is_ok();
        good.then(|| Build {
            key: one.sign_key().to_string(),
            signed_at: Moment(build.timestamp()),
            grade: build.grade().to_owned(),
        })
    })
}

/// The key that an assertion is signed with, if the key that signed for the file says that it is the publisher's and was
/// good then.
fn publishers_key(vouched: &Vouched, signed: &Assertion, known: &[Assertion]) -> Option<PublicKey> {
    let at = SnapBuild::read(signed.clone()).ok()?.timestamp();
    let key_of = |id: &assertions::KeyId| {
        let account_keys = known.iter().filter_map(|one| assertions::AccountKey::read(one.clone()).ok());
        account_keys.filter(|key| key.public_key().id() == id).max_by_key(|key| key.assertion().revision())
    };
    let store = key_of(vouched.keys.last()?)?;
    let key = key_of(signed.sign_key())?;
    let vouched_for = key.assertion().verify(store.public_key()).is_ok();
    let theirs = key.account_id() == vouched.publisher.account_id && key.is_good_at(at);
    (vouched_for && theirs).then(|| key.public_key().clone())
}
