//! The ways in which servers write one character: as it is, or escaped for JSON, a URL, HTML or a log, up to three times.

use std::borrow::Cow;
use std::sync::LazyLock;

/// Every ASCII character, so that nothing of a particular key stands in here.
static ASCII: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| (0..=0x7f).map(|code: u8| write(code.into())).collect());

/// The bytes with which an escape begins.
pub const LEADS: [u8; 3] = [b'%', b'\\', b'&'];

/// All of them, each once.
pub fn ways(c: char) -> Cow<'static, [String]> {
    match ASCII.get(c as usize) {
        Some(known) => Cow::Borrowed(known.as_slice()),
        None => Cow::Owned(write(c)),
    }
}

fn write(c: char) -> Vec<String> {
    let mut all = [json(c), percent(c), html(c), log(c)].concat();
    all.push(c.to_string());
    all.sort_unstable();
    all.dedup();
    all
}

/// In a string of a document, and in strings of documents that stand in strings themselves.
fn json(c: char) -> Vec<String> {
    let mut all = Vec::new();
    for units in [units(c, |unit| format!(r"\u{unit:04x}")), units(c, |unit| format!(r"\u{unit:04X}"))] {
        all.extend([r"\\", r"\\\\"].map(|twice| units.replace('\\', twice)));
        all.push(units);
    }
    match c {
        '"' => all.extend([r#"\""#, r#"\\\""#, r#"\\\\\\\""#].map(str::to_owned)),
        '\\' => all.extend([r"\\", r"\\\\", r"\\\\\\\\"].map(str::to_owned)),
        '/' => all.extend([r"\/", r"\\/", r"\\\/", r"\\\\\\\/"].map(str::to_owned)),
        _ => {}
    }
    all
}

fn units(c: char, write: impl Fn(u16) -> String) -> String {
    c.encode_utf16(&mut [0; 2]).iter().map(|unit| write(*unit)).collect()
}

/// As logs and scripts write bytes, also inside JSON.
fn log(c: char) -> Vec<String> {
    let bytes = |write: fn(u8) -> String| -> String { c.encode_utf8(&mut [0; 4]).bytes().map(write).collect() };
    let once = [
        bytes(|byte| format!(r"\x{byte:02x}")),
        bytes(|byte| format!(r"\x{byte:02X}")),
        bytes(|byte| format!(r"\{byte:03o}")),
    ];
    let twice = once.each_ref().map(|once| once.replace('\\', r"\\"));
    [once, twice].concat()
}

/// In a URL, and in URLs that stand in queries themselves. A form writes a space as `+`.
fn percent(c: char) -> Vec<String> {
    let bytes = |write: fn(u8) -> String| -> String { c.encode_utf8(&mut [0; 4]).bytes().map(write).collect() };
    let mut once = vec![bytes(|byte| format!("%{byte:02x}")), bytes(|byte| format!("%{byte:02X}"))];
    if c == ' ' {
        once.extend(["+", "%2b", "%2B"].map(str::to_owned));
    }
    let twice: Vec<String> = once.iter().map(|once| once.replace('%', "%25")).collect();
    let thrice: Vec<String> = twice.iter().map(|twice| twice.replace("%25", "%2525")).collect();
    [once, twice, thrice].concat()
}

/// The name that HTML has for a character of ASCII.
fn name(c: char) -> Option<&'static str> {
    let names = [
        ('!', "excl"),
        ('"', "quot"),
        ('#', "num"),
        ('$', "dollar"),
        ('%', "percnt"),
        ('&', "amp"),
        ('\'', "apos"),
        ('(', "lpar"),
        (')', "rpar"),
        ('*', "ast"),
        ('+', "plus"),
        (',', "comma"),
        ('.', "period"),
        ('/', "sol"),
        (':', "colon"),
        (';', "semi"),
        ('<', "lt"),
        ('=', "equals"),
        ('>', "gt"),
        ('?', "quest"),
        ('@', "commat"),
        ('[', "lsqb"),
        ('\\', "bsol"),
        (']', "rsqb"),
        ('^', "Hat"),
        ('_', "lowbar"),
        ('`', "grave"),
        ('{', "lcub"),
        ('|', "vert"),
        ('}', "rcub"),
    ];
    names.iter().find(|(known, _)| *known == c).map(|(_, name)| *name)
}

/// In a page, in a page that was escaped once more, and in a page inside JSON whose writer escapes `&` too.
fn html(c: char) -> Vec<String> {
    let code = u32::from(c);
    let mut once =
        vec![format!("&#{code};"), format!("&#{code:03};"), format!("&#x{code:x};"), format!("&#x{code:X};")];
    once.extend(name(c).map(|name| format!("&{name};")));
    let again = |ampersand: &str| -> Vec<String> { once.iter().map(|once| once.replace('&', ampersand)).collect() };
    [again("&amp;"), again(r"\u0026"), once].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_written_in_every_way_once() {
        for (c, some) in [
            ('+', &["+", r"\u002b", r"\u002B", r"\\u002b", "%2B", "%2b", "%252B", "&#43;", "&#x2B;", "&amp;#43;"][..]),
            ('"', &["\"", r#"\""#, r#"\\\""#, r"\u0022", "%22", "%2522", "&quot;", r"\u0026quot;"]),
            ('/', &["/", r"\/", r"\\\/", r"\\\\\\\/", "%2F", "%25252F", "&#x2f;", "&sol;", r"\x2f", r"\057", r"\\x2F"]),
            (' ', &[" ", "+", "%20", "%2B", "%252B"]),
            ('a', &["a", r"\u0061", "%61", "&#97;", "&#097;"]),
            ('é', &["é", r"\u00e9", "%C3%A9", "%25C3%25A9", "&#233;"]),
        ] {
            let all = ways(c);
            for way in some {
                assert_eq!(all.iter().filter(|known| known == way).count(), 1, "{c} {way}");
            }
            let known = |way: &&String| LEADS.contains(&way.as_bytes()[0]) || way.starts_with(c) || *way == "+";
            assert!(all.iter().all(|way| known(&way)), "{all:?}");
        }
    }
}
