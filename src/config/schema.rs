//! Which keys exist and what each may hold, as one table: the checks, the environment and the hints read it.

use super::mistakes::{looks_like_key, quoted};
use super::settings::{Auth, Mode, Protocol};
use super::{base, origins};
use ::config::ValueKind;

/// The longest time limit, in seconds: a week.
const WEEK: u64 = 604_800;

/// What stands under a key.
pub enum Shape {
    /// A value.
    Value(Kind),
    /// A table with these keys.
    Table(&'static [(&'static str, Shape)]),
    /// A table with any keys, all of one shape.
    Each(&'static Shape),
}

/// What a value may be.
pub enum Kind {
    /// Text that is not empty.
    Text,
    /// True or false.
    Switch,
    /// A whole number in these bounds.
    Number { least: u64, most: u64 },
    /// A sum of money, 0 or more.
    Amount,
    /// One of these words.
    Words(&'static [&'static str]),
    /// Texts.
    List,
    /// An address that calls go to.
    Base,
    /// The name of a variable that holds a key, or empty.
    KeyVariable,
    /// A command or file that gives a key, or empty.
    KeyPlace,
}

/// Where a profile's key can come from.
pub const KEY_SOURCES: [&str; 3] = ["api_key_env", "api_key_command", "api_key_file"];

const PROFILE: Shape = Shape::Table(&[
    ("base", Shape::Value(Kind::Base)),
    ("auth", Shape::Value(Kind::Words(Auth::WORDS))),
    ("api_key_env", Shape::Value(Kind::KeyVariable)),
    ("api_key_command", Shape::Value(Kind::KeyPlace)),
    ("api_key_file", Shape::Value(Kind::KeyPlace)),
    ("model", Shape::Value(Kind::Text)),
    ("mode", Shape::Value(Kind::Words(Mode::WORDS))),
    ("environment", Shape::Value(Kind::Text)),
    ("plain_http", Shape::Value(Kind::Switch)),
    ("access_token_env", Shape::Value(Kind::KeyVariable)),
    ("access_user", Shape::Value(Kind::Text)),
]);

const KEYS: Shape = Shape::Value(Kind::List);

/// All of it.
pub static ROOT: Shape = Shape::Table(&[
    ("profile", Shape::Value(Kind::Text)),
    ("send_on_enter", Shape::Value(Kind::Switch)),
    ("theme", Shape::Value(Kind::Text)),
    ("catalog", Shape::Value(Kind::Text)),
    ("claims", Shape::Value(Kind::Text)),
    (
        "preview",
        Shape::Table(&[
            ("protocol", Shape::Value(Kind::Words(Protocol::WORDS))),
            ("budget_kb", Shape::Value(Kind::Number { least: 1, most: 1_048_576 })),
        ]),
    ),
    ("fetch", Shape::Table(&[("allow", Shape::Value(Kind::List))])),
    (
        "http",
        Shape::Table(&[
            ("connect_timeout_s", Shape::Value(Kind::Number { least: 1, most: WEEK })),
            ("idle_timeout_s", Shape::Value(Kind::Number { least: 1, most: WEEK })),
            ("total_timeout_s", Shape::Value(Kind::Number { least: 0, most: WEEK })),
            ("hangup_s", Shape::Value(Kind::Number { least: 0, most: WEEK })),
            ("terminate_s", Shape::Value(Kind::Number { least: 0, most: WEEK })),
        ]),
    ),
    (
        "spend",
        Shape::Table(&[
            ("session_usd", Shape::Value(Kind::Amount)),
            ("day_usd", Shape::Value(Kind::Amount)),
            ("reconcile", Shape::Value(Kind::Switch)),
        ]),
    ),
    (
        "routes",
        Shape::Table(&[
            ("stale_days", Shape::Value(Kind::Number { least: 1, most: 3650 })),
            ("slow_s", Shape::Value(Kind::Number { least: 1, most: WEEK })),
            ("drift_percent", Shape::Value(Kind::Number { least: 1, most: 1000 })),
            ("probe_every_min", Shape::Value(Kind::Number { least: 0, most: 10_080 })),
        ]),
    ),
    ("save", Shape::Table(&[("caption", Shape::Value(Kind::Switch))])),
    ("keys", Shape::Each(&KEYS)),
    ("profiles", Shape::Each(&PROFILE)),
]);

impl Shape {
    /// What stands under a key of this table.
    pub fn child(&'static self, key: &str) -> Option<&'static Self> {
        match self {
            Self::Value(_) => None,
            Self::Table(entries) => entries.iter().find(|(name, _)| *name == key).map(|(_, shape)| shape),
            Self::Each(shape) => Some(shape),
        }
    }

    /// The keys of this table; none where any key is allowed.
    pub fn names(&'static self) -> impl Iterator<Item = &'static str> {
        let entries: &'static [(&'static str, Self)] = match self {
            Self::Table(entries) => entries,
            Self::Value(_) | Self::Each(_) => &[],
        };
        entries.iter().map(|(name, _)| *name)
    }
}

/// What stands under a path of keys.
pub fn find(path: &[String]) -> Option<&'static Shape> {
    path.iter().try_fold(&ROOT, |shape, key| shape.child(key))
}

/// The section in which a key stands, for one that was written at the top; `NAME` stands for a profile's name.
pub fn section_of(key: &str) -> Option<&'static str> {
    let section = |name: &'static str| Some((name, ROOT.child(name)?));
    let profile = ROOT.child("profiles").and_then(|profiles| profiles.child("NAME"));
    let sections = ["preview", "fetch", "http", "spend", "routes", "save"].into_iter().filter_map(section);
    let mut known = sections.chain(profile.map(|profile| ("profiles.NAME", profile)));
    known.find(|(_, shape)| shape.child(key).is_some()).map(|(name, _)| name)
}

impl Kind {
    /// Reads the text of a variable or flag; what cannot be read stays text, for the check to refuse.
    pub fn read(&self, text: &str, from: &str) -> ValueKind {
        let plain = || ValueKind::String(text.to_owned());
        match self {
            Self::Switch => text.parse::<bool>().map_or_else(|_| plain(), ValueKind::Boolean),
            Self::Number { .. } => text.parse::<i64>().map_or_else(|_| plain(), ValueKind::I64),
            Self::Amount => text.parse::<f64>().map_or_else(|_| plain(), ValueKind::Float),
            Self::List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                ValueKind::Array(items.map(|item| origins::value(from, item)).collect())
            }
            _ => plain(),
        }
    }

    /// Whether an empty text means something here.
    pub fn may_be_empty(&self) -> bool {
        matches!(self, Self::KeyVariable | Self::KeyPlace | Self::List)
    }

    /// What is wrong with a value, if anything.
    pub fn problem(&self, value: &ValueKind) -> Option<String> {
        let right = match (self, value) {
            (Self::Base, ValueKind::String(text)) => return base::endpoint(text).err().map(|error| error.to_string()),
            (Self::Text, ValueKind::String(text)) => !text.is_empty(),
            (Self::Switch, ValueKind::Boolean(_)) => true,
            (Self::Number { least, most }, ValueKind::I64(number)) => {
                u64::try_from(*number).is_ok_and(|number| (*least..=*most).contains(&number))
            }
            (Self::Amount, ValueKind::I64(number)) => *number >= 0,
            (Self::Amount, ValueKind::Float(number)) => number.is_finite() && *number >= 0.0,
            (Self::Words(words), ValueKind::String(word)) => words.contains(&word.as_str()),
            (Self::List, ValueKind::Array(items)) => {
                items.iter().all(|item| matches!(&item.kind, ValueKind::String(text) if !text.is_empty()))
            }
            (Self::KeyVariable, ValueKind::String(name)) => is_variable(name) && !looks_like_key(name),
            (Self::KeyPlace, ValueKind::String(text)) => !looks_like_key(text),
            _ => false,
        };
        (!right).then(|| format!("it must be {}", self.allowed()))
    }

    /// The value for a message: not shown where it may be a key, or stands in the problem already.
    pub fn shown(&self, value: &ValueKind) -> Option<String> {
        match (self, value) {
            (Self::Base | Self::KeyVariable | Self::KeyPlace, _) => None,
            (_, ValueKind::String(text)) => Some(quoted(text)),
            (_, ValueKind::Table(_)) => Some("a table".to_owned()),
            (_, ValueKind::Array(_)) => Some("a list".to_owned()),
            (_, other) => Some(other.to_string()),
        }
    }

    fn allowed(&self) -> String {
        match self {
            Self::Text => "a text that is not empty".to_owned(),
            Self::Switch => "true or false".to_owned(),
            Self::Number { least, most } => format!("a whole number from {least} to {most}"),
            Self::Amount => "an amount in US dollars, such as 2.50; 0 is no cap".to_owned(),
            Self::Words(words) => format!("one of {}", words.join(", ")),
            Self::List => "a list of texts, such as [\"a\", \"b\"]; with commas in a variable".to_owned(),
            Self::Base => "a URL, such as \"https://api.example.com\"".to_owned(),
            Self::KeyVariable => "the name of an environment variable that holds the key, not the key".to_owned(),
            Self::KeyPlace => "a command that prints the key or a file that holds it, not the key".to_owned(),
        }
    }
}

/// Empty means none.
fn is_variable(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.chars().all(word) && !name.starts_with(|c: char| c.is_ascii_digit())
}
