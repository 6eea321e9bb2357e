//! Where a request carries its key, and what of it may be written down.

use super::query;
use hyper::header::{AUTHORIZATION, HeaderMap};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const GOOGLE_HEADER: &str = "x-goog-api-key";
/// How access tokens begin. They open the account's own endpoints, where keys open nothing.
const ACCESS_TOKEN: &str = "at-";
const USER_HEADER: &str = "new-api-user";
/// Headers whose values are secrets.
const SECRET: [&str; 5] = [GOOGLE_HEADER, "x-api-key", "authorization", "proxy-authorization", "cookie"];

/// The place of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// `x-goog-api-key`.
    Header,
    /// `?key=`.
    Query,
    /// `Authorization: Bearer`.
    Bearer,
}

/// A key and where it was.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    pub place: Place,
    key: String,
}

/// A key as the request log shows it.
#[derive(Debug, Serialize)]
pub struct Trace {
    #[serde(rename = "in")]
    place: Place,
    sha256: String,
}

impl Credential {
    /// Whether it opens the door: any key does when none is expected. One `sk-` in front does not count.
    pub fn opens(&self, expected: Option<&str>) -> bool {
        let bare = |key: &str| key.strip_prefix("sk-").unwrap_or(key).to_owned();
        expected.is_none_or(|expected| bare(expected) == bare(&self.key))
    }

    /// The key itself, for the one scene that gives it away.
    pub fn reveal(&self) -> &str {
        &self.key
    }

    /// What may be written down.
    pub fn trace(&self) -> Trace {
        Trace { place: self.place, sha256: format!("{:x}", Sha256::digest(&self.key)) }
    }
}

/// The key that counts: the header wins over the query, and the query over Bearer.
pub fn find(headers: &HeaderMap, query: &str) -> Option<Credential> {
    let header = headers.get(GOOGLE_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
    credential(Place::Header, header)
        .or_else(|| credential(Place::Query, query::get(query, "key")))
        .or_else(|| bearer(headers))
}

/// The Bearer key.
pub fn bearer(headers: &HeaderMap) -> Option<Credential> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = value.split_once(' ')?;
    let key = scheme.eq_ignore_ascii_case("bearer").then(|| key.trim().to_owned());
    credential(Place::Bearer, key)
}

/// Whether an account's access token and the id of its user are there. The token may stand without its scheme.
pub fn is_account(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let token = text("authorization").map(|value| match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        _ => value,
    });
    token.is_some_and(|token| token.starts_with(ACCESS_TOKEN)) && text(USER_HEADER).is_some_and(|user| !user.is_empty())
}

fn credential(place: Place, key: Option<String>) -> Option<Credential> {
    key.filter(|key| !key.is_empty()).map(|key| Credential { place, key })
}

/// The headers without their secrets; values of one name are joined.
pub fn harmless(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut shown: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| !SECRET.contains(&name.as_str())) {
        let value = String::from_utf8_lossy(value.as_bytes());
        shown
            .entry(name.as_str().to_owned())
            .and_modify(|joined| {
                joined.push_str(", ");
                joined.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_header_wins_over_the_query_and_the_query_over_bearer() {
        let all = headers(&[("x-goog-api-key", "h"), ("authorization", "Bearer b")]);
        let only_bearer = headers(&[("authorization", "bearer  b")]);
        let found = |headers: &HeaderMap, query: &str| find(headers, query).map(|found| (found.place, found.key));
        assert_eq!(found(&all, "key=q"), Some((Place::Header, "h".to_owned())));
        assert_eq!(found(&only_bearer, "alt=sse&key=q"), Some((Place::Query, "q".to_owned())));
        assert_eq!(found(&only_bearer, "key="), Some((Place::Bearer, "b".to_owned())));
        assert_eq!(found(&headers(&[("x-goog-api-key", ""), ("authorization", "Basic b")]), ""), None);
    }

    #[test]
    fn an_account_is_a_token_and_a_user() {
        let user = ("new-api-user", "7");
        for (token, given, known) in [
            ("at-1", user, true),
            ("Bearer at-1", user, true),
            ("at-1", ("new-api-user", ""), false),
            ("at-1", ("accept", "a"), false),
            ("Bearer sk-at-1", user, false),
            ("sk-1", user, false),
        ] {
            assert_eq!(is_account(&headers(&[("authorization", token), given])), known, "{token} {given:?}");
        }
        assert!(!is_account(&headers(&[user])));
    }

    #[test]
    fn secrets_are_not_written_down() {
        let all =
            headers(&[("x-goog-api-key", "k1"), ("authorization", "Bearer k2"), ("x-api-key", "k3"), ("accept", "a")]);
        assert_eq!(harmless(&all), BTreeMap::from([("accept".to_owned(), "a".to_owned())]));
    }

    #[test]
    fn a_key_must_match_only_when_one_is_expected() {
        let given = Credential { place: Place::Header, key: "sk-abc".to_owned() };
        assert!(given.opens(None) && given.opens(Some("abc")) && given.opens(Some("sk-abc")));
        assert!(!given.opens(Some("abd")));
    }
}
