//! Error bodies in the shapes that Google, new-api style gateways and proxies send, unwrapped to the innermost.
//!
//! Shapes: google.rpc.Status (`error.status`, `error.details[]`), the OpenAI-like gateway envelope (`type`, `param`),
//! a bare string, `{"success": false}`. Proxies put the upstream error into `error.message`, as an object or as JSON text.

use super::brief::{self, brief};
use super::index::Index;
use super::json::Json;
use regex::Regex;
use serde_json::{Map, Value};
use std::sync::LazyLock;

#[expect(clippy::unwrap_used, reason = "a constant pattern, covered by the tests below")]
static REQUEST_ID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\(request id: ([^)]+)\)").unwrap());
#[expect(clippy::unwrap_used, reason = "a constant pattern, covered by the tests below")]
static RETRY_IN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[Rr]etry in ([0-9.]+)\s?s").unwrap());

/// Each level holds the text of all below it, so a deep nest costs the square of its size. Real ones are three deep.
const MOST_NESTED: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    Google,
    Openai,
    Other,
    String,
    SuccessFalse,
}

/// An error as the server worded it. Fields are kept as they came, whatever their type.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorBody {
    pub shape: Shape,
    pub code: Value,
    pub status: Value,
    pub kind: Value,
    pub message: Value,
    /// `message` beside a bare `error` string.
    pub detail: Value,
    pub detail_types: Vec<String>,
    pub reason: Option<Value>,
    /// Google's `RetryInfo.retryDelay`, such as `"3.299376739s"`.
    pub retry_delay: Option<Value>,
    pub field_violations: Option<Vec<(Value, Value)>>,
    pub quota_ids: Option<Vec<Value>>,
    pub request_id: Option<String>,
    pub metadata: Option<Value>,
    pub nested: Option<Box<ErrorBody>>,
}

impl ErrorBody {
    fn empty(shape: Shape, message: Value) -> Self {
        ErrorBody {
            shape,
            message,
            code: Value::Null,
            status: Value::Null,
            kind: Value::Null,
            detail: Value::Null,
            detail_types: vec![],
            reason: None,
            retry_delay: None,
            field_violations: None,
            quota_ids: None,
            request_id: None,
            metadata: None,
            nested: None,
        }
    }

    /// Reads the error of a body that was parsed, if it has one.
    pub fn find(body: &Map<String, Value>) -> Option<ErrorBody> {
        ErrorBody::find_below(body, MOST_NESTED)
    }

    fn find_below(body: &Map<String, Value>, depth: usize) -> Option<ErrorBody> {
        match body.get("error") {
            Some(Value::String(text)) => {
                let mut error = ErrorBody::empty(Shape::String, Value::from(text.as_str()));
                error.detail = member(body, "message");
                Some(error)
            }
            Some(Value::Object(error)) => Some(ErrorBody::from_object(error, depth)),
            _ if body.get("success") == Some(&Value::Bool(false)) => {
                Some(ErrorBody::empty(Shape::SuccessFalse, member(body, "message")))
            }
            _ => None,
        }
    }

    fn from_object(error: &Map<String, Value>, depth: usize) -> ErrorBody {
        let details: &[Value] = error.get("details").and_then(Value::as_array).map_or(&[], Vec::as_slice);
        let shape = if error.contains_key("status") || !details.is_empty() {
            Shape::Google
        } else if error.contains_key("type") || error.contains_key("param") {
            Shape::Openai
        } else {
            Shape::Other
        };
        let mut out = ErrorBody::empty(shape, member(error, "message"));
        out.code = member(error, "code");
        out.status = member(error, "status");
        out.kind = member(error, "type");
        for detail in details.iter().filter_map(Value::as_object) {
            out.take_detail(detail);
        }
        out.request_id = request_id(&out.message);
        out.nested = depth.checked_sub(1).and_then(|depth| nested(&out.message, depth)).map(Box::new);
        out.metadata = error.get("metadata").filter(|m| m.is_object() || m.is_array()).cloned();
        out
    }

    fn take_detail(&mut self, detail: &Map<String, Value>) {
        let name = detail.get("@type").and_then(Value::as_str).unwrap_or_default();
        self.detail_types.push(name.rsplit('/').next().unwrap_or_default().to_owned());
        let filled = |key: &str| detail.get(key).filter(|v| is_filled(v)).cloned();
        self.reason = filled("reason").or(self.reason.take());
        self.retry_delay = filled("retryDelay").or(self.retry_delay.take());
        let list = |key: &str| filled(key).and_then(|v| v.as_array().cloned());
        let of = |v: &Value, key: &str| v.get(key).cloned().unwrap_or(Value::Null);
        if let Some(fields) = list("fieldViolations") {
            self.field_violations = Some(fields.iter().map(|v| (of(v, "field"), of(v, "description"))).collect());
        }
        if let Some(violations) = list("violations") {
            self.quota_ids = Some(violations.iter().map(|v| of(v, "quotaId")).collect());
        }
    }

    /// The error that the others wrap.
    pub fn innermost(&self) -> &ErrorBody {
        self.nested.as_deref().map_or(self, ErrorBody::innermost)
    }

    fn chain(&self) -> impl Iterator<Item = &ErrorBody> {
        std::iter::successors(Some(self), |error| error.nested.as_deref())
    }

    /// True when Google itself said this, directly or relayed: its own shape, type `upstream_error`, or a numeric code.
    pub fn is_upstream(&self) -> bool {
        self.chain().any(|e| e.shape == Shape::Google || e.kind == "upstream_error" || e.code.is_number())
    }

    /// The server's words: code or status, then the innermost message.
    pub fn words(&self) -> String {
        let inner = self.innermost();
        let label =
            [&inner.status, &inner.code, &self.status, &self.code, &inner.kind, &self.kind].into_iter().find_map(|v| {
                v.as_str()
                    .filter(|s| !s.is_empty())
                    .map(str::to_owned)
                    .or_else(|| v.as_number().map(ToString::to_string))
            });
        let message = match (&inner.message, &inner.detail) {
            (Value::String(short), Value::String(long)) => format!("{short}: {long}"),
            (Value::String(text), _) => text.clone(),
            (Value::Null, _) => String::new(),
            (other, _) => other.to_string(),
        };
        match (label, message.trim()) {
            (Some(label), "") => label,
            (Some(label), message) if message.contains(&label) => message.to_owned(),
            (Some(label), message) => format!("{label}: {message}"),
            (None, "") => "an error without a message".to_owned(),
            (None, message) => message.to_owned(),
        }
    }

    /// All text of the chain, for a look-up in a table of known errors.
    pub fn haystack(&self) -> String {
        let mut all = String::new();
        for error in self.chain() {
            for value in [
                Some(&error.status),
                Some(&error.code),
                Some(&error.kind),
                Some(&error.message),
                Some(&error.detail),
                error.reason.as_ref(),
            ]
            .into_iter()
            .flatten()
            {
                match value {
                    Value::String(text) => all.push_str(text),
                    Value::Null => continue,
                    other => all.push_str(&other.to_string()),
                }
                all.push('\n');
            }
        }
        all
    }

    /// Seconds the server asks to wait: RetryInfo, else "retry in 59.95s" inside the message.
    pub fn retry_after_s(&self) -> Option<f64> {
        self.chain().find_map(|e| {
            let delay =
                e.retry_delay.as_ref().and_then(Value::as_str).and_then(|d| d.trim_end_matches('s').parse().ok());
            delay.or_else(|| RETRY_IN.captures(e.message.as_str()?)?.get(1)?.as_str().parse().ok())
        })
    }

    /// The request id inside a message of the chain.
    pub fn any_request_id(&self) -> Option<&str> {
        self.chain().find_map(|e| e.request_id.as_deref())
    }

    /// The numeric code, which is an HTTP status in every shape that has one.
    pub fn numeric_code(&self) -> Option<u16> {
        self.chain().find_map(|e| e.code.as_u64().and_then(|c| u16::try_from(c).ok()))
    }

    /// As `inspect --json` prints it.
    pub fn to_json(&self) -> Value {
        let mut out = Map::new();
        let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
        put("shape", serde_json::to_value(self.shape).unwrap_or_default());
        put("message", self.message.clone());
        match self.shape {
            Shape::SuccessFalse => return Value::Object(out),
            Shape::String => {
                put("detail", self.detail.clone());
                return Value::Object(out);
            }
            Shape::Google | Shape::Openai | Shape::Other => {}
        }
        put("code", self.code.clone());
        put("status", self.status.clone());
        put("type", self.kind.clone());
        put("detailTypes", self.detail_types.clone().into());
        let fields = |list: &Vec<(Value, Value)>| {
            list.iter()
                .map(|(field, description)| serde_json::json!({"field": field, "description": description}))
                .collect::<Vec<_>>()
        };
        let optional = [
            ("reason", self.reason.clone()),
            ("retryDelay", self.retry_delay.clone()),
            ("fieldViolations", self.field_violations.as_ref().map(|list| fields(list).into())),
            ("quotaIds", self.quota_ids.clone().map(Value::from)),
            ("requestId", self.request_id.clone().map(Value::from)),
            ("nested", self.nested.as_ref().map(|inner| inner.to_json())),
            ("metadata", self.metadata.clone()),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                put(key, value);
            }
        }
        Value::Object(out)
    }
}

fn member(map: &Map<String, Value>, key: &str) -> Value {
    map.get(key).cloned().unwrap_or(Value::Null)
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::Bool(true) => true,
    }
}

fn request_id(message: &Value) -> Option<String> {
    let text = serde_json::to_string(message).ok()?;
    Some(brief(REQUEST_ID.captures(&text)?.get(1)?.as_str(), brief::NAME))
}

/// The error that stands inside a message, as an object or as JSON text after some prose.
fn nested(message: &Value, depth: usize) -> Option<ErrorBody> {
    match message {
        Value::Object(inner) => ErrorBody::find_below(inner, depth),
        Value::String(text) if text.contains("\"error\"") => {
            let from = text.find('{')?;
            let inner = &text.as_bytes()[from..];
            let index = Index::of(inner);
            let value = Json::root(inner, &index).filter(|_| index.fault.is_none())?.to_value();
            ErrorBody::find_below(value.as_object()?, depth)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ErrorBody {
        let value: Value = serde_json::from_str(text).expect("test data");
        ErrorBody::find(value.as_object().expect("an object")).expect("an error")
    }

    #[test]
    fn wrapped_errors_are_unwrapped() {
        let inner =
            r#"{\"error\":{\"code\":429,\"message\":\"Please retry in 59.95s.\",\"status\":\"RESOURCE_EXHAUSTED\"}}"#;
        let error = read(&format!(
            r#"{{"error":{{"message":"upstream said {inner} (request id: 2026abc)","type":"new_api_error","param":"","code":""}}}}"#
        ));
        assert_eq!(error.shape, Shape::Openai);
        assert_eq!(error.words(), "RESOURCE_EXHAUSTED: Please retry in 59.95s.");
        assert_eq!(error.any_request_id(), Some("2026abc"));
        assert_eq!(error.retry_after_s(), Some(59.95));
        assert_eq!(error.numeric_code(), Some(429));
        assert!(error.is_upstream());
    }

    #[test]
    fn the_gateways_own_errors_are_its_own() {
        let error = read(
            r#"{"error":{"message":"no channel (request id: x)","type":"new_api_error","param":"","code":"get_channel_failed"}}"#,
        );
        assert!(!error.is_upstream());
        assert_eq!(error.words(), "get_channel_failed: no channel (request id: x)");
        assert_eq!(read(r#"{"error":"No image","message":"try later"}"#).words(), "No image: try later");
        assert_eq!(read(r#"{"success":false,"message":"expired"}"#).shape, Shape::SuccessFalse);
        assert_eq!(read(r#"{"error":{}}"#).words(), "an error without a message");
    }
}
