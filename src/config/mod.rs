//! Settings in five layers: defaults < the user's file < the project's file < the environment < flags.
//!
//! Gathering looks at the machine, loading is pure: the same sources give the same settings, or all of their mistakes.

pub mod base;
mod check;
mod hint;
mod layers;
mod mistakes;
mod origins;
pub mod places;
mod schema;
mod settings;

pub use mistakes::{ConfigError, Mistake, Mistakes};
pub use origins::Origin;
pub use settings::{Auth, DEFAULT_MODEL, Fetch, Http, Mode, Preview, Profile, Protocol, Save, Settings, Spend};

use std::path::PathBuf;

/// What the settings are made from, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// The user's file: its path and text.
    pub user: Option<(PathBuf, String)>,
    /// The project's file: its path and text.
    pub project: Option<(PathBuf, String)>,
    /// Environment variables; those that do not begin with `UNPEEL__` are ignored.
    pub env: Vec<(String, String)>,
    /// Flags: a dotted key and its value.
    pub flags: Vec<(String, String)>,
}

impl Sources {
    /// Reads the files and the environment. A file that is not there is no error; one that cannot be read is.
    pub fn gather(flags: Vec<(String, String)>) -> Result<Self, ConfigError> {
        Ok(Self {
            user: places::read(places::config_file())?,
            project: places::read(places::project_file())?,
            env: places::variables()?,
            flags,
        })
    }
}

/// Settings, and where each came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The settings in use.
    pub settings: Settings,
    /// The origin of every value in use, sorted by key.
    pub origins: Vec<Origin>,
}

/// The defaults, commented: the reference of all settings, and what `unpeel config init` writes.
pub fn default_toml() -> &'static str {
    include_str!("default.toml")
}

/// Puts the layers together. All mistakes of all layers are reported at once, lowest layer first.
pub fn load(sources: &Sources) -> Result<Loaded, Mistakes> {
    let mut mistakes = Vec::new();
    let mut layers = layers::read(sources, &mut mistakes);
    let all_parsed = mistakes.is_empty();
    for layer in &mut layers {
        mistakes.extend(check::prune(layer));
    }
    let tree = layers::merge(layers).map_err(|error| unexpected(&error))?;
    if all_parsed {
        let late = check::whole(&tree).into_iter();
        let new: Vec<_> = late.filter(|late| mistakes.iter().all(|known| known.key != late.key)).collect();
        mistakes.extend(new);
    }
    if !mistakes.is_empty() {
        return Err(Mistakes(mistakes));
    }
    let origins = origins::list(&tree);
    let mut settings: Settings = tree.try_deserialize().map_err(|error| unexpected(&error))?;
    for (name, profile) in &mut settings.profiles {
        profile.name.clone_from(name);
    }
    Ok(Loaded { settings, origins })
}

/// What the checks let through although it does not fit the types.
fn unexpected(error: &::config::ConfigError) -> Mistakes {
    let (from, key) = ("the configuration".to_owned(), "all layers together".to_owned());
    Mistakes(vec![Mistake { from, key, value: None, problem: error.to_string() }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(text: &str) -> Sources {
        Sources { user: Some(("user.toml".into(), text.to_owned())), ..Sources::default() }
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn origin<'a>(loaded: &'a Loaded, key: &str) -> (&'a str, &'a str) {
        let origin = loaded.origins.iter().find(|origin| origin.key == key).unwrap();
        (&origin.value, &origin.from)
    }

    #[test]
    fn the_defaults_are_complete() {
        let Loaded { settings, origins } = load(&Sources::default()).unwrap();
        assert_eq!(settings.profiles.keys().collect::<Vec<_>>(), ["demo", "google", "local", "production"]);
        let production = settings.profile("production").unwrap();
        assert_eq!(production.name, "production");
        assert_eq!(production.api_key_env.as_deref(), Some("CRAZYROUTER_API_KEY"));
        assert_eq!((production.auth, production.mode), (Auth::Header, Mode::Unary));
        assert_eq!(settings.profile("demo").unwrap().api_key_env, None);
        assert_eq!((settings.preview.protocol, settings.http.idle_timeout_s), (Protocol::Auto, 600));
        assert!(origins.iter().all(|origin| origin.from == "default"));
        assert!(origins.is_sorted_by_key(|origin| &origin.key));
        let unknown = settings.profile("prod").unwrap_err().to_string();
        assert!(unknown.contains("demo, google, local, production"), "{unknown}");
    }

    #[test]
    fn every_setting_stands_in_the_reference() {
        let mut open = vec![&schema::ROOT];
        while let Some(shape) = open.pop() {
            open.extend(shape.names().filter_map(|name| shape.child(name)));
            if let schema::Shape::Each(inner) = shape {
                open.push(inner);
            }
            for name in shape.names() {
                let wanted = match shape.child(name) {
                    Some(schema::Shape::Value(_)) => format!("{name} = "),
                    _ => format!("[{name}"),
                };
                assert!(default_toml().contains(&wanted), "{wanted}");
            }
        }
    }

    #[test]
    fn every_word_of_the_schema_is_one_of_the_types() {
        let (protocol, auth, mode) = ("preview.protocol", "profiles.local.auth", "profiles.local.mode");
        for (key, words) in [(protocol, Protocol::WORDS), (auth, Auth::WORDS), (mode, Mode::WORDS)] {
            for &word in words {
                let sources = Sources { flags: pairs(&[(key, word)]), ..Sources::default() };
                assert_eq!(origin(&load(&sources).unwrap(), key).0, word);
            }
        }
    }

    #[test]
    fn each_layer_goes_before_the_one_below() {
        let mut sources = Sources::default();
        let theme = |sources: &Sources| {
            let loaded = load(sources).unwrap();
            let (value, from) = origin(&loaded, "theme");
            assert_eq!(loaded.settings.theme, value);
            format!("{value} from {from}")
        };
        assert_eq!(theme(&sources), "ember from default");
        sources.user = Some(("/u/config.toml".into(), "theme = 'b'".to_owned()));
        assert_eq!(theme(&sources), "b from /u/config.toml");
        sources.project = Some(("/p/.unpeel.toml".into(), "theme = 'c'".to_owned()));
        assert_eq!(theme(&sources), "c from /p/.unpeel.toml");
        sources.env = pairs(&[("UNPEEL__THEME", "d"), ("UNPEEL_STATE_DIR", "/s"), ("HOME", "/h")]);
        assert_eq!(theme(&sources), "d from UNPEEL__THEME");
        sources.flags = pairs(&[("theme", "e")]);
        assert_eq!(theme(&sources), "e from --theme");
    }

    #[test]
    fn variables_are_read_as_what_their_key_holds() {
        let env = pairs(&[
            ("UNPEEL__SEND_ON_ENTER", "true"),
            ("UNPEEL__PREVIEW__BUDGET_KB", "9"),
            ("UNPEEL__FETCH__ALLOW", "a.example, 127.0.0.1:4000"),
            ("UNPEEL__PROFILES__MY_HOST__MODE", "stream"),
            ("UNPEEL__PROFILE", ""),
        ]);
        let mut sources = user("profiles.my-host.base = 'https://h'");
        sources.env = env;
        let Loaded { settings, .. } = load(&sources).unwrap();
        assert!(settings.send_on_enter);
        assert_eq!(settings.preview.budget_kb, 9);
        assert_eq!(settings.fetch.allow, ["a.example", "127.0.0.1:4000"]);
        assert_eq!(settings.profile, "production");
        let own = settings.profile("my-host").unwrap();
        assert_eq!((own.mode, own.auth), (Mode::Stream, Auth::Header));
        assert_eq!((own.model.as_str(), own.environment.as_str()), (DEFAULT_MODEL, "my-host"));
    }

    #[test]
    fn a_key_source_takes_the_place_of_the_one_below() {
        let command = load(&user("profiles.local.api_key_command = 'pass x'")).unwrap();
        let local = command.settings.profile("local").unwrap();
        assert_eq!((local.api_key_env.as_deref(), local.api_key_command.as_deref()), (None, Some("pass x")));
        let none = load(&user("profiles.local.api_key_env = ''")).unwrap();
        assert_eq!(none.settings.profile("local").unwrap().api_key_env, None);
        assert!(none.origins.iter().all(|origin| origin.key != "profiles.local.api_key_env"));
    }

    #[test]
    fn a_mistake_names_place_key_value_and_what_is_allowed() {
        for (text, message) in [
            ("theme =", "user.toml: line 1: this is not TOML"),
            ("a = 1\nb = sk-secret", "user.toml: line 2: this is not TOML"),
            ("porfile = 'x'", "user.toml: porfile: there is no such setting; did you mean profile?"),
            ("protocol = 'off'", "user.toml: protocol: there is no such setting here; it belongs in [preview]"),
            ("[preview]\nsize = 1", "user.toml: preview.size: there is no such setting; here are protocol, budget_kb"),
            ("[preview]\nprotocol = 'png'", "user.toml: preview.protocol = \"png\": it must be one of auto, kitty, "),
            ("preview = 3", "user.toml: preview: it must be a table"),
            ("send_on_enter = 'yes'", "user.toml: send_on_enter = \"yes\": it must be true or false"),
            (
                "http.idle_timeout_s = 0",
                "user.toml: http.idle_timeout_s = 0: it must be a whole number from 1 to 604800",
            ),
            ("keys.send = 'f5'", "user.toml: keys.send = \"f5\": it must be a list of texts"),
            ("profile = 'prod'", "user.toml: profile = \"prod\": there is no such profile; the known ones are demo, "),
            ("profiles.x.model = 'm'", "user.toml: profiles.x.base: it is missing"),
            (
                "profiles.x.base = 'ftp://h'",
                "user.toml: profiles.x.base: the base URL \"ftp://h\" must begin with https",
            ),
            (
                "profiles.local.auth = 'basic'",
                "profiles.local.auth = \"basic\": it must be one of header, query, bearer",
            ),
            ("profiles.local.api_key = 'sk-secret'", "profiles.local.api_key: a key never stands in the configuration"),
            ("profiles.local.api_key_env = 'sk-secret'", "profiles.local.api_key_env: it must be the name of an env"),
            (
                "[profiles.local]\napi_key_env = 'A'\napi_key_file = 'b'",
                "profiles.local.api_key_file: a key has one source, but api_key_env and api_key_file are set; keep one",
            ),
        ] {
            let mistakes = load(&user(text)).unwrap_err();
            assert_eq!(mistakes.0.len(), 1, "{mistakes}");
            assert!(mistakes.to_string().contains(message), "{mistakes}");
            assert!(!mistakes.to_string().contains("secret"), "{mistakes}");
        }
    }

    #[test]
    fn a_project_may_not_redirect_keys_read_files_or_spend() {
        let text = "catalog = '/etc/key'\n[spend]\nday_usd = 0\n[profiles.local]\nbase = 'https://evil'\nauth = 'query'\nmodel = 'm'";
        let sources = Sources { project: Some(("p/.unpeel.toml".into(), text.to_owned())), ..Sources::default() };
        let mistakes = load(&sources).unwrap_err().0;
        let keys: Vec<_> = mistakes.iter().map(|mistake| mistake.key.as_str()).collect();
        assert_eq!(keys, ["catalog", "profiles.local.auth", "profiles.local.base", "spend"]);
        assert!(mistakes.iter().all(|mistake| mistake.from == "p/.unpeel.toml"));
    }

    #[test]
    fn all_mistakes_come_at_once() {
        let mut sources = user("thme = 'x'\nsend_on_enter = 1");
        sources.env = pairs(&[("UNPEEL__PREVIEW__PROTOCOL", "png")]);
        sources.flags = pairs(&[("profile", "nowhere")]);
        let mistakes = load(&sources).unwrap_err();
        let from: Vec<_> = mistakes.0.iter().map(|mistake| mistake.from.as_str()).collect();
        assert_eq!(from, ["user.toml", "user.toml", "UNPEEL__PREVIEW__PROTOCOL", "--profile"]);
    }

    #[test]
    fn a_strange_key_does_no_harm() {
        let mistakes = load(&user("'x[99999999999]' = 1\n'a.b' = 2")).unwrap_err();
        assert_eq!(mistakes.0.len(), 2);
    }
}
