//! The picture in the preview: only the newest wanted one is worked on; half-blocks as cells, and over them the terminal's own
//! graphics where it has some.

mod asking;
mod see;

use crate::app::{Drawing, ImageSlot, State};
use crate::config::Protocol;
use crate::layout::Area;
use crate::preview::{self, Blob, CELL, Choice, Found, Layer, Master, Picture, Reply, Step, Surroundings, Way};
use crate::text::{self, Safe};
use crate::theme::Styles;
use asking::Asking;
use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;
use ratatui::style::Color;
use see::{Decoded, Seen, Wanted, blob, see};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Takes every picture off the screen.
const KITTY_CLEAR: &[u8] = b"\x1b_Ga=d,d=a,q=2\x1b\\";

/// A wish fulfilled in half-blocks.
struct View {
    wanted: Wanted,
    seen: Seen,
}

enum Made {
    View(Box<View>, Decoded),
    Blob { key: u64, blob: Result<Blob, String> },
}

/// How pictures are to be drawn, from the settings.
pub struct Wishes {
    pub protocol: Protocol,
    /// False without colours.
    pub enabled: bool,
    pub truecolor: bool,
    /// Bytes that one picture may take on a fast line.
    pub budget: usize,
}

pub struct Pictures {
    wishes: Wishes,
    asking: Asking,
    choice: Option<Choice>,
    /// The ways to choose from.
    offered: Vec<Protocol>,
    layer: Layer,
    /// Pixels of a cell, by the terminal's driver where the terminal does not tell.
    driver_cell: Option<(u16, u16)>,
    decoded: Decoded,
    view: Option<View>,
    /// Being worked on; a newer wish waits until it is done.
    working: bool,
    encoding: Option<u64>,
    /// What the state was told last.
    told: Drawing,
    /// Why the sharp picture could not be made.
    fault: Option<String>,
    started: Instant,
    tell: mpsc::UnboundedSender<Made>,
    made: mpsc::UnboundedReceiver<Made>,
}

impl Pictures {
    pub fn new(wishes: Wishes, around: Surroundings, driver_cell: Option<(u16, u16)>) -> Pictures {
        let (tell, made) = mpsc::unbounded_channel();
        // What needs no proof is settled before the terminal has answered.
        let settled = matches!(wishes.protocol, Protocol::Blocks | Protocol::Off);
        let choice = settled.then(|| preview::choose(wishes.protocol, &around, &Found::default(), None));
        let layer = layer(Way::Blocks, &wishes, &around);
        Pictures {
            layer,
            wishes,
            offered: preview::offered(&around, &Found::default(), driver_cell),
            asking: Asking::new(around),
            choice,
            driver_cell,
            decoded: Decoded::default(),
            view: None,
            working: false,
            encoding: None,
            told: Drawing::default(),
            fault: None,
            started: Instant::now(),
            tell,
            made,
        }
    }

    /// The question to the terminal, to go out with the first frame.
    pub fn question(&mut self) -> Vec<u8> {
        self.asking.first(self.wishes.enabled)
    }

    /// An answer of the terminal; true when something is to be drawn.
    pub fn heard(&mut self, reply: &Reply, screen: (u16, u16)) -> bool {
        if matches!(reply, Reply::Ready) {
            self.layer.ready(self.now());
            return self.layer.wants_frame();
        }
        let settled = self.asking.heard(reply);
        self.offered = preview::offered(self.asking.around(), &self.asking.found, self.driver_cell);
        if self.has_truecolor() && !std::mem::replace(&mut self.wishes.truecolor, true) {
            self.view = None;
        }
        if settled && self.choice.is_none() {
            self.choose(screen);
        }
        settled
    }

    fn choose(&mut self, screen: (u16, u16)) {
        let asking = &self.asking;
        let choice = preview::choose(self.wishes.protocol, asking.around(), &asking.found, self.cell_pixels());
        self.layer = layer(choice.way, &self.wishes, asking.around());
        self.layer.screen(screen.0, screen.1);
        if let Some(ms) = asking.round_trip {
            self.layer.round_trip(ms);
        }
        (self.view, self.fault) = (None, None);
        tracing::info!(why = choice.why, "pictures");
        self.choice = Some(choice);
    }

    /// The terminal said that it keeps colours of 24 bit.
    pub fn has_truecolor(&self) -> bool {
        self.asking.has_truecolor()
    }

    /// Another way of drawing is asked for; gives the bytes that take the former pictures away.
    pub fn draw_by(&mut self, protocol: Protocol, screen: (u16, u16)) -> Vec<u8> {
        let mut clear = self.layer.leave();
        clear.extend(self.layer.resized());
        self.wishes.protocol = protocol;
        self.choose(screen);
        clear
    }

    fn way(&self) -> Way {
        self.choice.as_ref().map_or(Way::Blocks, |choice| choice.way)
    }

    fn cell_pixels(&self) -> Option<(u16, u16)> {
        self.asking.found.cell.or(self.driver_cell)
    }

    /// Pixels of a cell for the way pictures are drawn.
    fn cell(&self) -> (u16, u16) {
        match self.way() {
            Way::Blocks | Way::Off => self.cell_pixels().unwrap_or(CELL),
            _ => self.cell_pixels().unwrap_or(preview::CELL_PIXELS),
        }
    }

    fn now(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// What the state should know, when it does not yet.
    pub fn news(&mut self) -> Option<Drawing> {
        let way = self.way();
        let cell = if matches!(way, Way::Blocks | Way::Off) { (1, 2) } else { self.cell() };
        let sent = self.layer.sent();
        let note = match (self.layer.note().or(self.fault.as_deref()), way) {
            (Some(why), _) => why.to_owned(),
            (None, Way::Blocks | Way::Off) => String::new(),
            (None, way) if sent > 0 => format!("{} · {}", way.word(), text::bytes(sent)),
            (None, way) => way.word().to_owned(),
        };
        let drawing = Drawing { cell, note, offered: self.offered.clone() };
        (drawing != self.told).then(|| {
            self.told = drawing.clone();
            drawing
        })
    }

    /// Resolves when some work is finished.
    pub async fn ready(&mut self) {
        match self.made.recv().await {
            Some(Made::View(view, decoded)) => {
                self.working = false;
                self.decoded = decoded;
                self.view = Some(*view);
            }
            Some(Made::Blob { key, blob }) => {
                self.encoding = None;
                self.fault = blob.as_ref().err().cloned();
                if let Ok(blob) = blob {
                    self.layer.offer(Picture { key, blob: Arc::new(blob) });
                }
            }
            None => std::future::pending().await,
        }
    }

    /// Puts the picture into the slot, or asks for it to be made; gives what the frame has to send beside its text.
    pub fn place(&mut self, slot: Option<ImageSlot>, state: &State, styles: &Styles, buffer: &mut Buffer) -> Step {
        let want = slot.and_then(|slot| self.draw(slot, state, styles, buffer));
        let mut step = self.layer.want(want);
        if step.repaint.is_some() && self.asking.found.is_named("Konsole") {
            // It keeps iTerm2's and sixel's pictures under text, and lets go of them by kitty's command.
            step.before.extend(KITTY_CLEAR);
        }
        if let (Some(colour), Some((spot, _))) = (step.placeholder, want) {
            placeholders(spot, colour, buffer);
        }
        if let Some(spot) = step.skip {
            for position in rect(spot).positions() {
                if let Some(cell) = buffer.cell_mut(position) {
                    cell.set_diff_option(CellDiffOption::Skip);
                }
            }
        }
        step
    }

    /// Draws the half-blocks; gives where graphics may lie over them, and which.
    fn draw(&mut self, slot: ImageSlot, state: &State, styles: &Styles, buffer: &mut Buffer) -> Option<(Area, u64)> {
        if !self.wishes.enabled || matches!(self.way(), Way::Off) {
            let words = "pictures are off (preview.protocol, NO_COLOR or the terminal); s saves this one";
            sentence(words, slot, styles, buffer);
            return None;
        }
        let cell = self.cell();
        let room = (slot.area.width, slot.area.height);
        let room = if matches!(self.way(), Way::Sixel) { preview::sixel_room(room, cell) } else { room };
        let wanted = Wanted { picture: slot.picture, beside: slot.beside, look: slot.look, room, cell };
        let Some(view) = self.view.as_ref().filter(|view| view.wanted == wanted) else {
            self.make(wanted, state);
            return None;
        };
        match &view.seen {
            Err(why) => {
                sentence(why, slot, styles, buffer);
                None
            }
            Ok((master, blocks)) => {
                let area = slot.area.centre(blocks.width, blocks.height);
                over(slot, buffer, |buffer| blocks.draw(rect(area), buffer));
                let key = key(&wanted, area);
                let master = Arc::clone(master);
                self.encode(key, area, master);
                slot.covered.is_none().then_some((area, key))
            }
        }
    }

    fn make(&mut self, wanted: Wanted, state: &State) {
        let Some(shown) = state.shown.as_ref().filter(|shown| shown.entry == wanted.picture.entry) else { return };
        if self.working || wanted.room.0 == 0 || wanted.room.1 == 0 {
            return;
        }
        self.working = true;
        let mut readings = vec![(wanted.picture, Arc::clone(&shown.reading))];
        if let (Some(id), Some((_, reading, _))) = (wanted.beside, &state.beside) {
            readings.push((id, Arc::clone(reading)));
        }
        let (decoded, tell) = (std::mem::take(&mut self.decoded), self.tell.clone());
        let (truecolor, blocks) = (self.wishes.truecolor, matches!(self.way(), Way::Blocks));
        tokio::task::spawn_blocking(move || {
            let made = std::panic::catch_unwind(move || see(wanted, decoded, &readings, truecolor, blocks));
            let (seen, decoded) = made.unwrap_or_else(|_| {
                (Err("the picture's decoder failed; its bytes are saved".to_owned()), Decoded::default())
            });
            // The loop is gone only when the app ends.
            let _ended = tell.send(Made::View(Box::new(View { wanted, seen }), decoded));
        });
    }

    /// Has the terminal's own encoding made, unless it is known.
    fn encode(&mut self, key: u64, spot: Area, master: Arc<Master>) {
        let way = self.way();
        if matches!(way, Way::Blocks | Way::Off) || self.encoding.is_some() || self.layer.has(key) {
            return;
        }
        self.encoding = Some(key);
        let (cell, budget, tell) = (self.cell(), self.layer.budget(), self.tell.clone());
        tokio::task::spawn_blocking(move || {
            let made = std::panic::catch_unwind(|| blob(way, &master, (spot.width, spot.height), cell, budget));
            let blob = made.unwrap_or_else(|_| Err("the picture could not be encoded for this terminal".to_owned()));
            let _ended = tell.send(Made::Blob { key, blob });
        });
    }

    /// The next bytes of a picture that is on its way.
    pub fn piece(&mut self) -> Option<Vec<u8>> {
        let now = self.now();
        self.asking.next().or_else(|| self.layer.piece(now))
    }

    /// Answers that may still come: whoever leaves before would find them in the shell.
    pub fn awaits_answer(&self) -> bool {
        self.asking.waits() || self.layer.deadline().is_some()
    }

    /// When an answer of the terminal is overdue.
    pub fn deadline(&self) -> Option<Instant> {
        Some(self.started + Duration::from_millis(self.layer.deadline()?))
    }

    pub fn overdue(&mut self) {
        let now = self.now();
        self.layer.stuck(now);
    }

    pub fn wants_frame(&self) -> bool {
        self.layer.wants_frame()
    }

    /// The bytes that clear a screen of another size.
    pub fn resized(&mut self, screen: (u16, u16), driver_cell: Option<(u16, u16)>) -> Vec<u8> {
        self.layer.screen(screen.0, screen.1);
        self.driver_cell = driver_cell;
        // A font of another size: the terminal's own answer is out of date.
        if driver_cell.is_some() {
            self.asking.found.cell = driver_cell;
        }
        self.layer.resized()
    }

    /// The bytes that take everything of ours away.
    pub fn leave(&self) -> Vec<u8> {
        self.layer.leave()
    }

    /// Another program had the terminal.
    pub fn lost(&mut self) {
        self.layer.lost();
    }
}

fn layer(way: Way, wishes: &Wishes, around: &Surroundings) -> Layer {
    Layer::new(way, wishes.budget, around.ssh, std::process::id())
}

fn key(wanted: &Wanted, spot: Area) -> u64 {
    let mut hasher = DefaultHasher::new();
    (wanted, spot.width, spot.height).hash(&mut hasher);
    hasher.finish()
}

/// Draws into the slot, and not over a box that covers some of it.
fn over(slot: ImageSlot, buffer: &mut Buffer, draw: impl FnOnce(&mut Buffer)) {
    let Some(covered) = slot.covered else { return draw(buffer) };
    let mut under = buffer.clone();
    draw(&mut under);
    for position in rect(slot.area).positions().filter(|p| !rect(covered).contains(*p)) {
        buffer[position] = under[position].clone();
    }
}

/// Cells that stand for the picture's own: the terminal puts it where they are.
fn placeholders(spot: Area, colour: u32, buffer: &mut Buffer) {
    let [_, red, green, blue] = colour.to_be_bytes();
    for row in 0..spot.height {
        for column in 0..spot.width {
            if let Some(cell) = buffer.cell_mut((spot.x + column, spot.y + row)) {
                cell.reset();
                cell.set_symbol(&preview::placeholder_cell(row, column)).set_fg(Color::Rgb(red, green, blue));
            }
        }
    }
}

fn sentence(words: &str, slot: ImageSlot, styles: &Styles, buffer: &mut Buffer) {
    let Area { x, y, width, height } = slot.area;
    let lines = text::wrap(&Safe::of(words), usize::from(width));
    over(slot, buffer, |buffer| {
        for (row, line) in lines.iter().enumerate().take(usize::from(height)) {
            buffer.set_stringn(x, y + row as u16, line.as_str(), usize::from(width), styles.warn);
        }
    });
}

fn rect(area: Area) -> Rect {
    Rect::new(area.x, area.y, area.width, area.height)
}
