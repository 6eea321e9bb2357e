//! Boxes over the panes.

use super::paint::{Canvas, Piece};
use super::{card, help, history, route_card};
use crate::app::State;
use crate::app::overlay::{Overlay, Question};
use crate::app::params::Field;
use crate::layout::Area;
use crate::text::{self, Safe};
use crate::wire::brief::brief;

/// Characters of a value or a model's name, and of what is said of the known ones.
const VALUE: usize = 200;
const HINT: usize = 1000;

/// What a box covers, and where its cursor is.
pub struct Drawn {
    pub area: Area,
    pub cursor: Option<(u16, u16)>,
}

pub fn draw(state: &State, canvas: &mut Canvas, screen: Area) -> Option<Drawn> {
    let drawn = match state.overlay.as_ref()? {
        Overlay::Help { scroll } => scrolled(canvas, screen, "Keys", help::lines(state, canvas.styles), *scroll),
        Overlay::Why { scroll } => why(state, canvas, screen, *scroll),
        Overlay::Params { field } => params(state, canvas, screen, *field),
        Overlay::Models { list, filter, selected } => models(canvas, screen, list.as_deref(), filter, *selected),
        Overlay::Message(text) => message(canvas, screen, text),
        Overlay::Write { what, text, .. } => history::write(canvas, screen, *what, text),
        Overlay::Tree { leaves, selected } => history::tree(canvas, screen, leaves, *selected),
        Overlay::Compare { comparison, scroll } => history::compare(canvas, screen, comparison, *scroll),
        Overlay::Totals { by, rows, scroll } => history::totals(canvas, screen, *by, rows, *scroll),
        Overlay::Route { id, scroll } => {
            let width = usize::from(screen.width.min(110)).saturating_sub(4);
            let lines = route_card::lines(state, id, canvas.styles, width);
            wide(canvas, screen, "Route", lines, *scroll, 110)
        }
        Overlay::Confirm(question) => confirm(state, canvas, screen, question),
    };
    Some(drawn)
}

/// A cleared box with a frame; returns its inside.
pub fn open(canvas: &mut Canvas, area: Area, title: &'static str, footer: &'static str) -> Area {
    canvas.clear(area);
    canvas.pane(area, title, &Safe::default(), &[(Safe::from(footer), canvas.styles.dim)], true);
    area.inside()
}

fn scrolled(canvas: &mut Canvas, screen: Area, title: &'static str, lines: Vec<Vec<Piece>>, scroll: usize) -> Drawn {
    wide(canvas, screen, title, lines, scroll, 78)
}

fn wide(
    canvas: &mut Canvas,
    screen: Area,
    title: &'static str,
    lines: Vec<Vec<Piece>>,
    scroll: usize,
    most: u16,
) -> Drawn {
    let area = screen.centre(most, tall(lines.len(), 2).min(screen.height));
    let inside = open(canvas, area, title, " ↑↓ Esc ");
    let last = lines.len().saturating_sub(usize::from(inside.height));
    let padded = Area { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    canvas.lines(padded, &lines[scroll.min(last)..]);
    Drawn { area, cursor: None }
}

/// So many rows and `more`, however many there are.
pub fn tall(rows: usize, more: u16) -> u16 {
    u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(more)
}

fn why(state: &State, canvas: &mut Canvas, screen: Area, scroll: usize) -> Drawn {
    let width = usize::from(screen.width.min(78)) - 4;
    let lines =
        state.log.current().map(|entry| card::lines(entry, state, canvas.styles, width, true)).unwrap_or_default();
    scrolled(canvas, screen, "Why", lines, scroll)
}

fn params(state: &State, canvas: &mut Canvas, screen: Area, field: usize) -> Drawn {
    let area = screen.centre(76, Field::ALL.len() as u16 + 4);
    let inside = open(canvas, area, "Parameters", " ↑↓ field · ←→ known values · type · Enter ");
    let mut cursor = None;
    for (row, this) in Field::ALL.into_iter().enumerate() {
        let chosen = row == field;
        let style = if chosen { canvas.styles.strong } else { canvas.styles.text };
        let value = state.params.value(this);
        let shown =
            if value.is_empty() && !chosen { Safe::from("–") } else { text::clip(&Safe::head(&value, VALUE), 50) };
        let mark = Safe::from(if chosen { "▸ " } else { "  " });
        let y = inside.y + row as u16;
        let pieces = [
            (mark, canvas.styles.border_focus),
            (text::pad(&Safe::from(this.label()), 17), canvas.styles.dim),
            (shown, style),
        ];
        let used = canvas.line(inside.x, y, inside.width, &pieces);
        if chosen && !this.is_choice() {
            cursor = Some((inside.x + used.min(inside.width - 1), y));
        }
    }
    let y = inside.y + Field::ALL.len() as u16 + 1;
    canvas.line(
        inside.x,
        y,
        inside.width,
        &[(hint(state, Field::ALL[field.min(Field::ALL.len() - 1)]), canvas.styles.info)],
    );
    Drawn { area, cursor }
}

/// The known values of a field with their date, or a note that a value is in no table.
fn hint(state: &State, field: Field) -> Safe {
    let choices = state.params.choices(field, &state.setup);
    let value = brief(&state.params.value(field), VALUE);
    let known: Vec<&str> = choices.iter().map(|c| if c.is_empty() { "not sent" } else { c.as_str() }).collect();
    let model = state.setup.catalog.model(&state.params.model);
    let date = model.map_or_else(|| "no table for this model".to_owned(), |model| format!("table of {}", model.date));
    let text = match field {
        Field::Seed => "a whole number; empty: not sent".to_owned(),
        Field::Images => "paths, separated by commas; sent as inlineData".to_owned(),
        Field::System => "system instruction; empty: not sent".to_owned(),
        Field::Model if model.is_none() => format!("{value} is in no table; it is sent as it is"),
        Field::Model => {
            let sent = state.setup.catalog.resolve(&value);
            if sent == value { date } else { format!("sent as {sent}, {date}") }
        }
        _ if !choices.contains(&value) => format!("{value} is not known ({date}); it is sent as it is"),
        _ => format!("{} ({date})", known.join(" ")),
    };
    Safe::head(&text, HINT)
}

fn models(canvas: &mut Canvas, screen: Area, list: Option<&[String]>, filter: &str, selected: usize) -> Drawn {
    let area = screen.centre(70, 20);
    let inside = open(canvas, area, "Models", " type to filter · Enter takes · Esc ");
    let style = canvas.styles.text;
    let Some(list) = list else {
        canvas.line(inside.x + 1, inside.y, inside.width - 1, &[("asking the route …".into(), canvas.styles.info)]);
        return Drawn { area, cursor: None };
    };
    let found = Overlay::matching(list, filter);
    let head = Safe::head_of(format_args!("{} of {}  {filter}", found.len(), list.len()), VALUE);
    let used = canvas.line(inside.x + 1, inside.y, inside.width - 1, &[(head, canvas.styles.strong)]);
    let rows = usize::from(inside.height.saturating_sub(1));
    let first = (selected + 1).saturating_sub(rows);
    for (row, (number, model)) in found.iter().enumerate().skip(first).take(rows).enumerate() {
        let y = inside.y + 1 + row as u16;
        let chosen = number == selected;
        let style = if chosen { canvas.styles.selection } else { style };
        canvas.line(
            inside.x + 1,
            y,
            inside.width - 2,
            &[(text::pad(&Safe::head(model, VALUE), usize::from(inside.width - 2)), style)],
        );
    }
    Drawn { area, cursor: Some((inside.x + 1 + used, inside.y)) }
}

fn confirm(state: &State, canvas: &mut Canvas, screen: Area, question: &Question) -> Drawn {
    let text = match question {
        Question::SendTwin(..) => "The same request is in flight. Send it once more? It is paid for again.".to_owned(),
        Question::PlainHttp(ask, _) => format!(
            "{} is plain http: everybody on the way can read the key of profile {}. Send it all the same?",
            ask.profile.base, ask.profile.name
        ),
        Question::OverCap(_, _, why) | Question::PaidProbe(_, why) => why.clone(),
        Question::Unstored(_, why) => {
            format!("{why}. Send it without a record? The reply is in memory only then, until you save it.")
        }
        Question::Trash(id) => format!("Move {id} to the trash? The command “history restore” brings it back."),
        Question::Quit => {
            let flying = state.log.in_flight().count();
            let unstored = state.log.unstored().count();
            if flying == 0 {
                return boxed(
                    canvas,
                    screen,
                    "Sure?",
                    " y: yes · n or Esc: no ",
                    &format!(
                        "{} in memory only: the store did not take it. Quit and lose it? s saves a picture elsewhere.",
                        if unstored == 1 { "One reply is".to_owned() } else { format!("{unstored} replies are") }
                    ),
                );
            }
            format!(
                "{flying} call{} in flight. Quit and cancel? What was sent may be billed all the same.",
                if flying == 1 { " is" } else { "s are" }
            )
        }
    };
    boxed(canvas, screen, "Sure?", " y: yes · n or Esc: no ", &text)
}

fn message(canvas: &mut Canvas, screen: Area, text: &str) -> Drawn {
    boxed(canvas, screen, "Not sent", " any key ", text)
}

fn boxed(canvas: &mut Canvas, screen: Area, title: &'static str, footer: &'static str, text: &str) -> Drawn {
    let rows = text::wrap(&Safe::head(text, 1000), 52);
    let area = screen.centre(58, tall(rows.len(), 4));
    let inside = open(canvas, area, title, footer);
    let style = canvas.styles.text;
    let lines: Vec<Vec<Piece>> = rows.into_iter().map(|row| vec![(row, style)]).collect();
    let padded = Area {
        x: inside.x + 2,
        y: inside.y + 1,
        width: inside.width.saturating_sub(4),
        height: inside.height.saturating_sub(1),
    };
    canvas.lines(padded, &lines);
    Drawn { area, cursor: None }
}
