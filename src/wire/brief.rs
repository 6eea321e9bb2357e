//! The beginning of a text that may be as long as a body: what is noted, indexed and said of a reply stays short.

/// Characters of a sentence about a reply.
pub const SENTENCE: usize = 2000;
/// Characters of a name or an id.
pub const NAME: usize = 200;

/// At most `most` characters, the last of them an ellipsis where something was left out.
pub fn brief(text: &str, most: usize) -> String {
    if text.len() <= most || text.chars().nth(most).is_none() {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_longer_is_cut() {
        for (text, most, cut) in [("", 3, ""), ("äöü", 3, "äöü"), ("äöüß", 3, "äö…"), ("ab", 1, "…")] {
            assert_eq!(brief(text, most), cut, "{text}");
        }
    }
}
