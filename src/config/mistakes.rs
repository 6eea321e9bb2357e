//! What can be wrong with a configuration, said so that it can be put right without a manual.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A failure to find or read the configuration, or to find a profile in it.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No profile of that name.
    #[error("there is no profile {name:?}; the known ones are {known}")]
    UnknownProfile {
        /// The name asked for.
        name: String,
        /// The names there are, with commas.
        known: String,
    },
    /// Neither a variable nor the account names a home folder.
    #[error("no home folder is known, so there is no place for state; set UNPEEL_STATE_DIR")]
    NoHome,
    /// A configuration file is there but cannot be read.
    #[error("{} cannot be read: {cause}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A variable of ours is not UTF-8.
    #[error("the environment variable {name} is not valid UTF-8; set it again or unset it")]
    NotText {
        /// The variable's name, what is not text replaced.
        name: String,
    },
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The file, variable or flag.
    pub from: String,
    /// The dotted key, or a place in the file when it does not parse.
    pub key: String,
    /// The value, unless it is unknown, long, or may be a key.
    pub value: Option<String>,
    /// What is wrong, and what is allowed.
    pub problem: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.from, self.key)?;
        if let Some(value) = &self.value {
            write!(f, " = {value}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// Everything that is wrong, one line each; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct Mistakes(pub Vec<Mistake>);

fn lines(mistakes: &[Mistake]) -> String {
    mistakes.iter().map(Mistake::to_string).collect::<Vec<_>>().join("\n")
}

/// A text from a configuration, quoted for a message, unless it may hold a key.
pub fn quoted(text: &str) -> String {
    if looks_like_key(text) || text.contains(['@', '?']) {
        "(not shown, it may hold a key)".to_owned()
    } else {
        format!("{text:?}")
    }
}

/// Whether a text begins like the keys that gateways and Google hand out.
pub fn looks_like_key(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("sk-") || text.starts_with("AIza")
}
