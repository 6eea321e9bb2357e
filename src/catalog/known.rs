//! Known errors: what a text, code or finish reason means, whose fault it is, and what to try.

use serde::Deserialize;

/// Where the cause of an error lies, from the wire inwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The line between here and the server, or a proxy on it.
    Network,
    /// The API key, or what it may do.
    Key,
    /// Balance, quota, region, an API that is not switched on.
    Account,
    /// The model id, or that nothing serves it here.
    Model,
    /// This kind of call for this model on this server.
    Route,
    /// The model's own servers behind the gateway.
    Upstream,
    /// What was sent: text, references, parameters.
    Prompt,
    /// An answer without a picture, for no fault of the others.
    Reply,
}

impl Level {
    const ALL: [Level; 8] = [
        Level::Network,
        Level::Key,
        Level::Account,
        Level::Model,
        Level::Route,
        Level::Upstream,
        Level::Prompt,
        Level::Reply,
    ];

    pub fn parse(word: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.word() == word)
    }

    /// The word of the tables: `network`, `key` and so on.
    pub fn word(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Key => "key",
            Self::Account => "account",
            Self::Model => "model",
            Self::Route => "route",
            Self::Upstream => "upstream",
            Self::Prompt => "prompt",
            Self::Reply => "reply",
        }
    }
}

/// One entry of the table of known errors.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownError {
    /// Names the entry; a user's entry of the same id replaces it.
    pub id: String,
    /// A fixed string, found without regard to ASCII case where it is not part of a longer word.
    pub pattern: String,
    /// The pattern must be all of the text: for codes that are also everyday words.
    #[serde(default)]
    pub whole: bool,
    /// What it means, in a sentence.
    pub meaning: String,
    /// Where the cause lies.
    pub level: Level,
    /// What to try, in a sentence.
    pub advice: String,
    /// When this entry was last checked, `YYYY-MM-DD`.
    pub date: String,
    /// The document it rests on.
    pub source: String,
}

impl KnownError {
    fn is_in(&self, lowered: &str) -> bool {
        let pattern = self.pattern.to_ascii_lowercase();
        if self.whole {
            return lowered.trim() == pattern;
        }
        lowered.match_indices(&*pattern).any(|(at, hit)| stands_alone(lowered, at, hit.len()))
    }
}

/// The entry with the longest pattern in `text`; of equal ones the last, which is the user's.
pub fn find<'a>(errors: &'a [KnownError], text: &str) -> Option<&'a KnownError> {
    let lowered = text.to_ascii_lowercase();
    errors.iter().filter(|error| error.is_in(&lowered)).max_by_key(|error| error.pattern.len())
}

/// `SAFETY` is not in `IMAGE_SAFETY`, nor `limit: 0` in `limit: 05`.
fn stands_alone(text: &str, at: usize, length: usize) -> bool {
    let (before, rest) = text.split_at(at);
    let (hit, after) = rest.split_at(length);
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let runs_on = |left: &str, right: &str| left.ends_with(word) && right.starts_with(word);
    !runs_on(before, hit) && !runs_on(hit, after)
}

#[cfg(test)]
mod tests {
    use crate::catalog::Catalog;

    #[test]
    fn texts_are_recognised() {
        let catalog = Catalog::builtin();
        for (text, id) in [
            (
                "Invalid JSON payload received. Unknown name \"imageOutputOptions\" at 'generation_config.image_config': Cannot find field.",
                "images-route-output-options",
            ),
            ("not supported model for image generation, only imagen models are supported", "images-route-only-imagen"),
            ("get_channel_failed (request id: 20261122101112123456789AbCdEfGi)", "get-channel-failed"),
            ("model_not_found", "model-not-found"),
            ("contents is required (request id: 1)", "contents-required"),
            ("Quota exceeded for metric x, limit: 0, model: y. Please retry in 59.95s.", "no-free-tier"),
            ("Image part is missing a thought_signature in content position 2, part position 1.", "thought-signature"),
            ("models/x is not found for API version v1beta, or is not supported", "model-not-on-api"),
            ("IMAGE_SAFETY", "image-safety"),
            ("safety", "safety"),
            ("OTHER", "other"),
            ("<title>gateway.example | 524: A timeout occurred</title>", "cdn-524"),
            ("<title>Just a moment...</title>", "cdn-challenge"),
        ] {
            assert_eq!(catalog.known_error(text).map(|known| known.id.as_str()), Some(id), "{text}");
        }
    }

    #[test]
    fn words_inside_words_are_not() {
        let catalog = Catalog::builtin();
        for text in ["", "some other reason", "unsafety", "limit: 05", "STOP", "a picture of a banana"] {
            assert_eq!(catalog.known_error(text), None, "{text}");
        }
    }

    #[test]
    fn every_entry_finds_itself() {
        let catalog = Catalog::builtin();
        for error in &catalog.errors {
            assert_eq!(catalog.known_error(&error.pattern).map(|known| &known.id), Some(&error.id));
        }
    }

    #[test]
    fn a_levels_word_is_the_one_in_the_tables() {
        for error in &Catalog::builtin().errors {
            assert_eq!(error.level.word(), format!("{:?}", error.level).to_lowercase());
        }
    }
}
