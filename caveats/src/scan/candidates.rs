//! Where in a text of base64 characters a credential may begin.
//!
//! A V1 macaroon and base64 of a JSON object show themselves wherever they stand. For the other shapes, the start of a
//! line is tried, and the next few places: before it may stand a sign of a diff, an escaped `n`, or the end of binary
//! data.

use memchr::memmem::Finder;

use super::unfold::Group;
use super::work;

/// Searches for what shows itself; prepared once.
pub(super) struct Finders {
    location: Finder<'static>,
    json: Finder<'static>,
}

impl Finders {
    pub(super) fn new() -> Self {
        Self { location: Finder::new(LOCATION), json: Finder::new(JSON) }
    }
}

/// The places to try in one text, in ascending order.
pub(super) struct Candidates<'g> {
    text: &'g [u8],
    /// Where the line begins that is being looked at, and where others do after it.
    line: usize,
    lines: &'g [usize],
    finders: &'g Finders,
    location: Option<usize>,
    json: Option<usize>,
}

impl<'g> Candidates<'g> {
    pub(super) fn new(group: &'g Group<'g>, finders: &'g Finders) -> Self {
        let (text, lines) = (group.text(), group.lines());
        let mut candidates = Self { text, line: 0, lines, finders, location: None, json: None };
        candidates.location = candidates.find_location(0);
        candidates.json = candidates.find_json(0);
        candidates
    }

    /// The first place at or after `from`, which must not go back.
    pub(super) fn next(&mut self, from: usize) -> Option<usize> {
        if self.location.is_some_and(|at| at < from) {
            self.location = self.find_location(from);
        }
        if self.json.is_some_and(|at| at < from) {
            self.json = self.find_json(from);
        }
        while let Some((line, after)) = self.lines.split_first().filter(|(line, _)| **line <= from) {
            (self.line, self.lines) = (*line, after);
        }
        let line = if from - self.line <= MAX_GLUE { Some(from) } else { self.lines.first().copied() };
        let first = [line, self.location, self.json].into_iter().flatten().min()?;
        (first < self.text.len()).then_some(first)
    }

    fn find_location(&self, from: usize) -> Option<usize> {
        let rest = self.text.get(from + LOCATION_AT..)?;
        let found = self.finders.location.find(rest);
        work::done(found.unwrap_or(rest.len()));
        Some(from + found?)
    }

    fn find_json(&self, from: usize) -> Option<usize> {
        let rest = self.text.get(from..)?;
        let found = self.finders.json.find(rest);
        work::done(found.unwrap_or(rest.len()));
        Some(from + found?)
    }
}

/// In base64, `location` in the first packet of a V1 macaroon, without the letters that mix with the packet's length,
/// and where it stands.
pub(super) const LOCATION: &[u8] = b"xvY2F0aW9u";
pub(super) const LOCATION_AT: usize = 6;

/// `{"`.
const JSON: &[u8] = b"eyJ";

/// Most base64 characters before a credential that are not its own. Of four in five bytes that are not text, a run of
/// more than this comes before one in a thousand.
const MAX_GLUE: usize = 4;
