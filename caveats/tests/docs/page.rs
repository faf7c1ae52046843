//! The page, read: its names for long texts, its headings, and its examples with their lines.

use std::collections::BTreeMap;

/// What of the page is checked.
#[derive(Default)]
pub(crate) struct Page {
    /// The keys that the table of all caveats lists.
    pub(crate) vocabulary: Vec<(usize, String)>,
    /// The keys that have a heading.
    pub(crate) headings: Vec<(usize, String)>,
    pub(crate) examples: Vec<Example>,
    names: BTreeMap<String, String>,
}

/// A row of a table of examples.
pub(crate) struct Example {
    pub(crate) line: usize,
    /// The key in the heading above; empty where that is none.
    pub(crate) heading: String,
    pub(crate) caveats: Vec<String>,
    pub(crate) attempt: String,
    pub(crate) verdict: String,
}

impl Page {
    /// Reads every table of names, of keys and of examples, each known by the line above its rule.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut page = Self::default();
        let mut table = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.starts_with('#') {
                let key = line.strip_prefix("### `").and_then(|rest| rest.strip_suffix('`'));
                page.headings.push((index + 1, key.unwrap_or_default().to_owned()));
            }
            match cells(line) {
                None => table.clear(),
                Some(header) if table.is_empty() => table = header,
                Some(row) => page.row(index + 1, &table, &row)?,
            }
        }
        page.headings.retain(|(_, key)| !key.is_empty());
        Ok(page)
    }

    /// What a name stands for.
    pub(crate) fn name(&self, name: &str) -> &str {
        self.names.get(name).unwrap_or_else(|| panic!("the page does not say what {name} is"))
    }

    fn row(&mut self, line: usize, header: &[String], row: &[String]) -> Result<(), String> {
        let header: Vec<&str> = header.iter().map(String::as_str).collect();
        match (header.as_slice(), row) {
            (_, [rule, ..]) if rule.starts_with("---") => {}
            (["Name", "Stands for"], [name, text]) => {
                self.names.insert(code(name).concat(), code(text).concat());
            }
            (["Key", "Value", ..], [key, ..]) => {
                let key = code(key).into_iter().next().unwrap_or_default();
                self.vocabulary.push((line, key));
            }
            (["Caveat", "Attempt", "Verdict"], [caveats, attempt, verdict]) => {
                let caveats: Vec<String> = code(caveats).iter().map(|text| self.full(text)).collect();
                if caveats.is_empty() {
                    return Err(format!("docs/caveats.md:{line}: an example without a caveat"));
                }
                let heading = self.headings.last().map_or("", |(_, key)| key).to_owned();
                let (attempt, verdict) = (self.full(&attempt.replace('`', "")), self.full(verdict));
                self.examples.push(Example { line, heading, caveats, attempt, verdict });
            }
            (["Caveat", "Attempt", "Verdict"], _) => {
                return Err(format!("docs/caveats.md:{line}: a row of {} cells, not three", row.len()));
            }
            _ => {}
        }
        Ok(())
    }

    /// The text with what the names in it stand for.
    fn full(&self, text: &str) -> String {
        let is_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let mut full = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            let word = rest.find(|character| !is_name(character)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(word);
            full.push_str(self.names.get(word).map_or(word, String::as_str));
            let other = after.find(is_name).unwrap_or(after.len());
            full.push_str(&after[..other]);
            rest = &after[other..];
        }
        full
    }
}

/// The key of a caveat; a synonym counts as what it stands for.
pub(crate) fn key(caveat: &str) -> Option<&str> {
    let key = caveat.split('|').nth(1)?;
    Some(if key == "snap_id" { "package_id" } else { key })
}

/// The cells of a row of a table, if the line is one; in them, `\|` is `|`.
fn cells(line: &str) -> Option<Vec<String>> {
    let row = line.strip_prefix("| ")?.trim_end().strip_suffix('|')?.replace("\\|", ESCAPED);
    Some(row.split('|').map(|cell| cell.trim().replace(ESCAPED, "|")).collect())
}

/// What stands between backticks.
fn code(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

const ESCAPED: &str = "\0";
