//! What the gateway booked for one call: by its log where an access token is configured, else by what the key has used
//! before and after.
//!
//! Shapes as in new-api: `/api/usage/token/` (Bearer key; the units of `/api/status`'s `quota_per_unit`; 20 questions in 20
//! minutes), `/api/log/self` (access token and `New-Api-User`; rows with `quota` and `other.request_id`). Failures come
//! with status 200 and `success: false`.

use super::site;
use super::target::Target;
use crate::config::{Auth, Profile};
use crate::exchange::Means;
use crate::route::{Costs, Money};
use crate::secret::Key;
use serde_json::Value;
use std::time::Duration;

/// What new-api has from the start; used where a gateway does not say.
const USUAL_UNITS: f64 = 500_000.0;
/// A booking may be a moment behind the reply, and what was held back at first is settled then.
const LATE: Duration = Duration::from_millis(1500);
/// So near to what was expected, as a share of it, a sum is taken for the last word.
const SURE: f64 = 0.10;
/// Entries of the log that are looked through.
const ENTRIES: usize = 100;

/// A way to learn what a call cost.
pub struct Meter {
    target: Target,
    way: Way,
    units: f64,
}

/// Why a sum is not known.
enum Gap {
    /// It may be in a moment.
    NotYet(String),
    /// Asking again is no help.
    Refused(String),
}

impl Gap {
    fn words(self) -> String {
        let (Gap::NotYet(words) | Gap::Refused(words)) = self;
        words
    }
}

enum Way {
    /// By the request id in the gateway's log.
    Log { token: Key, user: String },
    /// By what the key had used before, in units.
    Usage { before: f64 },
}

impl Meter {
    /// Gets ready before a call; asks the gateway what the key has used so far.
    ///
    /// # Errors
    /// A sentence: this server does not tell.
    pub async fn before(profile: &Profile, means: &Means) -> Result<Meter, String> {
        let mut target = Target::new(profile, means)?;
        if target.base.is_google() {
            return Err("Google's API does not tell what a call cost; see the billing console".to_owned());
        }
        target.unlock(means).await?;
        let units = site::quota_per_unit(&target, means).await.unwrap_or(USUAL_UNITS);
        let way = match access(&target)? {
            Some((token, user)) => Way::Log { token, user },
            None => Way::Usage { before: used(&target).await.map_err(Gap::words)? },
        };
        Ok(Meter { target, way, units })
    }

    /// Whether it knows one call from another that went on at the same time with the same key.
    pub fn tells_calls_apart(&self) -> bool {
        matches!(self.way, Way::Log { .. })
    }

    /// What was booked for the call since, in US dollars.
    ///
    /// # Errors
    /// A sentence: this server does not tell, or no longer.
    pub async fn after(&self, request_id: Option<&str>, expected: Option<f64>) -> Result<f64, String> {
        let first = self.booked(request_id).await;
        if is_last_word(&first, expected) {
            return first.map_err(Gap::words);
        }
        tokio::time::sleep(LATE).await;
        let second = self.booked(request_id).await;
        // A sum that was seen is worth more than a second question that was refused.
        second.or_else(|gap| first.ok().filter(|usd| *usd > 0.0).ok_or(gap)).map_err(Gap::words)
    }

    async fn booked(&self, request_id: Option<&str>) -> Result<f64, Gap> {
        let units = match &self.way {
            Way::Usage { before } => since(*before, used(&self.target).await?)?,
            Way::Log { token, user } => {
                let missing = || Gap::Refused("the reply names no request id to look for in the log".to_owned());
                let wanted = request_id.ok_or_else(missing)?;
                let rows = log(&self.target, token, user).await?;
                let quota = rows.iter().find(|row| names(row, wanted)).map(|row| row["quota"].as_f64().unwrap_or(0.0));
                let missing =
                    || format!("the last {ENTRIES} entries of the gateway's log do not have request {wanted}");
                quota.ok_or_else(|| Gap::NotYet(missing()))?
            }
        };
        Ok(units / self.units)
    }
}

/// Whether a second look would show nothing else. Where nothing was to be booked, it may still come.
fn is_last_word(booked: &Result<f64, Gap>, expected: Option<f64>) -> bool {
    match booked {
        Ok(usd) => {
            let costs = Costs { expected: expected.filter(|usd| *usd > 0.0), observed: Some(*usd) };
            costs.money(SURE) == Money::Aligned
        }
        Err(Gap::NotYet(_)) => false,
        Err(Gap::Refused(_)) => true,
    }
}

/// What was used in between, in units.
fn since(before: f64, now: f64) -> Result<f64, Gap> {
    match now - before {
        used if used >= 0.0 => Ok(used),
        _ => Err(Gap::NotYet("what the key has used went down meanwhile: an earlier call was paid back".to_owned())),
    }
}

/// The access token, bound like the profile's key, and the user it belongs to, where both are configured.
fn access(target: &Target) -> Result<Option<(Key, String)>, String> {
    let profile = &target.profile;
    let (Some(variable), Some(user)) = (&profile.access_token_env, &profile.access_user) else { return Ok(None) };
    let text = std::env::var(variable).unwrap_or_default();
    let token = Key::new(&text)
        .ok_or_else(|| format!("profile {} has access_token_env, but {variable} is not set", profile.name))?;
    Ok(Some((token.bind(&target.base.url), user.clone())))
}

/// What the key has used, in units.
async fn used(target: &Target) -> Result<f64, Gap> {
    let got = target.get_as("/api/usage/token/", Auth::Bearer, target.key.as_ref(), &[]).await;
    let data = data(got.status, &got.body, "/api/usage/token/")?;
    let missing = || Gap::Refused("the gateway's /api/usage/token/ names no total_used".to_owned());
    data["total_used"].as_f64().ok_or_else(missing)
}

async fn log(target: &Target, token: &Key, user: &str) -> Result<Vec<Value>, Gap> {
    let path = format!("/api/log/self?p=1&page_size={ENTRIES}");
    let headers = [("new-api-user", user.to_owned())];
    let got = target.get_as(&path, Auth::Bearer, Some(token), &headers).await;
    let mut data = data(got.status, &got.body, "/api/log/self")?;
    let rows = if data.is_array() { data } else { data["items"].take() };
    rows.as_array().cloned().ok_or_else(|| Gap::Refused("the gateway's /api/log/self has no entries".to_owned()))
}

/// Whether a row of the log is of a request; `other` is an object, or its JSON text.
fn names(row: &Value, request_id: &str) -> bool {
    let other = match &row["other"] {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        other => other.clone(),
    };
    row["request_id"] == request_id || other["request_id"] == request_id
}

/// The `data` of the gateway's envelope.
fn data(status: Option<u16>, body: &[u8], path: &str) -> Result<Value, Gap> {
    let Some(status) = status else { return Err(Gap::NotYet(format!("{path} did not answer"))) };
    if status == 429 {
        let words = format!("{path} is asked too often (HTTP 429); the usual limit is 20 in 20 minutes");
        return Err(Gap::Refused(words));
    }
    let mut whole: Value =
        serde_json::from_slice(body).map_err(|_| Gap::Refused(format!("{path} is not offered (HTTP {status})")))?;
    if whole["success"] == false || status >= 400 {
        let words = whole.as_object().and_then(crate::wire::error::ErrorBody::find).map(|error| error.words());
        return Err(Gap::Refused(format!("{path}: {}", words.unwrap_or_else(|| format!("HTTP {status}")))));
    }
    Ok(whole["data"].take())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_is_found_by_its_id_wherever_that_stands() {
        for row in [
            json!({"request_id": "r1"}),
            json!({"other": {"request_id": "r1"}}),
            json!({"other": "{\"request_id\":\"r1\"}"}),
        ] {
            assert!(names(&row, "r1") && !names(&row, "r2"), "{row}");
        }
    }

    #[test]
    fn a_refusal_with_a_good_status_is_one() {
        let words = |status, body: &[u8]| data(status, body, "/x").map_err(Gap::words);
        let refused = words(Some(200), br#"{"success":false,"message":"no"}"#).unwrap_err();
        assert!(refused.contains("no"), "{refused}");
        assert!(words(Some(404), b"<html>").unwrap_err().contains("not offered"));
        assert!(words(Some(429), b"").unwrap_err().contains("too often"));
        assert_eq!(words(Some(200), br#"{"code":true,"data":{"total_used":5}}"#).unwrap()["total_used"], 5);
    }

    #[test]
    fn only_what_was_expected_is_taken_at_first_sight() {
        let (not_yet, refused) = (|| Err(Gap::NotYet(String::new())), || Err(Gap::Refused(String::new())));
        for (booked, expected, last) in [
            (Ok(0.067), Some(0.067), true),
            (Ok(0.070), Some(0.067), true),
            // Held back before the call, settled after it.
            (Ok(0.134), Some(0.067), false),
            (Ok(0.0), Some(0.067), false),
            // A failed call that is paid back, or charged, a moment later.
            (Ok(0.067), Some(0.0), false),
            (Ok(0.0), Some(0.0), false),
            (Ok(0.067), None, false),
            (not_yet(), Some(0.067), false),
            (refused(), Some(0.067), true),
        ] {
            assert_eq!(is_last_word(&booked, expected), last, "{:?} {expected:?}", booked.map_err(Gap::words));
        }
        assert!(matches!(since(5.0, 3.0), Err(Gap::NotYet(_))));
        assert!(matches!(since(5.0, 5.0), Ok(0.0)));
    }
}
