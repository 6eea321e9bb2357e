//! `meta.json`: what an exchange was, how far it came and what it was judged to be, in words that scripts can read.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::history::Phase;

/// The version of the format that this program writes.
pub const FORMAT: u32 = 1;

/// One exchange without its bytes. `format`, `id` and `time` must be there to be read; all else has a default.
///
/// Nothing in here may hold a key: `base` is without user info and query, `headers` and `masked` come after masking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// The version of the format it was written in: 1.
    pub format: u32,
    /// The folder's name.
    pub id: String,
    /// When the request was put on disk.
    #[serde(with = "rfc3339")]
    pub time: Timestamp,
    /// Name of the profile.
    #[serde(default)]
    pub profile: String,
    /// The profile's environment, such as `production`.
    #[serde(default)]
    pub environment: String,
    /// Base URL, without user info and key.
    #[serde(default)]
    pub base: String,
    /// `generateContent` or `streamGenerateContent`.
    #[serde(default)]
    pub kind: String,
    /// The three names one model may have in one exchange.
    #[serde(default)]
    pub model: ModelNames,
    /// The prompt as typed.
    #[serde(default)]
    pub prompt: String,
    /// What else was asked for: aspect, size, seed and the like.
    #[serde(default)]
    pub parameters: Value,
    /// How far it came.
    #[serde(default)]
    pub phase: Phase,
    /// The HTTP status, once there is one.
    #[serde(default)]
    pub status: Option<u16>,
    /// The reply's headers in their order.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The id that the server's support asks for.
    #[serde(default)]
    pub request_id: Option<String>,
    /// When each step was reached.
    #[serde(default)]
    pub timings_ms: Timings,
    /// Bytes of the request's body.
    #[serde(default)]
    pub up_bytes: u64,
    /// Bytes of the reply's body that arrived.
    #[serde(default)]
    pub down_bytes: u64,
    /// The one line that says what happened.
    #[serde(default)]
    pub verdict: Option<StoredVerdict>,
    /// `usageMetadata` as received.
    #[serde(default)]
    pub usage: Option<Value>,
    /// Expected cost in US dollars; `None` when no price is known.
    #[serde(default)]
    pub cost_usd: Option<f64>,
    /// What the gateway booked for it, in US dollars; `None` when nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booked_usd: Option<f64>,
    /// The pictures in `parts/`.
    #[serde(default)]
    pub pictures: Vec<StoredPicture>,
    /// Remarks for the reader.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Where an echoed key was masked, so that it is known that those bytes are not as received.
    #[serde(default)]
    pub masked: Vec<String>,
    /// Id of the exchange that this one was made from.
    #[serde(default)]
    pub parent: Option<String>,
    /// How many reference pictures went along; they are in `request.json`.
    #[serde(default)]
    pub references: usize,
    /// The run of the program that made it.
    #[serde(default)]
    pub session: String,
    /// The process that writes this exchange.
    #[serde(default)]
    pub pid: u32,
}

/// What was asked for, what an alias made of it, and what the server says it used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelNames {
    /// As the user wrote it.
    pub asked: String,
    /// As it stood in the URL.
    pub sent: String,
    /// `modelVersion` of the reply.
    pub reported: Option<String>,
}

/// Milliseconds since the exchange began; `None` for what was not reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Timings {
    /// The connection stood.
    pub connect: Option<f64>,
    /// The request's last byte had left.
    pub sent: Option<f64>,
    /// The reply's first byte was there.
    pub first_byte: Option<f64>,
    /// The reply's last byte was there.
    pub done: Option<f64>,
}

/// The verdict as it is kept: words, not types, so that a later program's word survives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StoredVerdict {
    /// `image`, `text`, `blocked`, …
    pub word: String,
    /// Why, in the server's words.
    pub reason: String,
    /// `likely`, `unlikely` or `unknown`.
    pub charged: String,
}

/// One picture that was taken out of the body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StoredPicture {
    /// Relative to the exchange's folder: `parts/…`.
    pub file: String,
    /// `inlineData`, `dataUri`, `hostedUrl` or `openaiImage`.
    pub from: String,
    /// The type that its bytes show.
    pub mime: String,
    /// How long it is.
    pub bytes: u64,
    /// Lowercase hex.
    pub sha256: String,
    /// Width and height in pixels.
    pub size: Option<(u32, u32)>,
    /// Whether it is the answer, not a draft among the thoughts.
    #[serde(rename = "final")]
    pub final_: bool,
    /// Of a hosted picture that was fetched: which of the reply's pictures it is, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
}

/// A point in time as text, such as `2026-11-22T17:05:12.123Z`.
mod rfc3339 {
    use jiff::Timestamp;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(time)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_version_is_read_and_an_earlier_one_filled_in() {
        let later = r#"{"format": 2, "id": "x", "time": "2026-11-22T17:05:12.123Z", "phase": "archived", "new": {}}"#;
        let meta: Meta = serde_json::from_str(later).unwrap();
        assert_eq!(meta.phase, Phase::Interrupted);
        assert_eq!(meta.time.as_millisecond(), 1_795_367_112_123);
        assert_eq!(meta.parameters, Value::Null);
        assert!(serde_json::from_str::<Meta>(r#"{"name": "somebody's file"}"#).is_err());
    }

    #[test]
    fn names_on_disk_are_the_contract() {
        let meta = Meta { pictures: vec![StoredPicture::default()], ..Meta::default() };
        let json = serde_json::to_value(&meta).unwrap();
        for path in ["/requestId", "/timingsMs/firstByte", "/upBytes", "/costUsd", "/pictures/0/final"] {
            assert!(json.pointer(path).is_some(), "{path} is missing in {json}");
        }
        assert_eq!(json["time"], "1970-01-01T00:00:00Z");
    }
}
