//! A link as it may be shown: whoever has a signed query has the picture, and a user name may come with a password.

use url::Url;

/// The URL with `…` for every value of its query, without user and fragment.
///
/// Of a text that is no URL, all behind a `?` becomes `…`.
pub fn redacted(url: &str) -> String {
    let Ok(mut read) = Url::parse(url) else {
        return url.split_once('?').map_or_else(|| url.to_owned(), |(head, _)| format!("{head}?…"));
    };
    // Refused only where there is no host, and then there is no user.
    let _no_host = (read.set_username(""), read.set_password(None));
    let query = read.query().map(without_values);
    read.set_query(None);
    read.set_fragment(None);
    query.map_or_else(|| read.to_string(), |query| format!("{read}?{query}"))
}

fn without_values(query: &str) -> String {
    let hide = |pair: &str| match pair.split_once('=') {
        Some((name, _)) => format!("{name}=…"),
        None if pair.is_empty() => String::new(),
        // Without a name it may be a value, too.
        None => "…".to_owned(),
    };
    query.split('&').map(hide).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_users_and_fragments_are_not_shown() {
        for (url, shown) in [
            ("https://h/a.png", "https://h/a.png"),
            ("https://h:8443/a.png?X-Sig=abc=&exp=9&&token#top", "https://h:8443/a.png?X-Sig=…&exp=…&&…"),
            ("https://me:sk-secret@h/a?b", "https://h/a?…"),
            ("HTTPS://H?", "https://h/?"),
            ("data:image/png;base64,AAAA", "data:image/png;base64,AAAA"),
            ("/files/a.png?sig=abc#x", "/files/a.png?…"),
            ("no link", "no link"),
            ("", ""),
        ] {
            assert_eq!(redacted(url), shown, "{url}");
            assert_eq!(redacted(&redacted(url)), shown, "{url}");
        }
    }
}
