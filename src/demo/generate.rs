//! Generate calls, and those to the images route: which scene they get, and what is booked for it.

use super::Options;
use super::auth::{self, Credential};
use super::call::{self, Call, Unreadable};
use super::decide::{Answer, Decision};
use super::fault;
use super::journal::Booking;
use super::knock::Knock;
use super::listing;
use super::models;
use super::order::{Content, Order};
use super::page::Page;
use super::scene::{self, Reply, Scene};
use super::shape::Shape;

/// The answer to a generate call, and what is booked for it.
pub fn generate(options: &Options, knock: &Knock, model: &str, shape: Shape) -> Decision {
    let decision = scene_for(options, knock, model, shape).unwrap_or_else(Decision::from);
    let decision = Decision { wait: decision.wait + options.delay, ..decision };
    Decision { booking: Some(booking(options, knock, model, &decision)), ..decision }
}

fn scene_for(options: &Options, knock: &Knock, model: &str, shape: Shape) -> Result<Decision, Page> {
    let body = knock.plain_body().map_err(|error| knock.fault(400, "read_request_body_failed", &error.to_string()))?;
    let call = call::read(&body).map_err(|error| unreadable(knock, &error))?;
    let scene = pick(options, knock, &call, model)?;
    let early = matches!(&scene.reply, Reply::Gateway(error) if error.early);
    if call.empty && !early {
        return Err(knock.fault(500, "invalid_request", "contents is required"));
    }
    let wait = call.wait.unwrap_or_else(|| scene.wait());
    let lost = if scene.charged { models::price(model, call.size.as_deref()) } else { 0.0 };
    let answer = play(options, knock, scene, call, model, shape);
    let usd = match &answer {
        Answer::Drawn(order) => order.usd(),
        Answer::Ready(_) => lost,
    };
    Ok(Decision { answer, scene: Some(scene), wait, usd, booking: None })
}

fn booking(options: &Options, knock: &Knock, model: &str, decision: &Decision) -> Booking {
    Booking {
        request_id: knock.request_id(),
        model: model.to_owned(),
        path: knock.path.to_owned(),
        status: match &decision.answer {
            Answer::Ready(page) => page.status,
            Answer::Drawn(_) => 200,
        },
        quota: listing::quota(decision.usd * options.usage_drift),
        use_time: decision.wait.as_secs(),
    }
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
        Reply::Odd(oddity) => {
            let key = auth::find(knock.headers, knock.query);
            let key = key.as_ref().map_or("", Credential::reveal);
            return Answer::Ready(oddity.page(shape, key, &knock.request_id()));
        }
    };
    let (model, seed) = (model.to_owned(), options.seed);
    Answer::Drawn(Box::new(Order { content, call, model, shape, number: knock.number, seed, gzip: scene.gzip }))
}

/// The answer of the images route, which is broken for these models in one of three ways.
pub fn images(options: &Options, knock: &Knock) -> Decision {
    legacy(options, knock).unwrap_or_else(Decision::from)
}

fn legacy(options: &Options, knock: &Knock) -> Result<Decision, Page> {
    let body = knock.plain_body().map_err(|error| knock.fault(400, "read_request_body_failed", &error.to_string()))?;
    let (model, call) = call::read_images(&body).map_err(|error| unreadable(knock, &error))?;
    let asked = pick(options, knock, &call, &model)?;
    let legacy =
        Some(asked).filter(|scene| scene.id.starts_with("legacy-")).or_else(|| scene::find("legacy-not-supported"));
    match legacy.map(|scene| (scene, &scene.reply)) {
        Some((scene, Reply::Gateway(error))) => {
            let page = fault::of_scene(error, &model, &knock.request_id());
            let wait = call.wait.unwrap_or_else(|| scene.wait());
            Ok(Decision { scene: Some(scene), wait, ..Decision::from(page) })
        }
        _ => Err(fault::invalid_url(knock.method.as_str(), knock.path)),
    }
}

/// The scene: from the prompt, else from the model's name, else the demo's own.
fn pick(options: &Options, knock: &Knock, call: &Call, model: &str) -> Result<&'static Scene, Page> {
    let named = call.scene.as_deref().or(model.strip_prefix("demo-")).or(options.scene.as_deref());
    let id = named.unwrap_or("plain");
    let unknown =
        || knock.fault(400, "invalid_request", &format!("there is no scene \"{id}\"; `unpeel demo --list` names them"));
    scene::find(id).ok_or_else(unknown)
}

fn unreadable(knock: &Knock, error: &Unreadable) -> Page {
    match error {
        Unreadable::Json(_) => knock.fault(400, "invalid_request", &error.to_string()),
        Unreadable::Base64 { .. } => fault::upstream(400, &error.to_string()),
    }
}
