//! A page in Markdown as what it mentions: spans in backticks, targets of links, lines of a shell. It knows no files.

/// Where something was mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Span,
    Link,
    Shell,
}

/// One thing that a page mentions.
#[derive(Debug)]
pub(crate) struct Mention {
    pub(crate) line: usize,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// All that a page mentions, in its order.
pub(crate) fn mentions(page: &str) -> Vec<Mention> {
    let mut mentions = Vec::new();
    let mut block: Option<String> = None;
    let mut begun: Option<Mention> = None;
    let mut paragraph = (1, String::new());
    for (line, text) in (1..).zip(page.lines().chain([""])) {
        let is_prose = block.is_none() && !text.trim_start().starts_with("```");
        // A row of a table is a paragraph.
        if !is_prose || text.trim().is_empty() || text.starts_with('|') {
            prose(paragraph.0, &paragraph.1, &mut mentions);
            paragraph = (line, String::new());
        }
        if let Some(language) = text.trim_start().strip_prefix("```") {
            block = if block.is_some() { None } else { Some(language.trim().to_owned()) };
            continue;
        }
        match block.as_deref() {
            None => {
                if paragraph.1.is_empty() {
                    paragraph.0 = line;
                }
                paragraph.1.push_str(text);
                paragraph.1.push('\n');
            }
            Some(language @ ("sh" | "console")) => {
                let said = match (&begun, language) {
                    (None, "console") => text.strip_prefix("$ "),
                    _ => Some(text),
                };
                let Some(said) = said else { continue };
                let (said, goes_on) =
                    said.trim().strip_suffix('\\').map_or((said, false), |said| (said, true));
                let mut mention =
                    begun.take().unwrap_or(Mention { line, kind: Kind::Shell, text: String::new() });
                mention.text.push_str(said.trim());
                mention.text.push(' ');
                if goes_on { begun = Some(mention) } else { mentions.push(mention) }
            }
            Some(_) => {}
        }
    }
    mentions
}

/// Spans may go on in the next line of a paragraph; a link that stands in a span is none.
fn prose(line: usize, paragraph: &str, mentions: &mut Vec<Mention>) {
    let mut line = line;
    for (number, piece) in paragraph.split('`').enumerate() {
        if number % 2 == 1 {
            mentions.push(Mention { line, kind: Kind::Span, text: piece.to_owned() });
        }
        line += piece.matches('\n').count();
    }
    line -= paragraph.matches('\n').count();
    let without_spans: String = paragraph
        .split('`')
        .enumerate()
        .map(
            |(number, piece)| {
                if number % 2 == 1 { "\n".repeat(piece.matches('\n').count()) } else { piece.to_owned() }
            },
        )
        .collect();
    for (number, text) in (line..).zip(without_spans.lines()) {
        for (target, _) in text.split("](").skip(1).filter_map(|after| after.split_once(')')) {
            mentions.push(Mention { line: number, kind: Kind::Link, text: target.to_owned() });
        }
    }
}
