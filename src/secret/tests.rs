//! What is hidden of a key, where it may go, and which echoes of it are covered.

use super::*;
use crate::wire::b64;

const KEY: &str = r#"sk-ab+c/d%"e123"#;

/// The key as servers write it.
const ECHOES: [&str; 25] = [
    KEY,
    r#"sk-ab+c/d%\"e123"#,
    r#"sk-ab+c\/d%\"e123"#,
    r"sk-ab\u002Bc/d%\u0022e123",
    r"sk-ab\u002bc\u002fd\u0025\u0022e123",
    r#"sk-ab\\u002bc\\/d%\\\"e123"#,
    "sk-ab%2Bc%2Fd%25%22e123",
    "sk-ab%2bc/d%25%22e123",
    "sk-ab%252Bc%252Fd%2525%2522e123",
    "sk-ab&#43;c/d%&quot;e123",
    "sk-ab&#x2B;c&#x2f;d%&#34;e123",
    r"sk-ab+c/d%\u0026quot;e123",
    "%73%6b%2D%61%62%2b%63%2f%64%25%22%65%31%32%33",
    r"\u0073\u006B\u002d\u0061\u0062\u002b\u0063\u002f\u0064\u0025\u0022\u0065\u0031\u0032\u0033",
    "c2stYWIrYy9kJSJlMTIz",
    "736b2d61622b632f64252265313233",
    "736B2D61622B632F64252265313233",
    r#"sk-ab\u002bc/d%25%22e123"#,
    r#"sk-ab+c\\\\\\\/d%\\\\\\\"e123"#,
    r"sk-ab\\\\u002bc/d%\\\\u0022e123",
    "sk-ab%25252Bc%25252Fd%252525%252522e123",
    "sk-ab&plus;c&sol;d&percnt;&quot;e123",
    r"sk-ab\x2bc\x2Fd\x25\x22e123",
    r"sk-ab\053c\057d\045\042e123",
    r"sk-ab\\x2bc\\057d%\\x22e123",
];

fn key(text: &str) -> Key {
    Key::new(text).expect("a fine key")
}

fn masked(key: &Key, pieces: &[&str]) -> (String, usize) {
    let mut mask = Mask::new(Some(key));
    let mut out: Vec<u8> = pieces.iter().flat_map(|piece| mask.push(piece.as_bytes())).collect();
    out.extend(mask.finish());
    (String::from_utf8(out).expect("as before, but for the echoes"), mask.found())
}

#[test]
fn a_key_is_one_line_and_shows_nothing() {
    assert_eq!(format!("{:?}", Key::new("sk-secret-key")), "Some(Key(SecretBox<str>([REDACTED])))");
    assert_eq!(key(" sk-1\t").expose(), "sk-1");
    assert!(Key::new(" \n").is_none() && Key::new("a\nb").is_none());
    let mut mask = Mask::new(Some(&key("sk-secret-key")));
    assert_eq!(mask.push(b"x sk-secret"), b"x ");
    assert_eq!((mask.held(), format!("{mask:?}").as_str()), (&b"sk-secret"[..], "Mask([REDACTED])"));
}

#[test]
fn a_bound_key_goes_to_its_own_origin_only() {
    let url = |text: &str| Url::parse(text).expect("a URL");
    let bound = key("sk-1").bind(&url("https://Gateway.example/prefix"));
    for (to, may) in [
        ("https://gateway.example/v1beta/models", true),
        ("https://gateway.example:443/", true),
        ("https://gateway.example:8443/", false),
        ("http://gateway.example/", false),
        ("https://gateway.example.evil.test/", false),
        ("https://gateway.example@evil.test/", false),
        ("https://evil.test/gateway.example", false),
        ("data:,gateway.example", false),
    ] {
        assert_eq!((bound.may_go_to(&url(to)), bound.expose_for(&url(to)).is_some()), (may, may), "{to}");
    }
    assert!(!key("sk-1").bind(&url("data:,x")).may_go_to(&url("data:,x")), "that is no place");
    assert!(key("sk-1").may_go_to(&url("https://anywhere.test/")));
}

#[test]
fn base64_of_an_escaped_key_is_covered_too() {
    for text in [r#"sk-ab+c/d%\"e123"#, "sk-ab%2Bc%2Fd%25%22e123"] {
        for before in ["", "x", "xy"] {
            let echo = b64::encode(format!("{before}{text}xyz").as_bytes());
            let mut mask = Mask::new(Some(&key(KEY)));
            let covered = mask.text(&echo);
            assert_eq!(mask.found(), 1, "{echo}");
            assert!(covered.matches('*').count() >= text.len() * 8 / 6 - 2, "{echo}: {covered}");
        }
    }
}

#[test]
fn echoes_in_every_spelling_are_covered() {
    for echo in ECHOES {
        let mut mask = Mask::new(Some(&key(KEY)));
        assert_eq!(mask.text(&format!("<{echo}>")), format!("<{}>", "*".repeat(echo.len())), "{echo}");
        assert_eq!(mask.found(), 1, "{echo}");
    }
}

#[test]
fn an_echo_cut_between_pieces_is_covered() {
    for echo in ECHOES {
        let whole = format!("x{echo}y");
        let covered = (format!("x{}y", "*".repeat(echo.len())), 1);
        for cut in 1..whole.len() {
            assert_eq!(masked(&key(KEY), &[&whole[..cut], &whole[cut..]]), covered, "{echo} cut at {cut}");
        }
        let bytes: Vec<&str> = whole.split("").collect();
        assert_eq!(masked(&key(KEY), &bytes), covered, "{echo} byte by byte");
    }
}

#[test]
fn an_echo_inside_other_base64_is_covered() {
    for before in ["", "k", "ke", "key="] {
        for after in ["", ";", "; and more"] {
            let echo = b64::encode(format!("{before}{KEY}{after}").as_bytes());
            let (out, found) = masked(&key(KEY), &[&echo]);
            assert!(found == 1 && out.contains("**********"), "{before:?} {after:?} {out}");
        }
    }
    for echo in
        ["c2stPz8/fn5+YWJjZA==", "c2stPz8_fn5-YWJjZA", r"c2stPz8\/fn5\u002bYWJjZA==", "c2stPz8%2Ffn5%2BYWJjZA%3D%3D"]
    {
        let (out, found) = masked(&key("sk-???~~~abcd"), &[echo]);
        assert!(found == 1 && out.starts_with("*****************") && !out.contains("YW"), "{echo} {out}");
    }
}

#[test]
fn the_beginning_of_a_key_is_covered_when_the_rest_is_starred() {
    let (beginning, rest) = KEY.split_at(12);
    for pieces in [vec![beginning, "####", rest], vec![beginning], vec!["a ", &beginning[..5], &beginning[5..], "…"]]
    {
        let (out, found) = masked(&key(KEY), &pieces);
        assert_eq!((out, found), (pieces.concat().replace(beginning, &"*".repeat(12)), 1));
    }
    let short = format!("{}####{rest}", &KEY[..11]);
    assert_eq!(masked(&key(KEY), &[&short]), (short, 0));
}

#[test]
fn a_short_key_is_covered_where_it_stands_alone() {
    for (text, covered) in [
        ("abcd", "****"),
        (r#"{"key":"abcd"}"#, r#"{"key":"****"}"#),
        ("key=abcd&Bearer abcd.", "key=****&Bearer ****."),
        (r"a\nabcd\n %3Dabcd%26 \u0022abcd\u0022", r"a\n****\n %3D****%26 \u0022****\u0022"),
        ("YWJjZA== 61626364", "******== ********"),
        ("abcde xabcd my-abcd abcd_1 /abcd+", "abcde xabcd my-abcd abcd_1 /abcd+"),
    ] {
        assert_eq!(masked(&key("abcd"), &[text]).0, covered);
        for cut in 0..text.len() {
            assert_eq!(masked(&key("abcd"), &[&text[..cut], &text[cut..]]).0, covered, "{text} cut at {cut}");
        }
    }
    let mut mask = Mask::new(Some(&key("abcd")));
    assert_eq!((mask.push(b"<abcd"), mask.held()), (b"<".to_vec(), &b""[..]));
}

#[test]
fn other_text_passes_unchanged() {
    let text = "sk-ab but not ours, 100% \\n &amp; sk-";
    assert_eq!(masked(&key(KEY), &[text]), (text.to_owned(), 0));
    assert_eq!(masked(&key("abc"), &["abc"]), ("abc".to_owned(), 0));
    assert_eq!(masked(&Key::constant("known-to-all"), &["known-to-all"]), ("known-to-all".to_owned(), 0));
    assert_eq!(masked(&key("ababab-xyz"), &["ababababab-xyz"]), ("abab**********".to_owned(), 1));
}
