//! Which answer a request gets: the gateway's rules, without doing anything.

use super::Options;
use super::auth;
use super::fault;
use super::generate;
use super::journal::Booking;
use super::knock::{Access, Knock};
use super::ledger::Ledger;
use super::listing;
use super::models;
use super::order::Order;
use super::page::Page;
use super::route::Route;
use super::scene::Scene;
use std::time::Duration;

/// What the usage endpoint says to those without a right key, and the log to those without an account.
const NO_KEY: &str = "No Authorization header, or one that is not known here";
const NO_ACCOUNT: &str = "No access token in Authorization, or no New-Api-User beside it; keys open nothing here";

/// What to do about a request.
#[derive(Debug)]
pub struct Decision {
    pub answer: Answer,
    /// The scene that is played, for generate calls.
    pub scene: Option<&'static Scene>,
    /// How long the first byte waits.
    pub wait: Duration,
    /// The list price in dollars of what was made.
    pub usd: f64,
    /// What the gateway books, for generate calls.
    pub booking: Option<Booking>,
}

/// An answer: at once, or after drawing.
#[derive(Debug)]
pub enum Answer {
    Ready(Page),
    Drawn(Box<Order>),
}

impl From<Page> for Decision {
    fn from(page: Page) -> Decision {
        Decision { answer: Answer::Ready(page), scene: None, wait: Duration::ZERO, usd: 0.0, booking: None }
    }
}

/// Decides; the ledger is only read.
pub fn decide(options: &Options, ledger: &Ledger, knock: &Knock) -> Decision {
    let route = knock.route();
    if let Some(refusal) = refuse(options, knock, route) {
        let wait = if matches!(route, Route::Generate { .. }) { options.delay } else { Duration::ZERO };
        return Decision { wait, ..refusal.into() };
    }
    match route {
        Route::Generate { model, shape } => generate::generate(options, knock, model, shape),
        Route::Images => generate::images(options, knock),
        Route::CountTokens => knock.fault(400, "invalid_request", "countTokens is not offered by this gateway").into(),
        Route::GeminiModels => models_page(options, knock).into(),
        Route::BearerModels if knock.may_enter(None, true) == Access::NoKey => fault::nameless_model().into(),
        Route::OpenaiModels | Route::BearerModels => {
            Page::json(200, listing::openai(&models::ids(options.models))).into()
        }
        Route::Status => Page::json(200, listing::status()).into(),
        Route::Usage => Page::json(200, listing::usage(ledger.journal().spent())).into(),
        Route::UsageElsewhere => Page::moved("/api/usage/token/").into(),
        Route::Log if auth::is_account(knock.headers) => Page::json(200, ledger.journal().page(knock.query)).into(),
        Route::Log => Page::json(200, listing::refused(NO_ACCOUNT)).into(),
        Route::Unknown => fault::invalid_url(knock.method.as_str(), knock.path).into(),
    }
}

/// What a request without a right key gets, where one is needed.
fn refuse(options: &Options, knock: &Knock, route: Route) -> Option<Page> {
    let bearer_only = matches!(route, Route::Images | Route::Usage);
    let open = matches!(route, Route::Status | Route::UsageElsewhere | Route::Log | Route::Unknown);
    if open {
        return None;
    }
    let message = match knock.may_enter(options.key.as_deref(), bearer_only) {
        Access::Granted => return None,
        _ if route == Route::Usage => return Some(Page::json(200, listing::refused(NO_KEY))),
        Access::NoKey => "No token provided",
        Access::WrongKey => "Invalid token",
    };
    Some(knock.fault(401, "", message))
}

fn models_page(options: &Options, knock: &Knock) -> Page {
    match listing::gemini(&models::ids(options.models), knock.query) {
        Some(list) => Page::json(200, list),
        None => knock.fault(400, "invalid_request", "pageSize and pageToken must be numbers within the list"),
    }
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
        let knock = Knock { number: 1, method: &method, path, query: "", headers: &headers, body };
        decide(options, &Ledger::open(None).unwrap(), &knock)
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

    #[test]
    fn a_call_is_booked_at_its_price_and_a_failure_at_none_unless_its_scene_says_so() {
        let drifting = Options { usage_drift: 2.0, ..Options::default() };
        let cases = [
            (KNOWN, "x", Some((200, 67_000))),
            (KNOWN, "[scene:text]", Some((200, 0))),
            (KNOWN, "[scene:gateway-500]", Some((500, 0))),
            (KNOWN, "[scene:charged-failure]", Some((500, 67_000))),
            (KNOWN, "[scene:nowhere]", Some((400, 0))),
            ("/v1beta/models/x:countTokens", "x", None),
        ];
        for (path, text, expected) in cases {
            let booking = ask(&drifting, Method::POST, path, "k", &prompt(text)).booking;
            assert_eq!(booking.map(|booking| (booking.status, booking.quota)), expected, "{path} {text}");
        }
        let locked = Options { key: Some("right".to_owned()), ..Options::default() };
        assert_eq!(ask(&locked, Method::POST, KNOWN, "wrong", &prompt("x")).booking, None);
    }
}
