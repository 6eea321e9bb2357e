//! Which answer a request gets: the gateway's rules, without doing anything.

use super::Options;
use super::call::{self, Call, Unreadable};
use super::fault;
use super::knock::{Access, Knock};
use super::listing;
use super::models;
use super::order::{Content, Order};
use super::page::Page;
use super::reply::Shape;
use super::route::Route;
use super::scene::{self, Reply, Scene};
use std::time::Duration;

/// What to do about a request.
#[derive(Debug)]
pub struct Decision {
    pub answer: Answer,
    /// The scene that is played, for generate calls.
    pub scene: Option<&'static Scene>,
    /// How long the first byte waits.
    pub wait: Duration,
}

/// An answer: at once, or after drawing.
#[derive(Debug)]
pub enum Answer {
    Ready(Page),
    Drawn(Box<Order>),
}

impl From<Page> for Decision {
    fn from(page: Page) -> Decision {
        Decision { answer: Answer::Ready(page), scene: None, wait: Duration::ZERO }
    }
}

/// Decides; `spent` is what the key has used so far.
pub fn decide(options: &Options, spent: u64, knock: &Knock) -> Decision {
    let route = knock.route();
    if let Some(refusal) = refuse(options, knock, route) {
        return Decision { wait: delay(options, route), ..refusal.into() };
    }
    match route {
        Route::Generate { model, shape } => {
            let decision = generate(options, knock, model, shape).unwrap_or_else(Decision::from);
            Decision { wait: decision.wait + delay(options, route), ..decision }
        }
        Route::Images => images(options, knock).unwrap_or_else(Decision::from),
        Route::CountTokens => own(knock, 400, "invalid_request", "countTokens is not offered by this gateway").into(),
        Route::GeminiModels => models_page(options, knock).into(),
        Route::BearerModels if knock.may_enter(None, true) == Access::NoKey => fault::nameless_model().into(),
        Route::OpenaiModels | Route::BearerModels => {
            Page::json(200, listing::openai(&models::ids(options.models))).into()
        }
        Route::Status => Page::json(200, listing::status()).into(),
        Route::Usage => Page::json(200, listing::usage(spent)).into(),
        Route::UsageElsewhere => Page::moved("/api/usage/token/").into(),
        Route::Unknown => fault::invalid_url(knock.method.as_str(), knock.path).into(),
    }
}

fn delay(options: &Options, route: Route) -> Duration {
    if matches!(route, Route::Generate { .. }) { options.delay } else { Duration::ZERO }
}

/// What a request without a right key gets, where one is needed.
fn refuse(options: &Options, knock: &Knock, route: Route) -> Option<Page> {
    let bearer_only = matches!(route, Route::Images | Route::Usage);
    let open = matches!(route, Route::Status | Route::UsageElsewhere | Route::Unknown);
    if open {
        return None;
    }
    let message = match knock.may_enter(options.key.as_deref(), bearer_only) {
        Access::Granted => return None,
        _ if route == Route::Usage => return Some(Page::json(200, listing::usage_refused())),
        Access::NoKey => "No token provided",
        Access::WrongKey => "Invalid token",
    };
    Some(own(knock, 401, "", message))
}

fn generate(options: &Options, knock: &Knock, model: &str, shape: Shape) -> Result<Decision, Page> {
    let body = knock.plain_body().map_err(|error| own(knock, 400, "read_request_body_failed", &error.to_string()))?;
    let call = call::read(&body).map_err(|error| unreadable(knock, &error))?;
    let scene = pick(options, knock, &call, model)?;
    let early = matches!(&scene.reply, Reply::Gateway(error) if error.early);
    if call.empty && !early {
        return Err(own(knock, 500, "invalid_request", "contents is required"));
    }
    let wait = call.wait.unwrap_or_else(|| scene.wait());
    Ok(Decision { answer: play(options, knock, scene, call, model, shape), scene: Some(scene), wait })
}

fn play(options: &Options, knock: &Knock, scene: &'static Scene, call: Call, model: &str, shape: Shape) -> Answer {
    let content = match &scene.reply {
        Reply::Gateway(error) => return Answer::Ready(fault::of_scene(error, model, &knock.request_id())),
        Reply::Raw(raw) => {
            let body = raw.body.replace("{model}", model);
            return Answer::Ready(Page::new(raw.status, raw.kind.as_deref(), body));
        }
        Reply::Gemini(gemini) => Content::Gemini(gemini),
        Reply::OpenaiImages(format) => Content::OpenaiImages(*format),
    };
    let (model, seed) = (model.to_owned(), options.seed);
    Answer::Drawn(Box::new(Order { content, call, model, shape, number: knock.number, seed, gzip: scene.gzip }))
}

/// The images route is broken for these models, in one of three ways.
fn images(options: &Options, knock: &Knock) -> Result<Decision, Page> {
    let body = knock.plain_body().map_err(|error| own(knock, 400, "read_request_body_failed", &error.to_string()))?;
    let (model, call) = call::read_images(&body).map_err(|error| unreadable(knock, &error))?;
    let asked = pick(options, knock, &call, &model)?;
    let legacy =
        Some(asked).filter(|scene| scene.id.starts_with("legacy-")).or_else(|| scene::find("legacy-not-supported"));
    match legacy.map(|scene| (scene, &scene.reply)) {
        Some((scene, Reply::Gateway(error))) => {
            let page = fault::of_scene(error, &model, &knock.request_id());
            let wait = call.wait.unwrap_or_else(|| scene.wait());
            Ok(Decision { answer: Answer::Ready(page), scene: Some(scene), wait })
        }
        _ => Err(fault::invalid_url(knock.method.as_str(), knock.path)),
    }
}

/// The scene: from the prompt, else from the model's name, else the demo's own.
fn pick(options: &Options, knock: &Knock, call: &Call, model: &str) -> Result<&'static Scene, Page> {
    let named = call.scene.as_deref().or(model.strip_prefix("demo-")).or(options.scene.as_deref());
    let id = named.unwrap_or("plain");
    let unknown =
        || own(knock, 400, "invalid_request", &format!("there is no scene \"{id}\"; `unpeel demo --list` names them"));
    scene::find(id).ok_or_else(unknown)
}

fn models_page(options: &Options, knock: &Knock) -> Page {
    match listing::gemini(&models::ids(options.models), knock.query) {
        Some(list) => Page::json(200, list),
        None => own(knock, 400, "invalid_request", "pageSize and pageToken must be numbers within the list"),
    }
}

fn unreadable(knock: &Knock, error: &Unreadable) -> Page {
    match error {
        Unreadable::Json(_) => own(knock, 400, "invalid_request", &error.to_string()),
        Unreadable::Base64 { .. } => fault::upstream(400, &error.to_string()),
    }
}

fn own(knock: &Knock, status: u16, code: &str, message: &str) -> Page {
    fault::own(status, code, message, &knock.request_id())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Method;
    use hyper::header::{HeaderMap, HeaderValue};

    const KNOWN: &str = "/v1beta/models/nano-banana-2:generateContent";

    fn ask(options: &Options, method: Method, path: &str, key: &'static str, body: &str) -> Decision {
        let headers = HeaderMap::from_iter([("x-goog-api-key".parse().unwrap(), HeaderValue::from_static(key))]);
        let body = body.as_bytes();
        decide(options, 0, &Knock { number: 1, method: &method, path, query: "", headers: &headers, body })
    }

    fn status(decision: &Decision) -> u16 {
        match &decision.answer {
            Answer::Ready(page) => page.status,
            Answer::Drawn(_) => 200,
        }
    }

    fn prompt(text: &str) -> String {
        format!(r#"{{"contents":[{{"parts":[{{"text":"{text}"}}]}}]}}"#)
    }

    #[test]
    fn prompt_then_model_then_option_choose_the_scene() {
        let demo_model = "/v1beta/models/demo-jpeg:generateContent";
        let option = Some("webp".to_owned());
        let cases = [
            (demo_model, "x [scene:text]", &option, Some("text")),
            (demo_model, "x", &option, Some("jpeg")),
            (KNOWN, "x", &option, Some("webp")),
            (KNOWN, "x", &None, Some("plain")),
            (KNOWN, "[scene:nowhere]", &None, None),
        ];
        for (path, text, scene, expected) in cases {
            let options = Options { scene: scene.clone(), ..Options::default() };
            let decision = ask(&options, Method::POST, path, "k", &prompt(text));
            assert_eq!(decision.scene.map(|scene| scene.id.as_str()), expected, "{path} {text}");
            assert_eq!(status(&decision), if expected.is_some() { 200 } else { 400 });
        }
    }

    #[test]
    fn refusals() {
        let locked = Options { key: Some("right".to_owned()), ..Options::default() };
        let dead = "/v1beta/models/demo-model-503:generateContent";
        let cases = [
            (Method::POST, KNOWN, "", "{}", 401),
            (Method::POST, KNOWN, "wrong", "{}", 401),
            (Method::POST, KNOWN, "right", "{}", 500),
            (Method::POST, KNOWN, "right", "{", 400),
            (Method::POST, dead, "right", "{}", 503),
            (Method::POST, "/v1beta/models/x:countTokens", "right", "{}", 400),
            (Method::GET, KNOWN, "right", "", 404),
            (Method::GET, "/v1/models", "right", "", 200),
            (Method::GET, "/api/status", "", "", 200),
            (Method::GET, "/api/usage/token", "", "", 301),
        ];
        for (method, path, key, body, expected) in cases {
            assert_eq!(status(&ask(&locked, method, path, key, body)), expected, "{path} {key} {body}");
        }
    }
}
