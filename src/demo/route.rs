//! Which of the gateway's endpoints a request is for.

use super::query;
use super::shape::Shape;
use hyper::Method;

/// An endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route<'a> {
    Generate {
        model: &'a str,
        shape: Shape,
    },
    CountTokens,
    /// The list in Gemini's form.
    GeminiModels,
    /// The list in OpenAI's form, for any kind of key.
    OpenaiModels,
    /// The list in OpenAI's form, for Bearer keys alone.
    BearerModels,
    /// The OpenAI images route.
    Images,
    Status,
    Usage,
    /// The usage route without its last slash.
    UsageElsewhere,
    /// The account's log of calls.
    Log,
    Unknown,
}

/// The endpoint of a method, path and query.
pub fn of<'a>(method: &Method, path: &'a str, query: &str) -> Route<'a> {
    let call = path.strip_prefix("/v1beta/models/").or_else(|| path.strip_prefix("/v1/models/"));
    match (method.as_str(), path, call) {
        ("POST", _, Some(call)) => action(call, query),
        ("GET", "/v1beta/models", _) => Route::GeminiModels,
        ("GET", "/v1beta/openai/models", _) => Route::OpenaiModels,
        ("GET", "/v1/models", _) => Route::BearerModels,
        ("POST", "/v1/images/generations", _) => Route::Images,
        ("GET", "/api/status", _) => Route::Status,
        ("GET", "/api/usage/token/", _) => Route::Usage,
        ("GET", "/api/usage/token", _) => Route::UsageElsewhere,
        ("GET", "/api/log/self", _) => Route::Log,
        _ => Route::Unknown,
    }
}

fn action<'a>(call: &'a str, query: &str) -> Route<'a> {
    let streamed = if query::get(query, "alt").as_deref() == Some("sse") { Shape::Sse } else { Shape::Array };
    match call.rsplit_once(':') {
        Some((model, "generateContent")) => Route::Generate { model, shape: Shape::Unary },
        Some((model, "streamGenerateContent")) => Route::Generate { model, shape: streamed },
        Some((_, "countTokens")) => Route::CountTokens,
        _ => Route::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        let generate = |model, shape| Route::Generate { model, shape };
        let cases = [
            ("POST", "/v1beta/models/nano-banana-2:generateContent", "", generate("nano-banana-2", Shape::Unary)),
            ("POST", "/v1/models/x:generateContent", "", generate("x", Shape::Unary)),
            ("POST", "/v1beta/models/x:streamGenerateContent", "key=k&alt=sse", generate("x", Shape::Sse)),
            ("POST", "/v1beta/models/x:streamGenerateContent", "", generate("x", Shape::Array)),
            ("POST", "/v1beta/models/x:countTokens", "", Route::CountTokens),
            ("GET", "/v1beta/models", "pageSize=2", Route::GeminiModels),
            ("GET", "/v1beta/models/x:generateContent", "", Route::Unknown),
            ("POST", "/v1/v1/models/x:generateContent", "", Route::Unknown),
            ("GET", "/api/usage/token", "", Route::UsageElsewhere),
            ("GET", "/api/log/self", "p=1", Route::Log),
            ("POST", "/api/log/self", "", Route::Unknown),
        ];
        for (method, path, query, expected) in cases {
            assert_eq!(of(&method.parse().unwrap(), path, query), expected, "{method} {path}?{query}");
        }
    }
}
