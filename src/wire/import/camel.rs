//! Field names in snake_case, which gateways drop, turned into camelCase.

use crate::wire::curl::Names;
use serde_json::Value;

/// Below these, names are the user's own.
const OWN_NAMES: [&str; 8] = [
    "args",
    "response",
    "parameters",
    "parametersJsonSchema",
    "responseSchema",
    "responseJsonSchema",
    "properties",
    "labels",
];

/// The names that were turned, for notes.
#[derive(Default)]
pub struct Camel {
    pub snakes: Names,
    /// Those that stood in both spellings; the one in camelCase is kept.
    pub twice: Names,
}

impl Camel {
    /// Turns all names in a body but the user's own.
    pub fn turn(&mut self, value: &mut Value) {
        match value {
            Value::Array(list) => list.iter_mut().for_each(|inner| self.turn(inner)),
            Value::Object(map) => {
                for (name, mut inner) in std::mem::take(map) {
                    let new = camel_case(&name);
                    if !OWN_NAMES.contains(&new.as_str()) {
                        self.turn(&mut inner);
                    }
                    if new != name {
                        self.snakes.add(&name);
                    }
                    // Of two spellings the one in camelCase comes first in the order of a map.
                    if map.get(&new).is_some_and(|first| !first.is_null()) {
                        self.twice.add(&new);
                    } else {
                        map.insert(new, inner);
                    }
                }
            }
            _ => {}
        }
    }
}

fn camel_case(name: &str) -> String {
    let is_snake = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !is_snake || name.starts_with('_') || name.ends_with('_') {
        return name.to_owned();
    }
    let mut out = String::with_capacity(name.len());
    let mut raise = false;
    for char in name.chars() {
        if char != '_' {
            out.push(if raise { char.to_ascii_uppercase() } else { char });
        }
        raise = char == '_';
    }
    out
}
