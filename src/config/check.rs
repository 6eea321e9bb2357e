//! Finds every mistake of a configuration, and takes the mistaken values out so that the rest can still be looked at.

use super::hint;
use super::layers::Layer;
use super::mistakes::{Mistake, quoted};
use super::origins::{dotted, of};
use super::schema::{self, KEY_SOURCES, Shape};
use ::config::{Map, Value, ValueKind};

/// What a project may not decide: it comes with code from elsewhere, and a key must not follow it.
const NOT_FOR_PROJECTS: [&str; 8] =
    ["base", "auth", "api_key_env", "api_key_command", "api_key_file", "access_token_env", "access_user", "plain_http"];

/// Whole settings that a project may not decide either, and what they would do.
const NOT_IN_PROJECTS: [(&str, &str); 4] = [
    ("fetch", "open the guard of hosted links"),
    ("catalog", "name a file of prices to be read"),
    ("claims", "name a file of claims to be read"),
    ("spend", "decide what may be spent"),
];

/// Names under which people write a key itself into a file.
const BARE_KEYS: [&str; 4] = ["api_key", "key", "token", "apikey"];

/// The mistakes of one layer, by key; the layer is left without the mistaken values.
pub fn prune(layer: &mut Layer) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    prune_table(&mut layer.values, &schema::ROOT, "", &mut mistakes);
    for (name, what) in NOT_IN_PROJECTS.iter().filter(|_| layer.project) {
        if let Some(value) = layer.values.remove(*name) {
            let problem = format!("a project file may not {what}; set it in your own file");
            mistakes.push(mistake(&value, (*name).to_owned(), None, problem));
        }
    }
    if let Some(ValueKind::Table(profiles)) = layer.values.get_mut("profiles").map(|value| &mut value.kind) {
        for (name, profile) in profiles {
            let ValueKind::Table(profile) = &mut profile.kind else { continue };
            let key = dotted("profiles", name);
            if layer.project {
                forbid(profile, &key, &mut mistakes);
            }
            mistakes.extend(two_sources(profile, &key));
        }
    }
    mistakes.sort_by(|a, b| a.key.cmp(&b.key));
    mistakes
}

/// The mistakes that show only when all layers are together.
pub fn whole(tree: &Value) -> Vec<Mistake> {
    let ValueKind::Table(tree) = &tree.kind else { return Vec::new() };
    let Some(ValueKind::Table(profiles)) = tree.get("profiles").map(|value| &value.kind) else { return Vec::new() };
    let mut mistakes: Vec<Mistake> =
        profiles.iter().filter_map(|(name, profile)| without_base(name, profile)).collect();
    mistakes.extend(tree.get("profile").and_then(|chosen| unknown_profile(chosen, profiles)));
    mistakes.sort_by(|a, b| a.key.cmp(&b.key));
    mistakes
}

fn prune_table(table: &mut Map<String, Value>, shape: &'static Shape, path: &str, mistakes: &mut Vec<Mistake>) {
    table.retain(|name, value| {
        let key = dotted(path, name);
        let found = shape.child(name);
        match found {
            None => mistakes.push(mistake(value, key, None, unknown(name, shape, path))),
            Some(Shape::Value(kind)) => match kind.problem(&value.kind) {
                None => return true,
                Some(problem) => mistakes.push(mistake(value, key, kind.shown(&value.kind), problem)),
            },
            Some(inner) => match &mut value.kind {
                ValueKind::Table(table) => {
                    prune_table(table, inner, &key, mistakes);
                    return true;
                }
                _ => {
                    let problem = format!("it must be a table: [{key}] and its settings below");
                    mistakes.push(mistake(value, key, None, problem));
                }
            },
        }
        false
    });
}

fn mistake(value: &Value, key: String, shown: Option<String>, problem: String) -> Mistake {
    Mistake { from: of(value), key, value: shown, problem }
}

fn unknown(name: &str, table: &'static Shape, path: &str) -> String {
    if BARE_KEYS.contains(&name) {
        return "a key never stands in the configuration; name where it is with api_key_env, api_key_command or \
                api_key_file"
            .to_owned();
    }
    if let Some(section) = schema::section_of(name) {
        return format!("there is no such setting here; it belongs in [{section}]");
    }
    if let Some(near) = hint::nearest(name, table.names()) {
        return format!("there is no such setting; did you mean {}?", dotted(path, near));
    }
    format!("there is no such setting; here are {}", table.names().collect::<Vec<_>>().join(", "))
}

fn forbid(profile: &mut Map<String, Value>, path: &str, mistakes: &mut Vec<Mistake>) {
    for name in NOT_FOR_PROJECTS {
        if let Some(value) = profile.remove(name) {
            let problem =
                "a project file may not decide where calls go or which key they carry; set it in your own file";
            mistakes.push(mistake(&value, dotted(path, name), None, problem.to_owned()));
        }
    }
}

fn two_sources(profile: &Map<String, Value>, path: &str) -> Option<Mistake> {
    let set = |name: &&str| {
        let text = profile.get(*name).map(|value| &value.kind);
        matches!(text, Some(ValueKind::String(text)) if !text.is_empty())
    };
    let sources: Vec<&str> = KEY_SOURCES.into_iter().filter(set).collect();
    let [_, second, ..] = sources[..] else { return None };
    let problem = format!("a key has one source, but {} are set; keep one", sources.join(" and "));
    profile.get(second).map(|value| mistake(value, dotted(path, second), None, problem))
}

fn without_base(name: &str, profile: &Value) -> Option<Mistake> {
    let ValueKind::Table(table) = &profile.kind else { return None };
    if table.contains_key("base") {
        return None;
    }
    // The defaults fill every profile: the layer that speaks of this one is any other.
    let from = table.values().map(of).filter(|from| from != "default").min().unwrap_or_else(|| of(profile));
    let key = format!("profiles.{name}.base");
    let problem =
        "it is missing: the profile has no address; set it in your own file, such as \"https://api.example.com\"";
    Some(Mistake { from, key, value: None, problem: problem.to_owned() })
}

fn unknown_profile(chosen: &Value, profiles: &Map<String, Value>) -> Option<Mistake> {
    let ValueKind::String(name) = &chosen.kind else { return None };
    if profiles.contains_key(name) {
        return None;
    }
    let mut known: Vec<&str> = profiles.keys().map(String::as_str).collect();
    known.sort_unstable();
    let problem = format!("there is no such profile; the known ones are {}", known.join(", "));
    Some(mistake(chosen, "profile".to_owned(), Some(quoted(name)), problem))
}
