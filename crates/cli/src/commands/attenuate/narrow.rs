//! What may be narrowed to what. A caveat can only ever narrow, so nothing here guards anything; it tells people who ask
//! for more than there is, instead of letting them believe they got it.

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use caveats::exported::{Bound, Exported};
use caveats::{ChannelPattern, Network, Permission, Predicate, Scope};
use sha3::{Digest as _, Sha3_384};
use timestamp::Timestamp;

use super::Limits;
use crate::credential::Credential;
use crate::credential::unusable::{UnusableReason, unusable_reasons};
use crate::terminal::time::{TimeOrDuration, relative, shown};
use model::snap::Digest384;

/// What to narrow a credential to, read and counted from now.
#[derive(Debug, Default)]
pub(crate) struct Narrowing {
    pub(crate) snaps: Vec<String>,
    channels: Vec<String>,
    permissions: Vec<Permission>,
    expires: Option<Timestamp>,
    not_before: Option<Timestamp>,
    upload_digests: Vec<String>,
    build_keys: Vec<String>,
    source_ips: Vec<String>,
}

impl Narrowing {
    /// Reads what was asked for.
    pub(crate) fn read(limits: Limits, now: Timestamp) -> anyhow::Result<Narrowing> {
        let moment = |when: Option<TimeOrDuration>| when.map(|when| when.from(now)).transpose();
        let given = limits.upload_digests.iter().map(|text| digest(text));
        let hashed = limits.upload_files.iter().map(|path| hash(path));
        Ok(Narrowing {
            snaps: limits.snaps,
            channels: limits.channels,
            permissions: limits.permissions,
            expires: moment(limits.expires)?,
            not_before: moment(limits.not_before)?,
            upload_digests: given.chain(hashed).collect::<Result<_, _>>()?,
            build_keys: limits.build_keys,
            source_ips: limits.source_ips,
        })
    }

    /// The narrower credential.
    pub(crate) fn of(&self, credential: &Credential, now: Timestamp) -> anyhow::Result<Exported> {
        let claims = credential.claims();
        let reason = unusable_reasons(credential, &claims, now)
            .into_iter()
            .find(|reason| !matches!(reason, UnusableReason::Discharge { there: false, .. }));
        if let Some(reason) = reason {
            let hint = credential.hint().map(|hint| format!(" {hint}")).unwrap_or_default();
            bail!(
                "this credential can do nothing, so there is nothing to narrow. {}{hint}",
                reason.sentence(now)
            );
        }
        ensure!(
            credential.exported.bound != Bound::Yes,
            "this is a copy from a request: its discharge is bound to the root as it is, and any change to the root \
             would make it worthless. Narrow the credential that it was made from, which the client stores"
        );
        let mut narrower = credential.exported.clone();
        for predicate in self.predicates(&claims.scope, now)? {
            let caveat = predicate.encode(&credential.store);
            Predicate::parse(caveat.as_bytes(), &credential.store).map_err(|_| malformed(&predicate))?;
            narrower.attenuate(&caveat)?;
        }
        Ok(narrower)
    }

    fn predicates(&self, scope: &Scope, now: Timestamp) -> anyhow::Result<Vec<Predicate>> {
        let mut predicates = Vec::new();
        if !self.permissions.is_empty() {
            for wanted in &self.permissions {
                let has = || listed(scope.permissions.iter());
                ensure!(
                    scope.permissions.contains(wanted),
                    "the credential does not have {wanted}; it has {}",
                    has()
                );
            }
            predicates.push(Predicate::Acl(self.permissions.clone()));
        }
        if !self.snaps.is_empty() {
            within(&self.snaps, scope.packages.as_ref(), "snap")?;
            predicates.push(Predicate::Packages(self.snaps.clone()));
        }
        if !self.channels.is_empty() {
            self.channels.iter().try_for_each(|pattern| channel(pattern, &scope.channels))?;
            predicates.push(Predicate::Channels(self.channels.clone()));
        }
        if !self.upload_digests.is_empty() {
            within(&self.upload_digests, scope.upload_digests.as_ref(), "file")?;
            predicates.push(Predicate::UploadDigest(self.upload_digests.clone()));
        }
        if !self.build_keys.is_empty() {
            within(&self.build_keys, scope.build_keys.as_ref(), "build key")?;
            predicates.push(Predicate::BuildKey(self.build_keys.clone()));
        }
        if !self.source_ips.is_empty() {
            self.source_ips.iter().try_for_each(|text| network(text, &scope.source_ips))?;
            predicates.push(Predicate::SourceIp(self.source_ips.clone()));
        }
        predicates.extend(self.times(scope, now)?);
        Ok(predicates)
    }

    fn times(&self, scope: &Scope, now: Timestamp) -> anyhow::Result<Vec<Predicate>> {
        let told = |at: Timestamp| format!("{} ({})", shown(at), relative(at, now));
        if let Some(end) = self.expires {
            ensure!(end > now, "--expires names a moment that has passed: {}", told(end));
            if let Some(present) = scope.expires.filter(|present| *present < end) {
                bail!("the credential expires before that: at {}", told(present));
            }
        }
        if let Some(start) = self.not_before
            && let Some(present) = scope.not_before.filter(|present| *present > start)
        {
            bail!("the credential begins after that: at {}", told(present));
        }
        let start = self.not_before.or(scope.not_before);
        let end = self.expires.or(scope.expires);
        if let (Some(start), Some(end)) = (start, end) {
            ensure!(
                start < end,
                "it would begin at {} and expire before that, at {}",
                told(start),
                told(end)
            );
        }
        let start = self.not_before.map(Predicate::NotBefore);
        Ok(start.into_iter().chain(self.expires.map(Predicate::Expires)).collect())
    }
}

/// A digest in either spelling, as the caveat has it.
fn digest(text: &str) -> anyhow::Result<String> {
    if let Ok(digest) = text.parse::<Digest384>() {
        return Ok(digest.base64url());
    }
    // 64 hexadecimal digits could be base64url too, and never are: it is the wrong hash.
    let is_sha256 = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    ensure!(
        !is_sha256,
        "{text} is a SHA-256; files are known by their SHA3-384 here (--upload-file computes it)"
    );
    let in_alphabet = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let well_formed = text.len() == 64 && text.bytes().all(in_alphabet);
    ensure!(
        well_formed,
        "'{text}' is no SHA3-384, which has 96 hexadecimal digits or 64 characters of base64url"
    );
    Ok(text.to_owned())
}

fn hash(path: &Path) -> anyhow::Result<String> {
    let mut hash = Sha3_384::new();
    let copied = File::open(path).and_then(|mut file| std::io::copy(&mut file, &mut Hashing(&mut hash)));
    copied.with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Digest384(hash.finalize().into()).base64url())
}

struct Hashing<'h>(&'h mut Sha3_384);

impl std::io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn within(
    wanted: &[String],
    allowed: Option<&std::collections::BTreeSet<String>>,
    what: &str,
) -> anyhow::Result<()> {
    let Some(allowed) = allowed else { return Ok(()) };
    match wanted.iter().find(|wanted| !allowed.contains(*wanted)) {
        None => Ok(()),
        Some(outside) => {
            bail!("the credential does not allow the {what} {outside}; it allows {}", listed(allowed.iter()))
        }
    }
}

fn channel(wanted: &str, lists: &[Vec<String>]) -> anyhow::Result<()> {
    let pattern = ChannelPattern::new(wanted).ok().with_context(|| {
        format!(
            "'{wanted}' is no channel such as edge, 2.0/stable or latest/edge/branch, and no pattern of them"
        )
    })?;
    for list in lists {
        let mut patterns = list.iter().filter_map(|text| ChannelPattern::new(text).ok());
        ensure!(
            patterns.any(|allowed| allowed.overlaps(&pattern)),
            "the credential allows no channel like {wanted}; it allows {}",
            listed(list.iter())
        );
    }
    Ok(())
}

fn network(wanted: &str, lists: &[Vec<String>]) -> anyhow::Result<()> {
    let network = Network::parse(wanted).with_context(|| {
        format!("'{wanted}' is no address, and no network whose address has no bits beyond its prefix, such as 192.0.2.0/24")
    })?;
    for list in lists {
        let mut networks = list.iter().filter_map(|text| Network::parse(text));
        ensure!(
            networks.any(|allowed| network.is_within(allowed)),
            "the credential may not be used from all of {wanted}; it may from {}",
            listed(list.iter())
        );
    }
    Ok(())
}

fn malformed(predicate: &Predicate) -> anyhow::Error {
    match predicate {
        Predicate::BuildKey(keys) => anyhow::anyhow!(
            "a build key's id has 64 characters of base64url, which one of these has not: {}",
            keys.join(", ")
        ),
        other => anyhow::anyhow!("this is no value for the caveat `{}`", other.kind()),
    }
}

/// Some of a list, in a sentence.
fn listed<T: std::fmt::Display>(items: impl ExactSizeIterator<Item = T>) -> String {
    const SHOWN: usize = 8;
    let more = items.len().saturating_sub(SHOWN);
    let names: Vec<String> = items.take(SHOWN).map(|item| item.to_string()).collect();
    match (names.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => names.join(", "),
        (false, more) => format!("{} and {more} more", names.join(", ")),
    }
}
