//! A native body as it is sent: in camelCase, the model taken out, and asking for a picture.

use super::camel::Camel;
use super::fields::is_plain;
use crate::wire::curl::Names;
use serde_json::{Map, Value, json};

/// The model that a body names, and the body as it is sent.
pub fn body(mut body: Value, notes: &mut Vec<String>) -> (Option<String>, Value) {
    let mut camel = Camel::default();
    camel.turn(&mut body);
    let mut fields = match body {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let model = fields.remove("model");
    let mut odd = Names::default();
    fields.retain(|name, _| {
        if !is_plain(name) {
            odd.add(&format!("{name:?}"));
        }
        is_plain(name)
    });
    notes.extend(camel.snakes.note("gateways drop names in snake_case; these became camelCase:"));
    notes.extend(camel.twice.note("these stood twice, and only the spelling in camelCase was kept:"));
    notes.extend(odd.note("these fields have names that no body can have and were left out:"));
    if model.is_some() {
        notes.push("the model was taken out of the body: a native call names it in its path".to_owned());
    }
    ask_for_picture(&mut fields, notes);
    (model.as_ref().and_then(Value::as_str).map(str::to_owned), Value::Object(fields))
}

fn ask_for_picture(fields: &mut Map<String, Value>, notes: &mut Vec<String>) {
    let config = fields.entry("generationConfig").or_insert(Value::Null);
    if config.is_null() {
        *config = json!({});
    }
    match config.as_object_mut() {
        Some(config) if config.contains_key("responseModalities") => {}
        Some(config) => {
            config.insert("responseModalities".to_owned(), json!(["IMAGE"]));
            notes.push(
                "generationConfig.responseModalities [\"IMAGE\"] was added: the native call that the gateway recommends \
                 asks for a picture"
                    .to_owned(),
            );
        }
        None => notes.push("generationConfig is no object; it stays as it is".to_owned()),
    }
}
