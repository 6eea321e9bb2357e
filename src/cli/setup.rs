//! What commands start from: the configuration, the tables, the store, the limits.

use super::Shared;
use crate::catalog::Catalog;
use crate::client::Limits;
use crate::config::{self, Http, Loaded, Origin, Profile, Settings, Sources, places};
use crate::exchange::Means;
use crate::keymap::Keymap;
use crate::route::Rules;
use crate::route::claims::Claims;
use crate::store::Store;
use crate::theme::{self, Depth};
use anyhow::{Context, anyhow, bail};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// The configuration of all layers.
pub fn config(shared: &Shared) -> anyhow::Result<Loaded> {
    let sources = Sources::gather(shared.flags())?;
    let loaded = config::load(&sources)?;
    let settings = &loaded.settings;
    let mut mistakes = Vec::new();
    if let Err(error) = theme::styles(&settings.theme, Depth::True) {
        mistakes.push(format!("{}: theme: {error}", origin(&loaded, "theme")));
    }
    if let Err(errors) = Keymap::build(&settings.keys) {
        mistakes.extend(errors.iter().map(|error| format!("{}: {error}", origin(&loaded, "keys"))));
    }
    if mistakes.is_empty() { Ok(loaded) } else { bail!(mistakes.join("\n")) }
}

/// The key map of a configuration that [`config`] has checked.
pub fn keymap(settings: &Settings) -> anyhow::Result<Keymap> {
    Keymap::build(&settings.keys)
        .map_err(|errors| anyhow!(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

/// Where a value, or the last one of a table, was set.
fn origin<'a>(loaded: &'a Loaded, key: &str) -> &'a str {
    let below = format!("{key}.");
    let of = |origin: &&Origin| origin.key == key || origin.key.starts_with(&below);
    loaded.origins.iter().rev().find(of).map_or("default", |origin| &origin.from)
}

/// The built-in tables with the user's laid over.
pub fn catalog(loaded: &Loaded) -> anyhow::Result<Catalog> {
    let Some(path) = &loaded.settings.catalog else { return Ok(Catalog::builtin()) };
    let path = places::expand(Path::new(path));
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("the catalog {} cannot be read", path.display()))?;
    Catalog::builtin().overlay(&text).with_context(|| format!("the catalog {}", path.display()))
}

/// What documentation says of routes: the built-in claims, or the user's file of newer ones.
pub fn claims(loaded: &Loaded) -> anyhow::Result<Claims> {
    let Some(path) = &loaded.settings.claims else { return Ok(Claims::builtin()) };
    let path = places::expand(Path::new(path));
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("the claims {} cannot be read", path.display()))?;
    Claims::read(&text).with_context(|| format!("the claims {}", path.display()))
}

/// How routes are judged.
pub fn rules(settings: &Settings) -> Rules {
    let routes = settings.routes;
    Rules { stale_days: routes.stale_days, slow_s: routes.slow_s, drift: f64::from(routes.drift_percent) / 100.0 }
}

/// Whether a profile has a key source that is there; a command is not run for this.
pub fn has_key(profile: &Profile) -> bool {
    let set = |name: &String| std::env::var(name).is_ok_and(|value| !value.is_empty());
    profile.api_key_env.as_ref().is_some_and(set) || profile.api_key_command.is_some() || profile.api_key_file.is_some()
}

pub fn limits(http: &Http) -> Limits {
    Limits {
        connect: Duration::from_secs(http.connect_timeout_s),
        idle: Duration::from_secs(http.idle_timeout_s),
        total: (http.total_timeout_s > 0).then(|| Duration::from_secs(http.total_timeout_s)),
    }
}

/// Variables that hold keys of any profile, or may.
pub fn key_names(loaded: &Loaded) -> Vec<String> {
    let own = loaded.settings.profiles.values().flat_map(|profile| [&profile.api_key_env, &profile.access_token_env]);
    // The last one is what copies as curl ask for.
    let usual = ["CRAZYROUTER_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "UNPEEL_KEY"].map(str::to_owned);
    own.flatten().cloned().chain(usual).collect()
}

/// What calls need. The store may be missing when `without_store` says that this is fine.
pub fn means(loaded: &Loaded, without_store: bool) -> anyhow::Result<Means> {
    let store = match (
        places::state_dir().map_err(anyhow::Error::from).and_then(|dir| Ok(Store::open(&dir)?)),
        without_store,
    ) {
        (Ok(store), _) => Some(store),
        (Err(_), true) => None,
        (Err(error), false) => return Err(error),
    };
    Ok(Means {
        store,
        catalog: Arc::new(catalog(loaded)?),
        limits: limits(&loaded.settings.http),
        key_names: key_names(loaded),
        captions: loaded.settings.save.caption,
        fetch_allow: loaded.settings.fetch.allow.clone(),
        reconcile: loaded.settings.spend.reconcile,
        drift: rules(&loaded.settings).drift,
    })
}

/// Logs go to a file in the state folder, level by `UNPEEL_LOG` (`warn` by default); never to the terminal.
pub fn log_to_file(means: &Means) {
    let Some(file) = means.store.as_ref().and_then(|store| store.log_file().ok()) else { return };
    let filter = EnvFilter::try_from_env("UNPEEL_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    // They tell of every header and every URL, and a key may stand in both.
    let filter = ["hyper", "hyper_util", "h2", "reqwest", "rustls"].into_iter().fold(filter, |filter, chatty| {
        match format!("{chatty}=warn").parse() {
            Ok(directive) => filter.add_directive(directive),
            Err(_) => filter,
        }
    });
    let log = tracing_subscriber::fmt()
        .log_internal_errors(false)
        .with_ansi(false)
        .with_env_filter(filter)
        .with_writer(std::sync::Mutex::new(file));
    // Set once in a process; a second time changes nothing.
    let _set = log.try_init();
}

/// Looks a variable up in the environment.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The runtime that calls run on: one worker beside the loop: on a small machine more would only take the loop its turn.
pub fn tokio() -> anyhow::Result<tokio::runtime::Runtime> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).max_blocking_threads(8).enable_all().build();
    runtime.context("the async runtime does not start")
}
