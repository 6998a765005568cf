//! Roles into styles: one accent colour, and with `NO_COLOR` none at all.

use crate::faces::say::{Line, Role};
use ratatui::{
    style::{Color, Modifier, Style},
    text,
};

/// How roles look.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    colours: bool,
}

impl Theme {
    /// With colours, or with bold, dim and reverse alone.
    pub fn new(colours: bool) -> Theme {
        Theme { colours }
    }

    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        let style = Style::new();
        if !self.colours {
            return match role {
                Role::Plain | Role::Good => style,
                Role::Strong | Role::Accent | Role::Warn | Role::Bad | Role::Added => style.add_modifier(Modifier::BOLD),
                Role::Dim | Role::Removed => style.add_modifier(Modifier::DIM),
            };
        }
        match role {
            Role::Plain => style,
            Role::Strong => style.add_modifier(Modifier::BOLD),
            Role::Dim => style.add_modifier(Modifier::DIM),
            Role::Accent => style.fg(Color::Cyan),
            Role::Good | Role::Added => style.fg(Color::Green),
            Role::Warn => style.fg(Color::Yellow),
            Role::Bad | Role::Removed => style.fg(Color::Red),
        }
    }

    /// The edge of a panel; the one that has the keys stands out.
    pub fn edge(self, has_the_keys: bool) -> Style {
        self.style(if has_the_keys { Role::Accent } else { Role::Dim })
    }

    /// A line, styled.
    pub fn line(self, line: &Line) -> text::Line<'static> {
        text::Line::from_iter(line.0.iter().map(|span| text::Span::styled(span.text().to_string(), self.style(span.role()))))
    }
}
