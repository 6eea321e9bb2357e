//! Any mix of keys and replies, cut anywhere, late or never complete.

use super::*;
use proptest::prelude::*;

/// What was let through and what was taken out, when every byte comes after a pause.
fn typed(bytes: &[u8], pause: Duration) -> (Vec<u8>, Vec<Reply>) {
    let (mut sieve, mut keys, mut replies) = (Sieve::default(), Vec::new(), Vec::new());
    for byte in bytes {
        replies.extend(sieve.push(&[*byte], &mut keys));
        wait(&mut sieve, pause, &mut keys);
    }
    wait(&mut sieve, Duration::MAX, &mut keys);
    (keys, replies)
}

fn wait(sieve: &mut Sieve, pause: Duration, keys: &mut Vec<u8>) {
    while sieve.waits().is_some_and(|limit| limit <= pause) {
        sieve.give_up(keys);
    }
}

const KEYS: [&[u8]; 20] = [
    b"a",
    b"Gi=31;OK",
    "é¬Ü✜".as_bytes(),
    b"\r",
    b"\x03",
    b"\x1b[A",
    b"\x1b[5~",
    b"\x1b[6;2~",
    b"\x1b[1;5A",
    b"\x1bOP",
    b"\x1bx",
    "\x1bé".as_bytes(),
    b"\x1b\x1b[B",
    b"\x1b[97;5u",
    b"\x1b[<0;30;4M",
    b"\x1b[M !!",
    b"\x1b[[A",
    b"\x1b[200~one\r\x1b_Gi=31;OK\x1b\\\x1b[?62;c\x1b[201~",
    b"\x1b[200~\x1b[\x1b[20\x1b[201~",
    b"\x1b[I",
];

/// Keys that only a pause tells from the beginning of something longer.
const LONELY: [&[u8]; 6] = [b"\x1b", b"\x1b[", b"\x1bP", b"\x1b]", b"\x1b_", b"\x1bP1"];

fn replies() -> [(&'static [u8], Reply); 13] {
    [
        (b"\x1b_Gi=31;OK\x1b\\", Reply::Kitty(true)),
        (b"\x1b_Gi=31;EINVAL:no\x9c", Reply::Kitty(false)),
        (b"\x1bP>|XTerm(379)\x1b\\", Reply::Version("XTerm(379)".to_owned())),
        (b"\x1bP1$r0;48:2::1:2:3m\x07", Reply::TrueColor(true)),
        (b"\x1bP0$r\x1b\\", Reply::Other),
        (b"\x1b[?63;1;2;4;6c", Reply::Attributes { level: 63, sixel: true }),
        (b"\x1b[?2026;2$y", Reply::Sync(true)),
        (b"\x1b[6;18;9t", Reply::CellPixels(9, 18)),
        (b"\x1b[0n", Reply::Ready),
        (b"\x1b[?997;1n", Reply::Other),
        (b"\x1b]11;rgb:1010/1414/1818\x1b\\", Reply::Other),
        (b"\x1b[>41;379;0c", Reply::Other),
        (b"\x1b[?1u", Reply::Other),
    ]
}

#[derive(Debug, Clone)]
enum Item {
    Key(&'static [u8]),
    Lonely(&'static [u8]),
    Reply(&'static [u8], Reply),
}

fn item() -> impl Strategy<Value = Item> {
    prop_oneof![
        prop::sample::select(KEYS.to_vec()).prop_map(Item::Key),
        prop::sample::select(LONELY.to_vec()).prop_map(Item::Lonely),
        prop::sample::select(replies().to_vec()).prop_map(|(bytes, reply)| Item::Reply(bytes, reply)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keys_and_replies_come_apart_wherever_they_are_cut(
        items in prop::collection::vec(item(), 0..30),
        cuts in prop::collection::vec(1_usize..12, 1..20),
    ) {
        let mut cuts = cuts.into_iter().cycle();
        let (mut sieve, mut keys, mut got) = (Sieve::default(), Vec::new(), Vec::new());
        let (mut expected_keys, mut expected, mut read) = (Vec::new(), Vec::new(), Vec::new());
        // The line is known, so that a lonely ESC is not put together with what is typed next.
        got.extend(sieve.push(b"\x1b[0n", &mut keys));
        expected.push(Reply::Ready);
        for item in items {
            let (Item::Key(bytes) | Item::Lonely(bytes) | Item::Reply(bytes, _)) = &item;
            read.extend_from_slice(bytes);
            match &item {
                Item::Reply(_, reply) => expected.push(reply.clone()),
                Item::Key(bytes) | Item::Lonely(bytes) => expected_keys.extend_from_slice(bytes),
            }
            let lonely = matches!(item, Item::Lonely(_));
            while !read.is_empty() {
                let cut = cuts.next().unwrap_or(1);
                if cut > read.len() && !lonely {
                    break;
                }
                let some: Vec<u8> = read.drain(..cut.min(read.len())).collect();
                got.extend(sieve.push(&some, &mut keys));
            }
            if lonely {
                wait(&mut sieve, PAUSE, &mut keys);
            }
        }
        got.extend(sieve.push(&read, &mut keys));
        prop_assert_eq!(sieve.waits(), None);
        prop_assert_eq!(keys, expected_keys);
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn a_reply_cut_for_ever_takes_no_key_with_it(
        which in 0..13_usize,
        cut in 3_usize..40,
        key in prop::sample::select(KEYS.to_vec()),
    ) {
        let bytes = replies()[which].0;
        let (mut sieve, mut keys) = (Sieve::default(), Vec::new());
        sieve.push(&bytes[..cut.min(bytes.len() - 1)], &mut keys);
        wait(&mut sieve, REST, &mut keys);
        let before = keys.len();
        sieve.push(key, &mut keys);
        wait(&mut sieve, REST, &mut keys);
        prop_assert_eq!(&keys[before..], key);
    }

    #[test]
    fn any_bytes_can_be_sifted(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
        let (mut sieve, mut keys) = (Sieve::default(), Vec::new());
        for bytes in pieces {
            sieve.push(&bytes, &mut keys);
            sieve.give_up(&mut keys);
        }
    }
}

#[test]
fn a_beginning_waits_as_long_as_it_may_be_a_key() {
    let milliseconds = |count| Some(Duration::from_millis(count));
    for (bytes, expected) in [
        ("a", None),
        ("\x1b", milliseconds(30)),
        ("\x1b[", milliseconds(50)),
        ("\x1b_", milliseconds(50)),
        ("\x1bP", milliseconds(50)),
        ("\x1bP1", milliseconds(500)),
        ("\x1b_G", milliseconds(500)),
        ("\x1b[6;1", milliseconds(5000)),
        ("\x1b[?", milliseconds(5000)),
        ("\x1b[200~", None),
    ] {
        let (mut sieve, mut keys) = (Sieve::default(), Vec::new());
        sieve.push(bytes.as_bytes(), &mut keys);
        assert_eq!(sieve.waits(), expected, "{bytes:?}");
    }
}

#[test]
fn a_slow_line_costs_one_escape_and_no_text() {
    let pause = Duration::from_millis(100);
    let answer = b"\x1bP>|kitty(0.26.5)\x1b\\\x1b[6;18;9t\x1b[?62;c\x1b_Gi=31;OK\x1b\\";
    let (keys, replies) = typed(answer, pause);
    assert_eq!((keys.as_slice(), replies.len()), (&b"\x1b"[..], 4));
    let (keys, replies) = typed(answer, Duration::from_millis(20));
    assert_eq!((keys.as_slice(), replies.len()), (&b""[..], 4));
}

#[test]
fn slow_fingers_lose_nothing() {
    for keys in ["\x1b[ab", "\x1b\x1b_Gx", "\x1bP1a", "\x1b]1", "\x1b[A"] {
        assert_eq!(typed(keys.as_bytes(), Duration::from_secs(1)).0, keys.as_bytes(), "{keys:?}");
    }
}

#[test]
fn a_stalled_reply_gives_back_what_was_typed_after_it() {
    for (rest, expected_keys, expected) in [
        ("1;OK\x1b\\a", "a", vec![Reply::Kitty(true)]),
        ("hello", "hello", vec![]),
        ("yes\r", "yes\r", vec![]),
        ("\x1b", "\x1b", vec![]),
        ("b\x1b[A", "b\x1b[A", vec![]),
        ("\x03", "\x03", vec![]),
    ] {
        let (mut sieve, mut keys) = (Sieve::default(), Vec::new());
        sieve.push(b"\x1b_Gi=3", &mut keys);
        wait(&mut sieve, PAUSE, &mut keys);
        assert_eq!(sieve.waits(), None, "the rest may come at any time");
        let got = sieve.push(rest.as_bytes(), &mut keys);
        wait(&mut sieve, PAUSE, &mut keys);
        assert_eq!((&*String::from_utf8_lossy(&keys), got), (expected_keys, expected), "{rest:?}");
    }
}

#[test]
fn a_reply_without_end_is_not_kept() {
    let (mut sieve, mut keys) = (Sieve::default(), Vec::new());
    sieve.push(b"\x1b_G", &mut keys);
    sieve.push(&vec![b'A'; LONGEST], &mut keys);
    assert!(sieve.held.len() < LONGEST && keys.len() < 8);
}
