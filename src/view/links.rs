//! Links as a pane may show them: whoever reads a signed query off the screen has the picture.

use crate::wire::link;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

#[expect(clippy::unwrap_used, reason = "a constant pattern, covered by the tests below")]
static LINK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(?i)https?://[^\s<>"')\]]+"#).unwrap());
/// A field of a query, behind a sign too that the pattern above takes for a link's end.
#[expect(clippy::unwrap_used, reason = "a constant pattern, covered by the tests below")]
static FIELD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"([?&][\w.~%-]+=)[^\s&<>"')\]]+"#).unwrap());

/// A text with its links as they may be shown. Links that hold nothing to hide stay as they are.
pub fn redacted_in(text: &str) -> Cow<'_, str> {
    let hide = |found: &regex::Captures| match &found[0] {
        url if url.contains(['?', '#', '@']) => link::redacted(url),
        url => url.to_owned(),
    };
    match LINK.replace_all(text, hide) {
        Cow::Borrowed(same) => FIELD.replace_all(same, "${1}…"),
        Cow::Owned(without) => Cow::Owned(FIELD.replace_all(&without, "${1}…").into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_gives_no_link_away() {
        for (text, shown) in [
            ("no link, a?b = c", "no link, a?b = c"),
            ("see https://h/docs/A%20b.", "see https://h/docs/A%20b."),
            (
                "![a](https://h/a.png?X-Amz-Signature=s1&X-Amz-Credential=s2) and more",
                "![a](https://h/a.png?X-Amz-Signature=…&X-Amz-Credential=…) and more",
            ),
            ("HTTPS://me:pw@h/a.png", "https://h/a.png"),
            ("https://h/(a).png?sig=s1&x=…", "https://h/(a).png?sig=…&x=…"),
            ("<https://h/?s1>\nhttps://h/b#s2\n", "<https://h/?…>\nhttps://h/b\n"),
        ] {
            assert_eq!(redacted_in(text), shown);
            assert_eq!(redacted_in(shown), shown, "twice");
        }
    }
}
