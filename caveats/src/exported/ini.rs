//! The shapes of `snapcraft.cfg` and `candid.cfg`: INI files as Python's `configparser` reads and writes them.

use super::{Encoding, Exported, Frame, ReadError, discharge, root};
use crate::bakery::BakeryMacaroon;
use crate::bundle::Bundle;
use crate::{header, wire};

/// A file with exactly one section that holds a credential; everything else in it is kept.
#[derive(Clone)]
pub(super) struct File {
    sections: Vec<Section>,
    /// What `macaroon` held, if it was a bakery's.
    bakery: Option<Box<BakeryMacaroon>>,
}

#[derive(Clone)]
struct Section {
    name: String,
    /// Names in lower case, as `configparser` makes them. The credential's values are left empty here.
    entries: Vec<(String, String)>,
}

pub(super) fn read(text: &str, encoding: Encoding) -> Result<Exported, ReadError> {
    let mut sections = parse(text).ok_or(ReadError::Ini)?;
    let count = sections.iter().filter(|section| section.holds_credential()).count();
    if count > 1 {
        return Err(ReadError::Several { count });
    }
    let section = sections.iter_mut().find(|section| section.holds_credential()).ok_or(ReadError::Ini)?;
    let undischarged = section.take(ROOT).unwrap_or_default();
    if undischarged.starts_with('{') {
        let list = section.take(LIST);
        return candid(&undischarged, list.as_deref(), encoding, sections);
    }
    let root = root(&undischarged)?;
    let discharges =
        section.take(DISCHARGE).iter().map(|token| discharge(token)).collect::<Result<_, _>>()?;
    Ok(Exported::unbound(root, discharges, Frame::SnapcraftCfg(encoding, File { sections, bakery: None })))
}

/// The macaroon as the bakery gave it, and the list for the `Macaroons` header, with which it is good.
fn candid(
    undischarged: &str,
    list: Option<&str>,
    encoding: Encoding,
    sections: Vec<Section>,
) -> Result<Exported, ReadError> {
    let bakery = BakeryMacaroon::from_json(undischarged).map_err(ReadError::Root)?;
    let root = bakery.macaroon.clone();
    let frame = Frame::CandidCfg(encoding, File { sections, bakery: Some(Box::new(bakery)) });
    let Some(list) = list else { return Ok(Exported::unbound(root, Vec::new(), frame)) };
    let (root, discharges) = Bundle::from_macaroons_header(list).map_err(ReadError::Header)?.into_parts();
    Ok(Exported::bound(root, discharges, frame))
}

impl File {
    /// As `configparser.write` does: `name = value`, and an empty line after each section.
    pub(super) fn write(&self, exported: &Exported) -> String {
        let mut text = String::new();
        for section in &self.sections {
            text.extend(["[", &section.name, "]\n"]);
            let here = section.holds_credential();
            for (name, value) in &section.entries {
                let value = match (name.as_str(), &self.bakery) {
                    // Once it is discharged it stays as it was, before that it is the credential.
                    (ROOT, Some(bakery)) if section.has(LIST) => bakery.to_json(),
                    (ROOT, Some(bakery)) => {
                        BakeryMacaroon { macaroon: exported.root.clone(), ..(**bakery).clone() }.to_json()
                    }
                    (ROOT, None) => wire::token(&exported.root),
                    (LIST, Some(_)) if here => header::write_list(&exported.root, &exported.discharges),
                    (DISCHARGE, None) if here => {
                        exported.discharges.first().map(wire::token).unwrap_or_default()
                    }
                    _ => value.clone(),
                };
                text.extend([name, " = ", &value, "\n"]);
            }
            text.push('\n');
        }
        text
    }
}

impl Section {
    fn holds_credential(&self) -> bool {
        self.has(ROOT)
    }

    fn has(&self, wanted: &str) -> bool {
        self.entries.iter().any(|(name, _)| name == wanted)
    }

    /// Takes the value and leaves its place.
    fn take(&mut self, wanted: &str) -> Option<String> {
        let (_, value) = self.entries.iter_mut().find(|(name, _)| name == wanted)?;
        Some(std::mem::take(value))
    }
}

/// `None` for a line that is no section, entry or comment, for an entry outside a section or without a name, for a name or
/// section that occurs twice, and for more of either than the limits. A line that begins with a blank continues the value above it.
fn parse(text: &str) -> Option<Vec<Section>> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            let (_, value) = sections.last_mut()?.entries.last_mut()?;
            value.push_str(trimmed);
        } else if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            if sections.len() == MAX_SECTIONS || sections.iter().any(|section| section.name == name) {
                return None;
            }
            sections.push(Section { name: name.to_owned(), entries: Vec::new() });
        } else {
            let (name, value) = trimmed.split_once(['=', ':'])?;
            let name = name.trim_end().to_ascii_lowercase();
            let entries = &mut sections.last_mut()?.entries;
            let known = entries.iter().any(|(known, _)| *known == name);
            if name.is_empty() || known || entries.len() == MAX_ENTRIES {
                return None;
            }
            entries.push((name, value.trim_start().to_owned()));
        }
    }
    Some(sections)
}

/// More than any client writes, and few enough to compare each with all others.
const MAX_SECTIONS: usize = 64;
const MAX_ENTRIES: usize = 64;
const ROOT: &str = "macaroon";
const LIST: &str = "auth";
const DISCHARGE: &str = "unbound_discharge";
