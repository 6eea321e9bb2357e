//! The free endpoints: model lists, the state of the site, and what a key has used.

use super::query;
use serde_json::{Value, json};

/// The gateway's money: this many units make a dollar.
pub const QUOTA_PER_UNIT: f64 = 500_000.0;
/// What every key was granted, in those units.
const GRANTED: i64 = 5_000_000;
/// No page of the list in Gemini's form has more ids.
const MAX_PAGE: usize = 500;

/// Dollars in those units.
pub fn quota(usd: f64) -> u64 {
    (usd * QUOTA_PER_UNIT).round() as u64
}

/// The list in Gemini's form. `pageSize` and `pageToken` page through it; `None` when one of them makes no sense.
pub fn gemini(ids: &[String], query: &str) -> Option<String> {
    let start = number(query, "pageToken")?.unwrap_or(0);
    let size = number(query, "pageSize")?.filter(|size| *size > 0).unwrap_or(MAX_PAGE).min(MAX_PAGE);
    let rest = ids.get(start..)?;
    let page: Vec<Value> = rest.iter().take(size).map(|id| json!({ "name": id, "displayName": id })).collect();
    let mut list = json!({ "models": page });
    if rest.len() > size {
        list["nextPageToken"] = json!((start + size).to_string());
    }
    Some(list.to_string())
}

/// A number in the query: the outer `None` when it is there and none.
fn number(query: &str, name: &str) -> Option<Option<usize>> {
    match query::get(query, name).filter(|value| !value.is_empty()) {
        Some(value) => value.parse().ok().map(Some),
        None => Some(None),
    }
}

/// The list in OpenAI's form.
pub fn openai(ids: &[String]) -> String {
    let entry = |id: &String| {
        json!({
            "id": id, "object": "model", "created": 1_626_777_600, "owned_by": "gemini",
            "supported_endpoint_types": ["image-generation", "openai", "gemini"],
        })
    };
    json!({ "object": "list", "success": true, "data": ids.iter().map(entry).collect::<Vec<_>>() }).to_string()
}

/// The state of the site.
pub fn status() -> String {
    let data = json!({
        "system_name": "unpeel demo", "version": "demo", "quota_per_unit": QUOTA_PER_UNIT as u64,
        "usd_exchange_rate": 7.3, "display_in_currency": true,
    });
    json!({ "success": true, "message": "", "data": data }).to_string()
}

/// What a key has used.
pub fn usage(spent: u64) -> String {
    let used = i64::try_from(spent).unwrap_or(i64::MAX);
    let data = json!({
        "object": "token_usage", "name": "demo", "total_granted": GRANTED, "total_used": used,
        "total_available": GRANTED.saturating_sub(used), "unlimited_quota": false, "model_limits": {},
        "model_limits_enabled": false, "expires_at": 0,
    });
    json!({ "success": true, "message": "ok", "data": data }).to_string()
}

/// What the account's endpoints answer to whom they do not know: a success by its status.
pub fn refused(message: &str) -> String {
    json!({ "success": false, "message": message }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let ids: Vec<String> = (0..5).map(|n| format!("m{n}")).collect();
        let page = |query: &str| serde_json::from_str::<Value>(&gemini(&ids, query).unwrap()).unwrap();
        let (mut token, mut names) = (String::new(), Vec::new());
        loop {
            let got = page(&format!("pageSize=2&pageToken={token}"));
            names.extend(
                got["models"].as_array().unwrap().iter().map(|model| model["name"].as_str().unwrap().to_owned()),
            );
            let Some(next) = got["nextPageToken"].as_str() else { break };
            token = next.to_owned();
        }
        assert_eq!(names, ids);
        assert_eq!(page("")["models"].as_array().unwrap().len(), 5);
        assert!(gemini(&ids, "pageToken=next").is_none() && gemini(&ids, "pageToken=9").is_none());
    }

    #[test]
    fn no_page_is_longer_than_the_longest() {
        let ids: Vec<String> = (0..1200).map(|n| format!("m{n}")).collect();
        let cases = [
            ("", 500, Some("500")),
            ("pageSize=1000&pageToken=500", 500, Some("1000")),
            ("pageSize=1000&pageToken=1000", 200, None),
            ("pageSize=20&pageToken=500", 20, Some("520")),
        ];
        for (query, length, next) in cases {
            let page: Value = serde_json::from_str(&gemini(&ids, query).unwrap()).unwrap();
            assert_eq!(page["models"].as_array().unwrap().len(), length, "{query}");
            assert_eq!(page["nextPageToken"].as_str(), next, "{query}");
        }
    }
}
