//! Which way pictures are drawn here, why, and what to change for a better one.
//!
//! Only what the terminal itself answered counts as proof. The environment can only speak against graphics: it is
//! inherited by other terminals, forwarded by ssh, and unchanged inside a multiplexer.

use super::probe::Found;
pub use super::probe::Surroundings;
pub use crate::config::Protocol as Wanted;

/// A way to draw pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Way {
    Kitty,
    /// kitty's pictures behind characters of their own, which move with the text: the only ones that fit into tmux.
    KittyPlaceholders,
    Iterm,
    Sixel,
    Blocks,
    Off,
}

impl Way {
    pub fn word(self) -> &'static str {
        match self {
            Way::Kitty => "kitty",
            Way::KittyPlaceholders => "kitty in tmux",
            Way::Iterm => "iTerm2",
            Way::Sixel => "sixel",
            Way::Blocks => "half-blocks",
            Way::Off => "off",
        }
    }
}

/// A way with its reason and, where there is a better one, how to get it; both for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub way: Way,
    pub why: String,
    pub advice: Option<String>,
}

impl Choice {
    fn new(way: Way, why: impl Into<String>) -> Choice {
        Choice { way, why: why.into(), advice: None }
    }

    fn but(self, advice: impl Into<String>) -> Choice {
        Choice { advice: Some(advice.into()), ..self }
    }
}

const PASSTHROUGH: &str = "tmux passes pictures on only after `tmux set -g allow-passthrough on`";

/// Chooses. `cell` is the size of a cell in pixels by the terminal's driver; the terminal's own answer goes before it.
pub fn choose(wanted: Wanted, around: &Surroundings, found: &Found, cell: Option<(u16, u16)>) -> Choice {
    let case = Case { around, found, sized: found.cell.or(cell).is_some() };
    match wanted {
        Wanted::Auto => case.best(),
        Wanted::Kitty => case.told(Way::Kitty),
        Wanted::Iterm => case.told(Way::Iterm),
        Wanted::Sixel => case.told(Way::Sixel),
        Wanted::Blocks => Choice::new(Way::Blocks, "half-blocks, as configured"),
        Wanted::Off => Choice::new(Way::Off, "no pictures, as configured"),
    }
}

/// The ways that a key may go through here: what is proved, half-blocks, and none. Others can be named in the settings.
pub fn offered(around: &Surroundings, found: &Found, cell: Option<(u16, u16)>) -> Vec<Wanted> {
    let case = Case { around, found, sized: found.cell.or(cell).is_some() };
    let alone = found.multiplexer(around).is_none();
    let drawn = [(Wanted::Kitty, Way::Kitty), (Wanted::Iterm, Way::Iterm), (Wanted::Sixel, Way::Sixel)];
    let proved = drawn.into_iter().filter(|(_, way)| alone && case.proves(*way) && (case.sized || *way != Way::Sixel));
    let proved = proved.map(|(wanted, _)| wanted);
    std::iter::once(Wanted::Auto).chain(proved).chain([Wanted::Blocks, Wanted::Off]).collect()
}

struct Case<'a> {
    around: &'a Surroundings,
    found: &'a Found,
    /// The size of a cell is known.
    sized: bool,
}

impl Case<'_> {
    /// What is proved, in the order kitty, iTerm2, sixel.
    fn best(&self) -> Choice {
        if let Some(between) = self.found.multiplexer(self.around) {
            return inside(between);
        }
        if !self.found.answered {
            return Choice::new(Way::Blocks, format!("the terminal answers no questions{}", self.hints()))
                .but("if you know what it can show, set preview.protocol to kitty, iterm or sixel");
        }
        let name = self.name();
        if self.found.kitty {
            return Choice::new(Way::Kitty, format!("{name} answered the query for kitty graphics with OK"));
        }
        let sixel = self.found.sixel && self.sized;
        // mlterm draws both, and sixel better.
        if let Some(evidence) = self.iterm().filter(|_| !(sixel && self.found.is_named("mlterm"))) {
            return Choice::new(Way::Iterm, evidence);
        }
        if sixel {
            return Choice::new(Way::Sixel, format!("{name} says that it draws sixel, and how large its cells are"));
        }
        if self.found.sixel {
            return unsized_sixel(&name);
        }
        let why = format!("{name} answered, and knows neither kitty's nor iTerm2's pictures nor sixel{}", self.hints());
        let choice = Choice::new(Way::Blocks, why);
        match self.found.is_named("xterm(") {
            true => choice.but("for sixel start it as `xterm -ti vt340`"),
            false => {
                choice.but("sharp pictures need kitty, Ghostty, WezTerm, iTerm2, Konsole, foot or an xterm with sixel")
            }
        }
    }

    /// What the user said, with a warning where it is not proved.
    fn told(&self, way: Way) -> Choice {
        let word = way.word();
        if way == Way::Sixel && !self.sized {
            return unsized_sixel(&self.name());
        }
        match self.found.multiplexer(self.around) {
            Some(between) if way == Way::Kitty && between.contains("tmux") => {
                let why = format!("kitty, as configured; inside {between} its pictures stand behind characters");
                Choice::new(Way::KittyPlaceholders, why).but(format!(
                    "{PASSTHROUGH}, and the terminal around it has to be kitty (0.28 or later) or Ghostty"
                ))
            }
            Some(between) if between.contains("tmux") => {
                Choice::new(way, format!("{word}, as configured, inside {between}"))
                    .but(format!("{PASSTHROUGH}; should the screen be garbled, set preview.protocol = \"auto\""))
            }
            Some(between) => Choice::new(way, format!("{word}, as configured, inside {between}")).but(format!(
                "{between} passes no pictures on; should the screen be garbled, set preview.protocol = \"auto\""
            )),
            None if self.proves(way) => {
                Choice::new(way, format!("{word}, as configured, and {} knows it", self.name()))
            }
            None => Choice::new(way, format!("{word}, as configured; {} did not say that it knows it", self.name()))
                .but("should nothing or garbage be seen, set preview.protocol = \"auto\""),
        }
    }

    fn proves(&self, way: Way) -> bool {
        match way {
            Way::Kitty => self.found.kitty,
            Way::Iterm => self.iterm().is_some(),
            Way::Sixel => self.found.sixel,
            Way::KittyPlaceholders | Way::Blocks | Way::Off => false,
        }
    }

    /// What speaks for iTerm2's pictures. They cannot be asked for, so the terminal's name has to do.
    fn iterm(&self) -> Option<String> {
        if ["iTerm2", "WezTerm", "Konsole", "mlterm"].into_iter().any(|name| self.found.is_named(name)) {
            return Some(format!("{} draws iTerm2's pictures", self.name()));
        }
        let program = self.around.term_program.as_deref()?;
        let here = self.found.answered && self.found.version.is_none() && !self.around.ssh;
        (here && matches!(program, "iTerm.app" | "WezTerm"))
            .then(|| format!("TERM_PROGRAM={program} on this machine, and nothing speaks against it"))
    }

    fn name(&self) -> String {
        self.found.version.clone().unwrap_or_else(|| "the terminal".to_owned())
    }

    /// What the environment says and nothing proves.
    fn hints(&self) -> String {
        let claims = self.around.claims();
        match claims.is_empty() {
            true => String::new(),
            false => format!(" ({} proves nothing: it may come from another terminal)", claims.join(", ")),
        }
    }
}

fn inside(between: &str) -> Choice {
    let choice = Choice::new(Way::Blocks, format!("inside {between} only half-blocks keep to their pane"));
    match between.contains("tmux") {
        true => choice.but(format!(
            "in kitty or Ghostty sharp pictures are possible: {PASSTHROUGH}, then preview.protocol = \"kitty\""
        )),
        false => choice.but(format!("start unpeel outside {between} for sharp pictures")),
    }
}

/// A wrong guess would scroll the screen away.
fn unsized_sixel(name: &str) -> Choice {
    let why = format!("sixel needs the size of a cell in pixels, which {name} does not tell");
    Choice::new(Way::Blocks, why)
        .but("use a terminal that answers CSI 16 t, or one that gives its driver the size in pixels")
}

#[cfg(test)]
mod tests {
    use super::super::probe::Sieve;
    use super::*;

    fn choice(wanted: Wanted, variables: &str, answer: &str, cell: Option<(u16, u16)>) -> Choice {
        let pairs: Vec<(&str, &str)> = variables.split(' ').filter_map(|pair| pair.split_once('=')).collect();
        let lookup = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let (mut found, mut keys) = (Found::default(), Vec::new());
        for reply in Sieve::default().push(answer.as_bytes(), &mut keys) {
            found.take(&reply);
        }
        choose(wanted, &Surroundings::of(&lookup), &found, cell)
    }

    const KITTY: &str = "\x1bP>|kitty(0.26.5)\x1b\\\x1b[6;18;9t\x1b[?62;c\x1b_Gi=31;OK\x1b\\\x1b[?62;c";
    const KONSOLE: &str = "\x1bP>|Konsole 22.12.3\x1b\\\x1b[6;18;9t\x1b[?62;1;4c\x1b_Gi=31;OK\x1b\\\x1b[?62;1;4c";
    const VT340: &str = "\x1bP>|XTerm(379)\x1b\\\x1b[?63;1;2;4;6;9;15;16;22;28c";
    const XTERM: &str = "\x1bP>|XTerm(379)\x1b\\\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c";
    const MLTERM: &str = "\x1bP>|mlterm(3.9.0)\x1b\\\x1b[6;17;9t\x1b[?63;1;2;3;4;7;29c";
    const TMUX: &str = "\x1bP>|tmux 3.3a\x1b\\\x1b[?1;2c";
    const ITERM: &str = "\x1bP>|iTerm2 3.5.11\x1b\\\x1b[6;18;9t\x1b[?62;4c\x1b_GOK\x1b\\\x1b[?62;4c";

    #[test]
    fn proof_decides_and_the_environment_does_not() {
        const CELL: Option<(u16, u16)> = Some((9, 18));
        for (variables, answer, cell, expected) in [
            ("TERM=xterm-kitty", KITTY, None, Way::Kitty),
            ("TERM=xterm-256color SSH_TTY=x", KITTY, None, Way::Kitty),
            ("TERM=xterm-256color KONSOLE_VERSION=221203", KONSOLE, None, Way::Kitty),
            ("TERM=xterm-256color", VT340, CELL, Way::Sixel),
            ("TERM=xterm-256color", VT340, None, Way::Blocks),
            ("TERM=xterm-256color", XTERM, CELL, Way::Blocks),
            ("TERM=mlterm", MLTERM, None, Way::Sixel),
            ("TERM=xterm-256color", ITERM, None, Way::Iterm),
            ("TERM=xterm-256color TERM_PROGRAM=iTerm.app", "\x1b[?62;4c", CELL, Way::Iterm),
            // Multiplexers, by what answers and by what the environment says.
            ("TERM=tmux-256color TMUX=x KONSOLE_VERSION=221203", TMUX, CELL, Way::Blocks),
            ("TERM=xterm-256color SSH_TTY=x", TMUX, CELL, Way::Blocks),
            ("TERM=xterm-256color TMUX=x", "\x1b[?1;2;4c", CELL, Way::Blocks),
            ("TERM=xterm-kitty STY=1.x", "\x1b[?1;2c", CELL, Way::Blocks),
            ("TERM=xterm-256color ZELLIJ=0", "\x1b[?62;4c", CELL, Way::Blocks),
            // A terminal window that was started from inside tmux.
            ("TERM=xterm-kitty TMUX=x", KITTY, None, Way::Kitty),
            // Lies.
            ("TERM=xterm-256color LC_TERMINAL=iTerm2 SSH_TTY=x", XTERM, CELL, Way::Blocks),
            ("TERM=xterm-256color TERM_PROGRAM=iTerm.app SSH_TTY=x", "\x1b[?62;c", CELL, Way::Blocks),
            ("TERM=xterm-256color TERM_PROGRAM=WezTerm", XTERM, CELL, Way::Blocks),
            ("TERM=xterm-256color KONSOLE_VERSION=221203", XTERM, CELL, Way::Blocks),
            ("TERM=xterm-kitty", "", CELL, Way::Blocks),
            ("TERM=xterm-256color TERM_PROGRAM=iTerm.app", "", CELL, Way::Blocks),
        ] {
            let choice = choice(Wanted::Auto, variables, answer, cell);
            assert_eq!(choice.way, expected, "{variables} {answer:?}: {choice:?}");
            assert_eq!(choice.advice.is_some(), expected == Way::Blocks, "{choice:?}");
        }
    }

    #[test]
    fn the_user_has_the_last_word_but_for_sixel_of_unknown_size() {
        for (wanted, variables, answer, expected, advised) in [
            (Wanted::Kitty, "TERM=xterm", "", Way::Kitty, true),
            (Wanted::Kitty, "TERM=xterm-kitty", KITTY, Way::Kitty, false),
            (Wanted::Kitty, "TMUX=x", TMUX, Way::KittyPlaceholders, true),
            (Wanted::Kitty, "TERM=screen SSH_TTY=x", "\x1b[?1;2c", Way::KittyPlaceholders, true),
            (Wanted::Kitty, "STY=x", "\x1b[?1;2c", Way::Kitty, true),
            (Wanted::Iterm, "TMUX=x", TMUX, Way::Iterm, true),
            (Wanted::Sixel, "TERM=mlterm", MLTERM, Way::Sixel, false),
            (Wanted::Sixel, "TERM=xterm", VT340, Way::Blocks, true),
            (Wanted::Blocks, "TERM=xterm-kitty", KITTY, Way::Blocks, false),
            (Wanted::Off, "TERM=xterm-kitty", KITTY, Way::Off, false),
        ] {
            let choice = choice(wanted, variables, answer, None);
            assert_eq!(
                (choice.way, choice.advice.is_some()),
                (expected, advised),
                "{wanted:?} {variables}: {choice:?}"
            );
        }
    }

    #[test]
    fn reasons_name_the_evidence() {
        let lied = choice(Wanted::Auto, "TERM=xterm-256color LC_TERMINAL=iTerm2 SSH_TTY=x", XTERM, None);
        assert!(lied.why.contains("XTerm(379)") && lied.why.contains("LC_TERMINAL=iTerm2"), "{}", lied.why);
        let tmux = choice(Wanted::Auto, "TMUX=x", TMUX, None);
        assert!(tmux.why.contains("tmux") && tmux.advice.is_some_and(|advice| advice.contains("allow-passthrough on")));
    }
}
