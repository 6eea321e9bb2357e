//! One request from its first byte to its reply: read, decided, logged, waited for, drawn, sent.

use super::Options;
use super::body::{Body, Hangup};
use super::decide::{Answer, Decision, decide};
use super::fault;
use super::header::Header;
use super::knock::Knock;
use super::ledger::Ledger;
use super::line::Line;
use super::order::Order;
use super::page::Page;
use super::route::{self, Route};
use super::scene::{self, Ending, Scene};
use super::upload::{self, End};
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};
use std::fmt::Display;
use std::sync::Arc;

/// What all connections share.
#[derive(Debug)]
pub struct Gateway {
    pub options: Options,
    pub ledger: Arc<Ledger>,
}

/// Answers one request. Fails when there is nobody to answer, or when the scene is to say nothing.
pub async fn answer(
    gateway: Arc<Gateway>,
    line: Arc<Line>,
    request: Request<Incoming>,
) -> Result<Response<Body>, Hangup> {
    let number = gateway.ledger.next_number();
    let (head, incoming) = request.into_parts();
    let upload = upload::read(incoming, read_rate(&gateway.options, &head)).await;
    let knock = knock(number, &head, &upload.bytes);
    let request_id = knock.request_id();

    let decision = match upload.end {
        End::Whole => Some(decide(&gateway.options, &gateway.ledger, &knock)),
        End::TooLarge => {
            Some(fault::own(413, "read_request_body_failed", "request body too large", &request_id).into())
        }
        End::Cut => None,
    };
    let scene = decision.as_ref().and_then(|decision| decision.scene);
    gateway.ledger.arrived(&knock, scene.map(|scene| scene.id.as_str()), decision.is_none());
    let Some(Decision { answer, wait, booking, .. }) = decision else { return Err(Hangup) };
    drop(upload);

    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    // A gateway books what its upstream has drawn, whatever becomes of the reply.
    if let Some(booking) = booking {
        gateway.ledger.book(booking);
    }
    let page = match answer {
        Answer::Ready(page) => page,
        Answer::Drawn(_) if scene.is_some_and(|scene| scene.ending == Ending::Drop) => return Err(Hangup),
        Answer::Drawn(order) => draw(*order, &request_id).await,
    };
    Ok(response(page, number, &request_id, scene, line))
}

fn knock<'a>(number: u64, head: &'a Parts, body: &'a [u8]) -> Knock<'a> {
    let query = head.uri.query().unwrap_or_default();
    Knock { number, method: &head.method, path: head.uri.path(), query, headers: &head.headers, body }
}

/// The rate of a slow scene that is known before the prompt is.
fn read_rate(options: &Options, head: &Parts) -> Option<u64> {
    let Route::Generate { model, .. } = route::of(&head.method, head.uri.path(), "") else { return None };
    let id = model.strip_prefix("demo-").or(options.scene.as_deref())?;
    scene::find(id)?.read_rate
}

async fn draw(order: Order, request_id: &str) -> Page {
    let failed = |reason: &dyn Display| {
        fault::own(500, "do_request_failed", &format!("the picture was not drawn: {reason}"), request_id)
    };
    match tokio::task::spawn_blocking(move || order.draw()).await {
        Ok(Ok(page)) => page,
        Ok(Err(error)) => failed(&error),
        Err(error) => failed(&error),
    }
}

fn response(page: Page, number: u64, request_id: &str, scene: Option<&Scene>, line: Arc<Line>) -> Response<Body> {
    let ending = scene.map_or(Ending::Whole, |scene| scene.ending);
    let mut response = Response::new(Body::new(number, page.body, page.announced, ending, line));
    *response.status_mut() = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(HeaderName::from_static("x-unpeel-demo"), HeaderValue::from_static("demo"));
    set(headers, HeaderName::from_static("x-oneapi-request-id"), Some(request_id));
    set(headers, HeaderName::from_static("x-unpeel-scene"), scene.map(|scene| scene.id.as_str()));
    set(headers, CONTENT_TYPE, page.kind.as_deref());
    set(headers, CONTENT_ENCODING, page.gzip.then_some("gzip"));
    headers.extend(page.headers);
    for (name, value) in scene.into_iter().flat_map(|scene| &scene.headers).filter_map(Header::pair) {
        headers.insert(name, value);
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: Option<&str>) {
    if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
        headers.insert(name, value);
    }
}
