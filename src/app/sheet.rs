//! A body on the screen: pretty with folds, or exact; cursor, scrolling and search.

use super::message::Effect;
use super::state::State;
use super::update::distance;
use crate::call::Reading;
use crate::keymap::{Action, Code, KeyPress};
use crate::layout::Pane;
use crate::wire::rows::{self, NodeId, Row};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Up to this many bytes a search takes less than a frame.
const SEARCH_AT_ONCE: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    pub reading: Arc<Reading>,
    pub folded: BTreeSet<NodeId>,
    /// Rows with the present folds; `None` while nothing is folded.
    refolded: Option<Vec<Row>>,
    pub cursor: usize,
    pub top: usize,
    /// Columns scrolled to the right.
    pub sideways: usize,
    /// Bytes as received, instead of pretty rows.
    pub exact: bool,
    /// First byte on the screen in the exact view.
    pub offset: usize,
    pub search: String,
    /// The search is being typed.
    pub typing: bool,
}

impl Sheet {
    pub fn new(reading: Arc<Reading>) -> Sheet {
        Sheet {
            reading,
            folded: BTreeSet::new(),
            refolded: None,
            cursor: 0,
            top: 0,
            sideways: 0,
            exact: false,
            offset: 0,
            search: String::new(),
            typing: false,
        }
    }

    pub fn rows(&self) -> &[Row] {
        self.refolded.as_deref().unwrap_or(&self.reading.rows)
    }

    /// Moves by rows; `size` is the view's width and height.
    pub fn move_by(&mut self, by: isize, size: (usize, usize)) {
        if self.exact {
            match by {
                ..0 => self.offset = self.up(self.offset, by.unsigned_abs(), size.0),
                _ => {
                    self.offset =
                        (0..by).try_fold(self.offset, |at, _| self.further(at, size.0)).unwrap_or_else(|end| end)
                }
            }
            return;
        }
        let last = self.rows().len().saturating_sub(1) as isize;
        self.cursor = (self.cursor as isize).saturating_add(by).clamp(0, last) as usize;
        self.follow(size.1);
    }

    pub fn top(&mut self) {
        (self.cursor, self.top, self.offset) = (0, 0, 0);
    }

    pub fn bottom(&mut self, size: (usize, usize)) {
        self.cursor = self.rows().len().saturating_sub(1);
        self.follow(size.1);
        self.offset = self.up(self.reading.body.bytes().len(), size.1.max(1), size.0);
    }

    fn follow(&mut self, height: usize) {
        self.top = self.top.min(self.cursor).max((self.cursor + 1).saturating_sub(height.max(1)));
    }

    pub fn scroll_sideways(&mut self, by: isize) {
        self.sideways = self.sideways.saturating_add_signed(by);
    }

    pub fn toggle_exact(&mut self) {
        self.exact = !self.exact;
        self.sideways = 0;
        if self.exact {
            self.offset = self.offset_of_cursor();
        }
    }

    /// The beginning of the line in which the value under the cursor stands, or of the value in a very long line.
    fn offset_of_cursor(&self) -> usize {
        let row = self.rows().get(self.cursor);
        let start = row.and_then(Row::node).and_then(|(payload, node)| {
            let payload = self.reading.reply.document.payloads.get(payload as usize)?;
            let node = payload.index.nodes.get(node as usize)?;
            let start = if node.key.is_empty() { node.span.start } else { node.key.start };
            Some(payload.offset()? + start as usize)
        });
        let Some(start) = start else { return 0 };
        let body = &self.reading.body.bytes()[..start];
        let near = &body[body.len().saturating_sub(200)..];
        memchr::memrchr(b'\n', near).map_or(start, |end| start - near.len() + end + 1)
    }

    /// The exact text of the value under the cursor; of the whole body in the exact view.
    pub fn value(&self) -> String {
        let body = self.reading.body.bytes();
        let node = self.rows().get(self.cursor).and_then(Row::node).filter(|_| !self.exact);
        let value = node.and_then(|(payload, node)| {
            let payload = self.reading.reply.document.payloads.get(payload as usize)?;
            Some(payload.index.nodes.get(node as usize)?.span.of(payload.text(body)))
        });
        String::from_utf8_lossy(value.unwrap_or(body)).into_owned()
    }

    /// Folds or unfolds the container of the row under the cursor.
    pub fn fold(&mut self, height: usize) {
        let Some(id) = self.rows().get(self.cursor).and_then(Row::container) else { return };
        if !self.folded.remove(&id) {
            self.folded.insert(id);
        }
        let reading = &self.reading;
        self.refolded =
            (!self.folded.is_empty()).then(|| rows::rows(&reading.reply.document, reading.body.bytes(), &self.folded));
        self.cursor = self.rows().iter().position(|row| row.container() == Some(id)).unwrap_or(0);
        self.follow(height);
    }

    /// Goes to the next (or previous) place of the search text. Returns whether there is one.
    pub fn find(&mut self, backwards: bool, height: usize) -> bool {
        if self.search.is_empty() {
            return false;
        }
        if self.exact {
            return self.find_exact(backwards);
        }
        let reading = Arc::clone(&self.reading);
        let hit = rows::find(
            &self.search,
            self.rows(),
            self.cursor,
            backwards,
            &reading.reply.document,
            reading.body.bytes(),
            &reading.elided,
        );
        if let Some(row) = hit {
            self.cursor = row;
            self.follow(height);
        }
        hit.is_some()
    }

    fn find_exact(&mut self, backwards: bool) -> bool {
        let body = self.reading.body.bytes();
        let pattern = regex::escape(&self.search);
        let Ok(pattern) = regex::bytes::RegexBuilder::new(&pattern).case_insensitive(true).build() else {
            return false;
        };
        let from = (self.offset + 1).min(body.len());
        let first_in = |text: &[u8]| pattern.find(text).map(|hit| hit.start());
        let last_in = |text: &[u8]| pattern.find_iter(text).last().map(|hit| hit.start());
        let hit = match backwards {
            false => first_in(&body[from..]).map(|at| from + at).or_else(|| first_in(body)),
            true => last_in(&body[..self.offset]).or_else(|| last_in(body)),
        };
        self.offset = hit.unwrap_or(self.offset);
        hit.is_some()
    }

    /// Start of the exact row after the one at `offset`: a line end ends it, or the view's width in bytes.
    pub fn after(&self, offset: usize, width: usize) -> usize {
        let body = self.reading.body.bytes();
        let rest = &body[offset.min(body.len())..];
        let width = width.max(1);
        match memchr::memchr(b'\n', &rest[..rest.len().min(width + 1)]) {
            Some(end) => offset + end + 1,
            None if rest.len() <= width => offset,
            None => offset + char_start(rest, width),
        }
    }

    /// The row after `offset`, or the end of the way.
    fn further(&self, offset: usize, width: usize) -> Result<usize, usize> {
        let next = self.after(offset, width);
        if next == offset { Err(offset) } else { Ok(next) }
    }

    /// Start of the exact row `rows` before the one at `offset`. A line's start is looked for once, however long it is.
    fn up(&self, mut offset: usize, rows: usize, width: usize) -> usize {
        let body = self.reading.body.bytes();
        let width = width.max(1);
        let mut left = rows;
        while let Some(last) = offset.min(body.len()).checked_sub(1).filter(|_| left > 0) {
            let line = memchr::memrchr(b'\n', &body[..last]).map_or(0, |end| end + 1);
            let above = (last - line) / width;
            let steps = above.min(left - 1);
            offset = line + (above - steps) * width;
            left -= steps + 1;
        }
        (0..4)
            .map(|back| offset.saturating_sub(back))
            .find(|&at| body.get(at).is_none_or(|b| b & 0xc0 != 0x80))
            .unwrap_or(offset)
    }
}

/// `width`, or a little less so that no character is cut in two.
fn char_start(text: &[u8], width: usize) -> usize {
    (width.saturating_sub(3)..=width)
        .rev()
        .find(|&at| at > 0 && text.get(at).is_none_or(|b| b & 0xc0 != 0x80))
        .unwrap_or(width)
}

/// A key in the raw or the request pane.
pub fn press(state: &mut State, action: Action) -> Vec<Effect> {
    let pane = state.choice.focus;
    let area = state.layout().area(pane).map(|area| area.inside()).unwrap_or_default();
    let size = (usize::from(area.width), usize::from(area.height).max(1));
    if pane == Pane::Request {
        let by = distance(action, size.1).unwrap_or(0);
        let most = state.log.current().map_or(0, |entry| entry.ask.request.prompt.len() / 20 + 60);
        state.log.request_scroll = state.log.request_scroll.saturating_add_signed(by).min(most);
        return vec![];
    }
    let Some(shown) = &mut state.shown else { return vec![] };
    let sheet = &mut shown.raw;
    match (action, distance(action, size.1)) {
        (Action::Top, _) => sheet.top(),
        (Action::Bottom, _) => sheet.bottom(size),
        (_, Some(by)) => sheet.move_by(by, size),
        (Action::Fold | Action::Open, _) => sheet.fold(size.1),
        (Action::Exact, _) => sheet.toggle_exact(),
        (Action::Left, _) => sheet.scroll_sideways(-8),
        (Action::Right, _) => sheet.scroll_sideways(8),
        (Action::Search, _) => (sheet.typing, sheet.search) = (true, String::new()),
        (Action::NextMatch, _) => return find(state, false, size.1),
        (Action::PreviousMatch, _) => return find(state, true, size.1),
        _ => {}
    }
    vec![]
}

/// Keys while a search text is typed.
pub fn press_while_searching(state: &mut State, key: KeyPress) -> Option<Vec<Effect>> {
    let height = state.rows_of(Pane::Raw);
    let sheet = state.shown.as_mut().filter(|_| state.choice.focus == Pane::Raw).map(|shown| &mut shown.raw)?;
    if !sheet.typing {
        return None;
    }
    match key.code {
        Code::Esc => sheet.typing = false,
        Code::Enter => {
            sheet.typing = false;
            return Some(find(state, false, height));
        }
        Code::Backspace => drop(sheet.search.pop()),
        Code::Char(c) if !key.ctrl && !key.alt => sheet.search.push(c),
        _ => return None,
    }
    Some(vec![])
}

/// Searches at once, or as a job where the reply is so large that the loop would stand still.
fn find(state: &mut State, backwards: bool, height: usize) -> Vec<Effect> {
    let Some(shown) = &mut state.shown else { return vec![] };
    if shown.raw.reading.body.bytes().len() > SEARCH_AT_ONCE {
        let sheet = Box::new(shown.raw.clone());
        return vec![Effect::Find { entry: shown.entry, sheet, backwards, height }];
    }
    let found = shown.raw.find(backwards, height);
    not_found(state, found);
    vec![]
}

fn not_found(state: &mut State, found: bool) {
    if let Some(shown) = state.shown.as_ref().filter(|_| !found) {
        let text = shown.raw.search.clone();
        state.complain(format!("{text:?} is not in this reply"));
    }
}

/// A search job is over. Another reply, or another search text, makes its answer worthless.
pub fn found(state: &mut State, entry: u64, sheet: &Sheet, found: bool) {
    let Some(shown) = state.shown.as_mut().filter(|shown| shown.entry == entry) else { return };
    let raw = &mut shown.raw;
    if raw.search != sheet.search || raw.folded != sheet.folded || raw.exact != sheet.exact {
        return;
    }
    (raw.cursor, raw.top, raw.offset) = (sheet.cursor, sheet.top, sheet.offset);
    not_found(state, found);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(body: &str) -> Sheet {
        Sheet::new(Arc::new(Reading::of(body.as_bytes().to_vec())))
    }

    #[test]
    fn the_cursor_stays_on_the_rows_and_on_the_screen() {
        let mut sheet = sheet(r#"{"a":[1,2,3],"b":4}"#);
        sheet.move_by(100, (80, 3));
        assert_eq!((sheet.cursor, sheet.top), (7, 5));
        sheet.move_by(-100, (80, 3));
        assert_eq!((sheet.cursor, sheet.top), (0, 0));
    }

    #[test]
    fn folding_keeps_the_cursor_on_its_container() {
        let mut sheet = sheet(r#"{"a":[1,2,3],"b":4}"#);
        sheet.move_by(5, (80, 3));
        sheet.fold(3);
        assert_eq!((sheet.rows().len(), sheet.cursor), (4, 1));
        sheet.fold(3);
        assert_eq!(sheet.rows().len(), 8);
    }

    #[test]
    fn exact_rows_go_down_and_up_the_same_way() {
        let mut sheet = sheet("{\n\"a\": \"0123456789\"\n}");
        sheet.exact = true;
        let mut down = vec![0];
        for _ in 0..5 {
            sheet.move_by(1, (8, 3));
            down.push(sheet.offset);
        }
        assert_eq!(down, [0, 2, 10, 18, 20, 20]);
        for expected in [18, 10, 2, 0, 0] {
            sheet.move_by(-1, (8, 3));
            assert_eq!(sheet.offset, expected);
        }
    }

    #[test]
    fn the_value_under_the_cursor_is_exact() {
        let mut sheet = sheet(r#"{"a":[1.10, 2],"b":4}"#);
        sheet.move_by(1, (80, 3));
        assert_eq!(sheet.value(), "[1.10, 2]");
        sheet.exact = true;
        assert_eq!(sheet.value(), r#"{"a":[1.10, 2],"b":4}"#);
    }

    #[test]
    fn search_finds_in_both_views() {
        let mut sheet = sheet(r#"{"a":"fox","b":"Fox"}"#);
        sheet.search = "fox".into();
        assert!(sheet.find(false, 3) && sheet.cursor == 1);
        assert!(sheet.find(false, 3) && sheet.cursor == 2);
        sheet.exact = true;
        assert!(sheet.find(false, 3) && sheet.offset == 6);
        sheet.search = "wolf".into();
        assert!(!sheet.find(false, 3));
    }
}
