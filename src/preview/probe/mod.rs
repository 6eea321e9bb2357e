//! Asking the terminal what it can do: the questions, the replies, and what they prove.
//!
//! There are two questions, because unknown sequences are not harmless everywhere: tmux makes the kitty query the title
//! of its pane, screen hands a DCS string to the terminal around it as text, Apple's terminal prints the end of a mode
//! request. The first question is safe wherever it may arrive; the second goes only to a terminal whose answer to the
//! first one says that nothing of this can happen. Both end in a request that every terminal answers, and replies come
//! in order, so what was not answered by then is not known there.

mod sequence;
mod sieve;
mod surroundings;

pub use sieve::Sieve;
pub use surroundings::Surroundings;

/// Asks for [`Reply::Ready`]: it comes when the terminal has worked through all that was sent before.
pub const READY_QUERY: &[u8] = b"\x1b[5n";

const NAME_QUERY: &[u8] = b"\x1b[>0q";
const CELL_QUERY: &[u8] = b"\x1b[16t";
const ATTRIBUTES_QUERY: &[u8] = b"\x1b[c";
const KITTY_QUERY: &[u8] = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\";
const SYNC_QUERY: &[u8] = b"\x1b[?2026$p";
/// Sets a colour of 24 bit, asks what has become of it, and takes it back.
const COLOUR_QUERY: &[u8] = b"\x1b[0;48;2;1;2;3m\x1bP$qm\x1b\\\x1b[0m";

/// What a terminal replied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Whether it shows kitty's pictures.
    Kitty(bool),
    /// Its name and version, as it likes to write them.
    Version(String),
    /// Width and height of a cell in pixels.
    CellPixels(u16, u16),
    /// Whether it can hold a frame back until it is complete.
    Sync(bool),
    /// Whether it keeps colours of 24 bit.
    TrueColor(bool),
    /// The end of an answer. `level` is the first number: 1 for a VT100, 6 for a VT102, from 62 for newer ones.
    Attributes { level: u16, sixel: bool },
    /// Everything sent before [`READY_QUERY`] was worked through.
    Ready,
    /// A reply to a question of somebody else.
    Other,
}

/// What is known about the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub kitty: bool,
    pub version: Option<String>,
    /// Width and height of a cell in pixels, by the terminal itself.
    pub cell: Option<(u16, u16)>,
    pub sync: bool,
    /// `None` when the terminal cannot be asked.
    pub truecolor: Option<bool>,
    pub sixel: bool,
    /// The first number of its attributes, see [`Reply::Attributes`].
    pub level: Option<u16>,
    /// The answer to [`query`] is complete.
    pub answered: bool,
    /// The answer to [`further`] is complete.
    pub complete: bool,
}

impl Found {
    pub fn take(&mut self, reply: &Reply) {
        match reply {
            Reply::Kitty(shows) => self.kitty = *shows,
            Reply::Version(version) => self.version = Some(version.clone()),
            Reply::CellPixels(width, height) => self.cell = Some((*width, *height)),
            Reply::Sync(can) => self.sync = *can,
            Reply::TrueColor(keeps) => self.truecolor = Some(*keeps),
            Reply::Attributes { level, sixel } => {
                self.complete = self.answered;
                self.answered = true;
                self.level = Some(*level);
                self.sixel = *sixel;
            }
            Reply::Ready | Reply::Other => {}
        }
    }

    /// The multiplexer in between: what answers by name is what draws, and only without a name the environment counts.
    pub fn multiplexer(&self, around: &Surroundings) -> Option<&'static str> {
        match &self.version {
            Some(_) => ["tmux", "screen", "zellij"].into_iter().find(|name| self.is_named(name)),
            None => around.multiplexer(),
        }
    }

    /// Whether the terminal's own name begins so; capitals do not count.
    pub fn is_named(&self, name: &str) -> bool {
        let begins = |version: &String| version.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
        self.version.as_ref().is_some_and(begins)
    }
}

/// The first question, harmless in every terminal and multiplexer; empty for one that knows no sequences.
pub fn query(around: &Surroundings) -> Vec<u8> {
    match (around.is_dumb(), around.is_plain()) {
        (true, _) => Vec::new(),
        (false, true) => ATTRIBUTES_QUERY.to_vec(),
        (false, false) => [NAME_QUERY, CELL_QUERY, ATTRIBUTES_QUERY].concat(),
    }
}

/// The second question, to be sent once, when [`Found::answered`] became true; `None` when it could do harm.
pub fn further(around: &Surroundings, found: &Found) -> Option<Vec<u8>> {
    // Nameless terminals of this level are older multiplexers and those that print what they do not know.
    let nameless = found.version.is_none();
    let doubtful = nameless && found.level == Some(1);
    if !found.answered || around.is_plain() || doubtful || found.multiplexer(around).is_some() {
        return None;
    }
    let rest = if nameless { vec![] } else { [SYNC_QUERY, COLOUR_QUERY].concat() };
    Some([KITTY_QUERY, &rest, ATTRIBUTES_QUERY].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(answer: &[u8]) -> Found {
        let (mut found, mut keys) = (Found::default(), Vec::new());
        for reply in Sieve::default().push(answer, &mut keys) {
            found.take(&reply);
        }
        assert!(keys.is_empty(), "{keys:?}");
        found
    }

    #[test]
    fn the_kitty_query_goes_only_where_it_does_no_harm() {
        let plain = Surroundings::default();
        let tmux = Surroundings { tmux: true, ..Surroundings::default() };
        let console = Surroundings { term: Some("linux".to_owned()), ..Surroundings::default() };
        for (answer, around, asks) in [
            ("\x1bP>|kitty(0.26.5)\x1b\\\x1b[6;18;9t\x1b[?62;c", &plain, true),
            // The variable came from the shell that started the terminal.
            ("\x1bP>|kitty(0.26.5)\x1b\\\x1b[6;18;9t\x1b[?62;c", &tmux, true),
            ("\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c", &plain, false),
            ("\x1bP>|Zellij(4201)\x1b\\\x1b[?62;4c", &plain, false),
            // tmux of old, by its variable or, behind ssh, by its level alone.
            ("\x1b[?62;c", &tmux, false),
            ("\x1b[?1;2c", &plain, false),
            ("\x1b[?6c", &console, false),
            ("\x1b[?62;52;c", &plain, true),
            ("\x1bP>|kitty(0.26.5)\x1b\\", &plain, false),
        ] {
            assert_eq!(further(around, &found(answer.as_bytes())).is_some(), asks, "{answer:?}");
        }
        let first = query(&plain);
        assert!(!first.windows(2).any(|pair| pair == b"\x1b_" || pair == b"\x1bP"));
        assert_eq!(query(&console), ATTRIBUTES_QUERY);
    }

    #[test]
    fn both_answers_of_real_terminals_are_understood() {
        let kitty = b"\x1bP>|kitty(0.26.5)\x1b\\\x1b[6;18;9t\x1b[?62;c\
            \x1b_Gi=31;OK\x1b\\\x1b[?2026;2$y\x1bP1$r48:2:1:2:3m\x1b\\\x1b[?62;c";
        let expected = Found {
            kitty: true,
            version: Some("kitty(0.26.5)".to_owned()),
            cell: Some((9, 18)),
            sync: true,
            truecolor: Some(true),
            sixel: false,
            level: Some(62),
            answered: true,
            complete: true,
        };
        assert_eq!(found(kitty), expected);
        let konsole = found(b"\x1bP>|Konsole 22.12.3\x1b\\\x1b[6;18;9t\x1b[?62;1;4c\x1b_Gi=31;OK\x1b\\\x1b[?62;1;4c");
        assert!(konsole.kitty && konsole.sixel && !konsole.sync && konsole.truecolor.is_none());
        let xterm = found(
            b"\x1bP>|XTerm(379)\x1b\\\x1b[?63;1;2;4;6;9;15;16;22;28c\
            \x1b[?2026;0$y\x1bP1$r0;48:2::1:2:3m\x1b\\\x1b[?63;1;2;4;6;9;15;16;22;28c",
        );
        assert!(xterm.sixel && !xterm.kitty && !xterm.sync && xterm.cell.is_none());
        assert_eq!(xterm.truecolor, Some(true));
    }
}
