//! What a key looks like and where keys stand, so that they are set apart.

use super::pattern;
use regex::Regex;
use secrecy::SecretString;
use std::sync::LazyLock;

/// Texts that begin like the keys that Google and gateways hand out.
pub static KEY_LIKE: LazyLock<Regex> = LazyLock::new(|| pattern(r"AIza[0-9A-Za-z_-]{8,}|(?-u:\b)sk-[0-9A-Za-z_-]{8,}"));

/// Whether a header or a field of a query is one that carries a key.
pub fn carries_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    let parts = ["authorization", "api-key", "apikey", "token", "cookie", "secret", "password", "credential"];
    name == "key" || name == "amp;key" || parts.iter().any(|part| name.contains(part))
}

/// Puts what stands in a key's place with the keys, if anything stands there.
pub fn set_apart(key: &str, keys: &mut Vec<SecretString>) {
    if !key.is_empty() {
        keys.push(SecretString::from(key));
    }
}
