//! Base64 that is broken into lines, put together again: text wrapped by a program, pasted, indented, in a diff, or
//! escaped in JSON.

use std::ops::Range;

use zeroize::Zeroizing;

use super::base64_runs::SHORTEST;
use super::lazy_base64::{is_token, token_length};
use super::work;

/// Runs of base64 characters that may be one text: each but the last ends where a line does, or before an escaped `/`.
pub(super) struct Group<'v> {
    text: Text<'v>,
    pieces: Vec<Piece>,
    /// Where lines begin, in the text.
    lines: Vec<usize>,
    /// Where the last run ends, in the view.
    pub(super) end: usize,
}

enum Text<'v> {
    Whole(&'v [u8]),
    Joined(Zeroizing<Vec<u8>>),
}

/// Where a run begins.
#[derive(Clone, Copy)]
struct Piece {
    in_text: usize,
    in_view: usize,
}

impl<'v> Group<'v> {
    /// Follows the text that begins with the run at `start`, to its end or that of the view.
    pub(super) fn follow(view: &'v [u8], start: usize) -> Self {
        let sign = sign(view, start);
        let mut pieces = vec![Piece { in_text: 0, in_view: start }];
        let mut lines = vec![0];
        let (mut length, mut in_line, mut at) = (0, 0, start);
        let end = loop {
            let run = token_length(view.get(at..).unwrap_or_default());
            length += run;
            in_line += run;
            at += run;
            match after(view, at, sign) {
                Some(After::Slash(next)) => at = next,
                Some(After::Line(next)) if in_line >= SHORTEST => {
                    lines.push(length);
                    (at, in_line) = (next, 0);
                }
                _ => break at,
            }
            pieces.push(Piece { in_text: length, in_view: at });
        };
        let text = if pieces.len() == 1 {
            Text::Whole(view.get(start..end).unwrap_or_default())
        } else {
            Text::Joined(join(view, &pieces, length))
        };
        Self { text, pieces, lines, end }
    }

    /// The text without what broke it.
    pub(super) fn text(&self) -> &[u8] {
        match &self.text {
            Text::Whole(text) => text,
            Text::Joined(text) => text,
        }
    }

    /// The offset in the view of a byte of the text.
    pub(super) fn in_view(&self, in_text: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.in_text <= in_text);
        let piece = after.checked_sub(1).and_then(|index| self.pieces.get(index));
        piece.map_or(0, |piece| piece.in_view + (in_text - piece.in_text))
    }

    /// The range in the view of a range of the text.
    pub(super) fn range_in_view(&self, in_text: Range<usize>) -> Range<usize> {
        self.in_view(in_text.start)..self.in_view(in_text.end.saturating_sub(1)) + 1
    }

    /// A place to cut the text near an offset in the view: the start of a line, or that offset if there is but one line.
    pub(super) fn cut_near(&self, in_view: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.in_view <= in_view);
        let Some(piece) = after.checked_sub(1).and_then(|index| self.pieces.get(index)) else { return 0 };
        let lines = self.lines.partition_point(|line| *line <= piece.in_text);
        match lines.checked_sub(1).and_then(|index| self.lines.get(index)) {
            Some(0) | None => (piece.in_text + (in_view - piece.in_view)).min(self.text().len()),
            Some(line) => *line,
        }
    }

    /// Where lines begin, in the text.
    pub(super) fn lines(&self) -> &[usize] {
        &self.lines
    }
}

/// What follows a run.
enum After {
    /// A `/` that is escaped, at this offset.
    Slash(usize),
    /// A line that goes on at this offset.
    Line(usize),
}

fn after(view: &[u8], end: usize, sign: Option<u8>) -> Option<After> {
    let rest = view.get(end..)?;
    let backslashes = rest.iter().take(MAX_BACKSLASHES).take_while(|byte| **byte == b'\\').count();
    let line = match (backslashes, rest.get(backslashes..)?) {
        (1.., [b'/', ..]) => return Some(After::Slash(end + backslashes)),
        (1.., [b'n', ..]) | (0, [b'\n', ..]) => backslashes + 1,
        (0, [b'\r', b'\n', ..]) => 2,
        (1.., [b'r', more @ ..]) => {
            let again = more.iter().take(backslashes).take_while(|byte| **byte == b'\\').count();
            (again == backslashes && more.get(again) == Some(&b'n')).then_some(2 * (backslashes + 1))?
        }
        _ => return None,
    };
    let mut next = end + line;
    next += usize::from(backslashes == 0 && sign.is_some() && view.get(next).copied() == sign);
    let blanks =
        view.get(next..)?.iter().take(MAX_INDENT).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    work::done(line + blanks);
    next += blanks;
    is_token(*view.get(next)?).then_some(After::Line(next))
}

/// The sign of a diff that the line begins with. In a diff, each further line begins with it too.
fn sign(view: &[u8], start: usize) -> Option<u8> {
    let from = start.saturating_sub(MAX_BEFORE);
    let before = view.get(from..start)?;
    let line = memchr::memrchr(b'\n', before).map(|at| from + at + 1);
    let line = line.or((from == 0).then_some(0))?;
    work::done(start - line);
    view.get(line).copied().filter(|byte| matches!(byte, b'+' | b'-'))
}

fn join(view: &[u8], pieces: &[Piece], length: usize) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    let ends = pieces.iter().skip(1).map(|piece| piece.in_text).chain([length]);
    for (piece, end) in pieces.iter().zip(ends) {
        let run = piece.in_view..piece.in_view + (end - piece.in_text);
        text.extend_from_slice(view.get(run).unwrap_or_default());
    }
    work::done(length);
    text
}

/// Longest that stands between two lines of one text.
pub(super) const MAX_BREAK: usize = 2 * (MAX_BACKSLASHES + 1) + 1 + MAX_INDENT;

/// JSON in JSON in JSON.
const MAX_BACKSLASHES: usize = 3;
const MAX_INDENT: usize = 64;
const MAX_BEFORE: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(text: &str) -> (String, usize) {
        let group = Group::follow(text.as_bytes(), text.find('A').unwrap());
        (String::from_utf8(group.text().to_vec()).unwrap(), group.end)
    }

    #[test]
    fn lines_are_put_together_however_they_were_broken() {
        let line = "A".repeat(SHORTEST);
        for (before, between) in [
            ("", "\n"),
            ("", "\r\n"),
            ("key: |\n  ", "\n  "),
            ("\n+", "\n+"),
            ("-x = ", "\r\n- "),
            ("\"", "\\n"),
            ("\"", "\\r\\n"),
            ("\\\"", "\\\\n"),
            ("-H token:", "\n"),
        ] {
            let whole = format!("{before}{line}{between}B\nC");
            assert_eq!(follow(&whole), (format!("{line}B"), whole.len() - 2), "{whole}");
        }
        let whole = format!("{{{line}\\/B\\\\/C}}");
        assert_eq!(follow(&whole), (format!("{line}/B/C"), whole.len() - 1));
    }

    #[test]
    fn other_lines_stay_apart() {
        let line = "A".repeat(SHORTEST);
        for whole in [format!("{line}\n\nB"), format!("{line}\\tB"), format!("{line} B")] {
            assert_eq!(follow(&whole).0, line, "{whole}");
        }
        let short = &line[1..];
        assert_eq!(follow(&format!("{short}\nB")).0, short);
    }

    #[test]
    fn a_place_in_the_text_is_found_in_the_view() {
        let text = format!("x={}\n  {}\\/B", "A".repeat(60), "C".repeat(60));
        let group = Group::follow(text.as_bytes(), 2);
        for (index, byte) in group.text().iter().enumerate() {
            assert_eq!(text.as_bytes()[group.in_view(index)], *byte);
        }
        assert_eq!(group.range_in_view(0..60), 2..62);
        assert_eq!(group.range_in_view(0..61), 2..66);
        assert_eq!(group.lines(), [0, 60]);
        assert_eq!((group.cut_near(30), group.cut_near(80)), (28, 60));
    }
}
