//! An attempt in the page's words.

use std::net::IpAddr;

use base64::Engine as _;
use caveats::{Access, Channel, Package, Permission, Timestamp, Upload};

/// What a row attempts, owned; [`Attempt::access`] borrows from it.
pub(crate) struct Attempt {
    now: Timestamp,
    permissions: Vec<Permission>,
    package: Option<String>,
    is_new: bool,
    channels: Vec<Channel>,
    is_dry_run: bool,
    file: Option<[u8; 48]>,
    key: Option<String>,
    source: Option<IpAddr>,
}

impl Attempt {
    /// Reads `WORD VALUE, WORD VALUE`; what is not said is as in a push of the page's snap.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut attempt = Self {
            now: NOW.parse().unwrap(),
            permissions: vec![Permission::PackagePush],
            package: Some(SNAP.to_owned()),
            is_new: false,
            channels: Vec::new(),
            is_dry_run: false,
            file: None,
            key: None,
            source: None,
        };
        for part in text.split(',').map(str::trim) {
            attempt.say(part).ok_or_else(|| format!("`{part}` is no attempt"))?;
        }
        Ok(attempt)
    }

    pub(crate) fn access(&self) -> Access<'_> {
        let upload = match &self.file {
            Some(digest) => Upload::File { digest, build_key: self.key.as_deref() },
            None if self.is_dry_run => Upload::Proposed,
            None => Upload::None,
        };
        let package = match &self.package {
            _ if self.is_new => Package::New,
            Some(id) => Package::Id(id),
            None => Package::None,
        };
        Access {
            now: self.now,
            permissions: &self.permissions,
            package,
            channels: &self.channels,
            upload,
            source: self.source,
        }
    }

    fn say(&mut self, part: &str) -> Option<()> {
        match part.split_once(' ').unwrap_or((part, "")) {
            ("push", "") => {}
            ("whoami", "") => (self.permissions, self.package) = (Vec::new(), None),
            ("at", time) => self.now = format!("{DAY}T{time}").parse().ok()?,
            ("needs", name) => self.permissions = vec![name.parse().ok()?],
            ("snap", id) => self.package = Some(id.to_owned()),
            ("register", "") => (self.permissions, self.is_new) = (vec![Permission::PackageRegister], true),
            ("channel", name) => self.channels.push(name.parse().ok()?),
            ("dry-run", "") => self.is_dry_run = true,
            ("file", digest) => self.file = Some(decode(digest)?),
            ("signed-by", key) => self.key = Some(key.to_owned()),
            ("from", address) => self.source = Some(address.parse().ok()?),
            _ => return None,
        }
        Some(())
    }
}

fn decode(digest: &str) -> Option<[u8; 48]> {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(digest).ok()?.try_into().ok()
}

const DAY: &str = "2026-11-24";
const NOW: &str = "2026-11-24T12:00:00";
const SNAP: &str = "JWtSrkcfA6kNsYZ5nb2pTnmYFf0mUOyX";
