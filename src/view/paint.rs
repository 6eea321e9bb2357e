//! The only way from text to cells: everything drawn is [`Safe`].

use crate::layout::Area;
use crate::text::{self, Safe};
use crate::theme::Styles;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;
use tui_textarea::TextArea;

/// A piece of a line.
pub type Piece = (Safe, Style);

pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    pub styles: &'a Styles,
}

impl<'a> Canvas<'a> {
    pub fn new(buffer: &'a mut Buffer, styles: &'a Styles) -> Self {
        Canvas { buffer, styles }
    }

    pub fn fill(&mut self, area: Area, style: Style) {
        self.buffer.set_style(rect(area).intersection(self.buffer.area), style);
    }

    /// Makes an area empty, for a box that lies over others.
    pub fn clear(&mut self, area: Area) {
        ratatui::widgets::Clear.render(rect(area).intersection(self.buffer.area), self.buffer);
        self.fill(area, self.styles.text);
    }

    /// One line of pieces, clipped to `width`. Returns the columns used.
    pub fn line(&mut self, x: u16, y: u16, width: u16, pieces: &[Piece]) -> u16 {
        let mut used = 0;
        for (text, style) in pieces {
            let room = usize::from(width - used);
            if room == 0 || y >= self.buffer.area.bottom() || x + used >= self.buffer.area.right() {
                break;
            }
            let clipped = text::clip(text, room);
            self.buffer.set_stringn(x + used, y, clipped.as_str(), room, *style);
            used += clipped.width() as u16;
        }
        used
    }

    /// A frame with a title, a footer on the right of its last line, and the look of having the focus or not.
    pub fn frame(&mut self, area: Area, title: &[Piece], footer: &[Piece], focused: bool) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let style = if focused { self.styles.border_focus } else { self.styles.border };
        let inner = usize::from(area.width) - 2;
        let bar = |left: &str, right: &str| Safe::of(&format!("{left}{}{right}", "─".repeat(inner)));
        self.line(area.x, area.y, area.width, &[(bar("╭", "╮"), style)]);
        for y in area.y + 1..area.bottom() - 1 {
            self.line(area.x, y, 1, &[("│".into(), style)]);
            self.line(area.x + area.width - 1, y, 1, &[("│".into(), style)]);
        }
        self.line(area.x, area.bottom() - 1, area.width, &[(bar("╰", "╯"), style)]);
        if inner > 4 {
            self.line(area.x + 2, area.y, area.width - 4, title);
            let wide: usize = footer.iter().map(|(text, _)| text.width()).sum();
            let wide = wide.min(inner - 2) as u16;
            self.line(area.x + area.width - 2 - wide, area.bottom() - 1, wide, footer);
        }
    }

    /// A pane's frame with its name.
    pub fn pane(&mut self, area: Area, title: &'static str, note: &Safe, footer: &[Piece], focused: bool) {
        let style = if focused { self.styles.title_focus } else { self.styles.title };
        let mut pieces = vec![(" ".into(), style), (Safe::from(title), style), (" ".into(), style)];
        if !note.is_empty() {
            pieces.extend([
                ("· ".into(), self.styles.dim),
                (note.clone(), self.styles.dim),
                (" ".into(), self.styles.dim),
            ]);
        }
        self.frame(area, &pieces, footer, focused);
    }

    /// Lines from the top of an area, as many as fit.
    pub fn lines(&mut self, area: Area, lines: &[Vec<Piece>]) {
        for (row, line) in lines.iter().enumerate().take(usize::from(area.height)) {
            self.line(area.x, area.y + row as u16, area.width, line);
        }
    }

    /// The user's own prompt; its controls were taken out when it was pasted.
    pub fn editor(&mut self, area: Area, editor: &TextArea<'static>) {
        editor.render(rect(area).intersection(self.buffer.area), self.buffer);
    }
}

fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}
