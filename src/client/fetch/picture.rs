//! The body of a response, taken only while it is small enough and looks like a picture.

use super::FetchError;
use crate::client::describe;
use crate::client::guard::Place;
use crate::wire::sniff::mime;
use memchr::memmem;
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;

/// Enough to tell what a body is.
const HEAD: usize = 512;

/// The bytes and their sniffed type.
pub async fn take(mut response: Response, place: &Place, most: usize) -> Result<(Vec<u8>, &'static str), FetchError> {
    let status = response.status().as_u16();
    if status != 200 {
        return Err(FetchError::Status { host: place.name(), status, hint: hint(status) });
    }
    let too_large = || FetchError::TooLarge { host: place.name(), most };
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    let broken = |error: reqwest::Error| FetchError::Connection { host: place.name(), reason: describe(&error) };
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= HEAD && mime(&bytes).is_none() {
            break;
        }
    }
    match mime(&bytes) {
        Some(mime) => Ok((bytes, mime)),
        None => Err(FetchError::NotAPicture { host: place.name(), what: describe_body(&bytes, declared(&response)) }),
    }
}

fn hint(status: u16) -> &'static str {
    match status {
        401 | 403 => "; the link has probably expired",
        404 | 410 => "; the picture is gone, or the link has expired",
        _ => "",
    }
}

/// The declared type, unless it is too odd to be shown.
fn declared(response: &Response) -> Option<&str> {
    let value = response.headers().get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = value.split(';').next()?.trim();
    let is_plain = (1..=60).contains(&essence.len()) && essence.bytes().all(|byte| byte.is_ascii_graphic());
    is_plain.then_some(essence)
}

fn describe_body(bytes: &[u8], declared: Option<&str>) -> String {
    let kind = kind(bytes);
    declared.map_or_else(|| kind.to_owned(), |declared| format!("{kind} (declared as {declared})"))
}

fn kind(bytes: &[u8]) -> &'static str {
    let head = bytes[..bytes.len().min(HEAD)].to_ascii_lowercase();
    let has = |mark: &str| memmem::find(&head, mark.as_bytes()).is_some();
    match head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start() {
        [] => "nothing",
        [b'<', ..] if has("<!doctype html") || has("<html") => "an HTML page",
        [b'<', ..] if has("<svg") => "an SVG drawing",
        [b'<', ..] if has("<error") => "an XML error",
        [b'<', ..] => "an XML document",
        [b'{' | b'[', ..] => "JSON",
        [0x1f, 0x8b, ..] => "packed data (gzip)",
        _ => "bytes of no known kind",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_picture_is_named() {
        for (bytes, named) in [
            (b"".as_slice(), "nothing"),
            (b" \n", "nothing"),
            (b"\n<!DOCTYPE html><title>Sign in", "an HTML page"),
            (b"\xef\xbb\xbf<?xml version='1.0'?>\n<Error><Code>AccessDenied", "an XML error"),
            (b"<?xml version='1.0'?><feed>", "an XML document"),
            (b"<svg xmlns=", "an SVG drawing"),
            (b"{\"error\":{}}", "JSON"),
            (b"\x1f\x8b\x08", "packed data (gzip)"),
            (b"\0\0\0\x20ftypavif", "bytes of no known kind"),
        ] {
            assert_eq!(kind(bytes), named);
        }
        assert_eq!(describe_body(b"<html>", Some("text/html")), "an HTML page (declared as text/html)");
    }
}
