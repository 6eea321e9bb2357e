//! Names that are safe on every file system and in every shell, whatever text they were made from.

use jiff::Timestamp;

/// Lowercase base32: nothing to confuse in speech, nothing to quote in a shell.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const RANDOM_LETTERS: usize = 6;

/// A name for a text: lowercase ASCII letters, digits and single dashes, 1 to `max` bytes long.
///
/// It never starts with a dash or a dot, holds no separator, is none of the names that Windows reserves, and is
/// `picture` when nothing usable is in the text. Different texts may get the same name: create files exclusively.
pub fn safe_name(prompt: &str, max: usize) -> String {
    let name = slug(prompt, max);
    if name.is_empty() {
        return slug("picture", max.max(1));
    }
    if is_reserved(&name) {
        return slug(&format!("picture-{name}"), max);
    }
    name
}

/// The stem of a picture inside an exchange: `001-gemini-3-1-flash-image-a-red-fox`. `number` counts from 1.
pub fn picture_name(number: usize, model: &str, prompt: &str) -> String {
    format!("{number:03}-{}-{}", safe_name(model, 32), safe_name(prompt, 40))
}

/// The stem of a picture that is saved elsewhere: `20261122-170512-gemini-3-1-flash-image-a-red-fox`, in UTC.
pub fn save_name(time: Timestamp, model: &str, prompt: &str) -> String {
    format!("{}-{}-{}", time.strftime("%Y%m%d-%H%M%S"), safe_name(model, 32), safe_name(prompt, 40))
}

/// A fresh id, such as `20261122T170512.123Z-k3x7qa`: sorts by time, and is a folder's name.
pub fn new_id(now: Timestamp) -> String {
    format!("{}-{}", now.strftime("%Y%m%dT%H%M%S.%3fZ"), random_letters())
}

/// Whether a folder's name has the shape of [`new_id`].
pub fn is_id(name: &str) -> bool {
    const SHAPE: &[u8] = b"00000000T000000.000Z-aaaaaa";
    name.len() == SHAPE.len()
        && name.bytes().zip(SHAPE).all(|(byte, shape)| match shape {
            b'0' => byte.is_ascii_digit(),
            b'a' => LETTERS.contains(&byte),
            exact => byte == *exact,
        })
}

/// Six letters that another process is unlikely to draw in the same millisecond.
pub fn random_letters() -> String {
    (0..RANDOM_LETTERS).map(|_| char::from(LETTERS[fastrand::usize(..LETTERS.len())])).collect()
}

fn slug(text: &str, max: usize) -> String {
    let mut slug = String::new();
    for letter in text.chars() {
        if slug.len() >= max {
            break;
        }
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// Device names that Windows takes for the device whatever ending follows.
fn is_reserved(name: &str) -> bool {
    let port = |kind: &str| name.strip_prefix(kind).is_some_and(|n| matches!(n.as_bytes(), [b'0'..=b'9']));
    matches!(name, "con" | "prn" | "aux" | "nul") || port("com") || port("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_prompts_make_harmless_names() {
        let emoji = "🦊".repeat(400);
        let long = "a red fox ".repeat(40);
        for (prompt, name) in [
            ("A red fox, at dusk!", "a-red-fox-at-dusk"),
            ("../../.ssh/authorized_keys", "ssh-authorized-keys"),
            ("CON", "picture-con"),
            ("com7", "picture-com7"),
            ("console", "console"),
            (emoji.as_str(), "picture"),
            ("", "picture"),
            ("-rf", "rf"),
            (".bashrc", "bashrc"),
            ("$(touch x)'\"", "touch-x"),
            ("a\u{1b}[2J\u{202e}b\0c\n", "a-2j-b-c"),
            (long.as_str(), "a-red-fox-a-red-fox-a-red-fox-a-red-fox"),
        ] {
            assert_eq!(safe_name(prompt, 40), name, "{prompt:?}");
        }
    }

    #[test]
    fn a_cut_never_breaks_the_rules() {
        for max in 0..12 {
            for prompt in ["", "CON", "console", "a b c d e f", "nul"] {
                let name = safe_name(prompt, max);
                assert!(!name.is_empty() && name.len() <= max.max(1), "{prompt:?} {max} {name:?}");
                assert!(!name.starts_with('-') && !name.ends_with('-') && !is_reserved(&name));
            }
        }
    }

    #[test]
    fn ids_have_one_shape_and_sort_by_time() {
        let at = |ms| new_id(Timestamp::from_millisecond(ms).unwrap());
        let id = at(1_795_367_112_123);
        assert!(id.starts_with("20261122T170512.123Z-"), "{id}");
        assert!(is_id(&id) && at(1_795_367_112_124) > id);
        for foreign in
            ["", "notes", "20261122T170512.123Z", "20261122T170512.123Z-../../x", "20261122T170512.123Z-K3X7QA"]
        {
            assert!(!is_id(foreign), "{foreign:?}");
        }
    }

    #[test]
    fn stems_say_when_which_and_what() {
        let time = Timestamp::from_millisecond(1_795_367_112_123).unwrap();
        assert_eq!(picture_name(7, "models/gemini-3.1", "Fox"), "007-models-gemini-3-1-fox");
        assert_eq!(save_name(time, "demo", "../x"), "20261122-170512-demo-x");
    }
}
