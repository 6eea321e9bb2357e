//! The settings as the program uses them: plain data, complete and checked.

use super::{ConfigError, base};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The model of a profile that names none.
pub const DEFAULT_MODEL: &str = "gemini-3.1-flash-image-preview";

/// Everything that can be set.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The name of the profile to start with; it is one of `profiles`.
    pub profile: String,
    /// Enter sends, in place of making a new line.
    pub send_on_enter: bool,
    /// The name of a theme.
    pub theme: String,
    /// How pictures are drawn.
    pub preview: Preview,
    /// What may be fetched besides the API.
    pub fetch: Fetch,
    /// Time limits.
    pub http: Http,
    /// Caps on cost.
    pub spend: Spend,
    /// How routes are judged and probed.
    pub routes: RouteRules,
    /// How pictures are saved.
    pub save: Save,
    /// Action name → key names, in place of the action's defaults.
    pub keys: BTreeMap<String, Vec<String>>,
    /// By name.
    pub profiles: BTreeMap<String, Profile>,
    /// Path of a file of tables to lay over the built-in catalog.
    pub catalog: Option<String>,
    /// Path of a file of documentation claims, in place of the built-in ones.
    pub claims: Option<String>,
}

impl Settings {
    /// The profile of this name; an unknown one is an error that names the known ones.
    pub fn profile(&self, name: &str) -> Result<&Profile, ConfigError> {
        self.profiles.get(name).ok_or_else(|| ConfigError::UnknownProfile {
            name: name.to_owned(),
            known: self.profiles.keys().cloned().collect::<Vec<_>>().join(", "),
        })
    }
}

/// How pictures are drawn in the terminal.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// The way to draw, or `Auto` to find out.
    pub protocol: Protocol,
    /// The most that one picture may send to the terminal, in kilobytes.
    pub budget_kb: u64,
}

/// A way to draw pictures in a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Ask the terminal.
    Auto,
    /// The kitty graphics protocol.
    Kitty,
    /// iTerm2's inline images.
    Iterm,
    /// Sixel.
    Sixel,
    /// Coloured half blocks.
    Blocks,
    /// No pictures.
    Off,
}

impl Protocol {
    /// In the order of [`Protocol::WORDS`].
    pub const ALL: [Protocol; 6] =
        [Protocol::Auto, Protocol::Kitty, Protocol::Iterm, Protocol::Sixel, Protocol::Blocks, Protocol::Off];

    /// The word for it in a file.
    pub fn word(self) -> &'static str {
        let at = Protocol::ALL.iter().position(|protocol| *protocol == self).unwrap_or(0);
        Protocol::WORDS[at]
    }

    /// The words for it in a file.
    pub const WORDS: &[&str] = &["auto", "kitty", "iterm", "sixel", "blocks", "off"];
}

/// What may be fetched besides the API.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// Hosts, or `host:port`, that the guard of hosted links lets pass.
    pub allow: Vec<String>,
}

/// Caps on what calls cost, in US dollars; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spend {
    /// For one run of the app.
    pub session_usd: f64,
    /// For the calls of a day, of all runs.
    pub day_usd: f64,
    /// Asks the gateway before and after each call what it booked.
    pub reconcile: bool,
}

/// How routes are judged and probed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteRules {
    /// Proof that is older is stale.
    pub stale_days: u32,
    /// A call that takes longer degrades its route, in seconds.
    pub slow_s: u32,
    /// A booking that is further from the expected cost, in percent, is drift.
    pub drift_percent: u32,
    /// Free probes run by themselves so often while the app is open, in minutes; 0: never.
    pub probe_every_min: u32,
}

/// How pictures are saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Save {
    /// Writes prompt and parameters into the saved copies themselves.
    pub caption: bool,
}

/// Time limits, in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// To resolve, connect and finish TLS.
    pub connect_timeout_s: u64,
    /// Without a byte either way.
    pub idle_timeout_s: u64,
    /// For a whole call; 0: no limit.
    pub total_timeout_s: u64,
    /// For calls in flight after the terminal went away.
    pub hangup_s: u64,
    /// For calls in flight after SIGTERM.
    pub terminate_s: u64,
}

/// An address with a key source and defaults for its calls.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The key of its table.
    #[serde(skip)]
    pub name: String,
    /// The root of the API as it was written; `base::endpoint` reads it without error.
    pub base: String,
    /// How the key is sent.
    pub auth: Auth,
    /// The environment variable that holds the key. At most one of the three sources is set.
    pub api_key_env: Option<String>,
    /// The command that prints the key.
    pub api_key_command: Option<String>,
    /// The file that holds the key; `places::expand` reads a `~/` in front.
    pub api_key_file: Option<PathBuf>,
    /// The model to start with.
    pub model: String,
    /// One reply or a stream.
    pub mode: Mode,
    /// The name to show for it.
    pub environment: String,
    /// The key may go out unprotected: plain http to another machine.
    #[serde(default)]
    pub plain_http: bool,
    /// The variable with an access token of the gateway's console, to look calls up in its log.
    pub access_token_env: Option<String>,
    /// The number of the user that the access token belongs to.
    pub access_user: Option<String>,
}

/// How a key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auth {
    /// `x-goog-api-key`.
    Header,
    /// `?key=`, which every log on the way may keep.
    Query,
    /// `Authorization: Bearer`.
    Bearer,
}

impl Profile {
    /// Whether calls would carry the key unprotected over the network, and nobody has said yes to that.
    pub fn exposes_key(&self) -> bool {
        let exposed = |base: base::Base| base.url.scheme() == "http" && !base.is_loopback();
        !self.plain_http && base::endpoint(&self.base).is_ok_and(exposed)
    }
}

impl Auth {
    /// The words for it in a file.
    pub const WORDS: &[&str] = &["header", "query", "bearer"];
}

/// One reply or a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// `:generateContent`.
    Unary,
    /// `:streamGenerateContent?alt=sse`.
    Stream,
}

impl Mode {
    /// The words for it in a file.
    pub const WORDS: &[&str] = &["unary", "stream"];
}
