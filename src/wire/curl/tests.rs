//! Commands as people paste them, and what is read of each.

use super::*;
use secrecy::ExposeSecret;

fn body(curl: &Curl) -> String {
    let text = |data: &Data| match data {
        Data::Text(text) => text.clone(),
        Data::File { path, one_line } => format!("<{path} {one_line}>"),
    };
    curl.data.iter().map(text).collect()
}

#[test]
fn words_are_split_as_a_shell_does() {
    for (written, data) in [
        (r#"curl h -d '{"a":"it'\''s"}'"#, r#"{"a":"it's"}"#),
        (r#"curl h -d "{\"a\": \"\$5 \n\"}""#, r#"{"a": "$5 \n"}"#),
        (r#"curl h -d $'{"a":"\'\u4f60\x41\101\ud83d\ude00\\n"}'"#, r#"{"a":"'你AA😀\n"}"#),
        (r#"curl h -d '{"p":"'"$P"'"}'"#, r#"{"p":"$P"}"#),
        ("curl h -d a\\ b\\\nc", "a bc"),
        ("curl h \\\r\n  -d '{\r\n}'\r\n", "{\r\n}"),
        ("curl h \\  \n -d x", "x"),
        ("curl h ^\r\n -d x `\r\n -s", "x"),
        ("curl h\n  -d x\nls -d y", "x"),
        ("curl h -d x 2>/dev/null -d y | jq -d z", "x&y"),
        ("R=$(curl -d x h) -d y", "x"),
        ("curl h -d x; curl g -d y", "x"),
        ("Don't use curl like this:\n$ curl h -d x", "x"),
        ("/usr/bin/curl h --json a --json b", "ab"),
        ("curl h -d @f --data-binary @g --data-raw @h --data=i", "<f true>&<g false>&@h&i"),
    ] {
        assert_eq!(body(&parse(written).expect(written)), data, "{written}");
    }
}

#[test]
fn options_may_stand_together_and_unknown_ones_are_told() {
    let curl = parse("curl -sSXpost -m 5 --retry=3 --frobnicate -Hx-a:b --compressed host/v1?alt=sse&a=1").unwrap();
    assert_eq!(curl.method.as_deref(), Some("POST"));
    assert_eq!(curl.url.as_str(), "https://host/v1?alt=sse");
    assert_eq!(curl.headers, [("x-a".to_owned(), "b".to_owned())]);
    assert_eq!(curl.notes.len(), 3, "{:?}", curl.notes);
    assert!(curl.notes[0].ends_with("-m, --retry") && curl.notes[1].ends_with("--frobnicate"));
    assert_eq!(parse("curl -G h -d a=b").unwrap().method.as_deref(), Some("GET"));
}

#[test]
fn keys_are_set_apart_wherever_they_stand() {
    for written in [
        "curl 'https://h/v1beta?key=S3CRET-KEY&alt=sse'",
        "curl --url 'https://h?api_key=S3CRET-KEY'",
        "curl 'h?access_token=S3CRET-KEY#S3CRET-KEY'",
        "curl https://S3CRET-KEY@h",
        "curl https://me:S3CRET-KEY@h",
        "curl h -H 'Authorization: Bearer S3CRET-KEY'",
        "curl h -H 'x-goog-api-key:S3CRET-KEY'",
        "curl h -H 'X-API-Key: S3CRET-KEY' -H 'api-key: S3CRET-KEY'",
        "curl h -H 'Cookie: session=S3CRET-KEY' -b s=S3CRET-KEY",
        "curl h -uS3CRET-KEY --oauth2-bearer S3CRET-KEY",
    ] {
        let curl = parse(written).expect(written);
        assert!(!format!("{curl:?}").contains("S3CRET"), "{written}: {curl:?}");
        assert!(curl.keys.iter().any(|key| key.expose_secret().contains("S3CRET-KEY")), "{written}");
    }
    let sneaky = parse("curl h/sk-abcdefghijk/v1 -H 'X-Mine: AIzaSyAbcdefgh' --sk-abcdefghijk -d sk-abcdefghijk");
    let shown = format!("{:?}", sneaky.unwrap());
    assert!(!shown.contains("abcdefgh"), "{shown}");
}

#[test]
fn what_cannot_be_taken_over_says_why() {
    for (written, error) in [
        ("wget h", CurlError::NoCommand),
        ("", CurlError::NoCommand),
        ("curl -d x \n", CurlError::NoUrl),
        ("curl 'https://'", CurlError::BadUrl),
        ("curl ftp://h", CurlError::BadUrl),
        ("\n curl h -d '{", CurlError::OpenQuote { line: 2 }),
        ("curl h -d \"{\\", CurlError::OpenQuote { line: 1 }),
        ("curl h -d $'\\", CurlError::OpenQuote { line: 1 }),
        ("curl h -d", CurlError::NoValue { option: "-d".into() }),
        ("curl h -F image=@a.png", CurlError::Form { option: "-F".into() }),
        ("curl h -d @-", CurlError::Stdin),
    ] {
        assert_eq!(parse(written).expect_err(written), error, "{written}");
    }
}

#[test]
fn five_megabytes_of_anything_end() {
    for piece in ["curl ", "a ", "'", "\\ ", "$(", "$'\\u", "curl\n-", "\"\\\r", "curl h -d 'a' ", "curl h `^ "] {
        let flood = format!("curl h {}", piece.repeat(5_000_000 / piece.len()));
        let _whatever = parse(&flood);
    }
}
