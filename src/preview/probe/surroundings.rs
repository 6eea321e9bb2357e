//! What the environment says about the terminal: hints only, for variables outlive the terminal that set them.

/// Variables as they were when the program started; an empty one counts as not set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    pub term: Option<String>,
    pub term_program: Option<String>,
    pub lc_terminal: Option<String>,
    pub colorterm: Option<String>,
    pub konsole_version: Option<String>,
    pub kitty_window: Option<String>,
    /// Started inside tmux, or in a terminal that was.
    pub tmux: bool,
    /// The same for GNU screen; its `TERM` also crosses ssh, and is tmux's as often.
    pub screen: bool,
    pub zellij: bool,
    /// On a machine that was reached by ssh. mosh passes these variables on too and has none of its own.
    pub ssh: bool,
}

impl Surroundings {
    /// Reads the variables through `lookup`, for example `|name| std::env::var(name).ok()`.
    pub fn of(lookup: &dyn Fn(&str) -> Option<String>) -> Surroundings {
        let get = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let term = get("TERM");
        let begins = |with: &str| term.as_deref().is_some_and(|term| term.starts_with(with));
        let tmux = get("TMUX").is_some() || begins("tmux");
        Surroundings {
            tmux,
            screen: get("STY").is_some() || (begins("screen") && !tmux),
            zellij: get("ZELLIJ").is_some(),
            ssh: ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"].into_iter().any(|name| get(name).is_some()),
            term_program: get("TERM_PROGRAM"),
            lc_terminal: get("LC_TERMINAL"),
            colorterm: get("COLORTERM"),
            konsole_version: get("KONSOLE_VERSION"),
            kitty_window: get("KITTY_WINDOW_ID"),
            term,
        }
    }

    /// The multiplexer that seems to stand between this program and the terminal.
    pub fn multiplexer(&self) -> Option<&'static str> {
        match self {
            Surroundings { screen: true, tmux: true, .. } => Some("tmux or screen"),
            Surroundings { tmux: true, .. } => Some("tmux"),
            Surroundings { screen: true, ssh: true, .. } => Some("screen or tmux"),
            Surroundings { screen: true, .. } => Some("screen"),
            Surroundings { zellij: true, .. } => Some("zellij"),
            _ => None,
        }
    }

    /// A console that shows the insides of sequences it does not know.
    pub fn is_plain(&self) -> bool {
        self.is_dumb() || self.term.as_deref().is_some_and(|term| term.starts_with("linux"))
    }

    /// A terminal that knows no sequences at all.
    pub fn is_dumb(&self) -> bool {
        self.term.as_deref() == Some("dumb")
    }

    /// The variables that speak of a terminal with graphics, as `NAME=value`; none of them proves anything.
    pub fn claims(&self) -> Vec<String> {
        let graphic = ["kitty", "ghostty", "wezterm", "iterm", "konsole", "mlterm"];
        let speaks = |value: &&String| graphic.iter().any(|name| value.to_ascii_lowercase().contains(name));
        let named = [("TERM", &self.term), ("TERM_PROGRAM", &self.term_program), ("LC_TERMINAL", &self.lc_terminal)];
        let named = named.into_iter().map(|(name, value)| (name, value.as_ref().filter(speaks)));
        let numbered = [("KONSOLE_VERSION", &self.konsole_version), ("KITTY_WINDOW_ID", &self.kitty_window)];
        let numbered = numbered.into_iter().map(|(name, value)| (name, value.as_ref()));
        named.chain(numbered).filter_map(|(name, value)| Some(format!("{name}={}", value?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplexers_show_in_their_variables_and_in_term() {
        for (variables, expected) in [
            ("TERM=xterm-kitty", None),
            ("TERM=xterm-256color TMUX=", None),
            ("TERM=screen-256color TMUX=/tmp/tmux-0/default,1,0", Some("tmux")),
            ("TERM=tmux-256color SSH_TTY=/dev/pts/1", Some("tmux")),
            ("TERM=xterm-kitty STY=123.pts-0", Some("screen")),
            ("TERM=screen.xterm-256color SSH_CONNECTION=1", Some("screen or tmux")),
            ("TERM=tmux-256color STY=123.pts-0 TMUX=x", Some("tmux or screen")),
            ("TERM=xterm-256color ZELLIJ=0", Some("zellij")),
        ] {
            let pairs: Vec<(&str, &str)> = variables.split(' ').filter_map(|pair| pair.split_once('=')).collect();
            let lookup = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(Surroundings::of(&lookup).multiplexer(), expected, "{variables}");
        }
    }
}
