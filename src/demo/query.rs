//! Query strings, decoded for reading and left alone otherwise.

use url::form_urlencoded;

/// The first value of a name.
pub fn get(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The query as it was written, minus every pair of a name.
pub fn without(query: &str, name: &str) -> String {
    let others = query.split('&').filter(|pair| get(pair, name).is_none());
    others.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_found_and_removed_however_they_are_written() {
        assert_eq!(get("alt=sse&key=a%2Bb", "key").as_deref(), Some("a+b"));
        assert_eq!(get("alt=sse", "key"), None);
        assert_eq!(without("key=a&alt=sse&%6bey=b&x=%20", "key"), "alt=sse&x=%20");
        assert_eq!(without("", "key"), "");
    }
}
