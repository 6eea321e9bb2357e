//! The image models that the demo lists: their aliases, what a picture costs, and how many tokens it counts.

use super::pixels::size_column;

/// A kind of model: by size, 512 to 4K.
struct Family {
    tokens: [u64; 4],
    usd: [f64; 4],
}

const FLASH: Family = Family { tokens: [747, 1120, 1680, 2520], usd: [0.045, 0.067, 0.101, 0.15] };
const LITE: Family = Family { tokens: [1120; 4], usd: [0.0336; 4] };
const PRO: Family = Family { tokens: [1120, 1120, 1120, 2000], usd: [0.134, 0.134, 0.134, 0.24] };
const FIRST: Family = Family { tokens: [1290; 4], usd: [0.039; 4] };

/// Every listed id with the one that a reply reports as its `modelVersion`.
const LISTED: [(&str, &str); 9] = [
    ("nano-banana-2", "gemini-3.1-flash-image-preview"),
    ("nano-banana-pro", "gemini-3-pro-image-preview"),
    ("nano-banana", "gemini-2.5-flash-image"),
    ("gemini-3.1-flash-image-preview", "gemini-3.1-flash-image-preview"),
    ("gemini-3.1-flash-image", "gemini-3.1-flash-image"),
    ("gemini-3.1-flash-lite-image", "gemini-3.1-flash-lite-image"),
    ("gemini-3-pro-image-preview", "gemini-3-pro-image-preview"),
    ("gemini-3-pro-image", "gemini-3-pro-image"),
    ("gemini-2.5-flash-image", "gemini-2.5-flash-image"),
];

/// Ids for the model lists: the known ones, or as many as asked for, the rest made up.
pub fn ids(count: Option<usize>) -> Vec<String> {
    let known = LISTED.iter().map(|(id, _)| (*id).to_owned());
    let invented = (LISTED.len() + 1..).map(|number| format!("sample-model-{number:04}"));
    known.chain(invented).take(count.unwrap_or(LISTED.len())).collect()
}

/// The id behind an alias; an id that is no alias stands for itself.
pub fn resolve(model: &str) -> &str {
    LISTED.iter().find(|(id, _)| *id == model).map_or(model, |(_, version)| *version)
}

/// The tokens that one picture counts.
pub fn image_tokens(model: &str, size: Option<&str>) -> u64 {
    family(model).tokens[size_column(size)]
}

/// The list price of one picture in US dollars.
pub fn price(model: &str, size: Option<&str>) -> f64 {
    family(model).usd[size_column(size)]
}

fn family(model: &str) -> Family {
    let id = resolve(model);
    if id.contains("-pro-") {
        PRO
    } else if id.contains("-lite-") {
        LITE
    } else if id.contains("2.5-flash") {
        FIRST
    } else {
        FLASH
    }
}
