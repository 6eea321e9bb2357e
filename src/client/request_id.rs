//! The id that a server's support asks for, from the headers of its answer.

use crate::wire::brief::{self, brief};

/// In the order of belief: a gateway's own comes before one that it relays.
const HEADERS: [&str; 4] = ["x-oneapi-request-id", "x-request-id", "x-goog-request-id", "request-id"];

/// Its beginning where it is long: it goes into records and tables, and a header can be longer than a picture's.
pub fn request_id(headers: &[(String, String)]) -> Option<String> {
    let found = HEADERS.iter().find_map(|wanted| headers.iter().find(|(name, _)| name == wanted))?;
    Some(brief(&found.1, brief::NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gateways_own_id_comes_first_and_stays_short() {
        let headers = [("request-id", "b".to_owned()), ("x-request-id", "a".repeat(300_000))];
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(request_id(&headers[..1]).as_deref(), Some("b"));
        assert!(request_id(&headers).is_some_and(|id| id.starts_with("aa") && id.chars().count() == brief::NAME));
        assert_eq!(request_id(&[]), None);
    }
}
