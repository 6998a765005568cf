//! A read that goes on, piece by piece: columns that stay where they are, a heading once.

use super::{
    Line, Role,
    answer::{answer, widened},
    wrap::wrapped,
};
use crate::ops::{Answer, Piece};

/// What has to be remembered from piece to piece.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flow {
    columns: Vec<String>,
    title: String,
    widths: Vec<usize>,
}

impl Flow {
    /// The lines of one more piece.
    pub fn lines(&mut self, piece: &Piece, width: usize) -> Vec<Line> {
        match piece {
            Piece::Note(note) => wrapped(note, Role::Dim, width, "· ", 2),
            Piece::Complaint(line) => vec![Line::of(line, Role::Warn)],
            Piece::Part(Answer::Tables { tables }) => {
                let mut lines = Vec::new();
                for table in tables.iter().filter(|t| !t.rows.is_empty()) {
                    let head = self.columns != table.columns || self.title != table.title;
                    if head {
                        (self.columns, self.title, self.widths) = (table.columns.clone(), table.title.clone(), Vec::new());
                    }
                    let laid = widened(table, &mut self.widths, width);
                    lines.extend(laid.into_iter().skip(usize::from(!head && !table.columns.is_empty())));
                }
                lines
            }
            Piece::Part(Answer::Log { lines, .. }) if lines.is_empty() => Vec::new(),
            Piece::Part(part) => answer(part, width),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::answer::Table;

    fn row(name: &str) -> Piece {
        let table =
            Table { title: "pods".into(), columns: vec!["Name".into(), "Ready".into()], rows: vec![vec![name.into(), "1/1".into()]] };
        Piece::Part(Answer::Tables { tables: vec![table] })
    }

    #[test]
    fn a_heading_comes_once_and_columns_stay() {
        let mut flow = Flow::default();
        let mut said = |name: &str| flow.lines(&row(name), 80).iter().map(Line::text).collect::<Vec<_>>();
        assert_eq!(said("a-long-name"), ["NAME          READY", "a-long-name   1/1"]);
        assert_eq!(said("web"), ["web           1/1"]);
        assert_eq!(said("\u{1b}[2Jevil"), ["·[2Jevil      1/1"]);
    }
}
