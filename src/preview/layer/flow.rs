//! How fast the line takes pictures, measured piece by piece by the terminal's own answers.
//!
//! After each piece the terminal is asked whether it is ready (DSR). Its answer says that everything before was taken,
//! and what it took beyond the bare round trip is the time the line needed for the piece. Nothing else is sent until
//! then, so a key's echo waits for one piece at most.

use crate::preview::encode::SLOW_BUDGET;
use std::collections::VecDeque;

/// The first piece, and the bounds of later ones, in bytes.
const FIRST: usize = 8 << 10;
const LEAST: usize = 4 << 10;
const MOST: usize = 256 << 10;
/// A piece that takes less is followed by a larger one, one that takes more by a smaller one; milliseconds.
const QUICK: u64 = 30;
const LONG: u64 = 80;
/// How long an answer is waited for, and how long a late one is still expected; milliseconds.
const PATIENCE: u64 = 2_000;
const LATEST: u64 = 10_000;
/// A round trip that no cable on the desk has, whatever the environment says; milliseconds.
const FAR: u64 = 20;
/// The speed is that of about the last so many bytes.
const RECENT: u64 = 256 << 10;
/// Bytes per second.
const FAST: u64 = 2_000_000;
const SLOW: u64 = 400_000;
/// What a picture may take on lines that are neither fast nor slow; bytes on the line.
const MIDDLE_BUDGET: usize = 600_000;

/// A question that was not answered yet.
struct Asked {
    at: u64,
    /// What went out just before it; 0 for a bare question.
    bytes: usize,
    given_up: bool,
}

pub struct Flow {
    budget: usize,
    remote: bool,
    piece: usize,
    /// The shortest round trip seen, in milliseconds.
    base: Option<u64>,
    /// Nothing was sent since the last answer that could spoil the next measurement.
    clear: bool,
    asked: VecDeque<Asked>,
    /// Bytes of recent pieces, and the milliseconds they took beyond the round trip.
    carried: u64,
    spent: u64,
}

impl Flow {
    /// `budget`: bytes that one picture may take on a fast line. `remote`: the line is known to be a long one.
    pub fn new(budget: usize, remote: bool) -> Flow {
        Flow { budget, remote, piece: FIRST, base: None, clear: false, asked: VecDeque::new(), carried: 0, spent: 0 }
    }

    /// A round trip was seen to take so many milliseconds.
    pub fn round_trip(&mut self, ms: u64) {
        self.base = Some(self.base.map_or(ms, |base| base.min(ms)));
    }

    /// Bytes of the next piece.
    pub fn piece(&self) -> usize {
        self.piece
    }

    /// Whether an answer is outstanding.
    pub fn waits(&self) -> bool {
        self.deadline().is_some()
    }

    /// Whether a piece may follow at once. Otherwise a bare question goes first: its answer says that the text sent
    /// until then has arrived, and does not count as the picture's.
    pub fn is_clear(&self) -> bool {
        self.clear
    }

    /// Other things are being sent.
    pub fn unclear(&mut self) {
        self.clear = false;
    }

    /// A question goes out behind `bytes` of a picture.
    pub fn ask(&mut self, now: u64, bytes: usize) {
        // An answer that is so late will not come; waiting for it would take it for every later one.
        self.asked.retain(|asked| now.saturating_sub(asked.at) < LATEST);
        self.asked.push_back(Asked { at: now, bytes, given_up: false });
    }

    /// An answer came. False when it was not waited for any more.
    pub fn acked(&mut self, now: u64) -> bool {
        let Some(asked) = self.asked.pop_front().filter(|asked| !asked.given_up) else { return false };
        let took = now.saturating_sub(asked.at);
        if asked.bytes > 0 {
            self.measure(asked.bytes, took.saturating_sub(self.base.unwrap_or(0)));
        } else {
            // The very first one may have waited for a screenful of text: once more before it is a measure.
            self.clear = self.base.is_some();
        }
        self.round_trip(took);
        true
    }

    /// When the outstanding answer is overdue.
    pub fn deadline(&self) -> Option<u64> {
        self.asked.back().filter(|asked| !asked.given_up).map(|asked| asked.at + PATIENCE)
    }

    /// True when the answer is overdue: it is not waited for any more, and what went before it counts as slow.
    pub fn give_up(&mut self, now: u64) -> bool {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return false;
        }
        let Some(asked) = self.asked.back_mut() else { return false };
        asked.given_up = true;
        let (bytes, waited) = (asked.bytes, now - asked.at);
        if bytes > 0 {
            self.count(bytes, waited);
        }
        true
    }

    /// The terminal was lent or left: answers may or may not come.
    pub fn forget(&mut self) {
        self.clear = false;
        self.asked.iter_mut().for_each(|asked| asked.given_up = true);
    }

    fn measure(&mut self, bytes: usize, ms: u64) {
        self.count(bytes, ms);
        // The short rest of a picture says nothing about a larger piece.
        if ms < QUICK && bytes >= self.piece / 2 {
            self.piece = (2 * self.piece).min(MOST);
        } else if ms > LONG {
            self.piece = (self.piece / 2).max(LEAST);
        }
    }

    fn count(&mut self, bytes: usize, ms: u64) {
        if self.carried > RECENT {
            self.carried /= 2;
            self.spent /= 2;
        }
        self.carried += bytes as u64;
        self.spent += ms;
    }

    /// Bytes per second, once enough went over the line: a busy moment of this machine is not a slow line.
    pub fn speed(&self) -> Option<u64> {
        let proven = self.carried >= 64 << 10 || (self.is_remote() && self.spent >= QUICK);
        proven.then(|| self.carried * 1000 / self.spent.max(1))
    }

    fn is_remote(&self) -> bool {
        self.remote || self.base.is_some_and(|base| base >= FAR)
    }

    /// Bytes on the line that one picture may take, commands and base64 included.
    pub fn budget(&self) -> usize {
        let most = match self.speed() {
            Some(FAST..) => self.budget,
            Some(..SLOW) => SLOW_BUDGET,
            Some(_) => MIDDLE_BUDGET,
            // Small first: a line that proves fast gets more with the next picture.
            None if self.is_remote() => SLOW_BUDGET,
            None => self.budget,
        };
        most.min(self.budget)
    }

    /// Whether so many bytes may be sent in one go. Beside the program the time goes into the terminal's drawing, not
    /// into a line, and is worth more of it.
    pub fn takes(&self, bytes: usize) -> bool {
        let (longest, unmeasured) = if self.is_remote() { (150, 256 << 10) } else { (600, 2 << 20) };
        match self.speed() {
            Some(speed) => bytes as u64 * 1000 / speed.max(1) <= longest,
            None => bytes <= unmeasured,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of so many milliseconds and bytes per millisecond.
    struct Line {
        round_trip: u64,
        rate: u64,
        now: u64,
    }

    impl Line {
        fn send(&mut self, flow: &mut Flow, bytes: usize) {
            flow.ask(self.now, bytes);
            assert!(flow.waits());
            self.now += self.round_trip + bytes as u64 / self.rate;
            assert!(flow.acked(self.now));
            assert!(!flow.waits());
        }

        fn pieces(&mut self, flow: &mut Flow, number: usize) -> Vec<usize> {
            let mut sizes = Vec::new();
            for _ in 0..number {
                let piece = flow.piece();
                self.send(flow, piece);
                sizes.push(flow.piece() >> 10);
            }
            sizes
        }
    }

    #[test]
    fn pieces_grow_and_shrink_with_the_line() {
        for (round_trip, rate, expected) in [
            (1, 100_000, vec![16, 32, 64, 128, 256, 256]),
            (120, 250, vec![8, 8, 8]),
            (120, 1_000, vec![16, 32, 32]),
            (300, 20, vec![4, 4, 4]),
        ] {
            let mut flow = Flow::new(2 << 20, false);
            flow.round_trip(round_trip);
            let mut line = Line { round_trip, rate, now: 7 };
            assert_eq!(line.pieces(&mut flow, expected.len()), expected, "{round_trip} ms, {rate} bytes/ms");
        }
    }

    #[test]
    fn budgets_follow_the_measured_line() {
        for (remote, round_trip, rate, before, after) in [
            (false, 1, 100_000, 2_000_000, 2_000_000),
            (true, 1, 100_000, SLOW_BUDGET, 2_000_000),
            (true, 40, 1_000, SLOW_BUDGET, MIDDLE_BUDGET),
            (false, 120, 250, SLOW_BUDGET, SLOW_BUDGET),
        ] {
            let mut flow = Flow::new(2_000_000, remote);
            flow.round_trip(round_trip);
            assert_eq!(flow.budget(), before);
            Line { round_trip, rate, now: 0 }.pieces(&mut flow, 5);
            assert_eq!(flow.budget(), after, "{:?} bytes/s", flow.speed());
        }
        assert_eq!(Flow::new(9_000, true).budget(), 9_000, "never more than was configured");
    }

    #[test]
    fn one_piece_tells_a_slow_line_but_not_a_busy_machine() {
        for (remote, known) in [(true, true), (false, false)] {
            let mut flow = Flow::new(2 << 20, remote);
            flow.round_trip(1);
            flow.ask(0, FIRST);
            assert!(flow.acked(41));
            assert_eq!(flow.speed().is_some(), known);
        }
    }

    #[test]
    fn what_cannot_be_cut_must_be_quick() {
        let mut flow = Flow::new(2 << 20, true);
        flow.round_trip(120);
        assert!(flow.takes(256 << 10) && !flow.takes(257 << 10));
        Line { round_trip: 120, rate: 250, now: 0 }.send(&mut flow, 100_000);
        assert_eq!(flow.speed(), Some(250_000));
        assert!(flow.takes(37_000) && !flow.takes(38_000));
    }

    #[test]
    fn two_bare_questions_find_an_unknown_round_trip() {
        let mut flow = Flow::new(2 << 20, true);
        let mut line = Line { round_trip: 450, rate: 1, now: 0 };
        line.send(&mut flow, 0);
        assert!(!flow.is_clear());
        line.round_trip = 120;
        line.send(&mut flow, 0);
        assert!(flow.is_clear());
        assert_eq!((flow.base, flow.speed()), (Some(120), None));
    }

    #[test]
    fn late_answers_are_not_taken_for_early_ones() {
        let mut flow = Flow::new(2 << 20, true);
        flow.round_trip(10);
        flow.ask(0, 9_000);
        assert!(!flow.give_up(1_999) && flow.give_up(2_000) && !flow.give_up(2_001));
        assert!(!flow.waits());
        flow.ask(2_100, 0);
        assert!(!flow.acked(2_150), "the one given up");
        assert!(flow.waits() && flow.acked(2_160));
        flow.ask(3_000, 0);
        assert!(flow.give_up(5_000));
        flow.ask(13_000, 0);
        assert!(flow.acked(13_010), "the lost one is not expected for ever");
        assert!(!flow.acked(13_011), "an answer to nothing");
    }
}
