//! One form of a key as it may stand in a reply, with every escape that its characters may have there.

use super::escapes::{LEADS, ways};
use super::word::{LOOK_BACK, is_of_word, may_begin};
use crate::wire::b64;
use memchr::memmem::Finder;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use std::ops::Range;

/// Shorter keys are not looked for: such a text stands in a body by chance.
const SHORTEST: usize = 4;

/// Keys from here on are looked for anywhere, shorter ones only where they stand alone.
const SHORTEST_ANYWHERE: usize = 8;

/// So many characters from the beginning of a key on are covered, though the server starred the rest.
const BEGINNING: usize = 12;

/// What the characters of a form are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The key itself.
    Text,
    /// Its base64, in either alphabet.
    Base64,
    /// Its bytes in hexadecimal, in either case.
    Hex,
}

/// A form of the key, and how to find it.
pub struct Pattern {
    text: SecretString,
    form: Form,
    /// The part of `text` that is searched for: letters and digits, which encoders leave alone.
    anchor: Range<usize>,
    /// An echo has at least so many characters of `text`, from the first on.
    least: usize,
    /// An echo is no part of a longer word.
    alone: bool,
    /// Bytes of the longest spelling.
    reach: usize,
}

/// How far a spelling goes from a place on.
struct Walk {
    /// Characters of the form that stand there.
    chars: usize,
    /// Where the last of them ends.
    end: usize,
    /// The bytes end before the spelling does.
    open: bool,
}

/// All forms of a key; none for one that is too short.
pub fn patterns(key: &str) -> Vec<Pattern> {
    let chars = key.chars().count();
    if chars < SHORTEST {
        return vec![];
    }
    let hex: Zeroizing<String> = Zeroizing::new(key.bytes().map(|byte| format!("{byte:02x}")).collect());
    if chars < SHORTEST_ANYWHERE {
        let base64 = Zeroizing::new(b64::encode(key.as_bytes()));
        let forms = [(key, Form::Text), (base64.trim_end_matches('='), Form::Base64), (hex.as_str(), Form::Hex)];
        return forms.map(|(text, form)| Pattern::new(text, form, usize::MAX, true)).into();
    }
    let mut all =
        vec![Pattern::new(key, Form::Text, BEGINNING, false), Pattern::new(&hex, Form::Hex, BEGINNING * 2, false)];
    let escaped = escaped(key);
    for text in [key].into_iter().chain(escaped.iter().map(|text| text.as_str())) {
        all.extend((0..3).map(|at| Pattern::new(&base64_core(text, at), Form::Base64, BEGINNING / 3 * 4, false)));
    }
    all
}

/// The key as it stands in JSON and in a query, where that is not the key itself: such texts are put into base64 too.
fn escaped(key: &str) -> Vec<Zeroizing<String>> {
    let json = Zeroizing::new(serde_json::Value::from(key).to_string());
    let json = Zeroizing::new(json.trim_start_matches('"').strip_suffix('"').unwrap_or(&json).to_owned());
    let query = Zeroizing::new(url::form_urlencoded::byte_serialize(key.as_bytes()).collect::<String>());
    [json, query].into_iter().filter(|text| text.as_str() != key).collect()
}

/// The characters that base64 of a text with the key in it has, whatever stands before (`offset` bytes beyond a multiple
/// of three) and after it.
fn base64_core(key: &str, offset: usize) -> Zeroizing<String> {
    let text = Zeroizing::new([&[0; 2][..offset], key.as_bytes()].concat());
    let encoded = Zeroizing::new(b64::encode(&text));
    let core = [0, 2, 3][offset]..text.len() * 8 / 6;
    Zeroizing::new(encoded.get(core).unwrap_or_default().to_owned())
}

impl Pattern {
    fn new(text: &str, form: Form, least: usize, alone: bool) -> Pattern {
        let least = least.min(text.chars().count());
        let beginning = text.char_indices().nth(least).map_or(text.len(), |(at, _)| at);
        let steady = |byte: u8| if form == Form::Hex { byte.is_ascii_digit() } else { byte.is_ascii_alphanumeric() };
        let anchor = longest_run(&text.as_bytes()[..beginning], steady);
        let anchor = anchor.unwrap_or(0..text.chars().next().map_or(0, char::len_utf8));
        let mut pattern = Pattern { text: SecretString::from(text), form, anchor, least, alone, reach: 0 };
        pattern.reach = text.chars().map(|c| pattern.longest_way(c)).sum();
        pattern
    }

    /// Echoes of it in `bytes`, which follow on `before` and which more may follow on unless they are the `last`.
    pub fn find(&self, bytes: &[u8], before: &[u8], last: bool) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        // Made each time: one that is kept would keep a copy of the anchor that nobody wipes.
        let anchor = Finder::new(&self.text.expose_secret()[self.anchor.clone()]);
        let mut from = 0;
        while let Some(hit) = anchor.find(&bytes[from..]) {
            let at = from + hit;
            let echo = self.start(bytes, at).and_then(|start| self.echo(bytes, start, before, last));
            from = echo.as_ref().map_or(0, |echo| echo.end).max(at + 1);
            found.extend(echo);
        }
        // Some encoders escape letters too; then the first character is an escape already.
        if let (Form::Text, Some(first)) = (self.form, self.text.expose_secret().chars().next()) {
            let seconds: Vec<u8> = ways(first).iter().filter_map(|way| way.as_bytes().get(1).copied()).collect();
            let leads = memchr::memchr3_iter(LEADS[0], LEADS[1], LEADS[2], bytes);
            let leads = leads.filter(|at| bytes.get(at + 1).is_some_and(|second| seconds.contains(second)));
            found.extend(leads.filter_map(|at| self.echo(bytes, at, before, last)));
        }
        found
    }

    /// The first place from `from` on where an echo may begin whose end, or what follows on it, has not arrived.
    pub fn open(&self, bytes: &[u8], from: usize, before: &[u8]) -> Option<usize> {
        let begin = bytes.len().saturating_sub(self.reach).max(from);
        (begin..bytes.len()).find(|&at| {
            let walk = self.begins_with(bytes[at]).then(|| self.walk(bytes, at));
            walk.is_some_and(|walk| self.is_open(&walk, bytes) && self.may_stand(bytes, at, before))
        })
    }

    /// Whether the key is so short that any part of it is a secret.
    pub fn is_short(&self) -> bool {
        self.alone
    }

    fn is_open(&self, walk: &Walk, bytes: &[u8]) -> bool {
        walk.open || (self.alone && walk.chars == self.least && walk.end == bytes.len())
    }

    fn echo(&self, bytes: &[u8], start: usize, before: &[u8], last: bool) -> Option<Range<usize>> {
        let walk = self.walk(bytes, start);
        let whole = walk.chars >= self.least && (last || !self.is_open(&walk, bytes));
        let parted = !self.alone || bytes.get(walk.end).is_none_or(|next| !is_of_word(*next));
        (whole && parted && self.may_stand(bytes, start, before)).then_some(start..walk.end)
    }

    fn may_stand(&self, bytes: &[u8], at: usize, before: &[u8]) -> bool {
        if !self.alone {
            return true;
        }
        let near = &bytes[at.saturating_sub(LOOK_BACK)..at];
        let far: &[u8] = if near.len() < LOOK_BACK { before } else { &[] };
        may_begin(&[far, near].concat())
    }

    /// A cheap question before a walk: no spelling begins with any other byte.
    fn begins_with(&self, byte: u8) -> bool {
        let first = self.text.expose_secret().as_bytes().first();
        first.is_some_and(|first| first.eq_ignore_ascii_case(&byte))
            || LEADS.contains(&byte)
            || (self.form == Form::Base64 && matches!(byte, b'-' | b'_'))
    }

    /// Where a spelling begins whose anchor stands at `at`.
    fn start(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let (mut starts, mut next) = (vec![at], Vec::new());
        for c in self.text.expose_secret()[..self.anchor.start].chars().rev() {
            for start in starts.drain(..) {
                self.each_way(c, |way| {
                    if bytes[..start].ends_with(way) {
                        next.push(start - way.len());
                    }
                });
            }
            next.sort_unstable();
            next.dedup();
            std::mem::swap(&mut starts, &mut next);
        }
        starts.into_iter().min()
    }

    /// Follows all spellings at once: an escaped `%` begins with a plain one.
    fn walk(&self, bytes: &[u8], start: usize) -> Walk {
        let mut walk = Walk { chars: 0, end: start, open: false };
        let (mut ends, mut next) = (Vec::new(), Vec::new());
        let mut chars = self.text.expose_secret().chars();
        let first = chars.next();
        walk.open = first.is_some_and(|c| self.step(c, bytes, start, &mut ends));
        while let Some(&end) = ends.iter().max() {
            walk.chars += 1;
            walk.end = end;
            let Some(c) = chars.next() else { break };
            for end in ends.drain(..) {
                walk.open |= self.step(c, bytes, end, &mut next);
            }
            next.sort_unstable();
            next.dedup();
            std::mem::swap(&mut ends, &mut next);
        }
        walk
    }

    /// Adds where `c` ends that begins at `at`; true when the bytes end before one of its spellings does.
    fn step(&self, c: char, bytes: &[u8], at: usize, ends: &mut Vec<usize>) -> bool {
        let rest = &bytes[at..];
        let mut open = false;
        self.each_way(c, |way| {
            if rest.starts_with(way) {
                ends.push(at + way.len());
            } else if way.starts_with(rest) {
                open = true;
            }
        });
        open
    }

    fn each_way(&self, c: char, mut see: impl FnMut(&[u8])) {
        if self.form != Form::Text && c.is_ascii_alphanumeric() {
            see(&[c as u8]);
            if self.form == Form::Hex {
                see(&[c.to_ascii_uppercase() as u8]);
            }
            return;
        }
        ways(c).iter().for_each(|way| see(way.as_bytes()));
        match (self.form, c) {
            (Form::Base64, '+') => see(b"-"),
            (Form::Base64, '/') => see(b"_"),
            _ => {}
        }
    }

    fn longest_way(&self, c: char) -> usize {
        let mut longest = 0;
        self.each_way(c, |way| longest = way.len().max(longest));
        longest
    }
}

fn longest_run(bytes: &[u8], fits: impl Fn(u8) -> bool) -> Option<Range<usize>> {
    let (mut best, mut from) = (0..0, 0);
    for (at, byte) in bytes.iter().enumerate() {
        if !fits(*byte) {
            from = at + 1;
        } else if at + 1 - from > best.len() {
            best = from..at + 1;
        }
    }
    (!best.is_empty()).then_some(best)
}
