//! One stored exchange as HAR 1.2, which browsers and proxies read, without what may not leave the machine.

use super::curl;
use super::recall::judge;
use super::redact::Redactor;
use super::unpack::open;
use crate::call::Reading;
use crate::config::{Auth, Profile, base};
use crate::store::{self, Meta, StoreError, Stored, Timings};
use crate::wire::b64;
use crate::wire::request::Call;
use serde_json::{Value, json};
use std::io;
use url::Url;

/// The name of the reply among what is disclosed.
pub const REPLY: &str = "reply";

const CHANGED: &str = "not byte for byte as it was: secrets in it were replaced";

/// Why a packed body does not go along.
pub const SEALED: &str = "left out: it is packed in a way that cannot be read here, so no secret in it could be found";

/// What of an exchange may leave the machine: every text in it went through the redactor.
#[derive(Debug)]
pub struct Disclosed {
    /// Where the call went, without the key.
    pub url: String,
    /// The body as sent.
    pub request: Vec<u8>,
    /// The body as received, unpacked; none when it cannot be unpacked.
    pub reply: Option<Vec<u8>>,
    /// Length of the body as sent.
    pub sent: usize,
    /// Length of the body as received, which may have been packed.
    pub received: usize,
    /// The reply's headers.
    pub headers: Vec<(String, String)>,
    /// The id that the server's support asks for.
    pub request_id: Option<String>,
    /// `word: reason`.
    pub verdict: String,
    /// `likely`, `unlikely` or `unknown`.
    pub charged: &'static str,
    /// Remarks of the record, and on unpacking.
    pub notes: Vec<String>,
    /// What is not as it was: `request.json`, `reply`, `header set-cookie`.
    pub changed: Vec<String>,
    /// The key that could not be looked for.
    pub lack: Option<String>,
}

impl Disclosed {
    /// Reads an exchange and takes the secrets out.
    ///
    /// # Errors
    /// [`StoreError::Io`] when request or body cannot be read.
    pub fn of(stored: &Stored, redactor: &mut Redactor) -> Result<Disclosed, StoreError> {
        let meta = &stored.meta;
        let unreadable = |name: &str| {
            let path = stored.folder.join(name);
            move |cause: io::Error| StoreError::Io { doing: "read", path, cause }
        };
        let sent = stored.request().map_err(unreadable(store::REQUEST))?;
        let received = stored.body().map_err(unreadable("body"))?;
        let arrived = received.len();
        // Packed, no secret in it could be seen.
        let mut unpacking = Vec::new();
        let opened = open(received, &meta.headers, &mut unpacking);
        let reading = Reading::of(opened.body);
        unpacking.retain(|note| !meta.notes.contains(note));
        let notes = meta.notes.iter().chain(&unpacking).map(|note| redactor.text(note)).collect();
        let verdict = judge(stored, &reading);
        let plain = reading.body.bytes();
        let request = redactor.bytes(&sent);
        let reply = (!opened.is_sealed).then(|| redactor.bytes(plain));
        let safe = |(name, value): &(String, String)| (redactor.text(name), redactor.header(name, value));
        let headers: Vec<(String, String)> = meta.headers.iter().map(safe).collect();
        let replaced = reply.as_ref().is_some_and(|reply| reply != plain);
        let bodies = [(request != sent, store::REQUEST), (replaced, REPLY)];
        let bodies = bodies.into_iter().filter(|(differs, _)| *differs).map(|(_, name)| name.to_owned());
        let differ = headers.iter().zip(&meta.headers).filter(|(safe, own)| safe != own);
        let changed = bodies.chain(differ.map(|((name, _), _)| format!("header {name}"))).collect();
        Ok(Disclosed {
            url: redactor.text(&address(meta)),
            request,
            reply,
            sent: sent.len(),
            received: arrived,
            headers,
            request_id: meta.request_id.as_ref().map(|id| redactor.text(id)),
            verdict: redactor.text(&verdict.line()),
            charged: verdict.charged.as_str(),
            notes,
            changed,
            lack: redactor.lack().map(str::to_owned),
        })
    }

    /// Why a body is not exact, if it is not.
    fn remark(&self, body: &str) -> Option<&'static str> {
        self.changed.iter().any(|changed| changed == body).then_some(CHANGED)
    }

    fn header(&self, wanted: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.as_str())
    }
}

/// An exchange as a HAR of one entry. `profile` tells how the key went along, which no record says.
///
/// # Errors
/// [`StoreError::Io`] when request or body cannot be read.
pub fn har(stored: &Stored, profile: Option<&Profile>, redactor: &mut Redactor) -> Result<Value, StoreError> {
    Ok(log(stored, profile, &Disclosed::of(stored, redactor)?))
}

/// As [`har`], of what is disclosed already.
pub fn log(stored: &Stored, profile: Option<&Profile>, disclosed: &Disclosed) -> Value {
    let meta = &stored.meta;
    let [connect, send, wait, receive] = lasted(&meta.timings_ms);
    let auth = profile.map(|profile| curl::auth(Call::of(&meta.kind), profile.auth));
    let id = disclosed.request_id.as_deref().unwrap_or("none");
    let mut har = json!({"log": {
        "version": "1.2",
        "creator": {"name": "unpeel", "version": env!("CARGO_PKG_VERSION")},
        "entries": [{
            "startedDateTime": meta.time.to_string(),
            "time": connect + send + wait + receive,
            "request": request(disclosed, auth),
            "response": response(disclosed, meta.status),
            "cache": {},
            "timings": {
                "blocked": -1, "dns": -1, "ssl": -1,
                "connect": connect, "send": send, "wait": wait, "receive": receive,
                "comment": "connect includes DNS and TLS",
            },
            "comment": format!("{}; charged: {}; request id: {id}", disclosed.verdict, disclosed.charged),
        }],
    }});
    if let Some(lack) = &disclosed.lack {
        har["log"]["comment"] = lack.as_str().into();
    }
    har
}

fn request(disclosed: &Disclosed, auth: Option<Auth>) -> Value {
    let mut headers = vec![pair("content-type", "application/json")];
    let url = Url::parse(&disclosed.url).ok();
    let pairs = url.iter().flat_map(|url| url.query_pairs());
    let mut query: Vec<Value> = pairs.map(|(name, value)| pair(&name, &value)).collect();
    match auth {
        Some(Auth::Header) => headers.push(pair("x-goog-api-key", "[redacted]")),
        Some(Auth::Bearer) => headers.push(pair("authorization", "[redacted]")),
        Some(Auth::Query) => query.push(pair("key", "[redacted]")),
        None => {}
    }
    let text = String::from_utf8_lossy(&disclosed.request);
    let posted = json!({"mimeType": "application/json", "text": text});
    let request = json!({
        "method": "POST",
        "url": disclosed.url,
        "httpVersion": "unknown",
        "cookies": [],
        "headers": headers,
        "queryString": query,
        "postData": commented(posted, disclosed.remark(store::REQUEST)),
        "headersSize": -1,
        "bodySize": disclosed.sent,
    });
    commented(request, auth.is_none().then_some("the key is left out; how it went along is not recorded"))
}

fn response(disclosed: &Disclosed, status: Option<u16>) -> Value {
    let headers: Vec<Value> = disclosed.headers.iter().map(|(name, value)| pair(name, value)).collect();
    json!({
        "status": status.unwrap_or(0),
        "statusText": "",
        "httpVersion": "unknown",
        "cookies": [],
        "headers": headers,
        "content": content(disclosed),
        "redirectURL": disclosed.header("location").unwrap_or_default(),
        "headersSize": -1,
        "bodySize": disclosed.received,
    })
}

fn content(disclosed: &Disclosed) -> Value {
    let mime = disclosed.header("content-type").unwrap_or("x-unknown");
    let Some(reply) = &disclosed.reply else { return json!({"size": 0, "mimeType": mime, "comment": SEALED}) };
    let content = match std::str::from_utf8(reply) {
        Ok(text) => json!({"size": reply.len(), "mimeType": mime, "text": text}),
        Err(_) => json!({"size": reply.len(), "mimeType": mime, "text": b64::encode(reply), "encoding": "base64"}),
    };
    commented(content, disclosed.remark(REPLY))
}

fn pair(name: &str, value: &str) -> Value {
    json!({"name": name, "value": value})
}

fn commented(mut value: Value, comment: Option<&str>) -> Value {
    if let Some(comment) = comment {
        value["comment"] = comment.into();
    }
    value
}

/// Milliseconds to connect, to send, to wait and to receive, none below 0. The step that was not finished lasted until
/// the end, and those after it no time.
fn lasted(times: &Timings) -> [f64; 4] {
    let reached = [times.connect, times.sent, times.first_byte, times.done];
    let end = reached.iter().flatten().fold(0.0, |latest: f64, time| latest.max(*time));
    let mut from = 0.0;
    std::array::from_fn(|step| {
        let to = reached[step..].iter().flatten().next().map_or(end, |time| time.max(from));
        let lasted = to - from;
        from = to;
        lasted
    })
}

/// Where the call went. The base of a foreign record may be anything, and then stands for itself.
fn address(meta: &Meta) -> String {
    let (path, query) = Call::of(&meta.kind).path(&meta.model.sent);
    let Ok(base) = base::endpoint(&meta.base) else { return meta.base.clone() };
    let mut url = base.join(&path);
    url.set_query(query);
    url.into()
}

#[cfg(test)]
pub mod tests {
    use super::super::unpack::tests::{encoded, gzip};
    use super::*;
    use crate::secret::Key;
    use crate::store::{ModelNames, Phase, Store, StoredVerdict};
    use jiff::Timestamp;
    use std::path::Path;

    pub const KEY: &str = r#"sk-ab+c/d%"e123"#;

    /// The key as servers echo it: in JSON, percent-encoded in both cases, in base64, with escapes.
    pub const ECHOES: [&str; 6] = [
        r#"sk-ab+c/d%\"e123"#,
        r#"sk-ab+c\/d%\"e123"#,
        "sk-ab%2Bc%2Fd%25%22e123",
        "sk-ab%2bc%2fd%25%22e123",
        "c2stYWIrYy9kJSJlMTIz",
        r"sk-ab\u002bc\u002fd\u0025\u0022e123",
    ];

    pub fn redactor() -> Redactor {
        Redactor::new(&[Key::new(KEY).unwrap()])
    }

    /// An exchange that has the key wherever a server or a user could have put it, and a signed link.
    pub fn leaky(state: &Path, body: &[u8]) -> Stored {
        packed(state, body, &[])
    }

    /// As [`leaky`], with a body of these codings.
    pub fn packed(state: &Path, body: &[u8], codings: &[&str]) -> Stored {
        let mut meta = Meta {
            base: "https://gw.example.test/gw".into(),
            kind: "streamGenerateContent".into(),
            model: ModelNames { asked: "m".into(), sent: "m-1".into(), reported: Some("m-2".into()) },
            prompt: format!("a fox {KEY}"),
            parameters: json!({"prompt": format!("a fox {KEY}")}),
            phase: Phase::Done,
            status: Some(400),
            headers: vec![
                ("content-type".into(), "application/json".into()),
                ("set-cookie".into(), "session=abc".into()),
                ("x-echo".into(), KEY.into()),
                ("location".into(), "/again?key=unknown-1".into()),
            ],
            request_id: Some("rid-7".into()),
            timings_ms: Timings { connect: Some(10.0), sent: Some(12.0), first_byte: Some(500.0), done: Some(510.0) },
            verdict: Some(StoredVerdict {
                word: "gateway_error".into(),
                reason: format!("bad key {KEY}\u{1b}[31m"),
                charged: "unlikely".into(),
            }),
            notes: vec![format!("echoed {KEY}")],
            ..Meta::default()
        };
        meta.headers.extend(encoded(codings));
        let request = json!({"contents": [{"parts": [{"text": meta.prompt}]}]}).to_string();
        let store = Store::open(state).unwrap();
        let mut record = store.begin(Timestamp::UNIX_EPOCH, &meta, request.as_bytes()).unwrap();
        record.append(body).unwrap();
        record.settle(&meta).unwrap();
        store.load(record.id()).unwrap()
    }

    pub fn leaky_body() -> String {
        let link = "https://cdn.example.test/p.png?X-Goog-Date=1&X-Goog-Signature=signed-1";
        format!(r#"{{"error":{{"message":"{}","link":"{link}"}}}}"#, ECHOES.join(" "))
    }

    /// Nothing that gives the key, a cookie or a link away.
    pub fn assert_safe(text: &str) {
        for secret in ECHOES.into_iter().chain([KEY, "sk-ab", "session=abc", "signed-1", "unknown-1"]) {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }

    #[test]
    fn a_har_has_the_call_and_no_secret() {
        let state = tempfile::tempdir().unwrap();
        let stored = leaky(state.path(), leaky_body().as_bytes());
        let profile: Profile = toml::from_str(
            r#"
            base = "https://gw.example.test"
            auth = "query"
            model = "m"
            mode = "unary"
            environment = "e""#,
        )
        .unwrap();
        let text = serde_json::to_string(&har(&stored, Some(&profile), &mut redactor()).unwrap()).unwrap();
        assert_safe(&text);
        let har: Value = serde_json::from_str(&text).unwrap();
        let entry = &har["log"]["entries"][0];
        for (path, wanted) in [
            ("/startedDateTime", json!("1970-01-01T00:00:00Z")),
            ("/time", json!(510.0)),
            ("/request/method", json!("POST")),
            ("/request/url", json!("https://gw.example.test/gw/v1beta/models/m-1:streamGenerateContent?alt=sse")),
            ("/request/queryString", json!([pair("alt", "sse"), pair("key", "[redacted]")])),
            ("/request/postData/mimeType", json!("application/json")),
            ("/request/postData/comment", json!(CHANGED)),
            ("/response/status", json!(400)),
            ("/response/headers/1", pair("set-cookie", "[redacted]")),
            ("/response/redirectURL", json!("/again?key=[redacted]")),
            ("/response/content/mimeType", json!("application/json")),
            ("/response/bodySize", json!(leaky_body().len())),
            ("/timings/wait", json!(488.0)),
            ("/timings/dns", json!(-1)),
        ] {
            assert_eq!(entry.pointer(path), Some(&wanted), "{path}");
        }
        assert_eq!(har["log"]["version"], "1.2");
        let said = entry["comment"].as_str().unwrap();
        assert!(said.starts_with("gateway_error: bad key *") && said.ends_with("request id: rid-7"), "{said}");
    }

    #[test]
    fn what_holds_no_secret_stays_exact() {
        let state = tempfile::tempdir().unwrap();
        let entry = |body: &[u8]| {
            let har = har(&leaky(state.path(), body), None, &mut redactor()).unwrap();
            har["log"]["entries"][0]["response"]["content"].clone()
        };
        let text = "{\"a\": \"f\u{f6}x\\u0026\"}\r\n";
        assert_eq!(entry(text.as_bytes()), json!({"size": text.len(), "mimeType": "application/json", "text": text}));
        let bytes = entry(b"\xff\0\xfe");
        assert_eq!((&bytes["text"], &bytes["encoding"]), (&json!("/wD+"), &json!("base64")));
    }

    #[test]
    fn a_packed_body_is_looked_into_or_left_out() {
        let state = tempfile::tempdir().unwrap();
        let content = |body: &[u8], codings: &[&str]| {
            let har = har(&packed(state.path(), body, codings), None, &mut redactor()).unwrap();
            har["log"]["entries"][0]["response"].clone()
        };
        let twice = content(&gzip(&gzip(leaky_body().as_bytes())), &["gzip", "gzip"]);
        assert_safe(&twice.to_string());
        assert!(twice["content"]["text"].as_str().unwrap().contains("X-Goog-Signature=[redacted]"), "{twice}");
        let sealed = format!("\u{b}\u{2}{KEY}\u{3}");
        let left_out = content(sealed.as_bytes(), &["br"]);
        assert_safe(&left_out.to_string());
        let wanted = json!({"size": 0, "mimeType": "application/json", "comment": SEALED});
        assert_eq!((&left_out["content"], &left_out["bodySize"]), (&wanted, &json!(sealed.len())));
    }

    #[test]
    fn a_key_that_was_not_looked_for_is_named() {
        let state = tempfile::tempdir().unwrap();
        let stored = leaky(state.path(), b"{}");
        let comment = |mut redactor: Redactor| har(&stored, None, &mut redactor).unwrap()["log"]["comment"].clone();
        assert_eq!(comment(redactor().lacking(Some("no key of p".to_owned()))), "no key of p");
        assert_eq!(comment(redactor()), Value::Null);
    }

    #[test]
    fn steps_last_from_one_mark_to_the_next_that_was_reached() {
        let times = |connect, sent, first_byte, done| lasted(&Timings { connect, sent, first_byte, done });
        assert_eq!(times(Some(1.0), Some(2.0), Some(5.0), Some(9.0)), [1.0, 1.0, 3.0, 4.0]);
        assert_eq!(times(Some(1.0), Some(2.0), None, Some(9.0)), [1.0, 1.0, 7.0, 0.0]);
        assert_eq!(times(Some(1.0), None, Some(5.0), Some(9.0)), [1.0, 4.0, 0.0, 4.0]);
        assert_eq!(times(None, None, None, Some(9.0)), [9.0, 0.0, 0.0, 0.0]);
        assert_eq!(times(Some(1.0), Some(7.0), Some(5.0), None), [1.0, 6.0, 0.0, 0.0]);
        assert_eq!(times(None, None, None, None), [0.0; 4]);
    }
}
