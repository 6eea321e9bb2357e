//! Scripts of wants, pieces and answers, played to a model of kitty that refuses what comes out of order.

use super::*;
use crate::wire::b64;
use std::collections::BTreeMap;

const SPOT: Area = Area { x: 50, y: 1, width: 60, height: 30 };
const ELSEWHERE: Area = Area { x: 0, y: 0, width: 100, height: 40 };

/// As much of a terminal as the layer relies on.
#[derive(Default)]
struct Terminal {
    images: BTreeMap<u32, Vec<u8>>,
    placed: BTreeMap<u32, Area>,
    /// The number and base64 of a transmission that is not over.
    loading: Option<(u32, String)>,
    cursor: (u16, u16),
    questions: usize,
}

impl Terminal {
    fn take(&mut self, bytes: &[u8]) {
        let mut rest = std::str::from_utf8(bytes).expect("ASCII");
        while let Some(after) = rest.strip_prefix('\x1b') {
            rest = if let Some(command) = after.strip_prefix("_G") {
                let (command, rest) = command.split_once("\x1b\\").expect("an end");
                self.command(command);
                rest
            } else if let Some(sequence) = after.strip_prefix('[') {
                let end = sequence.find(|c: char| c.is_ascii_alphabetic()).expect("an end");
                self.control(&sequence[..end], &sequence[end..=end]);
                &sequence[end + 1..]
            } else {
                assert!(after.starts_with(['7', '8']), "{after:?}");
                &after[1..]
            };
        }
        assert_eq!(rest, "", "text would stand on the screen");
    }

    fn control(&mut self, parameters: &str, end: &str) {
        match end {
            "n" => self.questions += 1,
            "H" => {
                let at = |text: &str| text.parse::<u16>().map_or(0, |number| number - 1);
                let (row, column) = parameters.split_once(';').unwrap_or_default();
                self.cursor = (at(column), at(row));
            }
            "J" => assert_eq!(parameters, "", "kitty would throw hidden pictures away"),
            _ => assert_eq!(end, "m"),
        }
    }

    fn command(&mut self, command: &str) {
        let (keys, payload) = command.split_once(';').unwrap_or((command, ""));
        let keys: BTreeMap<&str, &str> = keys.split(',').filter_map(|key| key.split_once('=')).collect();
        let number = |key: &str| keys.get(key).map_or(0, |value| value.parse::<u32>().expect("a number"));
        let (id, action) = (number("i"), keys.get("a").copied().unwrap_or("t"));
        if let Some((id, data)) = self.loading.take() {
            assert_eq!(action, "t", "amid a transmission: {keys:?}");
            return self.load(id, data, payload, number("m") == 1);
        }
        match action {
            "t" => self.load(id, String::new(), payload, number("m") == 1),
            "p" => {
                assert!(self.images.contains_key(&id), "no such picture: {command}");
                let cells = |key: &str| u16::try_from(number(key)).expect("cells");
                let (x, y) = self.cursor;
                self.placed.insert(id, Area { x, y, width: cells("c"), height: cells("r") });
            }
            _ => {
                self.placed.remove(&id);
                if keys["d"] == "I" {
                    self.images.remove(&id);
                }
            }
        }
    }

    fn load(&mut self, id: u32, data: String, chunk: &str, more: bool) {
        let data = data + chunk;
        if more {
            self.loading = Some((id, data));
        } else if !chunk.is_empty() {
            let old = self.images.insert(id, b64::decode(data.as_bytes()).expect("base64"));
            assert_eq!(old, None, "a number in use");
        }
    }

    fn on_screen(&self) -> Vec<(Vec<u8>, Area)> {
        self.placed.iter().map(|(id, spot)| (self.images[id].clone(), *spot)).collect()
    }
}

struct Scene {
    layer: Layer,
    terminal: Terminal,
    now: u64,
    /// Milliseconds, and bytes per millisecond.
    line: (u64, u64),
}

impl Scene {
    fn new(line: (u64, u64)) -> Scene {
        let mut layer = Layer::new(Way::Kitty, 2 << 20, false, 7);
        layer.screen(120, 40);
        layer.round_trip(line.0);
        Scene { layer, terminal: Terminal::default(), now: 100, line }
    }

    fn showing(key: u64, length: usize) -> Scene {
        let mut scene = Scene::new((1, 100_000));
        scene.frame(Some((SPOT, key)));
        scene.layer.offer(picture(key, length));
        scene.quiet();
        assert_eq!(scene.terminal.on_screen(), [(png(key, length), SPOT)]);
        scene
    }

    /// Draws a frame; its bytes.
    fn frame(&mut self, want: Option<(Area, u64)>) -> usize {
        let step = self.layer.want(want);
        assert_eq!((step.skip, step.repaint, step.placeholder), (None, None, None));
        self.terminal.take(&step.before);
        self.terminal.take(&step.after);
        step.before.len() + step.after.len()
    }

    /// Sends one piece and has it answered; its bytes.
    fn piece(&mut self) -> Option<usize> {
        let piece = self.layer.piece(self.now)?;
        assert_eq!(self.layer.piece(self.now), None, "one at a time");
        let before = self.terminal.questions;
        self.terminal.take(&piece);
        assert_eq!(self.terminal.questions, before + 1);
        self.now += self.line.0 + piece.len() as u64 / self.line.1;
        self.layer.ready(self.now);
        Some(piece.len())
    }

    /// Until there is nothing more to send; bytes.
    fn quiet(&mut self) -> usize {
        std::iter::from_fn(|| self.piece()).sum()
    }
}

fn png(key: u64, length: usize) -> Vec<u8> {
    let mut dice = fastrand::Rng::with_seed(key);
    std::iter::repeat_with(|| dice.u8(..)).take(length).collect()
}

fn picture(key: u64, length: usize) -> Picture {
    Picture { key, blob: Arc::new(Blob::Kitty(png(key, length))) }
}

fn whole(key: u64, length: usize) -> Picture {
    Picture { key, blob: Arc::new(Blob::Whole(vec![b'~'; length])) }
}

#[test]
fn a_picture_goes_out_once_and_then_costs_a_few_bytes() {
    let mut scene = Scene::showing(1, 100_000);
    let sent = scene.layer.sent();
    assert!((133_334..137_000).contains(&sent), "{sent}");

    let hidden = scene.frame(None);
    assert!(scene.terminal.placed.is_empty());
    let shown = scene.frame(Some((SPOT, 1)));
    assert!(hidden > 0 && shown > 0 && hidden + shown <= 200, "{hidden} + {shown}");
    assert!(scene.frame(Some((ELSEWHERE, 1))) <= 200);
    assert_eq!(scene.terminal.on_screen(), [(png(1, 100_000), ELSEWHERE)]);
    scene.layer.offer(picture(1, 100_000));
    assert_eq!((scene.quiet(), scene.layer.sent() > sent), (0, true));
}

#[test]
fn typing_sends_nothing_of_the_picture() {
    let mut scene = Scene::new((1, 100_000));
    scene.frame(Some((SPOT, 1)));
    scene.layer.offer(picture(1, 400_000));
    for _ in 0..4 {
        assert!(scene.piece().is_some());
        assert_eq!((0..1000).map(|_| scene.frame(Some((SPOT, 1)))).sum::<usize>(), 0);
    }
    scene.quiet();
    assert_eq!((0..1000).map(|_| scene.frame(Some((SPOT, 1)))).sum::<usize>(), 0);
    assert_eq!((scene.quiet(), scene.terminal.placed.len()), (0, 1));
}

#[test]
fn hidden_on_its_way_it_arrives_and_waits() {
    let mut scene = Scene::new((1, 100_000));
    scene.frame(Some((SPOT, 1)));
    scene.layer.offer(picture(1, 100_000));
    assert_eq!((scene.piece(), scene.piece().is_some()), (Some(4), true), "a bare question, then a piece");
    assert_eq!(scene.frame(None), 0);
    scene.quiet();
    assert!(scene.terminal.placed.is_empty());
    assert!(scene.frame(Some((ELSEWHERE, 1))) <= 100);
    assert_eq!(scene.terminal.on_screen(), [(png(1, 100_000), ELSEWHERE)]);
}

#[test]
fn another_picture_ends_the_one_on_its_way() {
    let mut scene = Scene::showing(1, 5_000);
    scene.frame(Some((SPOT, 2)));
    scene.layer.offer(picture(2, 400_000));
    scene.piece();
    scene.piece();
    assert!(scene.terminal.loading.is_some());
    assert!(scene.frame(Some((SPOT, 1))) <= 200);
    assert!(scene.terminal.loading.is_none());
    assert_eq!(scene.terminal.on_screen(), [(png(1, 5_000), SPOT)]);
    scene.frame(Some((SPOT, 2)));
    scene.quiet();
    assert_eq!(scene.terminal.on_screen(), [(png(2, 400_000), SPOT)], "from its beginning");
    assert_eq!(scene.terminal.images.len(), 2);
}

#[test]
fn the_terminal_keeps_few() {
    let mut scene = Scene::showing(0, 3_000_000);
    for key in 1..300 {
        scene.frame(Some((SPOT, key)));
        scene.layer.offer(picture(key, 1_000 * (1 + key as usize % 3)));
        scene.quiet();
        assert!(scene.terminal.images.len() <= 8);
        assert_eq!(scene.terminal.placed.len(), 1);
    }
    assert!(scene.layer.has(299) && scene.layer.has(292) && !scene.layer.has(291));
}

#[test]
fn a_resize_keeps_the_data_and_a_loan_does_not() {
    let mut scene = Scene::showing(1, 100_000);
    let cleared = scene.layer.resized();
    scene.terminal.take(&cleared);
    assert!(scene.terminal.placed.is_empty());
    assert!(scene.frame(Some((SPOT, 1))) <= 100);
    assert_eq!(scene.terminal.placed.len(), 1);

    scene.terminal.take(&scene.layer.leave());
    scene.layer.lost();
    assert!(scene.terminal.images.is_empty() && !scene.layer.has(1));
    assert_eq!(scene.frame(Some((SPOT, 1))), 0);
    scene.layer.offer(picture(1, 100_000));
    scene.quiet();
    assert_eq!(scene.terminal.placed.len(), 1);
}

#[test]
fn nothing_is_left_behind_from_any_state() {
    for pieces in 0..8 {
        let mut scene = Scene::showing(1, 5_000);
        scene.frame(Some((SPOT, 2)));
        scene.layer.offer(picture(2, 100_000));
        for _ in 0..pieces {
            scene.piece();
        }
        scene.terminal.take(&scene.layer.leave());
        assert!(scene.terminal.images.is_empty() && scene.terminal.loading.is_none(), "after {pieces}");
        assert!(scene.terminal.placed.is_empty());
    }
}

#[test]
fn a_silent_terminal_keeps_its_blocks() {
    for pieces in [0, 1, 2] {
        let mut scene = Scene::new((1, 100_000));
        scene.frame(Some((SPOT, 1)));
        scene.layer.offer(picture(1, 400_000));
        for _ in 0..pieces {
            scene.piece();
        }
        let unanswered = scene.layer.piece(0).expect("a piece");
        scene.terminal.take(&unanswered);
        assert_eq!((scene.layer.deadline(), scene.layer.stuck(1_999)), (Some(2_000), false));
        assert!(scene.layer.stuck(2_000) && scene.layer.wants_frame());
        assert_eq!((scene.layer.note(), scene.layer.has(1)), (Some(SILENT), true));
        scene.frame(Some((SPOT, 1)));
        assert!(scene.terminal.loading.is_none() && scene.terminal.images.is_empty());
        assert_eq!(scene.layer.note(), Some(SILENT));
        assert_eq!(scene.layer.piece(2_001), None);

        assert!(!scene.layer.ready(3_000), "too late");
        scene.now = 3_000;
        scene.frame(Some((SPOT, 2)));
        scene.layer.offer(picture(2, 5_000));
        scene.quiet();
        assert_eq!((scene.terminal.on_screen(), scene.layer.note()), (vec![(png(2, 5_000), SPOT)], None));
    }
}

#[test]
fn a_slow_line_gets_a_smaller_picture() {
    // Near by its round trip, and slow all the same: that shows only when some of the picture has gone out.
    let mut scene = Scene::new((10, 250));
    assert!(scene.layer.budget() > 440_000);
    scene.frame(Some((SPOT, 1)));
    scene.layer.offer(picture(1, 440_000));
    let wasted = scene.quiet();
    assert!(wasted < 120_000 && !scene.layer.has(1) && scene.layer.wants_frame(), "{wasted}");
    assert_eq!(scene.layer.budget(), 200_000);
    scene.frame(Some((SPOT, 1)));
    assert!(scene.terminal.loading.is_none());
    scene.layer.offer(picture(1, 140_000));
    scene.quiet();
    assert_eq!(scene.terminal.on_screen(), [(png(1, 140_000), SPOT)]);
    assert!(scene.layer.sent() < 350_000);
    assert!(scene.layer.speed().is_some_and(|speed| speed.abs_diff(250_000) < 20_000));
}

#[test]
fn any_order_of_events_is_safe() {
    for seed in 0..60 {
        let mut dice = fastrand::Rng::with_seed(seed);
        let mut scene = Scene::new((30, 700));
        let mut unanswered = VecDeque::new();
        for _ in 0..600 {
            scene.now += dice.u64(0..60);
            let key = dice.u64(0..12);
            match dice.u8(0..20) {
                0..4 => {
                    let spot = if dice.bool() { SPOT } else { ELSEWHERE };
                    scene.frame(Some((spot, key)));
                }
                4 => {
                    scene.frame(None);
                }
                5..8 => scene.layer.offer(picture(key, dice.usize(1..60_000))),
                8 if dice.u8(0..8) == 0 => {
                    let cleared = scene.layer.resized();
                    scene.terminal.take(&cleared);
                }
                9 if dice.u8(0..8) == 0 => {
                    scene.layer.stuck(scene.now + 1_900);
                }
                10..14 if unanswered.pop_front().is_some() => {
                    scene.layer.ready(scene.now);
                }
                _ => {
                    if let Some(piece) = scene.layer.piece(scene.now) {
                        unanswered.push_back(());
                        scene.terminal.take(&piece);
                    }
                }
            }
        }
        for () in unanswered {
            scene.layer.ready(scene.now);
        }
        scene.now += 10_000;
        scene.frame(Some((SPOT, 99)));
        scene.layer.offer(picture(99, 9_000));
        scene.quiet();
        assert_eq!(scene.terminal.on_screen(), [(png(99, 9_000), SPOT)], "seed {seed}");
    }
}

fn sixel() -> Layer {
    let mut layer = Layer::new(Way::Sixel, 2 << 20, true, 7);
    layer.screen(120, 40);
    layer.round_trip(10);
    layer
}

/// Has a bare question answered, then the blob; the blob's bytes.
fn draw(layer: &mut Layer, now: u64, ms: u64) -> Vec<u8> {
    assert_eq!(layer.piece(now).as_deref(), Some(&b"\x1b[5n"[..]));
    assert!(layer.ready(now + 10));
    let blob = layer.piece(now + 10).expect("a blob");
    assert!(!layer.ready(now + 20 + ms));
    assert_eq!(layer.piece(now + 20 + ms), None);
    blob
}

#[test]
fn a_whole_blob_is_drawn_once_when_it_is_settled() {
    let mut layer = sixel();
    layer.offer(whole(1, 9));
    assert_eq!(layer.want(Some((SPOT, 1))), Step::default());
    assert!(layer.wants_frame() && layer.piece(0).is_none());
    let skipping = Step { skip: Some(SPOT), ..Step::default() };
    assert_eq!(layer.want(Some((SPOT, 1))), skipping);
    assert!(!layer.wants_frame());
    assert_eq!(draw(&mut layer, 0, 1), b"\x1b7\x1b[2;51H~~~~~~~~~\x1b8\x1b[5n");
    for _ in 0..1000 {
        assert_eq!((layer.want(Some((SPOT, 1))), layer.piece(99)), (skipping.clone(), None));
    }
    assert_eq!(layer.want(None), Step { repaint: Some(SPOT), ..Step::default() });
    assert_eq!(layer.want(Some((SPOT, 1))), Step::default());
    assert_eq!(layer.want(Some((SPOT, 1))), skipping);
    assert_eq!(layer.want(None), Step::default(), "hidden before it was drawn");
    assert_eq!(layer.piece(99), None);
}

#[test]
fn a_blob_for_a_settled_want_needs_one_frame() {
    let mut layer = sixel();
    assert_eq!((layer.want(Some((SPOT, 1))), layer.wants_frame()), (Step::default(), false));
    layer.offer(whole(1, 9));
    assert!(layer.wants_frame());
    assert_eq!(layer.want(Some((SPOT, 1))).skip, Some(SPOT));
    assert_eq!(layer.resized(), b"\x1b[0m\x1b[2J");
    assert_eq!(layer.want(Some((SPOT, 1))), Step::default(), "blocks first");
}

#[test]
fn a_blob_that_would_take_long_is_left_out() {
    let mut layer = sixel();
    let steps = |layer: &mut Layer, key| (layer.want(Some((SPOT, key))), layer.want(Some((SPOT, key)))).1;
    layer.offer(whole(1, 300_000));
    assert_eq!((steps(&mut layer, 1), layer.note()), (Step::default(), Some(frame::SLOW)));
    layer.offer(whole(2, 100_000));
    assert_eq!(steps(&mut layer, 2).skip, Some(SPOT), "nothing is known of the line");
    draw(&mut layer, 0, 400);
    assert_eq!(layer.speed(), Some(250_027));
    assert_eq!((steps(&mut layer, 2).skip, layer.note()), (Some(SPOT), None), "there already");
    layer.offer(whole(3, 100_000));
    assert_eq!(steps(&mut layer, 3).skip, None);
    assert_eq!((layer.note(), layer.has(3), layer.wants_frame()), (Some(frame::SLOW), true, false));
    layer.offer(whole(4, 30_000));
    assert_eq!(steps(&mut layer, 4).skip, Some(SPOT));
}

#[test]
fn what_could_scroll_or_lies_outside_is_refused() {
    for (way, on_last_row) in [(Way::Kitty, true), (Way::Sixel, false), (Way::Iterm, false)] {
        let mut layer = Layer::new(way, 2 << 20, false, 7);
        assert!(!layer.fits(SPOT), "the screen is not known");
        layer.screen(120, 40);
        assert!(layer.fits(SPOT) && layer.fits(Area { height: 39, ..ELSEWHERE }));
        assert_eq!(layer.fits(ELSEWHERE), on_last_row);
        for spot in [Area { x: 61, ..SPOT }, Area { y: 11, ..SPOT }, Area { width: 0, ..SPOT }] {
            assert!(!layer.fits(spot), "{spot:?}");
        }
        layer.want(Some((ELSEWHERE, 1)));
        assert_eq!(layer.note().is_none(), on_last_row);
    }
}

#[test]
fn placeholders_go_through_tmux() {
    let mut layer = Layer::new(Way::KittyPlaceholders, 2 << 20, false, u32::MAX);
    layer.screen(120, 40);
    layer.round_trip(1);
    assert_eq!(layer.want(Some((SPOT, 1))), Step::default());
    layer.offer(picture(1, 20_000));
    assert_eq!(layer.piece(0).as_deref(), Some(&b"\x1b[5n"[..]));
    layer.ready(1);
    while let Some(piece) = layer.piece(1) {
        assert!(piece.starts_with(b"\x1bPtmux;\x1b\x1b_G") && piece.ends_with(b"\x1b\x1b\\\x1b\\\x1b[5n"));
        layer.ready(2);
    }
    assert!(layer.wants_frame());
    let step = layer.want(Some((SPOT, 1)));
    let id = step.placeholder.expect("it is there");
    assert!((256..1 << 24).contains(&id));
    let virtual_placement = format!("\x1bPtmux;\x1b\x1b_Ga=p,U=1,i={id},p=1,c=60,r=30,q=2\x1b\x1b\\\x1b\\");
    assert_eq!((String::from_utf8(step.before), step.after), (Ok(virtual_placement), vec![]));

    let settled = Step { placeholder: Some(id), ..Step::default() };
    assert_eq!(layer.want(Some((SPOT, 1))), settled);
    assert_eq!(layer.want(None), Step::default());
    assert_eq!(layer.want(Some((Area { x: 0, ..SPOT }, 1))), settled, "cells move by themselves");
}

#[test]
fn without_graphics_nothing_is_sent() {
    for way in [Way::Blocks, Way::Off] {
        let mut layer = Layer::new(way, 2 << 20, false, 7);
        layer.screen(120, 40);
        layer.offer(picture(1, 9));
        layer.offer(whole(2, 9));
        assert_eq!(layer.want(Some((SPOT, 1))), Step::default());
        assert_eq!((layer.piece(0), layer.leave(), layer.sent(), layer.note()), (None, vec![], 0, None));
    }
}
