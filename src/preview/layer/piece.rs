//! A picture's way to the terminal: in pieces, each after the terminal took the last one.

use super::{Blob, Kept, Layer, NUMBERS, SILENT, Sending, Shown, drawn_at};
use crate::layout::Area;
use crate::preview::encode::kitty_transmit;
use crate::preview::probe::READY_QUERY;
use std::collections::VecDeque;

/// Pictures that were given up are remembered, so many of them.
const REFUSED: usize = 64;

/// What [`Layer::piece`] sends next.
enum Next {
    Chunks(u64),
    Transmission(u64, u32),
    Whole(Area, u64),
}

impl Layer {
    /// The next bytes of a picture, and the question whether the terminal is ready, to be written between two frames at
    /// the time `now` (milliseconds from any start). `None` while an answer is outstanding, and when there is nothing to
    /// send.
    pub fn piece(&mut self, now: u64) -> Option<Vec<u8>> {
        if self.flow.waits() {
            return None;
        }
        let next = self.next()?;
        let starts = !matches!(next, Next::Chunks(_));
        let mut bytes = if starts && !self.flow.is_clear() { Vec::new() } else { self.bytes_of(next) };
        self.flow.ask(now, bytes.len());
        bytes.extend(READY_QUERY);
        self.sent += bytes.len() as u64;
        Some(bytes)
    }

    fn next(&self) -> Option<Next> {
        if let Some(sending) = &self.sending {
            return Some(Next::Chunks(sending.key));
        }
        if let Some(shown) = self.shown {
            return (!shown.drawn).then_some(Next::Whole(shown.spot, shown.key));
        }
        let (_, key) = self.wanted?;
        let offered = self.offered.get(key)?;
        matches!(*offered.blob, Blob::Kitty(_)).then(|| Next::Transmission(key, self.free_id()))
    }

    fn bytes_of(&mut self, next: Next) -> Vec<u8> {
        match next {
            Next::Chunks(_) => self.chunks(),
            Next::Transmission(key, id) => {
                self.begin(key, id);
                self.chunks()
            }
            Next::Whole(spot, key) => {
                self.flow.unclear();
                self.shown = Some(Shown { spot, key, drawn: true });
                match self.offered.get(key).map(|offered| &*offered.blob) {
                    Some(Blob::Whole(blob)) => drawn_at(spot, blob),
                    _ => Vec::new(),
                }
            }
        }
    }

    fn begin(&mut self, key: u64, id: u32) {
        self.flow.unclear();
        let Some(offered) = self.offered.take_up(key) else { return };
        let Blob::Kitty(png) = &*offered.blob else { return };
        let chunks: VecDeque<Vec<u8>> =
            kitty_transmit(id, png, None).into_iter().map(|chunk| self.kitty.wrapped(chunk)).collect();
        let bytes = chunks.iter().map(Vec::len).sum();
        self.next_id = id + 1;
        self.sending = Some(Sending { key, id, chunks, bytes, budget: offered.budget });
    }

    fn free_id(&self) -> u32 {
        let ids = (0..NUMBERS).map(|step| self.first_id + (self.next_id - self.first_id + step) % NUMBERS);
        let mut free = ids.filter(|id| self.kept.values().all(|kept| kept.id != *id));
        // Far fewer are kept than there are numbers.
        free.next().unwrap_or(self.first_id)
    }

    fn chunks(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.debt);
        let Some(sending) = &mut self.sending else { return bytes };
        while bytes.len() < self.flow.piece()
            && let Some(chunk) = sending.chunks.pop_front()
        {
            bytes.extend(chunk);
        }
        if sending.chunks.is_empty() {
            self.finish(&mut bytes);
        }
        bytes
    }

    /// The terminal has it all: it is shown at once if it is still wanted.
    fn finish(&mut self, bytes: &mut Vec<u8>) {
        let Some(Sending { key, id, bytes: size, .. }) = self.sending.take() else { return };
        self.offered.remove(key);
        for old in self.kept.put(key, size, Kept { id, cells: None }) {
            bytes.extend(self.kitty.forget(old.id));
        }
        if let Some((spot, _)) = self.wanted.filter(|(_, wanted)| *wanted == key) {
            if self.kitty.tmux {
                self.frame_due = true;
            } else {
                bytes.extend(self.place(spot, key));
            }
        }
    }

    /// `ESC [ 0 n` came at the time `now`. True when [`Layer::piece`] has more, or a frame is due.
    pub fn ready(&mut self, now: u64) -> bool {
        if !self.flow.acked(now) {
            return false;
        }
        if let Some(key) = self.oversized() {
            self.abort();
            self.offered.remove(key);
            self.frame_due = true;
        }
        self.frame_due || self.next().is_some()
    }

    /// The picture on its way when it was made for a better line than this one is, and most of it is still to come.
    fn oversized(&self) -> Option<u64> {
        let sending = self.sending.as_ref()?;
        let (now, left) = (self.flow.budget(), sending.chunks.iter().map(Vec::len).sum::<usize>());
        (sending.budget > now && sending.bytes > now && left > now / 2).then_some(sending.key)
    }

    /// When [`Layer::stuck`] should be asked, if no answer comes before.
    pub fn deadline(&self) -> Option<u64> {
        self.flow.deadline()
    }

    /// True when the terminal's answer is two seconds late at the time `now`: what was on its way is given up, and
    /// half-blocks stay.
    pub fn stuck(&mut self, now: u64) -> bool {
        if !self.flow.give_up(now) {
            return false;
        }
        if let Some(Next::Chunks(key) | Next::Transmission(key, _) | Next::Whole(_, key)) = self.next() {
            self.refuse(key);
        }
        true
    }

    fn refuse(&mut self, key: u64) {
        self.abort();
        self.offered.remove(key);
        self.shown = self.shown.filter(|shown| shown.drawn);
        self.refused.push_back(key);
        if self.refused.len() > REFUSED {
            self.refused.pop_front();
        }
        self.note = Some(SILENT);
        self.frame_due = true;
    }

    pub(super) fn abort(&mut self) {
        if let Some(sending) = self.sending.take() {
            self.debt.extend(self.kitty.close());
            self.debt.extend(self.kitty.forget(sending.id));
        }
    }
}
