//! A free GET: its answer within bounds of size and time, and how long each step took.

use super::{Limits, check_place, client, describe, with_header_key};
use crate::config::Auth;
use crate::route::Phases;
use crate::secret::{Key, Mask};
use crate::wire::verdict::Ending;
use reqwest::{Response, Url};
use std::time::Instant;

/// What is asked for, and how.
pub struct Get<'a> {
    pub url: Url,
    /// The key goes by header, or as Bearer; never in the URL.
    pub auth: Auth,
    pub key: Option<&'a Key>,
    pub headers: &'a [(&'static str, String)],
    pub limits: Limits,
    /// Bytes of the answer.
    pub most: usize,
}

/// What came. Echoes of the key are masked.
#[derive(Debug)]
pub struct Got {
    pub status: Option<u16>,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub ending: Ending,
    pub phases: Phases,
}

impl Get<'_> {
    /// Asks once. Never follows a redirect.
    pub async fn run(self) -> Got {
        let began = Instant::now();
        let mut got =
            Got { status: None, headers: vec![], body: vec![], ending: Ending::Complete, phases: Phases::default() };
        let response = match self.send().await {
            Ok(response) => response,
            Err(ending) => return Got { ending, ..got },
        };
        let mut mask = Mask::new(self.key);
        got.phases.first_byte = Some(ms(began));
        got.status = Some(response.status().as_u16());
        let headers = response.headers().iter();
        got.headers = headers
            .map(|(name, value)| (mask.text(name.as_str()), mask.text(&String::from_utf8_lossy(value.as_bytes()))))
            .collect();
        let read = tokio::time::timeout(self.limits.idle, read(response, self.most)).await;
        let (body, ending) = read.unwrap_or_else(|_| (vec![], Ending::TimedOut("the answer took too long".to_owned())));
        got.body = mask.push(&body);
        got.body.extend(mask.finish());
        got.phases.done = Some(ms(began));
        Got { ending, ..got }
    }

    async fn send(&self) -> Result<Response, Ending> {
        check_place(&self.url, self.key).map_err(Ending::NotSent)?;
        let header = if self.auth == Auth::Query { Auth::Header } else { self.auth };
        let request = client(&self.url, &self.limits).map_err(Ending::NotSent)?.get(self.url.clone());
        let request = with_header_key(request.timeout(self.limits.idle), header, self.key).map_err(Ending::NotSent)?;
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        request.send().await.map_err(|error| match (error.is_connect(), error.is_timeout()) {
            (true, _) => Ending::NotSent(describe(&error)),
            (false, true) => Ending::TimedOut(describe(&error)),
            (false, false) => Ending::NoReply(describe(&error)),
        })
    }
}

async fn read(mut response: Response, most: usize) -> (Vec<u8>, Ending) {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > most => {
                return (body, Ending::Cut(format!("the answer is longer than {most} bytes")));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return (body, Ending::Complete),
            Err(error) => return (body, Ending::Cut(describe(&error))),
        }
    }
}

fn ms(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1000.0
}
