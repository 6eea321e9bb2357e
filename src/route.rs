//! Routes and what real calls proved about them: dated evidence, and one verdict a route by stated rules.
//!
//! A route is profile × kind of call × model. Rules: a picture proves it; a picture under a wrong shape, or links only,
//! degrade it; errors, broken bodies and lost connections fail it at a level; refusals of a prompt, text, 429 and what the
//! user cancelled say nothing about the route and change nothing.

use crate::wire::verdict::Word;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Which route.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RouteId {
    pub profile: String,
    /// `generateContent` or `streamGenerateContent`.
    pub kind: String,
    /// As sent.
    pub model: String,
}

/// One dated observation.
#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub route: RouteId,
    pub at: Timestamp,
    pub word: Word,
    pub reason: String,
    pub status: Option<u16>,
    pub request_id: Option<String>,
    pub first_byte_ms: Option<f64>,
    /// Id of the exchange in the store.
    pub exchange: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Unknown,
    Proven,
    Degraded,
    Failing,
}

impl Standing {
    pub fn word(self) -> &'static str {
        match self {
            Standing::Unknown => "unknown",
            Standing::Proven => "proven",
            Standing::Degraded => "degraded",
            Standing::Failing => "failing",
        }
    }
}

/// What one observation says of its route; `None` when it says nothing.
pub fn standing_of(word: Word, status: Option<u16>) -> Option<Standing> {
    match word {
        Word::Image => Some(Standing::Proven),
        Word::ImageLink | Word::WrongShape | Word::Cut => Some(Standing::Degraded),
        Word::GatewayError | Word::UpstreamError if status == Some(429) => None,
        Word::GatewayError | Word::UpstreamError | Word::NotJson | Word::Network | Word::Timeout => {
            Some(Standing::Failing)
        }
        Word::Text
        | Word::Blocked
        | Word::NoImage
        | Word::Empty
        | Word::MaxTokens
        | Word::Cancelled
        | Word::Interrupted => None,
    }
}

/// One row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    pub id: RouteId,
    pub standing: Standing,
    /// The observation that decided, if any.
    pub decided_by: Option<Evidence>,
    /// The newest observation of any kind.
    pub last: Option<Evidence>,
    /// All observations.
    pub count: usize,
}

/// The routes that were seen or are configured, in a stable order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Routes(Vec<Route>);

impl Routes {
    /// Adds a route that nothing is known about yet.
    pub fn expect(&mut self, id: RouteId) {
        if !self.0.iter().any(|route| route.id == id) {
            self.0.push(Route { id, standing: Standing::Unknown, decided_by: None, last: None, count: 0 });
        }
    }

    /// Takes an observation; older ones than the last are counted but decide nothing.
    pub fn observe(&mut self, evidence: Evidence) {
        self.expect(evidence.route.clone());
        let Some(route) = self.0.iter_mut().find(|route| route.id == evidence.route) else { return };
        route.count += 1;
        if let Some(standing) = standing_of(evidence.word, evidence.status)
            && route.decided_by.as_ref().is_none_or(|by| by.at <= evidence.at)
        {
            route.standing = standing;
            route.decided_by = Some(evidence.clone());
        }
        if route.last.as_ref().is_none_or(|last| last.at <= evidence.at) {
            route.last = Some(evidence);
        }
    }

    pub fn rows(&self) -> &[Route] {
        &self.0
    }
}

impl Evidence {
    /// One line of the evidence file.
    pub fn to_json(&self) -> Value {
        json!({
            "profile": self.route.profile, "kind": self.route.kind, "model": self.route.model, "time": self.at.to_string(),
            "word": self.word, "reason": self.reason, "status": self.status, "requestId": self.request_id,
            "firstByteMs": self.first_byte_ms, "exchange": self.exchange, "source": "call",
        })
    }

    /// Reads a line back; `None` for one of another kind or from a later version.
    pub fn from_json(line: &Value) -> Option<Evidence> {
        let text = |key: &str| line.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Evidence {
            route: RouteId { profile: text("profile")?, kind: text("kind")?, model: text("model")? },
            at: text("time")?.parse().ok()?,
            word: Word::parse(&text("word")?)?,
            reason: text("reason").unwrap_or_default(),
            status: line.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok()),
            request_id: text("requestId"),
            first_byte_ms: line.get("firstByteMs").and_then(Value::as_f64),
            exchange: text("exchange"),
        })
    }
}

/// How long ago, for people: `now`, `5 min`, `3 h`, `12 d`. A clock that stepped back gives `now`.
pub fn age(then: Timestamp, now: Timestamp) -> String {
    let seconds = (now.as_second() - then.as_second()).max(0);
    match seconds {
        0..60 => "now".to_owned(),
        60..3600 => format!("{} min", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(second: i64, word: Word, status: Option<u16>) -> Evidence {
        Evidence {
            route: RouteId { profile: "p".into(), kind: "generateContent".into(), model: "m".into() },
            at: Timestamp::from_second(second).expect("in range"),
            word,
            reason: String::new(),
            status,
            request_id: Some(format!("r{second}")),
            first_byte_ms: Some(1.5),
            exchange: None,
        }
    }

    #[test]
    fn calls_decide_and_users_mistakes_do_not() {
        let mut routes = Routes::default();
        for (second, word, status, standing) in [
            (1, Word::Text, Some(200), Standing::Unknown),
            (2, Word::Image, Some(200), Standing::Proven),
            (3, Word::Blocked, Some(200), Standing::Proven),
            (4, Word::UpstreamError, Some(429), Standing::Proven),
            (5, Word::GatewayError, Some(500), Standing::Failing),
            (3, Word::Image, Some(200), Standing::Failing),
            (6, Word::WrongShape, Some(200), Standing::Degraded),
        ] {
            routes.observe(seen(second, word, status));
            assert_eq!(routes.rows()[0].standing, standing, "{word:?} at {second}");
        }
        assert_eq!(routes.rows().len(), 1);
        assert_eq!(routes.rows()[0].count, 7);
    }

    #[test]
    fn evidence_survives_the_file() {
        let evidence = seen(7, Word::Image, Some(200));
        assert_eq!(Evidence::from_json(&evidence.to_json()), Some(evidence));
        assert_eq!(Evidence::from_json(&json!({"word": "image"})), None);
    }

    #[test]
    fn ages_are_short_and_never_negative() {
        let at = |second| Timestamp::from_second(second).expect("in range");
        for (then, now, shown) in
            [(0, 59, "now"), (0, 60, "1 min"), (0, 7200, "2 h"), (0, 86_400 * 40, "40 d"), (100, 0, "now")]
        {
            assert_eq!(age(at(then), at(now)), shown);
        }
    }
}
