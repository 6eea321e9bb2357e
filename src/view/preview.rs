//! The preview pane: the picture, or why there is none, or how far the call is.

use super::card;
use super::paint::{Canvas, Piece};
use crate::app::log::{Entry, Life, needs_card};
use crate::app::state::Shown;
use crate::app::{ImageSlot, Look, PictureId, State};
use crate::keymap::Action;
use crate::layout::{Area, Pane};
use crate::text::{self, Safe};
use crate::wire::brief::{self, brief};
use crate::wire::verdict::Word;

/// Draws everything but the picture, and says where that goes.
pub fn draw(state: &State, canvas: &mut Canvas, area: Area) -> Option<ImageSlot> {
    let focused = state.choice.focus == Pane::Preview;
    let inside = area.inside();
    if let Some(shown) = &state.shown
        && let Some(caption) = caption(shown, state)
    {
        let note = Safe::head(&state.drawing.note, 60);
        let note = if note.is_empty() { vec![] } else { vec![(Safe::of(&format!(" {note} ")), canvas.styles.dim)] };
        canvas.pane(area, Pane::Preview.title(), &caption, &note, focused);
        let picture = PictureId { entry: shown.entry, number: shown.picture };
        let held = state.beside.as_ref().map(|(entry, _, number)| PictureId { entry: *entry, number: *number });
        let beside = held.filter(|held| *held != picture);
        return Some(ImageSlot { picture, beside, look: shown.look, area: inside, covered: None });
    }
    canvas.pane(area, Pane::Preview.title(), &Safe::default(), &[], focused);
    let lines = match state.log.current() {
        Some(entry) if needs_card(state) => card::lines(entry, state, canvas.styles, usize::from(inside.width), false),
        Some(Entry { life: Life::InFlight { stage, up, down, .. }, begun, .. }) => {
            let running = text::clock(state.now.as_millisecond() - begun.as_millisecond());
            let moved = format!("{} up · {} down", text::bytes(*up), text::bytes(*down));
            middle(
                inside,
                canvas,
                &[
                    (Safe::of(&format!("{} {running}", stage.word())), canvas.styles.info),
                    (Safe::of(&moved), canvas.styles.dim),
                ],
            );
            return None;
        }
        Some(_) => vec![],
        None => {
            welcome(state, inside, canvas);
            return None;
        }
    };
    canvas.lines(inside, &lines);
    if lines.len() > usize::from(inside.height) {
        let keys = &state.setup.keymap;
        // In the prompt the letter would be typed.
        let first =
            if state.choice.focus == Pane::Prompt { format!("{} ", keys.hint(Action::Preview)) } else { String::new() };
        let more = Safe::of(&format!(" {first}{}: the whole card ", keys.hint(Action::Why)));
        let x = inside.x + inside.width.saturating_sub(more.width() as u16);
        canvas.line(x, area.bottom() - 1, inside.width, &[(more, canvas.styles.info)]);
    }
    None
}

/// Type, pixels, bytes, what was asked when it differs, and which picture of how many; `None` when there is no picture.
fn caption(shown: &Shown, state: &State) -> Option<Safe> {
    let pictures = &shown.reading.reply.pictures;
    let picture = pictures.get(shown.picture)?;
    let data = picture.data.as_ref()?;
    let kind = data.sniffed.or(picture.mime.as_deref()).unwrap_or("unknown type");
    let verdict = state.log.get(shown.entry).and_then(|entry| entry.outcome()).map(|outcome| outcome.verdict.word);
    let odd = verdict.filter(|word| *word != Word::Image).map(|word| word.as_str().to_owned());
    let mut words: Vec<String> = odd.into_iter().chain([brief(kind, brief::NAME)]).collect();
    words.extend(data.size.map(|(w, h)| format!("{w}×{h}")));
    words.push(text::bytes(data.bytes as u64));
    let request = state.log.get(shown.entry).map(|entry| &entry.ask.request);
    let asked = request.filter(|r| r.aspect_ratio.is_some() || r.image_size.is_some());
    let asked = asked.and_then(|r| state.setup.catalog.pixels(r.aspect_ratio.as_deref(), r.image_size.as_deref()));
    words.extend(asked.filter(|asked| Some(*asked) != data.size).map(|(w, h)| format!("asked {w}×{h}")));
    if let Look::Actual { x, y } = shown.look {
        words.push(format!("1:1 from {x},{y}"));
    }
    words.extend(picture.thought.then(|| "thought".to_owned()));
    words.extend(data.signed.then(|| "C2PA present".to_owned()));
    if pictures.len() > 1 {
        words.push(format!("{} of {}", shown.picture + 1, pictures.len()));
    }
    Some(Safe::of(&words.join(" · ")))
}

fn welcome(state: &State, inside: Area, canvas: &mut Canvas) {
    let keys = &state.setup.keymap;
    let hint = |action, what: &str| (Safe::of(&format!("{:>9}  {what}", keys.hint(action))), canvas.styles.dim);
    let lines = [
        ("no picture yet".into(), canvas.styles.strong),
        (Safe::default(), canvas.styles.dim),
        hint(Action::Send, "send the prompt       "),
        hint(Action::Parameters, "model, aspect, size   "),
        hint(Action::NextPane, "next pane             "),
        hint(Action::Help, "all keys              "),
    ];
    middle(inside, canvas, &lines);
}

fn middle(inside: Area, canvas: &mut Canvas, lines: &[Piece]) {
    let top = inside.y + inside.height.saturating_sub(lines.len() as u16) / 2;
    for (row, piece) in lines.iter().enumerate() {
        let left = inside.x + inside.width.saturating_sub(piece.0.width() as u16) / 2;
        let y = top + row as u16;
        if y < inside.bottom() {
            canvas.line(left, y, inside.x + inside.width - left, std::slice::from_ref(piece));
        }
    }
}
