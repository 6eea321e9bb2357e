//! The raw pane: the reply's JSON pretty with folds and elided data, or its bytes exactly.

use super::paint::{Canvas, Piece};
use crate::app::State;
use crate::app::sheet::Sheet;
use crate::layout::{Area, Pane};
use crate::text::{self, Safe};
use crate::theme::Styles;
use crate::wire::rows::{self, Token};
use ratatui::style::Style;

/// Characters of a key or a value; what is longer is for the exact view.
const LABEL: usize = 4000;

/// Draws it; the cursor belongs to the search text while that is typed.
pub fn draw(state: &State, canvas: &mut Canvas, area: Area) -> Option<(u16, u16)> {
    let focused = state.choice.focus == Pane::Raw;
    let inside = area.inside();
    let Some(shown) = &state.shown else {
        canvas.pane(area, Pane::Raw.title(), &Safe::default(), &[], focused);
        return None;
    };
    let sheet = &shown.raw;
    canvas.pane(area, Pane::Raw.title(), &note(sheet), &[], focused);
    let searching = sheet.typing && focused;
    let rows = Area { height: inside.height - u16::from(searching && inside.height > 1), ..inside };
    if sheet.exact {
        exact(sheet, canvas, rows);
    } else {
        pretty(sheet, canvas, rows, focused);
    }
    searching.then(|| {
        let y = inside.bottom() - 1;
        let pieces = [("/".into(), canvas.styles.info), (Safe::of(&sheet.search), canvas.styles.strong)];
        let used = canvas.line(inside.x, y, inside.width, &pieces);
        (inside.x + used.min(inside.width.saturating_sub(1)), y)
    })
}

fn note(sheet: &Sheet) -> Safe {
    let size = text::bytes(sheet.reading.body.bytes().len() as u64);
    let place = if sheet.exact {
        format!("exact · byte {}", sheet.offset)
    } else {
        format!("row {} of {}", sheet.cursor + 1, sheet.rows().len().max(1))
    };
    let search = if sheet.search.is_empty() || sheet.typing { String::new() } else { format!(" · /{}", sheet.search) };
    Safe::of(&format!("{size} · {place}{search}"))
}

fn pretty(sheet: &Sheet, canvas: &mut Canvas, area: Area, focused: bool) {
    let reading = &sheet.reading;
    for (number, row) in sheet.rows().iter().enumerate().skip(sheet.top).take(usize::from(area.height)) {
        let y = area.y + (number - sheet.top) as u16;
        let indent = Safe::of(&"  ".repeat(usize::from(row.depth.min(40))));
        let label = rows::label(row, &reading.reply.document, reading.body.bytes(), &reading.elided);
        let mut pieces: Vec<Piece> = vec![(indent, canvas.styles.text)];
        pieces.extend(label.into_iter().map(|(token, text)| (Safe::head(&text, LABEL), style(token, canvas.styles))));
        let chosen = number == sheet.cursor && focused;
        if chosen {
            canvas.fill(Area::new(area.x, y, area.width, 1), canvas.styles.selection);
            pieces.iter_mut().for_each(|(_, style)| *style = canvas.styles.selection);
        }
        canvas.line(area.x, y, area.width, &shift(pieces, sheet.sideways));
    }
}

fn style(token: Token, styles: &Styles) -> Style {
    match token {
        Token::Key => styles.key,
        Token::Text => styles.string,
        Token::Number => styles.number,
        Token::Word => styles.word,
        Token::Punctuation => styles.dim,
        Token::Note => styles.info,
        Token::Outside => styles.text,
    }
}

/// Takes columns off the left of a line.
fn shift(pieces: Vec<Piece>, mut columns: usize) -> Vec<Piece> {
    let cut = |(text, style): Piece| {
        let wide = text.width();
        let taken = columns.min(wide);
        columns -= taken;
        (text::clip_left(&text, taken), style)
    };
    pieces.into_iter().map(cut).collect()
}

fn exact(sheet: &Sheet, canvas: &mut Canvas, area: Area) {
    let body = sheet.reading.body.bytes();
    let mut offset = sheet.offset;
    for row in 0..area.height {
        let next = sheet.after(offset, usize::from(area.width));
        let end = if next == offset { body.len() } else { next };
        let line = body.get(offset..end).unwrap_or_default();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let text = Safe::of(&String::from_utf8_lossy(line));
        canvas.line(area.x, area.y + row, area.width, &[(text, canvas.styles.text)]);
        if next == offset {
            return;
        }
        offset = next;
    }
}
