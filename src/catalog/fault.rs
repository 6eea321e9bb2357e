//! Where a TOML text is wrong, and why; never the line itself: a file that was named by mistake may hold a key.

/// The line, from 1, and the parser's message.
pub fn toml_fault(error: &toml::de::Error, text: &str) -> (usize, String) {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    (before.matches('\n').count() + 1, error.message().trim().replace('\n', ", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_counted_and_not_quoted() {
        let text = "a = 1\nsk-secret-key\n";
        let error = toml::from_str::<toml::Table>(text).expect_err("no TOML");
        let (line, what) = toml_fault(&error, text);
        assert!(line == 2 && !what.is_empty() && !what.contains("secret"), "{line}: {what}");
    }
}
