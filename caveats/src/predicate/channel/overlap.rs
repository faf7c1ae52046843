//! Whether two channel patterns have a channel in common.

use super::{ChannelPattern, DEFAULT_TRACK_SLASH, full_name, has_wildcard, is_member, is_risk, set};

impl ChannelPattern<'_> {
    /// Whether some channel may be allowed by both, for telling a person who asks for the impossible. Where both have
    /// wildcards, it may say yes because of a text that is no channel.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (mine, others) = (self.globs(), other.globs());
        mine.iter().any(|glob| others.iter().any(|other| overlap(glob.as_bytes(), other.as_bytes())))
    }

    /// Patterns of full names alone: of the channels, and of their branches.
    fn globs(&self) -> [String; 2] {
        let first = self.0.split('/').next().unwrap_or_default();
        let full = match full_name(self.0).filter(|_| !has_wildcard(self.0)) {
            Some(full) => full,
            None if is_risk(first) => format!("{DEFAULT_TRACK_SLASH}{}", self.0),
            None => self.0.to_owned(),
        };
        let branches = format!("{full}/*");
        [full, branches]
    }
}

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    /// Any characters.
    Star,
    /// One of these characters: a bit for each of the 128.
    One(u128),
}

/// Whether some text of printable ASCII matches both. Takes the product of the two lengths, both of which are bounded.
fn overlap(left: &[u8], right: &[u8]) -> bool {
    let (left, right) = (elements(left), elements(right));
    // Row by row from the end; each entry says whether what is left of both can be matched by one text.
    let mut below: Vec<bool> = row(None, &right, &vec![false; right.len() + 1]);
    for element in left.iter().rev() {
        below = row(Some(*element), &right, &below);
    }
    below.first().copied().unwrap_or(false)
}

/// The entries for one element of the left pattern, `None` for its end, given those for the element after it.
fn row(left: Option<Element>, right: &[Element], below: &[bool]) -> Vec<bool> {
    let mut entries = Vec::with_capacity(right.len() + 1);
    let mut after = None;
    let right = right.iter().copied().map(Some).chain([None]).rev();
    // `down` skips the left element, `after` the right one, `diagonal` both.
    for (right, (down, diagonal)) in right.zip(pairs(below)) {
        let skip = after.unwrap_or(false);
        let entry = match (left, right) {
            (None, None) => true,
            (Some(Element::Star), Some(Element::Star)) => down || skip,
            (Some(Element::Star), right) => down || (right.is_some() && skip),
            (left, Some(Element::Star)) => skip || (left.is_some() && down),
            (Some(Element::One(left)), Some(Element::One(right))) => left & right != 0 && diagonal,
            (Some(Element::One(_)), None) | (None, Some(Element::One(_))) => false,
        };
        entries.push(entry);
        after = Some(entry);
    }
    entries.reverse();
    entries
}

/// Each entry with the one to its right, from the last entry on.
fn pairs(below: &[bool]) -> impl Iterator<Item = (bool, bool)> {
    let diagonals = [false].into_iter().chain(below.iter().rev().copied());
    below.iter().rev().copied().zip(diagonals)
}

fn elements(mut pattern: &[u8]) -> Vec<Element> {
    let mut elements = Vec::with_capacity(pattern.len());
    while let [first, after @ ..] = pattern {
        pattern = after;
        elements.push(match first {
            b'*' => Element::Star,
            b'?' => Element::One(printable(|_| true)),
            b'[' => match set(after) {
                Some((members, negated, rest)) => {
                    pattern = rest;
                    Element::One(printable(|character| is_member(members, character) != negated))
                }
                None => Element::One(printable(|character| character == b'[')),
            },
            literal => Element::One(printable(|character| character == *literal)),
        });
    }
    elements
}

fn printable(test: impl Fn(u8) -> bool) -> u128 {
    (b'!'..=b'~').filter(|character| test(*character)).fold(0, |bits, character| bits | 1 << character)
}

#[cfg(test)]
mod tests {
    use super::super::{Channel, ChannelPattern};
    use super::overlap;

    #[test]
    fn texts_in_common_are_found_and_not_invented() {
        for (left, right, found) in [
            ("", "", true),
            ("", "*", true),
            ("", "a", false),
            ("a", "a", true),
            ("a", "b", false),
            ("a*", "*b", true),
            ("a*c", "ab", false),
            ("*a*", "b?b", true),
            ("?", "??", false),
            ("[ab]", "[bc]", true),
            ("[ab]", "[!ab]", false),
            ("[a", "[[]a", true),
            ("a*b*d*c", "a?c", false),
            ("a*b*d*c", "a?c*", true),
        ] {
            assert_eq!(overlap(left.as_bytes(), right.as_bytes()), found, "{left} {right}");
            assert_eq!(overlap(right.as_bytes(), left.as_bytes()), found, "{right} {left}");
        }
    }

    #[test]
    fn patterns_overlap_where_some_channel_is_allowed_by_both() {
        let patterns = [
            "edge",
            "2.0",
            "2.0/edge",
            "edge/fix",
            "latest/edge/fix",
            "*",
            "*/edge",
            "2.*",
            "edge/*",
            "*/beta",
            "2.[0-3]/*",
            "latest/*",
            "2.?/stable",
        ];
        let channels =
            ["edge", "2.0", "2.0/edge", "edge/fix", "edge/other", "2.0/edge/fix", "2.9/beta", "beta"];
        for left in patterns.map(|text| ChannelPattern::new(text).unwrap()) {
            for right in patterns.map(|text| ChannelPattern::new(text).unwrap()) {
                let both = |channel: &Channel| left.matches(channel) && right.matches(channel);
                if channels.iter().any(|name| both(&name.parse().unwrap())) {
                    assert!(left.overlaps(&right), "{left:?} {right:?}");
                }
            }
        }
    }

    #[test]
    fn patterns_without_a_common_channel_do_not_overlap() {
        for (left, right) in [
            ("edge", "beta"),
            ("edge", "2.0/edge"),
            ("2.0", "2.0/edge"),
            ("edge/fix", "edge/other"),
            ("2.*", "latest/*"),
            ("edge/*", "2.0/*"),
            ("2.[0-3]/*", "2.4/edge"),
        ] {
            let (left, right) = (ChannelPattern::new(left).unwrap(), ChannelPattern::new(right).unwrap());
            assert!(!left.overlaps(&right) && !right.overlaps(&left), "{left:?} {right:?}");
        }
    }
}
