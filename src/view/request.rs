//! The request pane: what was sent for the selected call, or what the next send would send.

use super::paint::{Canvas, Piece};
use crate::app::State;
use crate::call::Ask;
use crate::config::Auth;
use crate::layout::{Area, Pane};
use crate::text::{self, Safe};
use crate::theme::Styles;
use crate::wire::brief::brief;
use crate::wire::request::Request;
use serde_json::Value;
use std::borrow::Cow;

/// Characters of a line, and of the address; long prompts stand whole in the prompt.
const LINE: usize = 2000;
/// Lines of the body, and reference pictures, that are shown.
const MOST: usize = 5000;

pub fn draw(state: &State, canvas: &mut Canvas, area: Area) {
    let focused = state.choice.focus == Pane::Request;
    let (note, ask) = match state.log.current() {
        Some(entry) if entry.ask.is_unknown() => {
            ("", Err("not known: a saved reply does not hold its request".to_owned()))
        }
        Some(entry) => ("as sent", Ok(Cow::Borrowed(&entry.ask))),
        None => ("as it would be sent", state.params.ask(state.prompt.text(), &state.setup).map(Cow::Owned)),
    };
    canvas.pane(area, Pane::Request.title(), &Safe::from(note), &[], focused);
    let inside = area.inside();
    let lines = match ask {
        Ok(ask) => lines(&ask, state, canvas.styles, usize::from(inside.width)),
        Err(why) => vec![vec![(Safe::head(&why, LINE), canvas.styles.bad)]],
    };
    let most = lines.len().saturating_sub(1);
    canvas.lines(inside, &lines[state.log.request_scroll.min(most)..]);
}

fn lines(ask: &Ask, state: &State, styles: &Styles, width: usize) -> Vec<Vec<Piece>> {
    let url = ask.url(&state.setup.catalog).map_or_else(|error| error.to_string(), |url| url.to_string());
    let auth = match ask.profile.auth {
        Auth::Header => "x-goog-api-key: ⟨key⟩",
        Auth::Bearer => "authorization: Bearer ⟨key⟩",
        Auth::Query => "the key as ?key= in the URL",
    };
    let url = text::wrap(&Safe::head_of(format_args!("POST {url}"), LINE), width);
    let mut lines: Vec<Vec<Piece>> = url.into_iter().map(|row| vec![(row, styles.strong)]).collect();
    lines.push(vec![(Safe::from(auth), styles.dim)]);
    let body = shortened(&ask.request).to_json(&[]).ok();
    let json = body.and_then(|body| serde_json::to_string_pretty(&body).ok()).unwrap_or_default();
    lines.extend(json.lines().take(MOST).map(|line| vec![(Safe::head(line, LINE), styles.string)]));
    let reference =
        |path: &std::path::PathBuf| Safe::head_of(format_args!("with {} as inlineData", path.display()), LINE);
    lines.extend(ask.references.iter().take(MOST).map(|path| vec![(text::clip(&reference(path), 400), styles.info)]));
    lines
}

/// With the beginnings of its long texts: the body is built again for every key.
fn shortened(request: &Request) -> Request {
    let short = |text: &String| brief(text, LINE);
    Request {
        prompt: short(&request.prompt),
        system: request.system.as_ref().map(short),
        modalities: request.modalities.iter().take(MOST).map(short).collect(),
        aspect_ratio: request.aspect_ratio.as_ref().map(short),
        image_size: request.image_size.as_ref().map(short),
        thinking_level: request.thinking_level.as_ref().map(short),
        include_thoughts: request.include_thoughts,
        temperature: request.temperature,
        top_p: request.top_p,
        seed: request.seed,
        max_output_tokens: request.max_output_tokens,
        safety: request.safety.iter().take(MOST).map(|(name, value)| (short(name), short(value))).collect(),
        google_search: request.google_search,
        extra: request.extra.iter().take(MOST).map(|(path, value)| (short(path), short_value(value))).collect(),
    }
}

fn short_value(value: &Value) -> Value {
    match value {
        Value::String(text) => brief(text, LINE).into(),
        Value::Array(list) => list.iter().take(MOST).map(short_value).collect(),
        Value::Object(map) => {
            map.iter().take(MOST).map(|(key, value)| (brief(key, LINE), short_value(value))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_texts_are_shortened() {
        let usual = Request {
            prompt: "a red fox".into(),
            system: Some("oil".into()),
            modalities: vec!["IMAGE".into()],
            aspect_ratio: Some("16:9".into()),
            safety: vec![("HARASSMENT".into(), "OFF".into())],
            seed: Some(7),
            google_search: true,
            extra: vec![("a.b".into(), serde_json::json!([1]))],
            ..Request::default()
        };
        assert_eq!(shortened(&usual), usual);
        let long = Request { prompt: "x".repeat(1 << 20), ..usual };
        assert_eq!(shortened(&long).prompt.chars().count(), LINE);
    }
}
