//! Error bodies in the gateway's form: `{"error":{"message","type","param","code"}}`.

use super::page::Page;
use super::scene::{Code, GatewayError, OWN_TYPE};
use serde::Serialize;

#[derive(Serialize)]
struct Envelope<'a> {
    error: Fault<'a>,
}

#[derive(Serialize)]
struct Fault<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    param: &'a str,
    code: &'a Code,
}

/// An error of the gateway itself, which puts the request id on its message.
pub fn own(status: u16, code: &str, message: &str, request_id: &str) -> Page {
    envelope(status, OWN_TYPE, "", &Code::Word(code.to_owned()), &format!("{message} (request id: {request_id})"))
}

/// An error that the gateway relays: its type says so, its code is a number.
pub fn upstream(status: u16, message: &str) -> Page {
    envelope(status, "upstream_error", "", &Code::Number(status), message)
}

/// The error of a scene.
pub fn of_scene(error: &GatewayError, model: &str, request_id: &str) -> Page {
    let message = error.message.replace("{model}", model);
    let message = if error.kind == OWN_TYPE { format!("{message} (request id: {request_id})") } else { message };
    envelope(error.status, &error.kind, "", &error.code, &message)
}

/// No such path.
pub fn invalid_url(method: &str, path: &str) -> Page {
    let message = format!("Invalid URL ({method} {path})");
    envelope(404, "invalid_request_error", "", &Code::Word(String::new()), &message)
}

/// What the model list answers to keys that are not Bearer: it takes the request for one about a model without a name.
pub fn nameless_model() -> Page {
    let code = Code::Word("model_not_found".to_owned());
    envelope(200, "invalid_request_error", "model", &code, "The model '' does not exist")
}

fn envelope(status: u16, kind: &str, param: &str, code: &Code, message: &str) -> Page {
    let body = Envelope { error: Fault { message, kind, param, code } };
    Page::json(status, serde_json::to_vec(&body).unwrap_or_default())
}
