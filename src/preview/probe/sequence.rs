//! What the bytes since an ESC are: key presses, a reply, or the beginning of either.

use super::Reply;

pub const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
/// The end of a string as one byte. Strings of terminals are ASCII, so it cannot be half of a letter.
const ST: u8 = 0x9c;

#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// All of it is key presses.
    Keys,
    /// All of it is what a terminal sends before pasted text.
    Paste,
    Reply(Reply),
    /// It is not complete.
    Open(Open),
    /// The bytes from `at` on begin something new; those before were a reply that broke off, or else keys.
    Cut {
        at: usize,
        reply: bool,
    },
}

/// How an incomplete sequence began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// `ESC`: the key, or the first byte of anything.
    Escape,
    /// `ESC [`, `ESC P`, `ESC ]`, `ESC _`: Alt and a letter, or the first half of a sequence.
    Introducer,
    /// `ESC [ 6`: a key or a reply, but surely one of them.
    Control,
    /// `ESC [ ?`: no key begins so.
    Report,
    /// `ESC P 1`: a reply, or Alt and two letters that arrived together.
    Doubtful,
    /// `ESC _ G`, `ESC P > |`: a string that only a terminal sends.
    String,
    /// The same, with the ESC of its `ESC \`.
    StringEnd,
}

/// Judges bytes that begin with an ESC. All but the last byte were judged before, so only the end is looked at until a
/// reply is complete.
pub fn piece(held: &[u8]) -> Piece {
    match held {
        [ESC] => Piece::Open(Open::Escape),
        [ESC, b'[' | b'P' | b']' | b'_'] => Piece::Open(Open::Introducer),
        [ESC, ESC] => Piece::Cut { at: 1, reply: false },
        [ESC, b'[', body @ .., last] => control(body, *last),
        [ESC, kind @ (b'P' | b']' | b'_'), body @ ..] => string(*kind, body),
        _ => Piece::Keys,
    }
}

fn control(body: &[u8], last: u8) -> Piece {
    let report = matches!(body.first().unwrap_or(&last), b'?' | b'>' | b'=');
    match last {
        // rxvt ends keys with Shift so; elsewhere the byte stands only before the last one of a report.
        b'$' if !report && !body.contains(&b';') => Piece::Keys,
        0x20..=0x3f if report => Piece::Open(Open::Report),
        0x20..=0x3f => Piece::Open(Open::Control),
        0x40..=0x7e if report => Piece::Reply(private(body, last)),
        0x40..=0x7e => public(body, last),
        _ => Piece::Cut { at: body.len() + 2, reply: report },
    }
}

fn private(body: &[u8], last: u8) -> Reply {
    let Some((b'?', list)) = body.split_first() else { return Reply::Other };
    match (list.strip_suffix(b"$"), last) {
        (None, b'c') => {
            let known = numbers(list);
            let sixel = known.iter().skip(1).any(|number| *number == 4);
            Reply::Attributes { level: known.first().copied().unwrap_or(0), sixel }
        }
        (Some(mode), b'y') => match numbers(mode)[..] {
            [2026, state] => Reply::Sync((1..=3).contains(&state)),
            _ => Reply::Other,
        },
        _ => Reply::Other,
    }
}

fn public(body: &[u8], last: u8) -> Piece {
    let numbered = body.first().is_some_and(u8::is_ascii_digit);
    match (body, last) {
        (b"200", b'~') => Piece::Paste,
        (b"0", b'n') => Piece::Reply(Reply::Ready),
        (_, b't') if numbered => Piece::Reply(match numbers(body)[..] {
            [6, height, width] if height > 0 && width > 0 => Reply::CellPixels(width, height),
            _ => Reply::Other,
        }),
        (_, b'n') if numbered => Piece::Reply(Reply::Other),
        ([.., b'$'], b'y') => Piece::Reply(Reply::Other),
        _ => Piece::Keys,
    }
}

fn string(kind: u8, body: &[u8]) -> Piece {
    let all = body.len() + 2;
    match likeness(kind, body) {
        Likeness::None => Piece::Cut { at: all - 1, reply: false },
        Likeness::Half => Piece::Open(Open::Doubtful),
        Likeness::Full => match body {
            [text @ .., ESC, b'\\'] | [text @ .., BEL | ST] => Piece::Reply(told(kind, text)),
            [.., ESC, _] => Piece::Cut { at: all - 2, reply: true },
            [.., ESC] => Piece::Open(Open::StringEnd),
            [.., 0x20..=0x7e] => Piece::Open(Open::String),
            _ => Piece::Cut { at: all - 1, reply: true },
        },
    }
}

/// How much the beginning of a string looks like a reply's.
enum Likeness {
    None,
    Half,
    Full,
}

fn likeness(kind: u8, body: &[u8]) -> Likeness {
    match (kind, body) {
        (b'_', [b'G', ..]) => Likeness::Full,
        (b'P', [b'>' | b'!', b'|', ..] | [b'0'..=b'9', b'$' | b'+', ..]) => Likeness::Full,
        (b'P', [b'>' | b'!' | b'0'..=b'9']) => Likeness::Half,
        (b']', _) => {
            let digits = body.iter().take(4).take_while(|byte| byte.is_ascii_digit()).count();
            match (digits, body.get(digits)) {
                (1..=3, Some(b';')) => Likeness::Full,
                (1..=3, None) => Likeness::Half,
                _ => Likeness::None,
            }
        }
        _ => Likeness::None,
    }
}

fn told(kind: u8, text: &[u8]) -> Reply {
    match (kind, text) {
        (b'_', [b'G', text @ ..]) => pictures(text),
        (b'P', [b'>', b'|', name @ ..]) => Reply::Version(String::from_utf8_lossy(name).into_owned()),
        (b'P', [b'1', b'$', b'r', colours @ .., b'm']) => {
            let set = numbers(colours);
            let exact = set.windows(2).any(|pair| pair == [48, 2]) && set.ends_with(&[1, 2, 3]);
            Reply::TrueColor(exact)
        }
        _ => Reply::Other,
    }
}

/// Only a reply that repeats the number of the question counts: what forgets it (an iTerm2 does) cannot be told which
/// picture to take away either.
fn pictures(text: &[u8]) -> Reply {
    let mut halves = text.splitn(2, |byte| *byte == b';');
    let keys = halves.next().unwrap_or_default();
    let message = halves.next().unwrap_or_default();
    match keys.split(|byte| *byte == b',').any(|key| key == b"i=31") {
        true => Reply::Kitty(message.starts_with(b"OK")),
        false => Reply::Other,
    }
}

/// The numbers of a list; those left out, or too large to mean anything, are not in it.
fn numbers(list: &[u8]) -> Vec<u16> {
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
    list.split(|byte| matches!(byte, b';' | b':')).filter_map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_say_what_they_say() {
        let vt340 = "\x1b[?63;1;2;4;6;9;15;16;22;28c";
        for (bytes, expected) in [
            ("\x1b_Gi=31;OK\x1b\\", Reply::Kitty(true)),
            ("\x1b_Gi=31,p=0;OK\x07", Reply::Kitty(true)),
            ("\x1b_Gi=31;ENOTSUPPORTED:\x1b\\", Reply::Kitty(false)),
            ("\x1b_Gi=7;OK\x1b\\", Reply::Other),
            ("\x1b_GOK\x1b\\", Reply::Other),
            ("\x1bP>|tmux 3.3a\x1b\\", Reply::Version("tmux 3.3a".to_owned())),
            ("\x1bP>|Konsole 22.12.3\x1b\\", Reply::Version("Konsole 22.12.3".to_owned())),
            ("\x1bP1$r48:2:1:2:3m\x1b\\", Reply::TrueColor(true)),
            ("\x1bP1$r0;48:2::1:2:3m\x1b\\", Reply::TrueColor(true)),
            ("\x1bP1$r0;48;2;1;2;3m\x1b\\", Reply::TrueColor(true)),
            ("\x1bP1$r0;48:5:16m\x1b\\", Reply::TrueColor(false)),
            ("\x1bP0$r\x1b\\", Reply::Other),
            ("\x1bP1$r2 q\x1b\\", Reply::Other),
            ("\x1bP1+r5443=\x1b\\", Reply::Other),
            ("\x1bP!|00000000\x1b\\", Reply::Other),
            (vt340, Reply::Attributes { level: 63, sixel: true }),
            ("\x1b[?62;c", Reply::Attributes { level: 62, sixel: false }),
            ("\x1b[?62;1;4c", Reply::Attributes { level: 62, sixel: true }),
            ("\x1b[?1;2c", Reply::Attributes { level: 1, sixel: false }),
            ("\x1b[?4c", Reply::Attributes { level: 4, sixel: false }),
            ("\x1b[?2026;2$y", Reply::Sync(true)),
            ("\x1b[?2026;0$y", Reply::Sync(false)),
            ("\x1b[?2004;1$y", Reply::Other),
            ("\x1b[6;18;9t", Reply::CellPixels(9, 18)),
            ("\x1b[6;0;0t", Reply::Other),
            ("\x1b[8;40;120t", Reply::Other),
            ("\x1b[0n", Reply::Ready),
            ("\x1b[3n", Reply::Other),
            ("\x1b[?997;1n", Reply::Other),
            ("\x1b[?1u", Reply::Other),
            ("\x1b[>41;379;0c", Reply::Other),
            ("\x1b]11;rgb:1010/1414/1818\x07", Reply::Other),
        ] {
            assert_eq!(piece(bytes.as_bytes()), Piece::Reply(expected), "{bytes:?}");
        }
    }

    #[test]
    fn keys_are_keys() {
        for bytes in [
            "\x1bx",
            "\x1b\x7f",
            "\x1bO",
            "\x1b[A",
            "\x1b[1;5A",
            "\x1b[15~",
            "\x1b[6~",
            "\x1b[97;5u",
            "\x1b[<0;3;4M",
            "\x1b[M",
            "\x1b[[",
            "\x1b[c",
            "\x1b[23$",
            "\x1b[1;2R",
            "\x1b[I",
            "\x1b[201~",
            "\x1b[n",
            "\x1b[t",
        ] {
            assert_eq!(piece(bytes.as_bytes()), Piece::Keys, "{bytes:?}");
        }
        assert_eq!(piece(b"\x1b[200~"), Piece::Paste);
    }

    #[test]
    fn what_breaks_off_is_told_from_what_follows() {
        for (bytes, at, reply) in [
            ("\x1b\x1b", 1, false),
            ("\x1b_a", 2, false),
            ("\x1b_\x1b", 2, false),
            ("\x1bP1a", 3, false),
            ("\x1b]1a", 3, false),
            ("\x1b[\x1b", 2, false),
            ("\x1b[6\r", 3, false),
            ("\x1b[?6\r", 4, true),
            ("\x1b_Gi=3\r", 6, true),
            ("\x1b_Gi=3\x1b[", 6, true),
        ] {
            assert_eq!(piece(bytes.as_bytes()), Piece::Cut { at, reply }, "{bytes:?}");
        }
    }
}
