//! Keys in what is kept: whatever looks like one, and those of the command wherever else they stand.

use crate::wire::curl::KEY_LIKE;
use regex::Regex;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::cmp::Reverse;

/// More than any command has; an expression must not grow without bound.
const MOST: usize = 64;

/// Finds what looks like a key, and the keys of one command.
pub struct Known(Regex);

impl Known {
    pub fn of(keys: &[SecretString]) -> Known {
        let pieces = keys.iter().flat_map(|key| key.expose_secret().split([' ', ';', ',', ':', '=']));
        // A short piece stands in a prompt by chance, and a variable's name is no secret.
        let mut pieces: Vec<&str> = pieces.filter(|piece| piece.len() >= 8 && !piece.starts_with('$')).collect();
        pieces.sort_unstable_by_key(|piece| (Reverse(piece.len()), *piece));
        pieces.dedup();
        let mut pattern = KEY_LIKE.as_str().to_owned();
        for piece in pieces.into_iter().take(MOST) {
            let head: String = piece.chars().take(256).collect();
            pattern.push('|');
            pattern.push_str(&regex::escape(&head));
        }
        Known(Regex::new(&pattern).unwrap_or_else(|_| KEY_LIKE.clone()))
    }

    /// The text with `***` in the place of keys.
    pub fn mask(&self, text: &str) -> String {
        self.0.replace_all(text, "***").into_owned()
    }

    /// Puts `***` in the place of keys; how many there were.
    pub fn cover(&self, value: &mut Value) -> usize {
        match value {
            Value::String(text) => self.cover_text(text),
            Value::Array(list) => list.iter_mut().map(|inner| self.cover(inner)).sum(),
            Value::Object(map) => {
                let mut covered = 0;
                for (mut name, mut inner) in std::mem::take(map) {
                    if !self.is_picture(&name, &inner) {
                        covered += self.cover(&mut inner);
                    }
                    covered += self.cover_text(&mut name);
                    map.insert(name, inner);
                }
                covered
            }
            _ => 0,
        }
    }

    /// The letters of a picture or a signature may look like a key by chance; one that is a key as a whole is one.
    fn is_picture(&self, name: &str, value: &Value) -> bool {
        let is_key = |text: &str| self.0.find(text).is_some_and(|found| found.len() == text.len());
        let is_base64 = matches!(name, "data" | "thoughtSignature" | "thought_signature");
        is_base64 && value.as_str().is_some_and(|text| !is_key(text))
    }

    fn cover_text(&self, text: &mut String) -> usize {
        let found = self.0.find_iter(text).count();
        if found > 0 {
            *text = self.mask(text);
        }
        found
    }
}
