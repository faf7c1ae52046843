//! The shape of `snapcraft.cfg`: an INI file as Python's `configparser` reads and writes it.

use super::{Encoding, Exported, Frame, ReadError, discharge, root};
use crate::wire;

/// A file with exactly one section that holds a credential; everything else in it is kept.
#[derive(Debug, Clone)]
pub(super) struct File {
    sections: Vec<Section>,
}

#[derive(Debug, Clone)]
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
    let root = root(&section.take(ROOT).unwrap_or_default())?;
    let discharges =
        section.take(DISCHARGE).iter().map(|token| discharge(token)).collect::<Result<_, _>>()?;
    Ok(Exported::unbound(root, discharges, Frame::SnapcraftCfg(encoding, File { sections })))
}

impl File {
    /// As `configparser.write` does: `name = value`, and an empty line after each section.
    pub(super) fn write(&self, exported: &Exported) -> String {
        let mut text = String::new();
        for section in &self.sections {
            text.extend(["[", &section.name, "]\n"]);
            let here = section.holds_credential();
            for (name, value) in &section.entries {
                let token = match name.as_str() {
                    ROOT if here => Some(&exported.root),
                    DISCHARGE if here => exported.discharges.first(),
                    _ => None,
                };
                let value = token.map_or_else(|| value.clone(), wire::token);
                text.extend([name, " = ", &value, "\n"]);
            }
            text.push('\n');
        }
        text
    }
}

impl Section {
    fn holds_credential(&self) -> bool {
        self.entries.iter().any(|(name, _)| name == ROOT)
    }

    /// Takes the value and leaves its place.
    fn take(&mut self, wanted: &str) -> Option<String> {
        let (_, value) = self.entries.iter_mut().find(|(name, _)| name == wanted)?;
        Some(std::mem::take(value))
    }
}

/// `None` for a line that is no section, entry or comment, for an entry outside a section, and for a name or section
/// that occurs twice. A line that begins with a blank continues the value above it.
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
            if sections.iter().any(|section| section.name == name) {
                return None;
            }
            sections.push(Section { name: name.to_owned(), entries: Vec::new() });
        } else {
            let (name, value) = trimmed.split_once(['=', ':'])?;
            let name = name.trim_end().to_ascii_lowercase();
            let entries = &mut sections.last_mut()?.entries;
            if entries.iter().any(|(known, _)| *known == name) {
                return None;
            }
            entries.push((name, value.trim_start().to_owned()));
        }
    }
    Some(sections)
}

const ROOT: &str = "macaroon";
const DISCHARGE: &str = "unbound_discharge";
