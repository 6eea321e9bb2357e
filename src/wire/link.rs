//! A link as it may be shown: whoever has a signed query has the picture, and a user name may come with a password.

use url::Url;

/// Bytes of a link that are looked at: a reply can have one of 100 MB, and it is shown again with every frame.
const LONGEST: usize = 2000;

/// The URL with `…` for every value of its query, without user and fragment; of a long one the beginning.
///
/// Of a text that is no URL, all behind a `?` becomes `…`.
pub fn redacted(url: &str) -> String {
    let head = &url[..url.floor_char_boundary(LONGEST)];
    if head.len() == url.len() {
        return without_secrets(url);
    }
    match head.split_once("://") {
        // What is cut off may say that this is a user's password.
        Some((scheme, host)) if !host.contains(['/', '?', '#']) => format!("{scheme}://…"),
        _ => format!("{}…", without_secrets(head).trim_end_matches('…')),
    }
}

fn without_secrets(url: &str) -> String {
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

    #[test]
    fn a_link_without_end_is_cut_and_gives_nothing_away() {
        let long = "s".repeat(LONGEST);
        for (url, shown) in [
            (format!("https://h/a?sig={long}"), "https://h/a?sig=…"),
            (format!("https://me:{long}@h/a"), "https://…"),
            (format!("https://me:pw@h/?{long}"), "https://h/?…"),
        ] {
            assert_eq!(redacted(&url), shown);
        }
        assert!(redacted(&format!("https://h/{long}")).len() < LONGEST + 4);
    }
}
