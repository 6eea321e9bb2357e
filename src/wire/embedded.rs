//! Pictures wrapped in text: data: URIs, Markdown pictures and bare links.

use super::blob::Blob;
use regex::Regex;
use serde_json::Value;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

#[expect(clippy::unwrap_used, reason = "a constant pattern, covered by the tests below")]
static MARKDOWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"!\[([^\]]*)\]\([\s\x1c-\x1f]*<?([^)\s\x1c-\x1f>]+)>?(?:[\s\x1c-\x1f]+"[^"]*")?[\s\x1c-\x1f]*\)"#)
        .unwrap()
});
#[expect(clippy::unwrap_used, reason = "a constant pattern, covered by the tests below")]
static BARE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"https?://[^\s\x1c-\x1f<>"')\]]+"#).unwrap());

/// Links and URIs of one text; a text may be as long as a body.
const MOST: usize = 1_000;

#[derive(Debug, Clone, PartialEq)]
pub enum Embedded {
    DataUri(Blob),
    MarkdownUrl { url: String, alt: String },
    BareUrl { url: String },
}

/// What a text part wraps, in order.
pub fn find(text: &str) -> Vec<Embedded> {
    let uris = plain_uris(text);
    let squeezed = Squeezed::of(text, &uris);
    let mut found: Vec<(usize, Embedded)> = uris
        .iter()
        .map(|uri| {
            (
                uri.start,
                Embedded::DataUri(Blob::decode(
                    Value::from(&text[uri.mime.clone()]),
                    Some(&text.as_bytes()[uri.data.clone()]),
                )),
            )
        })
        .collect();
    let mut taken: Vec<Range<usize>> = Vec::new();
    for hit in MARKDOWN.captures_iter(&squeezed.text).take(MOST) {
        let (Some(whole), Some(alt), Some(url)) = (hit.get(0), hit.get(1), hit.get(2)) else { continue };
        if url.as_str().starts_with("data:") {
            continue;
        }
        let own =
            |piece: regex::Match| text[squeezed.original(piece.start())..squeezed.original(piece.end())].to_owned();
        found.push((squeezed.original(whole.start()), Embedded::MarkdownUrl { url: own(url), alt: own(alt) }));
        taken.push(whole.range());
    }
    let mut taken = taken.into_iter().peekable();
    for hit in BARE.find_iter(&squeezed.text).take(2 * MOST) {
        while taken.next_if(|range| range.end <= hit.start()).is_some() {}
        if !taken.peek().is_some_and(|range| range.contains(&hit.start())) {
            let url = &text[squeezed.original(hit.start())..squeezed.original(hit.end())];
            let url = url.trim_end_matches(['.', ',', ';']).to_owned();
            found.push((squeezed.original(hit.start()), Embedded::BareUrl { url }));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, what)| what).collect()
}

/// A data: URI as byte ranges of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uri {
    pub start: usize,
    pub mime: Range<usize>,
    pub data: Range<usize>,
}

/// data: URIs in strict spelling: lower case, nothing escaped.
fn plain_uris(text: &str) -> Vec<Uri> {
    let is_data = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-');
    let length = |data: &[u8]| data.iter().take_while(|b| is_data(b)).count();
    scan(text.as_bytes(), |_, data| length(data))
}

/// data: URIs of texts that were joined at `seams` (offsets, in order), also with percent escapes. One that is complete at
/// a seam ends there: what follows is another part's text.
pub fn joined_uris(text: &str, seams: &[usize]) -> Vec<Uri> {
    scan(text.as_bytes(), |start, data| {
        let length = loose_length(data);
        let inner = seams.iter().skip(seams.partition_point(|seam| *seam <= start)).map(|seam| seam - start);
        let end = inner.take_while(|at| *at < length).find(|at| is_complete(&data[..*at]));
        end.unwrap_or(length)
    })
}

/// Base64 with the percent escapes that an address bar makes of it; padding ends it.
fn loose_length(data: &[u8]) -> usize {
    let (mut at, mut padded) = (0, false);
    while at < data.len() {
        let (width, pads) = match data[at] {
            b'=' => (1, true),
            b'%' => match data.get(at + 1..at + 3).map(|two| two.to_ascii_uppercase()).as_deref() {
                Some(b"3D") => (3, true),
                Some(b"2B" | b"2F" | b"0A" | b"0D") => (3, false),
                _ => break,
            },
            b if b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'_' | b'-') => (1, false),
            _ => break,
        };
        if padded && !pads {
            break;
        }
        padded |= pads;
        at += width;
    }
    at
}

/// Padded, or a picture with its last byte. Looks at both ends only: a URI may have thousands of seams.
fn is_complete(data: &[u8]) -> bool {
    if data.ends_with(b"=") || data.len() > 3 && data[data.len() - 3..].eq_ignore_ascii_case(b"%3D") {
        return true;
    }
    let last = data.len().saturating_sub(32) / 4 * 4;
    let decode = |text: &[u8]| super::b64::decode(text).unwrap_or_default();
    let (head, tail) = (decode(&data[..data.len().min(32) / 4 * 4]), decode(&data[last..]));
    super::sniff::is_whole(&head, &tail, data.len() / 4 * 3 + data.len() % 4 * 3 / 4)
}

/// Undoes percent escapes; borrowed when there are none.
pub fn percent_decode(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'%', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let escaped = (text[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        // Two digits and nothing else: the parser would take a sign as well.
        let digits = escaped.filter(|two| two.iter().all(u8::is_ascii_hexdigit));
        let byte = digits.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        out.push(byte.unwrap_or(text[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    Cow::Owned(out)
}

/// Finds URIs; `length` says how far the data goes, given its offset and the rest of the text.
fn scan(text: &[u8], length: impl Fn(usize, &[u8]) -> usize) -> Vec<Uri> {
    let mut found = Vec::new();
    let mut from = 0;
    for start in memchr::memmem::find_iter(text, b"data:image/") {
        if start < from {
            continue;
        }
        if let Some((mime, data)) = head(text, start) {
            let end = data + length(data, &text[data..]);
            if found.len() >= MOST {
                break;
            }
            if end > data {
                from = end;
                found.push(Uri { start, mime, data: data..end });
            }
        }
    }
    found
}

/// The type and the offset of the data, when this is base64.
fn head(text: &[u8], start: usize) -> Option<(Range<usize>, usize)> {
    let count = |from: usize, accept: fn(u8) -> bool| text[from..].iter().take_while(|&&b| accept(b)).count();
    let mime = start + 5;
    let subtype = mime + 6;
    let mime_end = subtype + count(subtype, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-'));
    let options_end =
        mime_end + count(mime_end, |b| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'.' | b'_' | b'-' | b';'));
    let options = &text[mime_end..options_end];
    let is_base64 = options.ends_with(b";base64") && text.get(options_end) == Some(&b',');
    let no_empty_option = !options.windows(2).any(|two| two == b";;");
    let fine = mime_end > subtype && options.first() == Some(&b';') && is_base64 && no_empty_option;
    fine.then_some((mime..mime_end, options_end + 1))
}

/// A text with its data: URIs shortened, so that the patterns do not walk through megabytes of base64.
struct Squeezed {
    text: String,
    /// (offset in the short text, offset in the original) after each cut.
    cuts: Vec<(usize, usize)>,
}

impl Squeezed {
    fn of(text: &str, uris: &[Uri]) -> Squeezed {
        let mut short = String::new();
        let mut cuts = vec![(0, 0)];
        let mut from = 0;
        for uri in uris {
            short.push_str(&text[from..uri.start + 5]);
            from = uri.data.end;
            cuts.push((short.len(), from));
        }
        short.push_str(&text[from..]);
        Squeezed { text: short, cuts }
    }

    fn original(&self, at: usize) -> usize {
        let last = self.cuts.partition_point(|(short, _)| *short <= at).saturating_sub(1);
        let (short, original) = self.cuts[last];
        original + (at - short)
    }
}

/// True when a link most likely is a picture: by its file ending.
pub fn looks_like_picture(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url).to_ascii_lowercase();
    [".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".heic", ".bmp"].iter().any(|ending| path.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIXEL: &str = "R0lGODlhAQABAAAAACw=";

    #[test]
    fn three_shapes_in_order() {
        let text = format!(
            "see ![a b](https://x.test/a.png \"t\") and data:image/gif;x=1;base64,{PIXEL}) then (https://y.test/z.). ![i](data:image/gif;base64,{PIXEL})"
        );
        let found = find(&text);
        assert_eq!(found[0], Embedded::MarkdownUrl { url: "https://x.test/a.png".into(), alt: "a b".into() });
        assert!(
            matches!(&found[1], Embedded::DataUri(blob) if blob.data.as_ref().is_some_and(|d| d.bytes == 14 && d.size == Some((1, 1))))
        );
        assert_eq!(found[2], Embedded::BareUrl { url: "https://y.test/z".into() });
        assert!(matches!(found[3], Embedded::DataUri(_)));
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn what_only_looks_like_a_uri_is_left() {
        for text in [
            "data:image/;base64,AAAA",
            "data:image/png,AAAA",
            "data:image/png;;base64,AAAA",
            "data:text/plain;base64,AAAA",
            "data:image/png;base64,",
        ] {
            assert_eq!(find(text), [], "{text}");
        }
    }

    #[test]
    fn percent_escapes_are_undone_for_pictures() {
        let text = "data:image/png;base64,iVBORw0KGgo%3D) tail";
        let uri = &joined_uris(text, &[])[0];
        assert_eq!(&*percent_decode(&text.as_bytes()[uri.data.clone()]), b"iVBORw0KGgo=");
        assert_eq!(&*percent_decode(b"100%"), b"100%");
        for tail in ["%", "%29", "%zz", "%20and", "%3D%3Dx"] {
            let text = format!("data:image/gif;base64,{}{tail}", &PIXEL[..18]);
            let uri = &joined_uris(&text, &[])[0];
            assert!(uri.data.len() <= 18 + 6, "{tail}");
        }
    }

    #[test]
    fn a_seam_ends_what_is_complete_and_joins_what_is_cut() {
        let uri = format!("data:image/gif;base64,{PIXEL}");
        for (first, second, lengths) in [
            (uri.as_str(), "Here it is", vec![PIXEL.len()]),
            (&uri, &uri, vec![PIXEL.len(), PIXEL.len()]),
            (&uri[..30], &uri[30..], vec![PIXEL.len()]),
        ] {
            let found = joined_uris(&format!("{first}{second}"), &[first.len()]);
            assert_eq!(found.iter().map(|uri| uri.data.len()).collect::<Vec<_>>(), lengths, "{first} | {second}");
        }
    }

    #[test]
    fn a_link_with_a_uri_inside_stays_whole() {
        let url = "http://x.test/?u=data:image/png;base64,AAAA";
        assert!(find(url).contains(&Embedded::BareUrl { url: url.into() }));
    }
}
