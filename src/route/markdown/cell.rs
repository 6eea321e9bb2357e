//! Foreign text in Markdown: nothing that it holds can end a table's cell, begin markup, or become a link.

use crate::text::Safe;

/// Characters that are shown of one text.
const LONGEST: usize = 300;

/// A name as plain text where it is harmless, like `gemini-3.1-flash-image` and `local 4000`; else in a code span.
pub fn word(foreign: &str) -> String {
    let mut parts = foreign.split(['-', '.', '_', ' ']);
    // Separators inside a word mean nothing to Markdown; a host that begins with `www.` becomes a link.
    let harmless = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()) && !part.eq_ignore_ascii_case("www")
    };
    if foreign.len() <= LONGEST && parts.all(harmless) { foreign.to_owned() } else { code(foreign) }
}

/// Any text in a code span, on one line, cut where it is long.
pub fn code(foreign: &str) -> String {
    let shown = Safe::head(foreign, LONGEST);
    // Once more: what a control character is shown as is longer than it was.
    let shown = Safe::head(shown.as_str(), LONGEST).into_string();
    let text = shown.trim();
    if text.is_empty() {
        return "(nothing)".to_owned();
    }
    let fence = "`".repeat(longest_run(text, '`') + 1);
    let room = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{room}{text}{room}{fence}")
}

/// Finished Markdown as the content of a table's cell: every pipe escaped.
///
/// Some readers take a pipe as escaped after any backslash, others after an odd number of them. An odd number suits
/// both, so one more backslash is shown where an odd number stood in front of the pipe.
pub fn cell(inline: &str) -> String {
    let mut out = String::with_capacity(inline.len());
    let mut backslashes = 0_usize;
    for c in inline.chars() {
        if c == '|' {
            out.push_str(if backslashes.is_multiple_of(2) { r"\" } else { r"\\" });
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        out.push(c);
    }
    out
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c: char| c != of).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pipes that end a cell, by either way of counting backslashes.
    fn bare_pipes(row: &str) -> usize {
        let ends = |(at, _): &(usize, &str)| {
            let before = row[..*at].len() - row[..*at].trim_end_matches('\\').len();
            before.is_multiple_of(2)
        };
        row.match_indices('|').filter(ends).count()
    }

    #[test]
    fn a_cell_stays_one_cell_on_one_line() {
        for foreign in [
            "plain",
            "a|b",
            "|",
            r"\|",
            r"\\|",
            r"a\\\|b\",
            "`|`",
            "``` ``",
            "one\ntwo\r\nthree\u{2028}four",
            "| a | b |\n| --- | --- |",
            "<script>alert(1)</script> &lt;",
            "[x](https://evil.example) @name https://evil.example #1 *b* _i_ ~s~",
            "\x1b]8;;x\x07 \u{9b}31m \u{202e}abc\u{200b}",
            "",
            " \t\n",
        ] {
            for inline in [code(foreign), word(foreign)] {
                let row = format!("| {} | {} |", cell(&inline), cell(&inline));
                assert_eq!(bare_pipes(&row), 3, "{row}");
                assert!(!row.contains(crate::text::is_hazard), "{row}");
            }
        }
    }

    #[test]
    fn a_code_span_ends_where_it_should() {
        for (foreign, span) in [
            ("a", "`a`"),
            ("a ` b", "``a ` b``"),
            ("`a`", "`` `a` ``"),
            ("```", "```` ``` ````"),
            (" a ", "`a`"),
            ("a\nb", "`a⏎b`"),
            ("", "(nothing)"),
        ] {
            assert_eq!(code(foreign), span);
        }
    }

    #[test]
    fn long_text_is_cut() {
        for foreign in ["x".repeat(1000), "\u{202e}".repeat(1000)] {
            assert_eq!(code(&foreign).chars().count(), LONGEST + "`…`".chars().count());
        }
    }

    #[test]
    fn only_harmless_names_are_plain() {
        for name in
            ["nano-banana-2", "gemini-3.1-flash-image-preview", "local 4000", "gateway_error", "api.example.com"]
        {
            assert_eq!(word(name), name);
        }
        for name in ["_a_", "*a*", "a__b", "www.example.com", "https://h", "@name", "a&b", "a~b", "#1", "-a", "a ", "é"]
        {
            assert!(word(name).starts_with('`'), "{name}");
        }
    }
}
