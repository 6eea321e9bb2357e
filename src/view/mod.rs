//! What the state looks like: every pane from `&State` alone, in a file with the name of the pane's state.

mod card;
mod help;
mod history;
mod links;
mod log;
mod overlay;
mod paint;
mod parts;
mod preview;
mod prompt;
mod raw;
mod request;
mod route_card;
mod routes;
mod status;

use crate::app::{ImageSlot, State};
use crate::layout::{Area, Layout, Pane};
use crate::text::Safe;
use crate::theme::Styles;
use paint::Canvas;
use ratatui::Frame;
use ratatui::layout::Position;

/// Draws everything and says where the picture belongs, if there is one to see.
pub fn view(state: &State, styles: &Styles, frame: &mut Frame) -> Option<ImageSlot> {
    let screen = Area::new(0, 0, frame.area().width, frame.area().height);
    let mut canvas = Canvas::new(frame.buffer_mut(), styles);
    canvas.fill(screen, styles.text);
    let Layout::Panes { shown, tabs, status } = state.layout() else {
        too_small(&mut canvas, screen);
        return None;
    };
    let mut slot = None;
    let mut cursor = None;
    for (pane, area) in shown {
        match pane {
            Pane::Prompt => cursor = prompt::draw(state, &mut canvas, area),
            Pane::Log => cursor = log::draw(state, &mut canvas, area).or(cursor),
            Pane::Routes => routes::draw(state, &mut canvas, area),
            Pane::Preview => slot = preview::draw(state, &mut canvas, area),
            Pane::Parts => parts::draw(state, &mut canvas, area),
            Pane::Raw => cursor = raw::draw(state, &mut canvas, area).or(cursor),
            Pane::Request => request::draw(state, &mut canvas, area),
        }
    }
    if let Some(area) = tabs {
        status::tabs(state, &mut canvas, area);
    }
    status::draw(state, &mut canvas, status);
    if let Some(over) = overlay::draw(state, &mut canvas, screen) {
        cursor = over.cursor;
        slot = slot.map(|slot| ImageSlot { covered: Some(over.area), ..slot });
    }
    if let Some((x, y)) = cursor {
        frame.set_cursor_position(Position { x, y });
    }
    slot
}

fn too_small(canvas: &mut Canvas, screen: Area) {
    let (width, height) = crate::layout::SMALLEST;
    let sentence =
        Safe::of(&format!("unpeel needs {width}×{height} cells, this terminal has {}×{}", screen.width, screen.height));
    let text = canvas.styles.text;
    for (row, line) in
        crate::text::wrap(&sentence, usize::from(screen.width)).iter().enumerate().take(usize::from(screen.height))
    {
        canvas.line(screen.x, screen.y + row as u16, screen.width, &[(line.clone(), text)]);
    }
}
