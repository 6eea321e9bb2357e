//! Keys and what they mean: the table of actions with their default keys, and the map built from it and the user's changes.

mod press;

pub use press::{Code, KeyError, KeyPress};

use std::collections::BTreeMap;

/// Where a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everywhere, while typing too.
    Global,
    /// In every pane but the prompt.
    Pane,
    /// In the prompt.
    Prompt,
}

macro_rules! actions {
    ($($variant:ident, $name:literal, $scope:ident, [$($key:literal),*], $help:literal;)*) => {
        /// What a key press means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $(#[doc = $help] $variant,)* }

        /// Every action with its name in the configuration, its scope, default keys and help, in the order of the help.
        pub const ACTIONS: &[(Action, &str, Scope, &[&str], &str)] = &[
            $((Action::$variant, $name, Scope::$scope, &[$($key),*], $help),)*
        ];
    };
}

actions! {
    Send, "send", Global, ["ctrl-s", "f5"], "send the prompt";
    NextPane, "next-pane", Global, ["tab"], "next pane";
    PreviousPane, "previous-pane", Global, ["shift-tab"], "previous pane";
    Help, "help", Global, ["f1"], "this help";
    Preview, "preview", Global, ["f2"], "the picture";
    Parts, "parts", Global, ["f3"], "the parts of the reply";
    Raw, "raw", Global, ["f4"], "the raw reply";
    Request, "request", Global, ["f6"], "the request as sent";
    Log, "log", Global, ["ctrl-l"], "the log of calls";
    Routes, "routes", Global, ["ctrl-o"], "the routes";
    Fetch, "fetch", Global, ["f7"], "fetch the selected hosted picture";
    Zoom, "zoom", Global, ["f8"], "one pane on the whole screen, and back";
    Theme, "theme", Global, ["f9"], "next theme";
    Parameters, "parameters", Global, ["f10"], "parameters: profile, model, aspect, size, …";
    Resend, "resend", Global, ["ctrl-r"], "send the selected call again, as a new one";
    Cancel, "cancel", Global, ["ctrl-x"], "cancel the selected call (twice)";
    Editor, "editor", Global, ["ctrl-g"], "the prompt in $EDITOR";
    Clear, "clear", Global, ["ctrl-n"], "empty the prompt";
    Models, "models", Global, ["ctrl-t"], "models that the profile's route lists";
    Quit, "quit", Global, ["ctrl-q"], "quit (asks when calls are in flight)";
    Close, "close", Global, ["esc"], "close, or leave for the prompt; never cancels a call";
    NewLine, "new-line", Prompt, ["ctrl-j"], "new line";
    Undo, "undo", Prompt, ["ctrl-z"], "undo, by word or pause";
    Redo, "redo", Prompt, ["ctrl-y"], "redo";
    Open, "open", Pane, ["enter"], "open the selected row, or fold it";
    Up, "up", Pane, ["up", "k"], "row up";
    Down, "down", Pane, ["down", "j"], "row down";
    PageUp, "page-up", Pane, ["pageup"], "page up; preview: newer call";
    PageDown, "page-down", Pane, ["pagedown"], "page down; preview: older call";
    Top, "top", Pane, ["home", "g"], "first row";
    Bottom, "bottom", Pane, ["end", "G"], "last row";
    Left, "left", Pane, ["left", "h"], "sideways, or previous picture";
    Right, "right", Pane, ["right", "l"], "sideways, or next picture";
    Fold, "fold", Pane, ["space"], "fold or unfold in the raw view";
    Exact, "exact", Pane, ["x"], "raw: pretty or exact bytes";
    Search, "search", Pane, ["/"], "search: in the raw reply, or the whole history";
    NextMatch, "next-match", Pane, ["n"], "next match";
    PreviousMatch, "previous-match", Pane, ["N"], "previous match";
    Save, "save", Pane, ["s"], "save the picture here; in the raw view, or without one, the body";
    Copy, "copy", Pane, ["y"], "copy what is selected, through the terminal (OSC 52)";
    CopyCurl, "copy-curl", Pane, ["c"], "copy the call as curl, the key as a variable";
    Export, "export", Pane, ["e"], "export the exchange for support: HAR, bundle";
    Why, "why", Pane, ["w"], "why there is no picture";
    Actual, "actual", Pane, ["z"], "preview: pixel by pixel, arrows move; and back";
    Protocol, "protocol", Pane, ["v"], "preview: another way to draw pictures, for this session";
    Star, "star", Pane, ["*"], "log: star, and take it back";
    Better, "better", Pane, ["+"], "log: rate higher";
    Worse, "worse", Pane, ["-"], "log: rate lower";
    Tags, "tags", Pane, ["t"], "log: tags";
    Note, "note", Pane, ["a"], "log: a note";
    Compare, "compare", Pane, ["="], "log: compare with the next one chosen; preview: hold this picture beside others";
    Tree, "tree", Pane, ["i"], "log: the iteration this exchange belongs to";
    Totals, "totals", Pane, ["$"], "log: calls, tokens and cost by day, session, route";
    Probe, "probe", Pane, ["p"], "routes: probe the selected one, for free";
    ProbeAll, "probe-all", Pane, ["P"], "routes: probe all that have a key, for free";
    PaidProbe, "paid-probe", Pane, ["!"], "routes: one real picture as a probe (asks, with its price)";
    Delete, "delete", Pane, ["d", "delete"], "log: to the trash (asks)";
}

/// Keys to actions. Wrong maps cannot be built: see [`Keymap::build`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    keys: BTreeMap<(Scope, KeyPress), Action>,
    names: BTreeMap<Action, Vec<KeyPress>>,
}

impl Keymap {
    /// The defaults with the user's changes: an action named there has exactly those keys. All mistakes are given at once.
    pub fn build(changes: &BTreeMap<String, Vec<String>>) -> Result<Keymap, Vec<KeyError>> {
        let mut mistakes: Vec<KeyError> = changes
            .keys()
            .filter(|name| !ACTIONS.iter().any(|(_, known, ..)| known == name))
            .map(|name| KeyError::UnknownAction { name: name.clone(), known: known_actions() })
            .collect();
        let mut map = Keymap { keys: BTreeMap::new(), names: BTreeMap::new() };
        for (action, name, scope, defaults, _) in ACTIONS {
            let own: Vec<&str> = match changes.get(*name) {
                Some(keys) => keys.iter().map(String::as_str).collect(),
                None => defaults.to_vec(),
            };
            for text in own {
                let bound = KeyPress::parse(text).and_then(|key| map.bind(*scope, key, *action, name));
                mistakes.extend(bound.err().map(|error| error.of_action(name)));
            }
        }
        if mistakes.is_empty() { Ok(map) } else { Err(mistakes) }
    }

    fn bind(&mut self, scope: Scope, key: KeyPress, action: Action, name: &str) -> Result<(), KeyError> {
        if scope == Scope::Global && key.types_text() {
            return Err(KeyError::TypesText { action: name.to_owned(), key });
        }
        let overlaps = |other: Scope| scope == other || scope == Scope::Global || other == Scope::Global;
        let clash = self.keys.iter().find(|((other, bound), a)| *bound == key && overlaps(*other) && **a != action);
        if let Some((_, other)) = clash {
            return Err(KeyError::Conflict { key, first: other.name().to_owned(), second: name.to_owned() });
        }
        self.keys.insert((scope, key), action);
        self.names.entry(action).or_default().push(key);
        Ok(())
    }

    /// What a press means, in the prompt or in another pane.
    pub fn action(&self, key: KeyPress, in_prompt: bool) -> Option<Action> {
        let own = if in_prompt { Scope::Prompt } else { Scope::Pane };
        self.keys.get(&(own, key)).or_else(|| self.keys.get(&(Scope::Global, key))).copied()
    }

    /// The keys of an action, as people write them.
    pub fn keys_of(&self, action: Action) -> String {
        let keys = self.names.get(&action).map_or(&[][..], Vec::as_slice);
        keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    /// The first key of an action, for a hint.
    pub fn hint(&self, action: Action) -> String {
        self.names.get(&action).and_then(|keys| keys.first()).map(ToString::to_string).unwrap_or_default()
    }

    /// The key table of the README, as Markdown.
    pub fn markdown(&self) -> String {
        let mut out = String::from("| keys | what they do | where |\n| --- | --- | --- |\n");
        for (action, _, scope, _, help) in ACTIONS {
            let place = match scope {
                Scope::Global => "everywhere",
                Scope::Pane => "panes",
                Scope::Prompt => "prompt",
            };
            let keys = self.names.get(action).map_or(&[][..], Vec::as_slice);
            let keys = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" ");
            out.push_str(&format!("| {keys} | {help} | {place} |\n"));
        }
        out
    }
}

impl Action {
    /// The name in the configuration.
    pub fn name(self) -> &'static str {
        ACTIONS.iter().find(|(action, ..)| *action == self).map_or("", |(_, name, ..)| name)
    }
}

fn known_actions() -> String {
    ACTIONS.iter().map(|(_, name, ..)| *name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(list: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        list.iter().map(|(name, keys)| ((*name).to_owned(), keys.iter().map(|k| (*k).to_owned()).collect())).collect()
    }

    #[test]
    fn the_defaults_have_no_conflict() {
        let map = Keymap::build(&BTreeMap::new()).expect("defaults are fine");
        let key = |text| KeyPress::parse(text).expect("a key");
        assert_eq!(map.action(key("ctrl-s"), true), Some(Action::Send));
        assert_eq!(map.action(key("s"), true), None);
        assert_eq!(map.action(key("s"), false), Some(Action::Save));
        assert_eq!(map.hint(Action::Send), "Ctrl+S");
    }

    #[test]
    fn all_mistakes_are_given_at_once() {
        let wrong = changes(&[("send", &["a"]), ("fly", &["f5"]), ("zoom", &["f2", "hyper-x"])]);
        let mistakes = Keymap::build(&wrong).expect_err("four mistakes");
        let text: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        assert_eq!(mistakes.len(), 4, "{text:#?}");
        assert!(text[0].contains("\"fly\""), "{}", text[0]);
    }

    #[test]
    fn an_action_can_be_moved() {
        let map = Keymap::build(&changes(&[("send", &["f12"]), ("zoom", &["f5"])])).expect("no conflict");
        assert_eq!(map.keys_of(Action::Send), "F12");
        assert_eq!(map.action(KeyPress::parse("f5").expect("a key"), true), Some(Action::Zoom));
    }
}
