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
use crate::secret::Key;
use serde_json::Value;
use std::time::Duration;

/// What new-api has from the start; used where a gateway does not say.
const USUAL_UNITS: f64 = 500_000.0;
/// A booking may be a moment behind the reply.
const LATE: Duration = Duration::from_millis(1500);
/// Entries of the log that are looked through.
const ENTRIES: usize = 100;

/// A way to learn what a call cost.
pub struct Meter {
    target: Target,
    way: Way,
    units: f64,
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
        let way = match access(profile)? {
            Some((token, user)) => Way::Log { token, user },
            None => Way::Usage { before: used(&target).await? },
        };
        Ok(Meter { target, way, units })
    }

    /// What was booked for the call since, in US dollars.
    ///
    /// # Errors
    /// A sentence: this server does not tell, or no longer.
    pub async fn after(&self, request_id: Option<&str>, expected: Option<f64>) -> Result<f64, String> {
        let first = self.booked(request_id).await;
        let due = expected.is_some_and(|usd| usd > 0.0);
        if matches!(first, Ok(usd) if usd > 0.0 || !due) {
            return first;
        }
        tokio::time::sleep(LATE).await;
        self.booked(request_id).await
    }

    async fn booked(&self, request_id: Option<&str>) -> Result<f64, String> {
        let units = match &self.way {
            Way::Usage { before } => used(&self.target).await? - before,
            Way::Log { token, user } => {
                let wanted = request_id.ok_or("the reply names no request id to look for in the log")?;
                let rows = log(&self.target, token, user).await?;
                rows.iter().find(|row| names(row, wanted)).map(|row| row["quota"].as_f64().unwrap_or(0.0)).ok_or_else(
                    || format!("the last {ENTRIES} entries of the gateway's log do not have request {wanted}"),
                )?
            }
        };
        Ok(units / self.units)
    }
}

/// The access token and the user it belongs to, where both are configured.
fn access(profile: &Profile) -> Result<Option<(Key, String)>, String> {
    let (Some(variable), Some(user)) = (&profile.access_token_env, &profile.access_user) else { return Ok(None) };
    let text = std::env::var(variable).unwrap_or_default();
    let token = Key::new(&text)
        .ok_or_else(|| format!("profile {} has access_token_env, but {variable} is not set", profile.name))?;
    Ok(Some((token, user.clone())))
}

/// What the key has used, in units.
async fn used(target: &Target) -> Result<f64, String> {
    let got = target.get_as("/api/usage/token/", Auth::Bearer, target.key.as_ref(), &[]).await;
    let data = data(got.status, &got.body, "/api/usage/token/")?;
    data["total_used"].as_f64().ok_or_else(|| "the gateway's /api/usage/token/ names no total_used".to_owned())
}

async fn log(target: &Target, token: &Key, user: &str) -> Result<Vec<Value>, String> {
    let path = format!("/api/log/self?p=1&page_size={ENTRIES}");
    let headers = [("new-api-user", user.to_owned())];
    let got = target.get_as(&path, Auth::Bearer, Some(token), &headers).await;
    let mut data = data(got.status, &got.body, "/api/log/self")?;
    let rows = if data.is_array() { data } else { data["items"].take() };
    rows.as_array().cloned().ok_or_else(|| "the gateway's /api/log/self has no entries".to_owned())
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
fn data(status: Option<u16>, body: &[u8], path: &str) -> Result<Value, String> {
    let Some(status) = status else { return Err(format!("{path} did not answer")) };
    if status == 429 {
        return Err(format!("{path} is asked too often (HTTP 429); the usual limit is 20 in 20 minutes"));
    }
    let mut whole: Value =
        serde_json::from_slice(body).map_err(|_| format!("{path} is not offered (HTTP {status})"))?;
    if whole["success"] == false || status >= 400 {
        let words = whole.as_object().and_then(crate::wire::error::ErrorBody::find).map(|error| error.words());
        return Err(format!("{path}: {}", words.unwrap_or_else(|| format!("HTTP {status}"))));
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
        let refused = data(Some(200), br#"{"success":false,"message":"no"}"#, "/x").unwrap_err();
        assert!(refused.contains("no"), "{refused}");
        assert!(data(Some(404), b"<html>", "/x").unwrap_err().contains("not offered"));
        assert!(data(Some(429), b"", "/x").unwrap_err().contains("too often"));
        assert_eq!(data(Some(200), br#"{"code":true,"data":{"total_used":5}}"#, "/x").unwrap()["total_used"], 5);
    }
}
