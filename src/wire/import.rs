//! Other people's calls made native: a curl command, or a body alone, of the native route or of the old images route.

use super::curl::{self, CurlError, Data, KEY_LIKE, Names};
use super::request::{Call, Request};
use regex::Regex;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use std::cmp::Reverse;
use url::Url;

/// Reads a file that a command names after `@`; a sentence says why it cannot.
pub type ReadFile<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<u8>, String>;

/// The `aspectRatio` and `imageSize` that come nearest to a width and a height in pixels.
pub type Nearest<'a> = &'a dyn Fn(u32, u32) -> Option<(String, String)>;

/// What a call was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    NativeCurl,
    ImagesCurl,
    NativeBody,
    ImagesBody,
}

impl Form {
    /// For people and scripts.
    pub fn words(self) -> &'static str {
        match self {
            Form::NativeCurl => "curl, native",
            Form::ImagesCurl => "curl, images route",
            Form::NativeBody => "body, native",
            Form::ImagesBody => "body, images route",
        }
    }
}

/// A native call made of something else. No key is left in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// As it was written; none when nothing, or a placeholder, was.
    pub model: Option<String>,
    /// As the path says; the plain one where it says nothing.
    pub call: Call,
    /// Scheme, host, port and what stands before the version in the path: to be compared and shown, never to be called.
    pub base: Option<String>,
    /// An object in camelCase, with `contents` and `generationConfig`.
    pub body: Value,
    /// Whether a key, or a variable in its place, was left out.
    pub had_key: bool,
    pub notes: Vec<String>,
    pub from: Form,
}

/// Why a text is no call that can be made native. No key is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    #[error("there is nothing to import; give a curl command or a JSON body")]
    Empty,
    #[error(transparent)]
    Curl(#[from] CurlError),
    #[error("a file of the body cannot be used: {why}")]
    File { why: String },
    #[error("the command sends no body; a call for a picture is a POST with a JSON body after -d")]
    NoBody,
    #[error("the body is not JSON (line {line}, column {column}){hint}")]
    NotJson { line: usize, column: usize, hint: &'static str },
    #[error("the body is no JSON object; a native one begins with {{\"contents\": …")]
    NotAnObject,
    #[error("the body has no \"contents\", which a native call needs; paste the whole body")]
    NoContents,
    #[error("the body has no text under \"prompt\", which a call of the images route needs; paste the whole body")]
    NoPrompt,
    #[error(
        "/v1/images/edits takes pictures as a form, and the native route takes them as inlineData: write \
         `unpeel send PROMPT --image FILE`"
    )]
    Edits,
    #[error("this is a chat call, not a native one; write its text as a prompt: `unpeel send PROMPT`")]
    Chat,
    #[error("the path ends in another method than generateContent and streamGenerateContent; only these make pictures")]
    OtherMethod,
    #[error("the call is none that is known: a native body has \"contents\", one of the images route has \"prompt\"")]
    Unknown,
}

/// Makes a call native, in time that grows with its length alone.
pub fn import(text: &str, read_file: ReadFile<'_>, nearest: Nearest<'_>) -> Result<Imported, ImportError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let is_body = text.starts_with(['{', '[']);
    let Source { route, base, keys, mut notes, mut body } = match text {
        "" => return Err(ImportError::Empty),
        _ if is_body => Source::of_body(text)?,
        _ => Source::of_command(text, read_file)?,
    };
    let known = any_of(&keys);
    let covered = cover(&mut body, &known);
    let is_native = has(&body, "contents");
    let (named, body) = match why_not(&route, &body).filter(|_| !is_native) {
        Some(error) => return Err(error),
        None if is_native => native_body(body, &mut notes),
        None => {
            let (model, body, more) = images_body(&body, nearest);
            notes.extend(more);
            (model, body)
        }
    };
    let (in_path, call) = match route {
        Route::Native { model, call } => (Some(model), call),
        Route::Images | Route::Unknown => (None, Call::Generate),
    };
    let model = in_path.or(named).map(|model| known.replace_all(&model, "***").into_owned());
    let model = model.filter(|model| {
        let is_placeholder = model.is_empty() || model.contains(['$', '{', '<', '*']) || model.starts_with("YOUR");
        if is_placeholder {
            notes.push("the model in the call is a placeholder and was left out".to_owned());
        }
        !is_placeholder
    });
    if covered > 0 {
        notes.push("what looks like a key in the body became ***; a body is stored and shown".to_owned());
    }
    let from = match (is_native, is_body) {
        (true, false) => Form::NativeCurl,
        (false, false) => Form::ImagesCurl,
        (true, true) => Form::NativeBody,
        (false, true) => Form::ImagesBody,
    };
    let mask = |text: String| known.replace_all(&text, "***").into_owned();
    let (base, notes) = (base.map(mask), notes.into_iter().map(mask).collect());
    Ok(Imported { model, call, base, body, had_key: !keys.is_empty(), notes, from })
}

/// What both kinds of input come down to.
struct Source {
    route: Route,
    base: Option<String>,
    keys: Vec<SecretString>,
    notes: Vec<String>,
    body: Value,
}

impl Source {
    fn of_body(text: &str) -> Result<Source, ImportError> {
        let body = object(text.as_bytes())?;
        Ok(Source { route: Route::Unknown, base: None, keys: vec![], notes: vec![], body })
    }

    fn of_command(text: &str, read_file: ReadFile<'_>) -> Result<Source, ImportError> {
        let curl = curl::parse(text)?;
        let (route, base) = route(&curl.url)?;
        let is_form = |(name, value): &(String, String)| {
            name.eq_ignore_ascii_case("content-type") && value.to_ascii_lowercase().contains("form")
        };
        if curl.headers.iter().any(is_form) {
            return Err(CurlError::Form { option: "Content-Type".to_owned() }.into());
        }
        if curl.data.is_empty() {
            return Err(ImportError::NoBody);
        }
        let mut notes = curl.notes;
        if curl.method.is_some_and(|method| method != "POST") {
            notes.push("the command's method became POST, the only one that makes pictures".to_owned());
        }
        let mut headers = Names::default();
        for (name, _) in curl.headers.iter().filter(|(name, _)| !is_usual(name)) {
            headers.add(name);
        }
        notes.extend(headers.list().map(|names| format!("these headers of the command were left out: {names}")));
        let body = object(&joined(curl.data, read_file)?)?;
        Ok(Source { route, base, keys: curl.keys, notes, body })
    }
}

/// Headers that go without saying.
fn is_usual(name: &str) -> bool {
    const USUAL: &str = "accept accept-encoding accept-language cache-control connection content-length content-type \
        dnt expect host origin pragma priority referer user-agent";
    let name = name.to_ascii_lowercase();
    name.starts_with("sec-") || USUAL.split(' ').any(|usual| usual == name)
}

fn joined(data: Vec<Data>, read_file: ReadFile<'_>) -> Result<Vec<u8>, ImportError> {
    let mut body = Vec::new();
    for piece in data {
        match piece {
            Data::Text(text) => body.extend(text.into_bytes()),
            Data::File { path, one_line } => {
                let mask = |why: String| ImportError::File { why: KEY_LIKE.replace_all(&why, "***").into_owned() };
                let mut bytes = read_file(&path).map_err(mask)?;
                bytes.retain(|byte| !one_line || !matches!(byte, b'\r' | b'\n' | 0));
                body.append(&mut bytes);
            }
        }
    }
    Ok(body)
}

fn object(bytes: &[u8]) -> Result<Value, ImportError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match serde_json::from_slice(bytes) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(ImportError::NotAnObject),
        Err(error) => {
            Err(ImportError::NotJson { line: error.line(), column: error.column(), hint: why_no_json(bytes) })
        }
    }
}

/// The mistakes that are made most.
fn why_no_json(bytes: &[u8]) -> &'static str {
    let holds = |text: &str| memchr::memmem::find(bytes, text.as_bytes()).is_some();
    match bytes.trim_ascii_start().first() {
        None => "; it is empty",
        Some(b'{' | b'[') if holds("“") => "; it has typographic quotes, as web pages make them: write plain ones",
        Some(b'{' | b'[') if holds("}&{") => "; several -d are joined by &, as curl does it: write one",
        Some(b'{' | b'[') => "; paste the whole command, with its quotes",
        Some(_) if holds("=") => "; it looks like a form, and the native route takes JSON",
        Some(_) => "; a native one begins with {\"contents\": …",
    }
}

/// Which route an address names.
enum Route {
    Native {
        model: String,
        call: Call,
    },
    Images,
    /// The body decides.
    Unknown,
}

/// The route, and the base before its version.
fn route(url: &Url) -> Result<(Route, Option<String>), ImportError> {
    let path = decoded(url.path());
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let version = segments.iter().rposition(|segment| {
        let plain = segment.bytes().all(|byte| byte.is_ascii_alphanumeric());
        plain && (*segment == "v1" || segment.starts_with("v1beta") || segment.starts_with("v1alpha"))
    });
    let below = &segments[version.map_or(0, |at| at + 1)..];
    let route = match below {
        [.., "images", "generations"] => Route::Images,
        [.., "images", _] => return Err(ImportError::Edits),
        [.., "completions" | "responses" | "messages"] => return Err(ImportError::Chat),
        _ => native(below)?.unwrap_or(Route::Unknown),
    };
    let first = version.or_else(|| segments.iter().position(|segment| ["models", "images"].contains(segment)));
    let prefix = segments[..first.unwrap_or(0)].join("/");
    // A variable in place of the host is no base.
    let in_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    let base = url.host_str().filter(|host| host.bytes().all(in_host)).map(|_| {
        let mut base = url.clone();
        base.set_query(None);
        base.set_path(&prefix);
        base.as_str().trim_end_matches('/').to_owned()
    });
    Ok((route, base))
}

/// `models/{model}:{method}`, where a model's name may have slashes.
fn native(below: &[&str]) -> Result<Option<Route>, ImportError> {
    let models = below.iter().position(|segment| *segment == "models");
    let named = models.map(|at| below[at + 1..].join("/"));
    let Some((model, method)) = named.as_deref().and_then(|named| named.rsplit_once(':')) else { return Ok(None) };
    let call = [Call::Generate, Call::Stream].into_iter().find(|call| call.as_str() == method);
    let call = call.ok_or(ImportError::OtherMethod)?;
    Ok(Some(Route::Native { model: model.trim().to_owned(), call }))
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).filter(|pair| byte == b'%' && pair.iter().all(u8::is_ascii_hexdigit));
        let code = digits.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        out.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn has(body: &Value, name: &str) -> bool {
    body.get(name).is_some_and(|value| !value.is_null())
}

/// Why a body without `contents` is none of the images route either.
fn why_not(route: &Route, body: &Value) -> Option<ImportError> {
    let has_prompt = body["prompt"].as_str().is_some_and(|prompt| !prompt.trim().is_empty());
    match route {
        Route::Native { .. } => Some(ImportError::NoContents),
        _ if has_prompt => None,
        _ if has(body, "messages") => Some(ImportError::Chat),
        Route::Images => Some(ImportError::NoPrompt),
        Route::Unknown => Some(if has(body, "prompt") { ImportError::NoPrompt } else { ImportError::Unknown }),
    }
}

/// Finds what looks like a key, and the keys of the command in whatever place.
fn any_of(keys: &[SecretString]) -> Regex {
    /// More than any command has; an expression must not grow without bound.
    const MOST: usize = 64;
    let pieces = keys.iter().flat_map(|key| key.expose_secret().split([' ', ';', ',', ':', '=']));
    // A short piece stands in a prompt by chance, and a variable's name is no secret.
    let mut pieces: Vec<&str> = pieces.filter(|piece| piece.len() >= 8 && !piece.starts_with('$')).collect();
    pieces.sort_unstable_by_key(|piece| (Reverse(piece.len()), *piece));
    pieces.dedup();
    let mut pattern = KEY_LIKE.as_str().to_owned();
    for piece in pieces.into_iter().take(MOST) {
        let head: String = piece.chars().take(256).collect();
        pattern.push('|');
        pattern.push_str(&regex::escape(&head));
    }
    Regex::new(&pattern).unwrap_or_else(|_| KEY_LIKE.clone())
}

/// Puts `***` in the place of keys; how many there were.
fn cover(value: &mut Value, known: &Regex) -> usize {
    match value {
        Value::String(text) => cover_text(text, known),
        Value::Array(list) => list.iter_mut().map(|inner| cover(inner, known)).sum(),
        Value::Object(map) => {
            let mut covered = 0;
            for (mut name, mut inner) in std::mem::take(map) {
                // The letters of a picture or a signature may look like a key by chance.
                let is_base64 = matches!(name.as_str(), "data" | "thoughtSignature" | "thought_signature");
                let is_key = |text: &str| known.find(text).is_some_and(|found| found.len() == text.len());
                if !(is_base64 && inner.as_str().is_some_and(|text| !is_key(text))) {
                    covered += cover(&mut inner, known);
                }
                covered += cover_text(&mut name, known);
                map.insert(name, inner);
            }
            covered
        }
        _ => 0,
    }
}

fn cover_text(text: &mut String, known: &Regex) -> usize {
    let found = known.find_iter(text).count();
    if found > 0 {
        *text = known.replace_all(text, "***").into_owned();
    }
    found
}

/// A native body as it is sent: in camelCase, the model taken out, and asking for a picture.
fn native_body(mut body: Value, notes: &mut Vec<String>) -> (Option<String>, Value) {
    let (mut snakes, mut twice, mut odd) = (Names::default(), Names::default(), Names::default());
    camel(&mut body, &mut snakes, &mut twice);
    let mut fields = match body {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let model = fields.remove("model");
    fields.retain(|name, _| {
        if !is_plain(name) {
            odd.add(&format!("{name:?}"));
        }
        is_plain(name)
    });
    let lists = [
        ("gateways drop names in snake_case; these became camelCase:", snakes.list()),
        ("these stood twice, and only the spelling in camelCase was kept:", twice.list()),
        ("these fields have names that no body can have and were left out:", odd.list()),
    ];
    notes.extend(lists.into_iter().filter_map(|(why, names)| Some(format!("{why} {}", names?))));
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

/// Whether a path of names joined by dots can name it.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.contains('.')
}

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

fn camel(value: &mut Value, snakes: &mut Names, twice: &mut Names) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|inner| camel(inner, snakes, twice)),
        Value::Object(map) => {
            let old = std::mem::take(map);
            for (name, mut inner) in old {
                let new = camel_case(&name);
                if !OWN_NAMES.contains(&new.as_str()) {
                    camel(&mut inner, snakes, twice);
                }
                if new != name {
                    snakes.add(&name);
                }
                // Of two spellings the one in camelCase comes first in the order of a map.
                if map.get(&new).is_some_and(|first| !first.is_null()) {
                    twice.add(&new);
                } else {
                    map.insert(new, inner);
                }
            }
        }
        _ => {}
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

/// Turns a body of the images route into the model it names, a native body, and notes on what has no counterpart.
///
/// Without a text under `prompt` the prompt is empty.
pub fn images_body(value: &Value, nearest: Nearest<'_>) -> (Option<String>, Value, Vec<String>) {
    let turned = "turned from POST /v1/images/generations, which fails for these models, into the native route";
    let mut draft = Draft { notes: vec![turned.to_owned()], ..Draft::default() };
    for (name, value) in value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        draft.take(name, value, nearest);
    }
    if draft.more > 0 {
        draft.notes.push(format!("{} more unknown fields were left out", draft.more));
    }
    // Only a field set by a path can fail.
    (draft.model, draft.request.to_json(&[]).unwrap_or_default(), draft.notes)
}

/// Fields of the images route that have no counterpart, and what to do instead.
const NO_COUNTERPART: [(&str, &str); 20] = [
    ("background", "say it in the prompt"),
    ("image", REFERENCES),
    ("image_input", REFERENCES),
    ("image_url", REFERENCES),
    ("image_urls", REFERENCES),
    ("images", REFERENCES),
    ("input_image", REFERENCES),
    ("mask", REFERENCES),
    ("moderation", "safetySettings are its native counterpart"),
    ("negative_prompt", "say it in the prompt"),
    ("output_compression", "the format is the model's choice"),
    ("output_format", "the format is the model's choice"),
    ("partial_images", "the native route sends the picture whole"),
    ("quality", "a larger picture is imageSize 2K or 4K"),
    ("reference_images", REFERENCES),
    ("response_format", "the picture always comes as inlineData"),
    ("stream", "--stream uses streamGenerateContent"),
    ("style", "say it in the prompt"),
    ("user", "the native route has no such field"),
    ("watermark", "the native route has no such field"),
];
const REFERENCES: &str = "reference pictures go along as inlineData, send them with --image FILE";

#[derive(Default)]
struct Draft {
    model: Option<String>,
    request: Request,
    notes: Vec<String>,
    /// Unknown fields beyond those that were named.
    more: usize,
}

impl Draft {
    fn take(&mut self, name: &str, value: &Value, nearest: Nearest<'_>) {
        match (name, value) {
            ("model", Value::String(model)) => self.model = Some(model.trim().to_owned()),
            ("prompt", Value::String(prompt)) => self.request.prompt.clone_from(prompt),
            ("aspectRatio" | "aspect_ratio" | "image_size" | "resolution" | "size", Value::String(text)) => {
                self.measure(name, text.trim(), nearest);
            }
            ("seed", value) if value.is_i64() => self.request.seed = value.as_i64(),
            ("n", value) if value.as_u64() == Some(1) => {}
            ("n", value) if value.as_u64().is_some_and(|n| n > 1) => {
                self.notes
                    .push(format!("n = {value} was left out: a native call makes one picture, send it {value} times"));
            }
            ("quality", value) if value == "auto" || value == "standard" => {}
            _ => match NO_COUNTERPART.iter().find(|(known, _)| *known == name) {
                Some((_, instead)) => self.notes.push(format!("{name} was left out: {instead}")),
                None => self.unknown(name),
            },
        }
    }

    fn unknown(&mut self, name: &str) {
        if self.notes.len() < 32 {
            let shown: String = name.chars().take(40).collect();
            self.notes.push(format!("{shown:?} was left out: it means nothing here"));
        } else {
            self.more += 1;
        }
    }

    /// A size, a ratio or pixels, whichever field it stands in; what is said first stays.
    fn measure(&mut self, name: &str, text: &str, nearest: Nearest<'_>) {
        let request = &mut self.request;
        let digits = text.strip_suffix(['K', 'k']).unwrap_or(text);
        if text == "auto" {
            return;
        }
        if let Some((width, height)) = pair(text, &['x', 'X', '×', '*']) {
            let Some((aspect, size)) = nearest(width, height) else {
                self.notes.push(format!("{name} {width}x{height} was left out: nothing in the tables is near it"));
                return;
            };
            let aspect = request.aspect_ratio.get_or_insert(aspect);
            let size = request.image_size.get_or_insert(size);
            let asked = format!("{name} {width}x{height}");
            self.notes
                .push(format!("{asked} became aspectRatio {aspect} and imageSize {size}, the nearest in the tables"));
        } else if pair(text, &[':']).is_some() {
            request.aspect_ratio.get_or_insert(text.to_owned());
        } else if !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            request.image_size.get_or_insert(text.to_ascii_uppercase());
        } else {
            self.notes.push(format!("{name} was left out: write it like 1024x1024, 16:9 or 2K"));
        }
    }
}

fn pair(text: &str, between: &[char]) -> Option<(u32, u32)> {
    let (one, other) = text.split_once(between)?;
    let number = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
    Some((number(one)?, number(other)?))
}

/// The request whose body is this very one: what has a field stands in it, and paths set the rest.
///
/// True of every object with `contents` and `generationConfig` and without dots in the names of its fields.
pub fn request_of(body: &Value) -> Request {
    let config = &body["generationConfig"];
    let (image, thinking) = (&config["imageConfig"], &config["thinkingConfig"]);
    let mut request = Request {
        prompt: prompt(&body["contents"]),
        system: Some(texts(&body["systemInstruction"]).join("\n")).filter(|text| !text.is_empty()),
        modalities: all(&config["responseModalities"], text),
        aspect_ratio: text(&image["aspectRatio"]),
        image_size: text(&image["imageSize"]),
        thinking_level: text(&thinking["thinkingLevel"]),
        include_thoughts: thinking["includeThoughts"].as_bool(),
        temperature: config["temperature"].as_f64(),
        top_p: config["topP"].as_f64(),
        seed: config["seed"].as_i64(),
        max_output_tokens: config["maxOutputTokens"].as_u64(),
        safety: all(&body["safetySettings"], |row| Some((text(&row["category"])?, text(&row["threshold"])?))),
        google_search: body["tools"] == json!([{"googleSearch": {}}]),
        extra: vec![],
    };
    let built = request.to_json(&[]).unwrap_or_default();
    for (name, wanted) in body.as_object().into_iter().flatten().filter(|(name, _)| is_plain(name)) {
        differences(name.clone(), built.get(name), wanted, &mut request.extra);
    }
    request
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Every element of a list, or none when one of them cannot be read.
fn all<T>(value: &Value, read: impl Fn(&Value) -> Option<T>) -> Vec<T> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(read).collect::<Option<Vec<T>>>().unwrap_or_default()
}

/// A list's elements; anything else is taken for the only one, as Google does.
fn several(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
}

fn texts(turn: &Value) -> Vec<&str> {
    several(&turn["parts"]).iter().filter_map(|part| part["text"].as_str()).collect()
}

/// The texts of the user's last turn, else all texts there are.
fn prompt(contents: &Value) -> String {
    let turns = several(contents);
    let is_user = |turn: &&Value| turn["role"].as_str().is_none_or(|role| role == "user");
    let last = turns.iter().rfind(is_user).map(texts).filter(|texts| !texts.is_empty());
    last.unwrap_or_else(|| turns.iter().flat_map(texts).collect()).join("\n")
}

/// The paths, and their values, that turn what was built into what is wanted.
fn differences(path: String, built: Option<&Value>, wanted: &Value, paths: &mut Vec<(String, Value)>) {
    match (built, wanted) {
        (Some(built), wanted) if built == wanted => {}
        (Some(Value::Object(built)), Value::Object(fields))
            if built.keys().all(|name| fields.contains_key(name)) && fields.keys().all(|name| is_plain(name)) =>
        {
            for (name, wanted) in fields {
                differences(format!("{path}.{name}"), built.get(name), wanted, paths);
            }
        }
        (Some(Value::Array(built)), Value::Array(list)) if begins(list, built) => {
            for (at, wanted) in list.iter().enumerate() {
                differences(format!("{path}.{at}"), built.get(at), wanted, paths);
            }
        }
        _ => paths.push((path, wanted.clone())),
    }
}

/// Whether a list begins with the elements of another, each perhaps with more in it.
fn begins(list: &[Value], with: &[Value]) -> bool {
    list.len() >= with.len() && list.iter().zip(with).all(|(whole, part)| holds(whole, part))
}

fn holds(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| holds(whole, part)))
        }
        (Value::Array(whole), Value::Array(part)) => begins(whole, part),
        _ => whole == part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NATIVE: &str = r#"curl "https://crazyrouter.com/v1beta/models/gemini-3.1-flash-image-preview:generateContent?key=YOUR_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{
    "contents": [
      {
        "role": "user",
        "parts": [
          {
            "text": "Generate an IMAGE of a clean ecommerce hero shot on a white background. Return image output."
          }
        ]
      }
    ],
    "generationConfig": {
      "responseModalities": ["IMAGE"]
    }
  }'"#;

    const LEGACY: &str = r#"curl -X POST https://crazyrouter.com/v1/images/generations \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer YOUR_API_KEY" \
  -d '{
    "model": "nano-banana-2",
    "prompt": "..."
  }'"#;

    fn nearest(width: u32, height: u32) -> Option<(String, String)> {
        (width != 7).then(|| (if width < height { "9:16" } else { "1:1" }.to_owned(), "2K".to_owned()))
    }

    fn read(text: &str) -> Result<Imported, ImportError> {
        let mut file = |path: &str| match path {
            "body.json" => Ok(b"\xef\xbb\xbf{\"contents\":[{\"parts\":[{\"text\":\"a\nb\"}]}]}".to_vec()),
            _ => Err(format!("{path} is not there")),
        };
        import(text, &mut file, &nearest)
    }

    fn command(path: &str, body: &Value) -> String {
        format!("curl 'https://h/{path}' -d '{body}'")
    }

    #[test]
    fn the_documented_native_call_is_taken_as_it_is() {
        for text in [NATIVE.to_owned(), NATIVE.replace('\n', "\r\n")] {
            let imported = read(&text).expect("readable");
            assert_eq!(imported.model.as_deref(), Some("gemini-3.1-flash-image-preview"));
            assert_eq!(imported.base.as_deref(), Some("https://crazyrouter.com"));
            assert_eq!((imported.call, imported.from, imported.had_key), (Call::Generate, Form::NativeCurl, true));
            let prompt = "Generate an IMAGE of a clean ecommerce hero shot on a white background. Return image output.";
            let request = request_of(&imported.body);
            assert_eq!(
                request,
                Request { prompt: prompt.into(), modalities: vec!["IMAGE".into()], ..Request::default() }
            );
            assert!(imported.notes.is_empty(), "{:?}", imported.notes);
            assert!(!format!("{imported:?}").contains("YOUR_API_KEY"));
        }
    }

    #[test]
    fn the_documented_legacy_call_becomes_native() {
        let imported = read(LEGACY).expect("readable");
        assert_eq!(imported.model.as_deref(), Some("nano-banana-2"));
        assert_eq!((imported.call, imported.from, imported.had_key), (Call::Generate, Form::ImagesCurl, true));
        assert_eq!(
            imported.body,
            json!({"contents":[{"role":"user","parts":[{"text":"..."}]}],"generationConfig":{"responseModalities":["IMAGE"]}})
        );
        assert_eq!(imported.notes.len(), 1);
        assert!(imported.notes[0].starts_with("turned from POST /v1/images/generations"));
        assert!(!format!("{imported:?}").contains("YOUR_API_KEY"));
    }

    #[test]
    fn fields_of_the_images_route_are_turned_or_told() {
        let config = |body: Value| images_body(&body, &nearest).1["generationConfig"].clone();
        for (body, wanted) in [
            (
                json!({"size":"1024x1792","seed":-3}),
                json!({"imageConfig":{"aspectRatio":"9:16","imageSize":"2K"},"seed":-3}),
            ),
            (json!({"size":"auto","quality":"auto","n":1,"user":null}), json!({})),
            (
                json!({"size":"1024x1024","aspect_ratio":"21:9"}),
                json!({"imageConfig":{"aspectRatio":"21:9","imageSize":"2K"}}),
            ),
            (json!({"size":"16:9","resolution":"4k"}), json!({"imageConfig":{"aspectRatio":"16:9","imageSize":"4K"}})),
            (json!({"size":"7x9"}), json!({})),
            (json!({"size":"0x9","seed":1.5}), json!({})),
        ] {
            let mut wanted = wanted;
            wanted["responseModalities"] = json!(["IMAGE"]);
            assert_eq!(config(body.clone()), wanted, "{body}");
        }
        let body = json!({"prompt":"p","n":3,"quality":"hd","style":"vivid","response_format":"b64_json","user":"u",
            "image_input":["https://h/signed?s=1"],"background":"transparent","output_format":"webp","xyz":1});
        let (_, _, notes) = images_body(&body, &nearest);
        assert_eq!(notes.len(), 10, "{notes:?}");
        for part in ["send it 3 times", "inlineData, send them with --image", "\"xyz\" was left out"] {
            assert!(notes.iter().any(|note| note.contains(part)), "{part}: {notes:?}");
        }
        assert!(!notes.join(" ").contains("signed"));
    }

    #[test]
    fn addresses_are_read_in_many_spellings() {
        let body = json!({"contents":[]});
        for (path, model, call, base) in [
            ("v1/models/m:generateContent", Some("m"), Call::Generate, "https://h"),
            ("v1beta/models/a%20b%3AstreamGenerateContent?alt=sse", Some("a b"), Call::Stream, "https://h"),
            (
                "team/v1/gemini/v1beta/models/x/y:generateContent",
                Some("x/y"),
                Call::Generate,
                "https://h/team/v1/gemini",
            ),
            ("v1beta/models/$MODEL:generateContent", None, Call::Generate, "https://h"),
            ("v1beta/models/{model}:generateContent", None, Call::Generate, "https://h"),
            ("relay", None, Call::Generate, "https://h"),
            ("v1/images/generations", None, Call::Generate, "https://h"),
        ] {
            let imported = read(&command(path, &body)).expect(path);
            assert_eq!((imported.model.as_deref(), imported.call), (model, call), "{path}");
            assert_eq!((imported.base.as_deref(), imported.from), (Some(base), Form::NativeCurl), "{path}");
        }
        let variable =
            read("curl \"${BASE}/v1beta/models/m:generateContent\" -d '{\"contents\":[]}'").expect("readable");
        assert_eq!((variable.model.as_deref(), variable.base), (Some("m"), None));
    }

    #[test]
    fn what_cannot_be_made_native_says_why() {
        let prompt = json!({"prompt":"p"});
        for (text, error) in [
            ("wget h".to_owned(), ImportError::Curl(CurlError::NoCommand)),
            (String::new(), ImportError::Empty),
            ("curl https://h/v1beta/models?key=k".to_owned(), ImportError::NoBody),
            (command("v1/images/edits", &prompt), ImportError::Edits),
            (command("v1/chat/completions", &json!({"messages":[]})), ImportError::Chat),
            (json!({"messages":[]}).to_string(), ImportError::Chat),
            (command("v1beta/models/m:countTokens", &json!({"contents":[]})), ImportError::OtherMethod),
            (command("v1beta/models/m:generateContent", &prompt), ImportError::NoContents),
            (command("v1/images/generations", &json!({"model":"m"})), ImportError::NoPrompt),
            ("{}".to_owned(), ImportError::Unknown),
            ("[1]".to_owned(), ImportError::NotAnObject),
            ("curl h -d @sk-abcdefghijk".to_owned(), ImportError::File { why: "*** is not there".into() }),
        ] {
            assert_eq!(read(&text).expect_err(&text), error, "{text}");
        }
        for (text, hint) in [
            ("{\"a\":", "paste the whole"),
            ("{“contents”:1}", "typographic"),
            ("curl h -d '{}' -d '{}'", "joined by &"),
            ("curl h -d a=b", "a form"),
            ("curl h -d ''", "empty"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }

    #[test]
    fn snake_case_is_turned_and_a_picture_is_asked_for() {
        let body = json!({"model":"m","system_instruction":{"parts":[{"text":"s"}]},"a.b":1,
            "contents":[{"parts":[{"inline_data":{"mime_type":"image/png","data":"AQID"}},{"functionCall":{"args":{"my_arg":1}}}]}],
            "generation_config":{"image_config":{"aspect_ratio":"1:1"},"top_p":1}, "generationConfig":null,
            "safety_settings":[], "safetySettings":[1]});
        let imported = read(&body.to_string()).expect("readable");
        assert_eq!((imported.model.as_deref(), imported.from), (Some("m"), Form::NativeBody));
        let wanted = json!({"systemInstruction":{"parts":[{"text":"s"}]},
            "contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"AQID"}},{"functionCall":{"args":{"my_arg":1}}}]}],
            "generationConfig":{"imageConfig":{"aspectRatio":"1:1"},"topP":1,"responseModalities":["IMAGE"]},"safetySettings":[1]});
        assert_eq!(imported.body, wanted);
        assert_eq!(imported.notes.len(), 5, "{:?}", imported.notes);
    }

    #[test]
    fn a_file_of_the_body_loses_its_line_ends_as_with_curl() {
        let imported = read("curl h/v1beta/models/m:generateContent -d @body.json").expect("readable");
        assert_eq!(imported.body["contents"][0]["parts"][0]["text"], "ab");
        assert!(matches!(read("curl h --data-binary @body.json"), Err(ImportError::NotJson { .. })));
    }

    #[test]
    fn a_key_in_the_body_is_covered_and_a_picture_is_not() {
        let picture = "iVBORw0KGgoAIzaSyAAAAAAAAAAAA+/AIzaSyAAAAAAAAA";
        let body = json!({"contents":[{"parts":[{"text":"use S3CRET-KEY, AIzaSyAbcdefghi or sk-abcdefghijkl"},
            {"inlineData":{"mimeType":"image/png","data":picture}}, {"data":"sk-abcdefghijkl"}]}],"sk-abcdefghijkl":1});
        let text = format!("curl 'h/S3CRET-KEY/v1beta/models/S3CRET-KEY:generateContent?key=S3CRET-KEY' -d '{body}'");
        let imported = read(&text).expect("readable");
        let shown = format!("{imported:?}");
        assert!(!shown.contains("S3CRET") && !shown.contains("bcdefgh"), "{shown}");
        assert_eq!(imported.body["contents"][0]["parts"][0]["text"], "use ***, *** or ***");
        assert_eq!(imported.body["contents"][0]["parts"][1]["inlineData"]["data"], picture);
        for key in ["$GEMINI_API_KEY", "${KEY}"] {
            let text = format!(
                "curl \"h/v1beta/models/m:generateContent\" -H \"x-goog-api-key: {key}\" -d '{{\"contents\":[]}}'"
            );
            assert!(read(&text).expect("readable").had_key);
        }
    }

    #[test]
    fn a_request_gives_back_the_very_body() {
        let native = |contents: Value, config: Value| json!({"contents": contents, "generationConfig": config});
        let turn =
            json!([{"role":"user","parts":[{"text":"p"},{"inlineData":{"mimeType":"image/png","data":"AQID"}}]}]);
        let rich = json!({
            "contents": turn, "systemInstruction": {"role":"system","parts":[{"text":"s"}]},
            "safetySettings": [{"category":"C","threshold":"OFF"}], "tools": [{"googleSearch":{}}], "labels": {"a.b":"c"},
            "generationConfig": {"responseModalities":["TEXT","IMAGE"],"temperature":1,"topP":0.95,"topK":40,"seed":7,
                "maxOutputTokens":100,"stopSequences":["x"],"imageConfig":{"aspectRatio":"16:9","imageSize":"2K","x":null},
                "thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true,"thinkingBudget":5}},
        });
        for body in [
            rich.clone(),
            native(json!([]), json!({})),
            native(json!({"parts":{"text":"p"}}), json!("odd")),
            native(json!([{"parts":[{"text":"p"}]}]), json!({"responseModalities":[],"seed":1.5,"temperature":"0.5"})),
            native(
                json!([{"role":"user","parts":[{"text":"1"}]},{"role":"model","parts":[]},{"role":"user","parts":[{"text":"2"}]}]),
                json!({"a":{"":1}}),
            ),
            json!({"contents":null,"generationConfig":{"imageConfig":[]},"safetySettings":[{"category":"C"}],"tools":[],"systemInstruction":"s"}),
        ] {
            assert_eq!(request_of(&body).to_json(&[]).expect("paths are fine"), body);
        }
        let request = request_of(&rich);
        assert_eq!((request.prompt.as_str(), request.system.as_deref(), request.google_search), ("p", Some("s"), true));
        assert_eq!(
            (request.temperature, request.seed, request.aspect_ratio.as_deref()),
            (Some(1.0), Some(7), Some("16:9"))
        );
        assert!(request.extra.iter().any(|(path, _)| path == "contents.0.parts.1"), "{:?}", request.extra);
    }
}
