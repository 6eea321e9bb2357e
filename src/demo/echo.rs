//! A refusal that repeats the key of the request, in every spelling that a careless gateway may give it.

use super::json::Json;
use super::page::Page;
use super::scene::OWN_TYPE;
use crate::wire::b64;
use hyper::header::{HeaderName, HeaderValue};
use url::form_urlencoded;

/// The refusal.
pub fn page(key: &str, request_id: &str) -> Page {
    let (percent, base64) = (percent(key), b64::encode(key.as_bytes()));
    let query: String = form_urlencoded::byte_serialize(key.as_bytes()).collect();
    let url = format!("https://gateway.example.test/v1beta/models?key={query}");
    let message = format!("Invalid token {key}, asked for with {url} (request id: {request_id})");
    let mut json = Json::new(false, false, 1024);
    json.object(|json| {
        json.key("error").object(|json| {
            json.key("message").string(&message);
            json.key("type").string(OWN_TYPE);
            json.key("param").string(key);
            json.key("code").string("invalid_api_key");
            json.key("metadata").object(|json| {
                json.key("authorization").string(&format!("Bearer {key}"));
                json.key("percent").string(&percent);
                json.key("base64").string(&base64);
                json.key("escaped").raw(&format!("\"{}\"", escapes(key)));
                json.key(key).string(&url);
            });
        });
    });
    let link = format!("<{url}>; rel=\"help\"");
    let headers = [
        ("x-echo", key),
        ("x-echo-percent", percent.as_str()),
        ("x-echo-base64", base64.as_str()),
        ("link", link.as_str()),
    ];
    Page { headers: headers.into_iter().filter_map(header).collect(), ..Page::json(401, json.finish()) }
}

/// `None` for what cannot stand in a header.
fn header((name, value): (&'static str, &str)) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).ok()?))
}

/// Every byte escaped, as in a URL.
fn percent(key: &str) -> String {
    key.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Every character escaped, as in JSON.
fn escapes(key: &str) -> String {
    key.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_key_comes_back_in_every_spelling() {
        let key = "sk-\"a/b 1";
        let mut page = page(key, "r1");
        let body = page.body.next_bytes(usize::MAX).unwrap();
        let error = serde_json::from_slice::<Value>(&body).unwrap()["error"].take();
        assert_eq!(error["param"], key);
        assert_eq!(error["metadata"]["escaped"], key);
        assert_eq!(error["metadata"]["percent"], "%73%6B%2D%22%61%2F%62%20%31");
        assert_eq!(error["metadata"][key], "https://gateway.example.test/v1beta/models?key=sk-%22a%2Fb+1");
        assert!(error["message"].as_str().unwrap().ends_with("(request id: r1)"));
        assert_eq!(page.headers[0].1.as_bytes(), key.as_bytes());
    }
}
