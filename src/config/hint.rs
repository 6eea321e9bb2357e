//! The nearest known word to a misspelt one.

/// The known word that takes the fewest changes of a letter, if these are at most a third of its letters.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let counted = known.into_iter().map(|known| (distance(word, known), known));
    let near = counted.filter(|(changes, known)| *changes <= (known.len() / 3).max(1));
    near.min_by_key(|(changes, _)| *changes).map(|(_, known)| known)
}

/// Letters to insert, remove or replace to turn one word into the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (done, letter) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = done + 1;
        for (at, wanted) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *wanted);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let known = ["profile", "profiles", "theme", "send_on_enter"];
        for (word, near) in [
            ("porfile", Some("profile")),
            ("profils", Some("profile")),
            ("thme", Some("theme")),
            ("send-on-enter", Some("send_on_enter")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), near, "{word}");
        }
    }
}
