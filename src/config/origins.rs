//! Where each value in use came from, for `config show`.

use ::config::{Value, ValueKind};

/// One value in use and its layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The dotted key.
    pub key: String,
    /// The value as text; lists in brackets. A key's variable, command or file stands here, never a key.
    pub value: String,
    /// `default`, the path of a file, a variable's name, or a flag.
    pub from: String,
}

/// The origin of every value of a merged tree, sorted by key.
pub fn list(tree: &Value) -> Vec<Origin> {
    let mut origins = Vec::new();
    walk(tree, String::new(), &mut origins);
    origins.sort_by(|a, b| a.key.cmp(&b.key));
    origins
}

/// The dotted name of `key` inside `table`.
pub fn dotted(table: &str, key: &str) -> String {
    if table.is_empty() { key.to_owned() } else { format!("{table}.{key}") }
}

/// A value that remembers where it came from.
pub fn value(from: &str, kind: impl Into<ValueKind>) -> Value {
    Value::new(Some(&from.to_owned()), kind)
}

/// The layer a value came from.
pub fn of(value: &Value) -> String {
    value.origin().unwrap_or("default").to_owned()
}

fn walk(value: &Value, key: String, origins: &mut Vec<Origin>) {
    match &value.kind {
        ValueKind::Table(table) => {
            for (name, inner) in table {
                walk(inner, dotted(&key, name), origins);
            }
        }
        // Left behind where a later layer took a value away.
        ValueKind::Nil => {}
        _ => origins.push(Origin { key, value: text(value), from: of(value) }),
    }
}

fn text(value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) => text.clone(),
        ValueKind::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| format!("{:?}", text(item))).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}
