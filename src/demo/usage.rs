//! The counts of `usageMetadata`.

use super::call::Call;
use super::gemini::Gemini;
use super::json::Json;

/// What one reference picture counts in a prompt.
const REFERENCE_TOKENS: u64 = 258;
/// Real counts exceed the sum of their details by about this much.
const UNLISTED_TOKENS: u64 = 398;

/// Tokens by where they are and what they are of.
pub struct Usage {
    text_in: u64,
    images_in: u64,
    text_out: u64,
    images_out: u64,
}

impl Usage {
    /// The counts of a reply whose pictures take `tokens_each`.
    pub fn of(call: &Call, gemini: &Gemini, tokens_each: u64) -> Usage {
        Usage {
            text_in: tokens(call.prompt.len()),
            images_in: call.references * REFERENCE_TOKENS,
            text_out: if gemini.prose() == 0 { 0 } else { tokens(gemini.prose()) },
            images_out: gemini.pictures() as u64 * tokens_each,
        }
    }

    /// Writes the member; until a reply is `complete` it counts the prompt alone.
    pub fn write(&self, json: &mut Json, complete: bool) {
        let unlisted = if self.images_out > 0 { UNLISTED_TOKENS } else { 0 };
        let (input, output) = (self.text_in + self.images_in, self.text_out + self.images_out + unlisted);
        json.key("usageMetadata").object(|json| {
            json.key("promptTokenCount").raw(&input.to_string());
            if complete && output > 0 {
                json.key("candidatesTokenCount").raw(&output.to_string());
            }
            let total = if complete { input + output } else { input };
            json.key("totalTokenCount").raw(&total.to_string());
            details(json, "promptTokensDetails", &[("TEXT", self.text_in), ("IMAGE", self.images_in)]);
            if complete && self.images_out > 0 {
                details(json, "candidatesTokensDetails", &[("IMAGE", self.images_out)]);
            }
        });
    }
}

fn details(json: &mut Json, key: &str, counts: &[(&str, u64)]) {
    json.key(key).array(|json| {
        for (modality, count) in counts.iter().filter(|(_, count)| *count > 0) {
            json.item().object(|json| {
                json.key("modality").string(modality);
                json.key("tokenCount").raw(&count.to_string());
            });
        }
    });
}

/// About four characters make a token.
fn tokens(characters: usize) -> u64 {
    characters as u64 / 4 + 1
}
