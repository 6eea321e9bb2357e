//! Tier 2: a native call with empty contents. A gateway checks key, group and channel before it refuses that, and charges after.

use super::target::Target;
use crate::client::{self, Event, Post};
use crate::exchange::Means;
use crate::route::{Evidence, Kind, Phases, Seen, judge};
use crate::secret::Mask;
use crate::wire::request::Call;
use bytes::Bytes;
use std::time::Instant;

/// What no server can make a picture of.
const BODY: &[u8] = br#"{"contents":[]}"#;
/// A refusal is short; more than this is a picture that nobody asked for.
const MOST: usize = 4 << 20;

/// Sends it once, as any call is sent.
pub async fn ask(target: &Target, call: Call, model: &str, means: &Means) -> Evidence {
    let (path, query) = call.path(model);
    let mut url = target.base.join(&path);
    url.set_query(query);
    let (auth, key, limits) = (target.profile.auth, target.key.clone(), target.limits);
    let post = Post { url, auth, key, body: Bytes::from_static(BODY), limits };
    let (began, mut heard) = (Instant::now(), Heard::default());
    let ending = client::post(&post, &mut |event| heard.take(event, began)).await;
    heard.phases.done = Some(ms(began));
    let mut mask = Mask::new(target.key.as_ref());
    let mut body = mask.push(&heard.body);
    body.extend(mask.finish());
    let seen = Seen { status: heard.status, body: &body, ending: &ending };
    let judged = judge::dry_run(&means.catalog, &seen);
    let evidence = target.evidence(Kind::from(call), model, judged, heard.status, heard.phases);
    // Masked before it is cut: half a key would not be known for one.
    let headers: Vec<_> = heard.headers.into_iter().map(|(name, value)| (name, mask.text(&value))).collect();
    let id = client::request_id(&headers).or_else(|| evidence.request_id.clone());
    Evidence { request_id: id, model_asked: Some(target.profile.model.clone()), ..evidence }
}

#[derive(Default)]
struct Heard {
    status: Option<u16>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    phases: Phases,
}

impl Heard {
    fn take(&mut self, event: Event, began: Instant) -> Result<(), String> {
        match event {
            Event::Leaving => self.phases.connect = Some(ms(began)),
            Event::Up(_) => self.phases.sent = Some(ms(began)),
            Event::Head { status, headers } => {
                self.phases.first_byte = Some(ms(began));
                (self.status, self.headers) = (Some(status), headers);
            }
            Event::Down(bytes) => {
                let room = MOST.saturating_sub(self.body.len());
                self.body.extend_from_slice(&bytes[..bytes.len().min(room)]);
            }
        }
        Ok(())
    }
}

fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}
