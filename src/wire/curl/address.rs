//! The address of a command without the keys in it.

use super::keys::{KEY_LIKE, carries_key, set_apart};
use super::{CurlError, Names};
use secrecy::SecretString;
use url::Url;

/// Reads the address, sets the keys in it apart, and adds to `left_out` the names of the other fields of its query.
pub fn without_keys(written: &str, keys: &mut Vec<SecretString>, left_out: &mut Names) -> Result<Url, CurlError> {
    let url = read(written.trim())?;
    set_apart(url.username(), keys);
    set_apart(url.password().unwrap_or_default(), keys);
    let mut streamed = false;
    for (name, value) in url.query_pairs() {
        if carries_key(&name) || KEY_LIKE.is_match(&value) {
            set_apart(&value, keys);
        } else if name == "alt" {
            streamed |= value == "sse";
        } else {
            left_out.add(&KEY_LIKE.replace_all(&name, "***"));
        }
    }
    let host = url.host_str().ok_or(CurlError::BadUrl)?;
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    // Some gateways take the key as a part of the path.
    let path = KEY_LIKE.replace_all(url.path(), "***");
    let tail = if streamed { "?alt=sse" } else { "" };
    Url::parse(&format!("{}://{host}{port}{path}{tail}", url.scheme())).map_err(|_| CurlError::BadUrl)
}

/// Without a scheme it is taken for https.
fn read(written: &str) -> Result<Url, CurlError> {
    let has_scheme = written.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(char::is_alphanumeric));
    let whole = if has_scheme { written.to_owned() } else { format!("https://{written}") };
    let url = Url::parse(&whole).ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https")).ok_or(CurlError::BadUrl)
}
