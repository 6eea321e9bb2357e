//! What a call asks for, how far it is, and what became of it: plain data that the app, the commands and the exchange share.

use crate::catalog::Catalog;
use crate::config::base::{self, BaseError};
use crate::config::{Mode, Profile};
use crate::route::Evidence;
use crate::wire::blob::Data;
use crate::wire::reply::Reply;
use crate::wire::request::{Call, Request, bare_model};
use crate::wire::rows::{self, NodeId, Row};
use crate::wire::verdict::Verdict;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use url::Url;

/// Everything one deliberate act sends.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    pub profile: Profile,
    pub call: Call,
    /// As the user wrote it; resolved and bare on the wire.
    pub model: String,
    pub request: Request,
    /// Files that go along as `inlineData`.
    pub references: Vec<PathBuf>,
    /// The exchange this one repeats.
    pub parent: Option<String>,
    /// The folder of an exchange whose request is sent as it was, in place of a body built from the fields above.
    pub replay: Option<PathBuf>,
}

impl Ask {
    /// The model in the path: an alias becomes the id it stands for; `models/…` is the user's way to send a name as it is.
    pub fn model_on_wire<'a>(&'a self, catalog: &'a Catalog) -> &'a str {
        let written = self.model.trim();
        written.strip_prefix("models/").unwrap_or_else(|| bare_model(catalog.resolve(written)))
    }

    /// True when nobody knows what was asked: a saved reply does not hold its request.
    pub fn is_unknown(&self) -> bool {
        self.replay.is_none() && self.references.is_empty() && self.request == Request::default()
    }

    /// Where the call goes, without the key.
    pub fn url(&self, catalog: &Catalog) -> Result<Url, BaseError> {
        let (path, query) = self.call.path(self.model_on_wire(catalog));
        let mut url = base::endpoint(&self.profile.base)?.join(&path);
        url.set_query(query);
        Ok(url)
    }
}

/// Which free questions to ask of a profile's server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbePlan {
    pub profile: Profile,
    /// Name, connection, TLS and state.
    pub site: bool,
    /// The model lists.
    pub lists: bool,
    /// Calls to try with empty contents, and their models as sent.
    pub dry: Vec<(Call, String)>,
}

impl ProbePlan {
    /// Everything that is free, for the profile's own kind of call and model.
    pub fn all(profile: &Profile, catalog: &Catalog) -> ProbePlan {
        let call = if profile.mode == Mode::Stream { Call::Stream } else { Call::Generate };
        let model = catalog.resolve(&profile.model).to_owned();
        ProbePlan { profile: profile.clone(), site: true, lists: true, dry: vec![(call, model)] }
    }
}

/// Bytes of a body, shared and never copied. Compared by identity, printed by length.
#[derive(Clone, Default)]
pub struct Body(Bytes);

impl Body {
    pub fn new(bytes: Vec<u8>) -> Body {
        Body(Bytes::from(bytes))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn shared(&self) -> Bytes {
        self.0.clone()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes)", self.0.len())
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Body) -> bool {
        self.0.as_ptr() == other.0.as_ptr() && self.0.len() == other.0.len()
    }
}

/// How far a call in flight is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Connecting,
    Sending,
    Waiting,
    Receiving,
}

impl Stage {
    pub fn word(self) -> &'static str {
        match self {
            Stage::Connecting => "connecting",
            Stage::Sending => "sending",
            Stage::Waiting => "waiting",
            Stage::Receiving => "receiving",
        }
    }
}

/// Something happened to a call in flight.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// The request is on disk, under this id.
    Recorded { id: String },
    /// Reached a stage, with bytes moved so far.
    Moved { stage: Stage, up: u64, down: u64 },
}

/// A saved picture and which of the reply's pictures it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub path: PathBuf,
    pub picture: usize,
}

/// Milliseconds since the call began; `None` for what did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Times {
    pub connect: Option<f64>,
    pub sent: Option<f64>,
    pub first_byte: Option<f64>,
    pub done: Option<f64>,
}

/// A reply that was read: the body, what it holds, and the long data in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub body: Body,
    pub reply: Reply,
    pub elided: BTreeMap<NodeId, Data>,
    /// Rows of the raw view with nothing folded.
    pub rows: Vec<Row>,
    /// Hosted pictures that were fetched, by their number.
    fetched: BTreeMap<usize, Body>,
}

impl Reading {
    pub fn of(body: Vec<u8>) -> Reading {
        let reply = crate::wire::reply::read(&body);
        let elided = rows::elisions(&reply, &body);
        let rows = rows::rows(&reply.document, &body, &BTreeSet::new());
        Reading { body: Body::new(body), reply, elided, rows, fetched: BTreeMap::new() }
    }

    /// With the bytes of a hosted picture that was fetched, as if the reply had held them.
    pub fn with_fetched(&self, number: usize, bytes: Vec<u8>) -> Reading {
        let mut reading = self.clone();
        if let Some(picture) = reading.reply.pictures.get_mut(number) {
            picture.data = Some(Data::of(&bytes));
            reading.fetched.insert(number, Body::new(bytes));
        }
        reading
    }

    /// Which of the reply's pictures is the answer, if its bytes came.
    pub fn final_number(&self) -> Option<usize> {
        self.reply.pictures.iter().position(|picture| picture.is_final && picture.data.is_some())
    }

    /// The bytes of one of the reply's pictures.
    pub fn picture(&self, number: usize) -> Option<Vec<u8>> {
        if let Some(fetched) = self.fetched.get(&number) {
            return Some(fetched.bytes().to_vec());
        }
        self.reply.pictures.get(number)?.bytes(&self.reply, self.body.bytes())
    }
}

/// What became of a call, apart from the body.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Id in the store; `None` when it could not be stored.
    pub id: Option<String>,
    pub folder: Option<PathBuf>,
    pub verdict: Verdict,
    pub status: Option<u16>,
    pub headers: Vec<(String, String)>,
    pub times: Times,
    pub up: u64,
    pub down: u64,
    pub model_asked: String,
    pub model_sent: String,
    pub model_reported: Option<String>,
    pub request_id: Option<String>,
    /// Total tokens as the reply counts them.
    pub tokens: Option<u64>,
    /// Pixels of the final picture.
    pub pixels: Option<(u32, u32)>,
    /// By the dated price table; `None` when it has no row.
    pub cost_usd: Option<f64>,
    /// What the gateway booked; `None` when nobody looked.
    pub booked_usd: Option<f64>,
    pub saved: Vec<Saved>,
    pub notes: Vec<String>,
    /// What the call says of its route; `None` for a saved reply.
    pub evidence: Option<Evidence>,
}

/// A stored exchange in the form in which a finished call is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Recalled {
    pub ask: Ask,
    pub outcome: Outcome,
    pub reading: Arc<Reading>,
    /// Another instance is still at work on it: how far it is.
    pub live: Option<Stage>,
}

/// The outcome with the body that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub outcome: Outcome,
    pub reading: Arc<Reading>,
}

impl Answer {
    /// The path of the final picture.
    pub fn final_path(&self) -> Option<&PathBuf> {
        let number = self.reading.final_number()?;
        self.outcome.saved.iter().find(|saved| saved.picture == number).map(|saved| &saved.path)
    }
}
