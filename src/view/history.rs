//! Boxes on stored exchanges: the tree of an iteration, a comparison, totals, and the line for tags and notes.

use super::log::word_style;
use super::overlay::{Drawn, open, tall};
use super::paint::{Canvas, Piece};
use crate::app::history::{Leaf, Writing};
use crate::history::{By, Comparison, Piece as Change, Total, words};
use crate::layout::Area;
use crate::text::{self, Safe};
use crate::theme::Styles;
use crate::wire::verdict::Word;
use ratatui::style::Style;

/// Characters of one line, and of the changes of a prompt.
const LINE: usize = 2000;
const PROMPT: usize = 20_000;
/// Changed parameters, and lines of the raw replies, that are shown.
const MOST_CHANGES: usize = 1000;
const MOST_RAW: usize = 5000;

pub fn write(canvas: &mut Canvas, screen: Area, what: Writing, typed: &str) -> Drawn {
    let area = screen.centre(64, 3);
    let (title, footer) = match what {
        Writing::Tags => ("Tags", " words, by spaces · Enter · Esc "),
        Writing::Note => ("Note", " Enter · Esc "),
    };
    let inside = open(canvas, area, title, footer);
    let room = usize::from(inside.width.saturating_sub(2));
    let whole = Safe::of(typed);
    // The end is what is being typed.
    let shown = text::clip_left(&whole, whole.width().saturating_sub(room));
    let used = canvas.line(inside.x + 1, inside.y, inside.width.saturating_sub(1), &[(shown, canvas.styles.strong)]);
    Drawn { area, cursor: Some((inside.x + 1 + used, inside.y)) }
}

pub fn tree(canvas: &mut Canvas, screen: Area, leaves: &[Leaf], selected: usize) -> Drawn {
    let area = screen.centre(100, tall(leaves.len(), 2).min(screen.height));
    let inside = open(canvas, area, "Iteration", " ↑↓ · Enter selects · Esc ");
    let rows = usize::from(inside.height);
    let first = (selected + 1).saturating_sub(rows);
    for (row, (number, leaf)) in leaves.iter().enumerate().skip(first).take(rows).enumerate() {
        let y = inside.y + row as u16;
        let styles = canvas.styles;
        let word = Word::parse(&leaf.word).map_or(styles.info, |word| word_style(word, styles));
        let mut pieces = vec![
            (Safe::head(&leaf.guides, LINE), styles.dim),
            (Safe::head(&leaf.word, LINE), word),
            ("  ".into(), styles.text),
        ];
        pieces.extend(against(leaf, styles));
        if number == selected {
            canvas.fill(Area::new(inside.x, y, inside.width, 1), canvas.styles.selection);
            pieces.iter_mut().for_each(|(_, style)| *style = canvas.styles.selection);
        }
        canvas.line(inside.x + 1, y, inside.width.saturating_sub(2), &pieces);
    }
    Drawn { area, cursor: None }
}

/// A prompt; of one that was made from another, what changed.
fn against(leaf: &Leaf, styles: &Styles) -> Vec<Piece> {
    match &leaf.before {
        Some(before) if *before == leaf.prompt => vec![("the same prompt".into(), styles.dim)],
        Some(before) => {
            let pieces: Vec<Change> = words(before, &leaf.prompt).into_iter().map(shortened).collect();
            inline(&pieces, LINE, styles)
        }
        None => vec![(Safe::head(&leaf.prompt, LINE), styles.text)],
    }
}

/// Of a long stretch that two prompts share, the end: it leads to the change.
fn shortened(piece: Change) -> Change {
    const SHARED: usize = 24;
    match piece {
        Change::Same(text) if text.chars().count() > SHARED => {
            let tail: Vec<char> = text.chars().rev().take(SHARED / 2).collect();
            Change::Same(format!("…{}", tail.into_iter().rev().collect::<String>()))
        }
        other => other,
    }
}

pub fn compare(canvas: &mut Canvas, screen: Area, comparison: &Comparison, scroll: usize) -> Drawn {
    let width = screen.width.saturating_sub(4).min(110);
    let lines = comparison_lines(comparison, canvas.styles, usize::from(width.saturating_sub(4)));
    let area = screen.centre(width, tall(lines.len(), 2).min(screen.height));
    let inside = open(canvas, area, "Compared", " ↑↓ Esc ");
    let last = lines.len().saturating_sub(usize::from(inside.height));
    let padded = Area { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    canvas.lines(padded, &lines[scroll.min(last)..]);
    Drawn { area, cursor: None }
}

fn comparison_lines(comparison: &Comparison, styles: &Styles, width: usize) -> Vec<Vec<Piece>> {
    let head = |sign: &str, id: &str, style| vec![(Safe::of(&format!("{sign} {id}")), style)];
    let mut lines = vec![
        head("-", &comparison.before, styles.bad),
        head("+", &comparison.after, styles.good),
        vec![],
        title("prompt", styles),
    ];
    if comparison.prompt.iter().all(|piece| matches!(piece, Change::Same(_))) {
        lines.push(vec![("the same".into(), styles.dim)]);
    } else {
        lines.extend(wrapped(inline(&comparison.prompt, PROMPT, styles), width));
    }
    lines.extend([vec![], title("parameters", styles)]);
    if comparison.changes.is_empty() {
        lines.push(vec![("the same".into(), styles.dim)]);
    }
    for change in comparison.changes.iter().take(MOST_CHANGES) {
        let value = |value: &Option<String>| Safe::head(value.as_deref().unwrap_or("–"), 200);
        lines.push(vec![
            (Safe::head_of(format_args!("{}  ", change.path), 200), styles.key),
            (value(&change.before), styles.bad),
            (" → ".into(), styles.dim),
            (value(&change.after), styles.good),
        ]);
    }
    lines.extend([vec![], title("raw reply", styles)]);
    if comparison.raw.is_empty() {
        lines.push(vec![("the same".into(), styles.dim)]);
    }
    lines.extend(comparison.raw.iter().take(MOST_RAW).map(|piece| {
        let (sign, style) = look(piece, styles);
        vec![(Safe::from(sign), style), (Safe::head(piece.text().trim_end_matches('\n'), 400), style)]
    }));
    let more = comparison.changes.len().saturating_sub(MOST_CHANGES) + comparison.raw.len().saturating_sub(MOST_RAW);
    if more > 0 {
        let words = format!("… {more} more: `unpeel history compare` prints all");
        lines.push(vec![(Safe::of(&words), styles.dim)]);
    }
    lines
}

fn title(text: &'static str, styles: &Styles) -> Vec<Piece> {
    vec![(Safe::from(text), styles.strong)]
}

fn look(piece: &Change, styles: &Styles) -> (&'static str, Style) {
    match piece {
        Change::Same(_) => ("  ", styles.dim),
        Change::Removed(_) => ("- ", styles.bad),
        Change::Added(_) => ("+ ", styles.good),
    }
}

/// A prompt's changes in one text of at most `most` characters, readable without colours too.
fn inline(pieces: &[Change], most: usize, styles: &Styles) -> Vec<Piece> {
    let mut left = most;
    let mut shown = Vec::new();
    for piece in pieces {
        if left == 0 {
            shown.push((Safe::from(" …"), styles.dim));
            break;
        }
        let (_, style) = look(piece, styles);
        let text = Safe::head(piece.text(), left);
        left = left.saturating_sub(text.as_str().chars().count());
        shown.push(match piece {
            Change::Same(_) => (text, styles.text),
            Change::Removed(_) => (Safe::join([&Safe::from("[-"), &text, &Safe::from("-]")], ""), style),
            Change::Added(_) => (Safe::join([&Safe::from("{+"), &text, &Safe::from("+}")], ""), style),
        });
    }
    shown
}

/// Breaks coloured pieces into lines of a width, at any place: words that changed keep their colour.
fn wrapped(pieces: Vec<Piece>, width: usize) -> Vec<Vec<Piece>> {
    let mut lines = vec![vec![]];
    let mut used = 0;
    for (mut text, style) in pieces {
        while !text.is_empty() {
            let (head, rest) = text::split(&text, width.saturating_sub(used).max(1));
            used += head.width();
            text = rest;
            if let Some(line) = lines.last_mut() {
                line.push((head, style));
            }
            if !text.is_empty() || used >= width {
                lines.push(vec![]);
                used = 0;
            }
        }
    }
    lines
}

pub fn totals(canvas: &mut Canvas, screen: Area, by: By, rows: &[Total], scroll: usize) -> Drawn {
    let title = match by {
        By::Day => "Totals by day",
        By::Session => "Totals by session",
        By::Route => "Totals by route",
    };
    let names = rows.iter().map(|row| Safe::head(&row.name, LINE).width()).max().unwrap_or(0).clamp(12, 60);
    let area = screen.centre(names as u16 + 56, tall(rows.len(), 3).min(screen.height));
    let inside = open(canvas, area, title, " ←→ by day, session, route · ↑↓ Esc ");
    let styles = canvas.styles;
    let cell = |text: String, width: usize| {
        let text = Safe::of(&text);
        let gap = Safe::of(&" ".repeat(width.saturating_sub(text.width())));
        Safe::join([&gap, &text], "")
    };
    let line = |name: &str, cells: [String; 5], style: Style| {
        let mut pieces = vec![(text::pad(&text::clip(&Safe::head(name, LINE), names), names), style)];
        let widths = [8, 10, 12, 12, 10];
        pieces.extend(cells.into_iter().zip(widths).map(|(text, width)| (cell(text, width), style)));
        pieces
    };
    let head = ["calls", "pictures", "tokens", "cost", "unpriced"].map(str::to_owned);
    canvas.line(inside.x + 1, inside.y, inside.width.saturating_sub(2), &line("", head, styles.dim));
    let fitting = usize::from(inside.height.saturating_sub(1));
    let scroll = scroll.min(rows.len().saturating_sub(fitting));
    for (row, total) in rows.iter().skip(scroll).take(fitting).enumerate() {
        let cost = format!("${:.3}", total.cost_usd);
        let numbers = [total.calls as u64, total.pictures as u64, total.tokens].map(|n| n.to_string());
        let [calls, pictures, tokens] = numbers;
        let unpriced = if total.unpriced > 0 { total.unpriced.to_string() } else { String::new() };
        // The sum of all stands first.
        let style = if scroll + row == 0 { styles.strong } else { styles.text };
        let name = if total.name.is_empty() { "–" } else { &total.name };
        let pieces = line(name, [calls, pictures, tokens, cost, unpriced], style);
        canvas.line(inside.x + 1, inside.y + 1 + row as u16, inside.width.saturating_sub(2), &pieces);
    }
    Drawn { area, cursor: None }
}
