//! The picture in the preview: decoded and encoded off the loop, only the newest wanted one; half-blocks as cells, and over
//! them the terminal's own graphics where it has some.

use crate::app::{Drawing, ImageSlot, Look, PictureId, State};
use crate::call::Reading;
use crate::config::Protocol;
use crate::layout::Area;
use crate::preview::{
    self, Blob, Blocks, CELL, Choice, Found, Full, Layer, Limits, Master, Picture, Reply, Spot, Step, Surroundings, Way,
};
use crate::text::{self, Safe};
use crate::theme::Styles;
use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;
use ratatui::style::Color;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// A terminal whose answer takes longer is not asked on.
const LATEST_ANSWER: Duration = Duration::from_secs(1);

/// What is wanted on the screen: a picture, or two, looked at in some way, in so many cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Wanted {
    picture: PictureId,
    beside: Option<PictureId>,
    look: Look,
    /// Columns and rows of the slot, and pixels of a cell.
    room: (u16, u16),
    cell: (u16, u16),
}

/// Decoded pictures, kept for the next size.
#[derive(Clone, Default)]
struct Decoded {
    masters: Vec<(PictureId, Result<Arc<Master>, String>)>,
    /// All pixels, only while they are looked at one by one.
    full: Option<(PictureId, Arc<Full>)>,
}

/// A wish fulfilled in half-blocks.
struct View {
    wanted: Wanted,
    /// What is seen, scaled down, and its half-blocks.
    seen: Result<(Arc<Master>, Blocks), String>,
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
    around: Surroundings,
    found: Found,
    choice: Option<Choice>,
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
    asked: Instant,
    round_trip: Option<u64>,
    asked_further: bool,
    awaits_further: bool,
    /// Questions that are to go out.
    outbox: Vec<u8>,
    tell: mpsc::UnboundedSender<Made>,
    made: mpsc::UnboundedReceiver<Made>,
}

impl Pictures {
    pub fn new(wishes: Wishes, around: Surroundings, driver_cell: Option<(u16, u16)>) -> Pictures {
        let (tell, made) = mpsc::unbounded_channel();
        // What needs no proof is settled before the terminal has answered.
        let settled = matches!(wishes.protocol, Protocol::Blocks | Protocol::Off);
        let choice = settled.then(|| preview::choose(wishes.protocol, &around, &Found::default(), None));
        Pictures {
            layer: layer(Way::Blocks, &wishes, &around),
            wishes,
            around,
            found: Found::default(),
            choice,
            driver_cell,
            decoded: Decoded::default(),
            view: None,
            working: false,
            encoding: None,
            told: Drawing::default(),
            fault: None,
            started: Instant::now(),
            asked: Instant::now(),
            round_trip: None,
            asked_further: false,
            awaits_further: false,
            outbox: Vec::new(),
            tell,
            made,
        }
    }

    /// The question to the terminal, to go out with the first frame.
    pub fn question(&mut self) -> Vec<u8> {
        self.asked = Instant::now();
        if self.wishes.enabled { preview::query(&self.around) } else { vec![] }
    }

    /// An answer of the terminal; true when something is to be drawn.
    pub fn heard(&mut self, reply: &Reply, screen: (u16, u16)) -> bool {
        if matches!(reply, Reply::Ready) {
            self.layer.ready(self.now());
            return self.layer.wants_frame();
        }
        self.found.take(reply);
        if self.has_truecolor() && !std::mem::replace(&mut self.wishes.truecolor, true) {
            self.view = None;
        }
        if !self.found.answered {
            return false;
        }
        if !self.found.complete
            && !std::mem::replace(&mut self.asked_further, true)
            && let Some(question) = preview::further(&self.around, &self.found)
            // Who answers so late draws pictures even later, and may answer when the shell is back.
            && self.asked.elapsed() < LATEST_ANSWER
        {
            self.round_trip = Some(self.asked.elapsed().as_millis() as u64);
            self.asked = Instant::now();
            self.outbox.extend(question);
            self.awaits_further = true;
            return false;
        }
        if self.choice.is_some() || (self.awaits_further && !self.found.complete) {
            return false;
        }
        self.round_trip.get_or_insert(self.asked.elapsed().as_millis() as u64);
        self.choose(screen);
        true
    }

    fn choose(&mut self, screen: (u16, u16)) {
        let choice = preview::choose(self.wishes.protocol, &self.around, &self.found, self.cell_pixels());
        self.layer = layer(choice.way, &self.wishes, &self.around);
        self.layer.screen(screen.0, screen.1);
        if let Some(ms) = self.round_trip {
            self.layer.round_trip(ms);
        }
        (self.view, self.fault) = (None, None);
        tracing::info!(why = choice.why, "pictures");
        self.choice = Some(choice);
    }

    /// The terminal said that it keeps colours of 24 bit.
    pub fn has_truecolor(&self) -> bool {
        self.found.truecolor == Some(true) && self.found.multiplexer(&self.around).is_none()
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
        self.found.cell.or(self.driver_cell)
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
        let offered = preview::offered(&self.around, &self.found, self.driver_cell);
        let drawing = Drawing { cell, note, offered };
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
        let step = self.layer.want(want);
        if let (Some(colour), Some((spot, _))) = (step.placeholder, want) {
            placeholders(spot, colour, buffer);
        }
        if let Some(spot) = step.skip {
            for position in rect_of(spot).positions() {
                if let Some(cell) = buffer.cell_mut(position) {
                    cell.set_diff_option(CellDiffOption::Skip);
                }
            }
        }
        step
    }

    /// Draws the half-blocks; gives where graphics may lie over them, and which.
    fn draw(&mut self, slot: ImageSlot, state: &State, styles: &Styles, buffer: &mut Buffer) -> Option<(Spot, u64)> {
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
                let spot = Spot { x: area.x, y: area.y, cols: area.width, rows: area.height };
                let key = key(&wanted, spot);
                let master = Arc::clone(master);
                self.encode(key, spot, master);
                slot.covered.is_none().then_some((spot, key))
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
    fn encode(&mut self, key: u64, spot: Spot, master: Arc<Master>) {
        let way = self.way();
        if matches!(way, Way::Blocks | Way::Off) || self.encoding.is_some() || self.layer.has(key) {
            return;
        }
        self.encoding = Some(key);
        let (cell, budget, tell) = (self.cell(), self.layer.budget(), self.tell.clone());
        tokio::task::spawn_blocking(move || {
            let made = std::panic::catch_unwind(|| blob(way, &master, (spot.cols, spot.rows), cell, budget));
            let blob = made.unwrap_or_else(|_| Err("the picture could not be encoded for this terminal".to_owned()));
            let _ended = tell.send(Made::Blob { key, blob });
        });
    }

    /// The next bytes of a picture that is on its way.
    pub fn piece(&mut self) -> Option<Vec<u8>> {
        if !self.outbox.is_empty() {
            return Some(std::mem::take(&mut self.outbox));
        }
        let now = self.now();
        self.layer.piece(now)
    }

    /// Answers that may still come: whoever leaves before would find them in the shell.
    pub fn awaits_answer(&self) -> bool {
        let questions = !self.found.answered || (self.awaits_further && !self.found.complete);
        (questions && self.asked.elapsed() < LATEST_ANSWER) || self.layer.deadline().is_some()
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
            self.found.cell = driver_cell;
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

fn key(wanted: &Wanted, spot: Spot) -> u64 {
    let mut hasher = DefaultHasher::new();
    (wanted, spot.cols, spot.rows).hash(&mut hasher);
    hasher.finish()
}

type Seen = Result<(Arc<Master>, Blocks), String>;

fn see(
    wanted: Wanted,
    mut decoded: Decoded,
    readings: &[(PictureId, Arc<Reading>)],
    truecolor: bool,
    blocks_only: bool,
) -> (Seen, Decoded) {
    decoded.masters.retain(|(id, _)| readings.iter().any(|(wanted, _)| wanted == id));
    if wanted.look == Look::Fit {
        decoded.full = None;
    }
    let seen = composed(wanted, &mut decoded, readings, blocks_only).and_then(|(master, cells)| {
        let blocks = master.blocks(cells, truecolor).map_err(|e| e.to_string())?;
        Ok((master, blocks))
    });
    (seen, decoded)
}

/// What is to be seen, and in how many cells.
fn composed(
    wanted: Wanted,
    decoded: &mut Decoded,
    readings: &[(PictureId, Arc<Reading>)],
    blocks_only: bool,
) -> Result<(Arc<Master>, (u16, u16)), String> {
    let (picture, reading) = &readings[0];
    if let Look::Actual { x, y } = wanted.look {
        let full = full(*picture, reading, decoded)?;
        // One pixel of the picture is one of the screen; half-blocks have two in a cell.
        let cell = if blocks_only { CELL } else { wanted.cell };
        let (width, height) =
            (u32::from(wanted.room.0) * u32::from(cell.0), u32::from(wanted.room.1) * u32::from(cell.1));
        let window = full.crop(x, y, width, height);
        let cells = |pixels: u32, of: u16, most: u16| (pixels.div_ceil(u32::from(of.max(1))) as u16).clamp(1, most);
        let (w, h) = window.original;
        let cells = (cells(w, cell.0, wanted.room.0), cells(h, cell.1, wanted.room.1));
        return Ok((Arc::new(window), cells));
    }
    let master = master(*picture, reading, decoded)?;
    let master = match readings.get(1) {
        Some((id, reading)) => {
            let left = self::master(*id, reading, decoded)?;
            let both = preview::beside(&left, &master, wanted.room, wanted.cell).map_err(|e| e.to_string())?;
            Arc::new(both)
        }
        None => master,
    };
    let cells = preview::fit(master.original, wanted.room, wanted.cell);
    Ok((master, cells))
}

fn bytes_of(id: PictureId, reading: &Reading) -> Result<Vec<u8>, String> {
    reading.picture(id.number).ok_or_else(|| "the picture's bytes are gone".to_owned())
}

fn master(id: PictureId, reading: &Reading, decoded: &mut Decoded) -> Result<Arc<Master>, String> {
    if let Some((_, known)) = decoded.masters.iter().find(|(known, _)| *known == id) {
        return known.clone();
    }
    let made = bytes_of(id, reading)
        .and_then(|bytes| preview::master(&bytes, &Limits::default()).map_err(|e| format!("{e}; the bytes are saved")))
        .map(Arc::new);
    decoded.masters.push((id, made.clone()));
    made
}

fn full(id: PictureId, reading: &Reading, decoded: &mut Decoded) -> Result<Arc<Full>, String> {
    if let Some((_, known)) = decoded.full.as_ref().filter(|(known, _)| *known == id) {
        return Ok(Arc::clone(known));
    }
    let bytes = bytes_of(id, reading)?;
    let full = Arc::new(preview::decode(&bytes, &Limits::default()).map_err(|e| format!("{e}; the bytes are saved"))?);
    decoded.full = Some((id, Arc::clone(&full)));
    Ok(full)
}

fn blob(way: Way, master: &Master, cells: (u16, u16), cell: (u16, u16), budget: usize) -> Result<Blob, String> {
    let made = match way {
        Way::Kitty | Way::KittyPlaceholders => master.kitty(cells, cell, budget).map(Blob::Kitty),
        Way::Iterm => master.iterm(cells, cell, budget.min(preview::ITERM_BUDGET)).map(Blob::Whole),
        Way::Sixel => master.sixel(cells, cell, budget).map(Blob::Whole),
        Way::Blocks | Way::Off => return Err("half-blocks need no encoding".to_owned()),
    };
    made.map_err(|error| format!("{error}: it stays in half-blocks"))
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
fn placeholders(spot: Spot, colour: u32, buffer: &mut Buffer) {
    let [_, red, green, blue] = colour.to_be_bytes();
    for row in 0..spot.rows {
        for column in 0..spot.cols {
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

fn rect_of(spot: Spot) -> Rect {
    Rect::new(spot.x, spot.y, spot.cols, spot.rows)
}
