//! The layers of a configuration, each a tree whose values know where they came from, and how they become one.

use super::mistakes::Mistake;
use super::origins::value;
use super::schema::{self, KEY_SOURCES, Shape};
use super::settings::DEFAULT_MODEL;
use super::{Sources, default_toml};
use crate::catalog::toml_fault;
use ::config::{Config, ConfigError, FileFormat, Format, Map, Source, Value, ValueKind};
use std::collections::BTreeSet;
use std::error::Error;

const PREFIX: &str = "UNPEEL__";

/// One layer.
#[derive(Debug, Clone, Default)]
pub struct Layer {
    /// The tree of its values.
    pub values: Map<String, Value>,
    /// It comes with a project, which is not trusted with addresses and keys.
    pub project: bool,
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.values.clone())
    }
}

/// All layers, lowest first. A file that does not parse is a mistake and no layer.
pub fn read(sources: &Sources, mistakes: &mut Vec<Mistake>) -> Vec<Layer> {
    let mut layers = Vec::new();
    let mut file = |from: String, text: &str, project: bool| match parse(&from, text) {
        Ok(values) => layers.push(Layer { values, project }),
        Err(mistake) => mistakes.push(mistake),
    };
    file("default".to_owned(), default_toml(), false);
    if let Some((path, text)) = &sources.user {
        file(path.display().to_string(), text, false);
    }
    if let Some((path, text)) = &sources.project {
        file(path.display().to_string(), text, true);
    }
    let profiles = profile_names(&layers);
    layers.push(environment(&sources.env, &profiles));
    layers.push(flags(&sources.flags));
    layers
}

/// The layers as one tree: a later value takes the place of an earlier one, tables grow together.
pub fn merge(mut layers: Vec<Layer>) -> Result<Value, ConfigError> {
    for layer in &mut layers {
        replace_key_sources(layer);
    }
    let defaults = profile_defaults(&profile_names(&layers));
    let builder = Config::builder().add_source(defaults);
    Ok(layers.into_iter().fold(builder, |builder, layer| builder.add_source(layer)).build()?.cache)
}

/// The message of the parser without the line it quotes, which may hold a key.
fn parse(from: &str, text: &str) -> Result<Map<String, Value>, Mistake> {
    Format::parse(&FileFormat::Toml, Some(&from.to_owned()), text).map_err(|cause| {
        let (key, problem) = syntax(&*cause, text);
        Mistake { from: from.to_owned(), key, value: None, problem }
    })
}

fn syntax(cause: &(dyn Error + Send + Sync + 'static), text: &str) -> (String, String) {
    let Some(error) = cause.downcast_ref::<toml::de::Error>() else {
        return ("a number".to_owned(), cause.to_string());
    };
    let (line, what) = toml_fault(error, text);
    (format!("line {line}"), format!("this is not TOML: {what}"))
}

/// The names of all profiles that any of the layers speaks of.
fn profile_names(layers: &[Layer]) -> BTreeSet<String> {
    let tables = layers.iter().filter_map(|layer| match &layer.values.get("profiles")?.kind {
        ValueKind::Table(profiles) => Some(profiles.keys().cloned()),
        _ => None,
    });
    tables.flatten().collect()
}

/// A profile needs to name no more than its base.
fn profile_defaults(names: &BTreeSet<String>) -> Layer {
    let mut layer = Layer::default();
    for name in names {
        for (key, text) in
            [("auth", "header"), ("model", DEFAULT_MODEL), ("mode", "unary"), ("environment", name.as_str())]
        {
            let path = ["profiles".to_owned(), name.clone(), key.to_owned()];
            insert(&mut layer.values, &path, "default", ValueKind::String(text.to_owned()));
        }
    }
    layer
}

fn environment(variables: &[(String, String)], profiles: &BTreeSet<String>) -> Layer {
    let mut variables: Vec<_> = variables.iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    variables.sort();
    let mut layer = Layer::default();
    for (name, text) in variables {
        insert_text(&mut layer, name, &variable_path(name, profiles), text);
    }
    layer
}

/// `UNPEEL__PROFILES__MY_HOST__BASE` means `profiles.my-host.base` when there is such a profile: most shells allow
/// neither small letters nor hyphens there without a fuss.
fn variable_path(variable: &str, profiles: &BTreeSet<String>) -> Vec<String> {
    let folded = |name: &str| name.to_lowercase().replace('-', "_");
    let rest = variable.strip_prefix(PREFIX).unwrap_or(variable);
    let mut path: Vec<String> = rest.split("__").map(str::to_lowercase).collect();
    if let [section, name, ..] = &mut path[..]
        && *section == "profiles"
        && let Some(known) = profiles.iter().find(|known| folded(known) == folded(name))
    {
        name.clone_from(known);
    }
    path
}

fn flags(flags: &[(String, String)]) -> Layer {
    let mut layer = Layer::default();
    for (key, text) in flags {
        let from = format!("--{}", key.replace(['.', '_'], "-"));
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        insert_text(&mut layer, &from, &path, text);
    }
    layer
}

/// A variable set to nothing is as good as unset, except where nothing is a choice.
fn insert_text(layer: &mut Layer, from: &str, path: &[String], text: &str) {
    let kind = match schema::find(path) {
        Some(Shape::Value(kind)) if text.is_empty() && !kind.may_be_empty() => return,
        Some(Shape::Value(kind)) => kind.read(text, from),
        _ => ValueKind::String(text.to_owned()),
    };
    insert(&mut layer.values, path, from, kind);
}

fn insert(table: &mut Map<String, Value>, path: &[String], from: &str, kind: ValueKind) {
    match path {
        [] => {}
        [last] => {
            table.insert(last.clone(), value(from, kind));
        }
        [first, rest @ ..] => {
            let inner = table.entry(first.clone()).or_insert_with(|| value(from, Map::<String, Value>::new()));
            if let ValueKind::Table(inner) = &mut inner.kind {
                insert(inner, rest, from, kind);
            }
        }
    }
}

/// A key source takes the place of whichever source the lower layers had; an empty one means none.
fn replace_key_sources(layer: &mut Layer) {
    let Some(ValueKind::Table(profiles)) = layer.values.get_mut("profiles").map(|value| &mut value.kind) else {
        return;
    };
    for profile in profiles.values_mut() {
        let ValueKind::Table(profile) = &mut profile.kind else { continue };
        if !KEY_SOURCES.iter().any(|source| profile.contains_key(*source)) {
            continue;
        }
        for source in KEY_SOURCES {
            let chosen = profile.entry(source.to_owned()).or_default();
            if matches!(&chosen.kind, ValueKind::String(text) if text.is_empty()) {
                chosen.kind = ValueKind::Nil;
            }
        }
    }
}
