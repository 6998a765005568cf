//! A model's reply, which is Markdown, as lines: headings, lists, code, quotes, tables. What is not drawn is shown as it stands.

use super::view::text::{cut, fold_by};
use crate::faces::say::{Line, Role};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use unicode_width::UnicodeWidthStr as _;

/// The reply as lines of this width.
pub fn lines(text: &str, width: usize) -> Vec<Line> {
    let mut page = Page { width: width.max(8), ..Page::default() };
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        page.take(event);
    }
    page.flush();
    page.lines
}

#[derive(Default)]
struct Page {
    width: usize,
    lines: Vec<Line>,
    now: Line,
    /// Roles of the marks that are open, the innermost last.
    roles: Vec<Role>,
    /// Columns to stand in, and what the next line begins with instead of blanks.
    margin: usize,
    mark: Option<String>,
    /// The open lists: the next number, or `None` for bullets.
    lists: Vec<Option<u64>>,
    quotes: usize,
    code: bool,
    links: Vec<String>,
    table: Vec<Vec<String>>,
    in_table: bool,
    /// A blank line is due before the next block.
    gap: bool,
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.code => {
                for line in text.lines() {
                    self.text(line, Role::Accent);
                    self.flush_or_empty();
                }
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text, self.role()),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text, Role::Accent),
            Event::FootnoteReference(name) => self.text(&format!("[{name}]"), Role::Dim),
            Event::SoftBreak => self.text(" ", self.role()),
            Event::HardBreak => self.flush(),
            Event::Rule => {
                self.block();
                self.text(&"─".repeat((self.width - self.margin.min(self.width - 1)).min(40)), Role::Dim);
                self.flush();
                self.gap = true;
            }
            Event::TaskListMarker(done) => self.text(if done { "[x] " } else { "[ ] " }, Role::Plain),
        }
    }

    fn begin(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock | Tag::FootnoteDefinition(_) | Tag::MetadataBlock(_) => self.block(),
            Tag::Heading { level, .. } => {
                self.block();
                // Below the second level a mark says how deep: bold alone would not.
                if level > HeadingLevel::H2 {
                    self.text("· ", Role::Strong);
                }
                self.roles.push(Role::Strong);
            }
            Tag::BlockQuote(_) => {
                self.block();
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.block();
                if let CodeBlockKind::Fenced(language) = kind
                    && !language.is_empty()
                {
                    self.text(&language, Role::Dim);
                    self.flush();
                }
                self.margin += 2;
                self.code = true;
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                }
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                self.gap = false;
                let mark = match self.lists.last_mut() {
                    Some(Some(n)) => {
                        *n += 1;
                        format!("{}. ", *n - 1)
                    }
                    Some(None) | None => "• ".to_string(),
                };
                self.margin += mark.width();
                self.mark = Some(mark);
            }
            Tag::Table(_) => {
                self.block();
                self.in_table = true;
            }
            Tag::TableHead | Tag::TableRow => self.table.push(Vec::new()),
            Tag::TableCell => {
                if let Some(row) = self.table.last_mut() {
                    row.push(String::new());
                }
            }
            Tag::Emphasis | Tag::Strong => self.roles.push(Role::Strong),
            Tag::Strikethrough => self.roles.push(Role::Dim),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.links.push(dest_url.to_string()),
            Tag::DefinitionList | Tag::DefinitionListTitle | Tag::DefinitionListDefinition | Tag::Superscript | Tag::Subscript => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock | TagEnd::FootnoteDefinition | TagEnd::MetadataBlock(_) => self.close(),
            TagEnd::Heading(_) => {
                self.roles.pop();
                self.close();
                self.gap = false;
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes = self.quotes.saturating_sub(1);
                self.gap = true;
            }
            TagEnd::CodeBlock => {
                self.flush();
                self.code = false;
                self.margin = self.margin.saturating_sub(2);
                self.gap = true;
            }
            TagEnd::List(_) => {
                self.lists.pop();
                self.gap = self.lists.is_empty();
            }
            TagEnd::Item => {
                self.flush();
                let mark = match self.lists.last() {
                    Some(Some(n)) => format!("{}. ", n.saturating_sub(1)).width(),
                    Some(None) | None => 2,
                };
                self.margin = self.margin.saturating_sub(mark);
                self.mark = None;
                self.gap = false;
            }
            TagEnd::Table => {
                self.in_table = false;
                self.lay_table();
                self.gap = true;
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.roles.pop();
            }
            TagEnd::Link | TagEnd::Image => {
                if let Some(address) = self.links.pop()
                    && !self.now.text().ends_with(&address)
                {
                    self.text(&format!(" ({address})"), Role::Dim);
                }
            }
            TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::TableCell
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Superscript
            | TagEnd::Subscript => {}
        }
    }

    fn role(&self) -> Role {
        self.roles.last().copied().unwrap_or_default()
    }

    fn text(&mut self, text: &str, role: Role) {
        if self.in_table {
            if let Some(cell) = self.table.last_mut().and_then(|row| row.last_mut()) {
                cell.push_str(text);
            }
            return;
        }
        self.now = std::mem::take(&mut self.now).and(text, role);
    }

    /// A new block: what is open ends, a blank line parts it from the one before.
    fn block(&mut self) {
        self.flush();
        if std::mem::take(&mut self.gap) && !self.lines.is_empty() {
            self.lines.push(Line::empty());
        }
    }

    fn close(&mut self) {
        self.flush();
        // Paragraphs of a list stand close.
        self.gap = self.lists.is_empty();
    }

    fn flush(&mut self) {
        if !self.now.0.is_empty() {
            self.flush_or_empty();
        }
    }

    fn flush_or_empty(&mut self) {
        // However deep it goes, half of the width is for text.
        let half = self.width / 2;
        let quote = cut(&"▏ ".repeat(self.quotes), half);
        let margin = self.margin.min(half - quote.width().min(half));
        let room = self.width - margin - quote.width();
        let line = std::mem::take(&mut self.now);
        for piece in fold_by(&line, room, if self.code { 2 } else { 0 }) {
            let mark = cut(&self.mark.take().unwrap_or_default(), margin);
            let blanks = " ".repeat(margin - mark.width());
            let mut out = Line::of(format!("{blanks}{mark}"), Role::Plain).and(&quote, Role::Dim);
            out.0.extend(piece.0);
            self.lines.push(out);
        }
    }

    fn lay_table(&mut self) {
        let rows = std::mem::take(&mut self.table);
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &Vec<String>, n: usize| row.get(n).cloned().unwrap_or_default();
        let widths: Vec<usize> = (0..columns).map(|n| rows.iter().map(|row| cell(row, n).width()).max().unwrap_or(0)).collect();
        let all: usize = widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1);
        let fits = all + self.margin <= self.width;
        for (at, row) in rows.iter().enumerate() {
            if fits {
                let text: String = (0..columns).map(|n| pad(&cell(row, n), widths[n] + 2)).collect();
                self.text(text.trim_end(), if at == 0 { Role::Strong } else { Role::Plain });
                self.flush();
            } else if at > 0 {
                // Too wide: each row as its names and values.
                for n in 0..columns {
                    self.text(&format!("{}: ", rows.first().map(|head| cell(head, n)).unwrap_or_default()), Role::Strong);
                    self.text(&cell(row, n), Role::Plain);
                    self.flush();
                }
                if at + 1 < rows.len() {
                    self.lines.push(Line::empty());
                }
            }
        }
    }
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use proptest::prelude::*;

    const REPLY: &str = "# Why it fails\n\nThe pod **worker-7d4b** exits with `1`, *at once*:\n\n```sh\nkubectl logs deploy/worker --previous\n\n  indented\n```\n\n1. Set `DATABASE_URL` in the ConfigMap, which every one of the three deployments reads.\n2. Restart:\n   - worker\n   - backend\n\n> It is [documented](https://example.org/x).\n\n| name | ready |\n|---|---|\n| worker | 0/1 |\n| バックエンド | 2/2 |\n\n---\n### More\n<b>html</b> is text";

    fn shown(text: &str, width: usize) -> String {
        lines(text, width).iter().map(|l| format!("{}\n", l.text().trim_end())).collect()
    }

    #[test]
    fn a_reply() {
        assert_snapshot!(shown(REPLY, 50));
    }

    #[test]
    fn a_reply_in_few_columns() {
        assert_snapshot!(shown(REPLY, 16));
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide(text in "([a-z世 `*_#>|\\-\\n\\[\\]()0-9.]{0,12}(word|\\n\\n|- |1. |\\| a \\| b \\||```\\n)){0,12}", width in 20usize..60) {
            for line in lines(&text, width) {
                prop_assert!(line.width() <= width, "{line:?}");
            }
        }
    }
}
