//! The checker: what the tables and the blob store say about what clients were promised. Pure.

use std::collections::{BTreeMap, HashMap};

use super::found::{Found, Push, Revision};
use super::ledger::{Known, Promised, Told};

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) what: &'static str,
    /// Names and numbers.
    pub(crate) detail: String,
    /// The client whose history tells of it.
    pub(crate) who: Option<usize>,
}

/// Every broken promise. The promises are those from before the tables were read, the files those from after it.
pub(crate) fn violations(
    promised: &Promised,
    files: &HashMap<String, Known>,
    found: &Found,
) -> Vec<Violation> {
    let mut all = Vec::new();
    for revision in &found.revisions {
        all.extend(half(revision, files, found));
        all.extend(unsigned(revision, files, found));
    }
    all.extend(numbers(found));
    all.extend(statuses(promised, found));
    all.extend(lost(promised, files, found));
    all.extend(keys(promised, found));
    all
}

/// What a sweep has left that belongs to no revision.
pub(crate) fn unswept(found: &Found) -> Vec<Violation> {
    let left = found.orphans().left(found).into_iter();
    let told = |detail| Violation { what: "left after the sweep", detail, who: None };
    left.map(told).collect()
}

/// A revision without one of its parts.
fn half(revision: &Revision, files: &HashMap<String, Known>, found: &Found) -> Vec<Violation> {
    let mut missing = Vec::new();
    match found.blobs.get(&revision.upload) {
        None => missing.push("its file".to_owned()),
        Some(blob) if *blob != revision.file => {
            missing.push(format!("its file's bytes: there are {} of {}", blob.size, revision.file.size));
        }
        Some(_) => {}
    }
    match found.uploads.get(&revision.upload) {
        Some(upload) if upload.claimed && upload.file == revision.file => {}
        Some(_) => missing.push("its claim".to_owned()),
        None => missing.push("its upload".to_owned()),
    }
    let outcome = |push: &&Push| {
        push.snap == revision.snap && push.outcome == "accepted" && push.revision == Some(revision.number)
    };
    let outcomes = found.pushes.values().filter(outcome).count();
    if outcomes != 1 {
        missing.push(format!("its one outcome: there are {outcomes}"));
    }
    if !found.released.contains(&(revision.snap.clone(), revision.number)) {
        missing.push("its release".to_owned());
    }
    // A store that vouches for one vouches for all.
    let vouched = found.vouched.get(&revision.file.digest);
    let about = (revision.snap.clone(), revision.file.size, revision.number);
    if !found.vouched.is_empty() && vouched != Some(&about) {
        missing.push("its snap-revision assertion".to_owned());
    }
    let who = files.get(&revision.file.digest).map(|known| known.who);
    let told = |missing| Violation {
        what: "half a revision",
        detail: format!("{} is without {missing}", name(revision)),
        who,
    };
    missing.into_iter().map(told).collect()
}

/// A revision that its publisher never signed; every snap here takes signed uploads alone.
fn unsigned(revision: &Revision, files: &HashMap<String, Known>, found: &Found) -> Option<Violation> {
    let known = files.get(&revision.file.digest);
    let is_it = |known: &Known| known.snap == revision.snap && known.size == revision.file.size;
    let wrong = match known.map(|known| (&known.signed, is_it(known))) {
        None => Some("nobody has made this file"),
        Some((_, false)) => Some("the file is another snap's, or has another size"),
        Some((None, _)) => Some("no key of its publisher has signed the file"),
        Some((Some((key, _)), _)) if revision.key.as_ref() != Some(key) => {
            Some("it names another key than the one that signed, or none")
        }
        Some((Some((key, text)), _)) => {
            let alone = found.builds.get(&(revision.file.digest.clone(), key.clone()));
            let beside = found.uploads.get(&revision.upload).and_then(|upload| upload.assertion.as_ref());
            let kept = alone == Some(text) || beside == Some(text);
            (!kept).then_some("the assertion that admitted it is not kept")
        }
    };
    wrong.map(|wrong| Violation {
        what: "accepted without its publisher's signature",
        detail: format!("{}: {wrong}", name(revision)),
        who: known.map(|known| known.who),
    })
}

/// Gaps in a snap's numbers, and a last number that is not the last.
fn numbers(found: &Found) -> Vec<Violation> {
    let mut by_snap: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for snap in found.snaps.keys() {
        by_snap.insert(snap, Vec::new());
    }
    for revision in &found.revisions {
        by_snap.entry(&revision.snap).or_default().push(revision.number);
    }
    let mut all = Vec::new();
    for (snap, mut numbers) in by_snap {
        numbers.sort_unstable();
        let last = found.snaps.get(snap).copied();
        let gapless = numbers.iter().copied().eq(1..=last.unwrap_or_default());
        if !gapless {
            let detail = format!("snap {snap}: {numbers:?}, and the last is said to be {last:?}");
            all.push(Violation { what: "numbers with gaps", detail, who: None });
        }
    }
    all
}

/// Outcomes that name no revision, and statuses that said something else than the tables do.
fn statuses(promised: &Promised, found: &Found) -> Vec<Violation> {
    let mut all = Vec::new();
    let by_number: HashMap<(&str, i64), &Revision> = found
        .revisions
        .iter()
        .map(|revision| ((revision.snap.as_str(), revision.number), revision))
        .collect();
    for (id, push) in &found.pushes {
        let revision = push.revision.map(|number| by_number.get(&(push.snap.as_str(), number)));
        let sound = match push.outcome.as_str() {
            "accepted" | "duplicate" => matches!(revision, Some(Some(_))),
            "refused" => revision.is_none() && push.message.is_some(),
            "waiting" => revision.is_none(),
            _ => false,
        };
        if !sound {
            let who = promised.pushes.get(id).map(|pushed| pushed.who);
            all.push(Violation { what: "an outcome without what it says", detail: format!("{push:?}"), who });
        }
    }
    for (id, pushed) in &promised.pushes {
        let says = found.pushes.get(id);
        let digest_of = |number: i64| {
            by_number.get(&(pushed.snap.as_str(), number)).map(|revision| revision.file.digest.as_str())
        };
        let agrees = match (&pushed.told, says) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(Told::Ready(number)), Some(push)) => {
                push.outcome == "accepted"
                    && push.revision == Some(*number)
                    && digest_of(*number) == Some(&pushed.digest)
            }
            (Some(Told::Duplicate(number)), Some(push)) => {
                push.outcome == "duplicate"
                    && push.revision == Some(*number)
                    && digest_of(*number) == Some(&pushed.digest)
            }
            (Some(Told::Refused(message)), Some(push)) => {
                push.outcome == "refused" && push.message.as_ref() == Some(message)
            }
        };
        if !agrees {
            let what = match pushed.told {
                Some(Told::Ready(_)) => "acknowledged, and lost",
                _ => "a status that the tables do not bear out",
            };
            let short = pushed.digest.get(..8).unwrap_or_default();
            let detail = format!("file {short}: told {:?}; in the tables: {says:?}", pushed.told);
            all.push(Violation { what, detail, who: Some(pushed.who) });
        }
    }
    all
}

/// Files and assertions that were taken and are not there.
fn lost(promised: &Promised, files: &HashMap<String, Known>, found: &Found) -> Vec<Violation> {
    let mut all = Vec::new();
    for (id, digest) in &promised.received {
        let who = files.get(digest).map(|known| known.who);
        let short = digest.get(..8).unwrap_or_default();
        // The bytes of one that was refused are removed at once; its record says that it was claimed.
        let gone = match found.uploads.get(id) {
            None => Some("its record"),
            Some(upload) if upload.file.digest != *digest => Some("its digest"),
            Some(upload) if !upload.claimed && !found.blobs.contains_key(id) => Some("its bytes"),
            Some(_) => None,
        };
        if let Some(gone) = gone {
            let detail = format!("file {short}, upload {id}: {gone}");
            all.push(Violation { what: "received, and lost", detail, who });
        }
    }
    for digest in &promised.builds {
        let Some(known) = files.get(digest) else { continue };
        let kept = known.signed.as_ref().is_some_and(|(key, text)| {
            found.builds.get(&(digest.clone(), key.clone())).is_some_and(|kept| kept == text)
        });
        if !kept {
            let detail = format!("the assertion for file {}", digest.get(..8).unwrap_or_default());
            all.push(Violation { what: "taken, and lost", detail, who: Some(known.who) });
        }
    }
    all
}

/// Registered keys that are not there, and keys without the one login that was spent on each.
fn keys(promised: &Promised, found: &Found) -> Vec<Violation> {
    let lost = promised.keys.iter().filter(|(key, account)| found.keys.get(*key) != Some(*account));
    let lost =
        lost.map(|(key, _)| Violation { what: "registered, and lost", detail: key.clone(), who: None });
    let half = found.keys.keys().filter(|key| found.spent.get(*key) != Some(&1)).map(|key| {
        let detail = format!("{key}: {} logins were spent on it", found.spent.get(key).unwrap_or(&0));
        Violation { what: "half a registered key", detail, who: None }
    });
    let spent = found.spent.keys().filter(|key| !found.keys.contains_key(*key)).map(|key| Violation {
        what: "a login spent on a key that is not there",
        detail: key.clone(),
        who: None,
    });
    lost.chain(half).chain(spent).collect()
}

fn name(revision: &Revision) -> String {
    let short = revision.file.digest.get(..8).unwrap_or_default();
    format!("revision {} of snap {}, file {short}", revision.number, revision.snap)
}

#[cfg(test)]
mod tests;
