//! Links in replies, fetched on purpose: nobody in the user's own network is reached, and nobody learns who asks.

use super::server::{Server, Victim};
use crate::support::{Home, Ran, http};
use serde_json::json;
use std::fs;

const KEY: &str = "test-key-0123456789abcdef";
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\0\0\0,";

/// Ways to this machine and to its files; PORT stands for the victim's.
const LINKS: [&str; 22] = [
    "http://127.0.0.1:PORT/x.png",
    "http://2130706433:PORT",
    "http://0177.0.0.1:PORT",
    "http://0x7f.1:PORT",
    "http://127.1:PORT/",
    "http://0:PORT/",
    "http://[::ffff:127.0.0.1]:PORT",
    "http://[::1]:PORT/",
    "http://localhost:PORT",
    "http://localhost.:PORT/x.png",
    "http://user:pw@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/x.png",
    "https://127.0.0.1.:PORT/",
    "https://2130706433:PORT",
    "https://0177.0.0.1:PORT",
    "https://0x7f.1:PORT",
    "https://[::ffff:127.0.0.1]:PORT",
    "https://[::1]:PORT/",
    "https://localhost:PORT",
    "https://user:pw@127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT/x.png",
    "file:///etc/passwd",
];

/// A reply with this text alone.
fn reply(text: &str) -> Vec<u8> {
    let candidate = json!({"content": {"parts": [{"text": text}]}, "finishReason": "STOP"});
    http("200 OK", "content-type: application/json\r\n", &json!({"candidates": [candidate]}).to_string())
}

/// A picture that comes with a cookie.
fn picture() -> Vec<u8> {
    let headers = format!("content-type: image/gif\r\nset-cookie: id=7\r\ncontent-length: {}\r\n", GIF.len());
    [&b"HTTP/1.1 200 OK\r\nconnection: close\r\n"[..], headers.as_bytes(), b"\r\n", GIF].concat()
}

fn redirect(to: &str) -> Vec<u8> {
    http("302 Found", &format!("set-cookie: id=7\r\nlocation: {to}\r\n"), "")
}

/// Sends with a key to the server and fetches what the reply links to.
fn fetched(home: &Home, server: &Server, allow: &str) -> Ran {
    let base = server.base();
    let env = [
        ("UNPEEL__PROFILES__PRODUCTION__BASE", base.as_str()),
        ("CRAZYROUTER_API_KEY", KEY),
        ("UNPEEL__FETCH__ALLOW", allow),
    ];
    home.run_with(&["send", "--profile", "production", "--fetch", "a red fox"], &env, b"")
}

/// The picture is there, and the only thing that is.
fn assert_saved(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(fs::read(ran.stdout.trim_end()).expect("a saved picture"), GIF);
}

/// A request for a picture that tells nothing of who asks.
fn assert_anonymous(head: &str, line: &str) {
    assert!(head.starts_with(line), "{head}");
    let head = head.to_ascii_lowercase();
    for telling in ["x-goog-api-key", "authorization", "cookie", "referer", "origin:", KEY] {
        assert!(!head.contains(telling), "{telling} in {head}");
    }
}

#[test]
fn no_link_leads_into_the_users_own_network() {
    let (victim, home) = (Victim::new(), Home::new());
    for link in LINKS {
        let link = link.replace("PORT", &victim.port().to_string());
        for text in [link.clone(), format!("![image]({link})")] {
            let server = Server::start(move |_, _| reply(&text));
            let ran = fetched(&home, &server, "no.other.example");
            assert!(victim.is_untouched(), "{link}");
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{link}: {ran:?}");
            assert!(!ran.stderr.is_empty() && !ran.stderr.contains("user:pw"), "{link}: {ran:?}");
            assert_eq!(server.heads().len(), 1, "{link}");
            if ran.last_line().starts_with("image_link: ") {
                assert!(ran.stderr.contains("note: the hosted picture was not fetched: "), "{link}: {ran:?}");
            }
        }
    }
}

/// Else the test above would prove nothing.
#[test]
fn links_of_every_kind_but_files_are_taken_for_pictures() {
    let home = Home::new();
    for link in LINKS {
        let text = format!("![image]({})", link.replace("PORT", "9"));
        let server = Server::start(move |_, _| reply(&text));
        let ran = fetched(&home, &server, "no.other.example");
        assert_eq!(ran.last_line().starts_with("image_link: "), link.starts_with("http"), "{link}: {ran:?}");
    }
}

#[test]
fn a_picture_of_the_profiles_own_server_is_fetched_without_its_key() {
    let home = Home::new();
    let server = Server::start(|head, port| match head.starts_with("POST ") {
        true => reply(&format!("http://127.0.0.1:{port}/files/a")),
        false => picture(),
    });
    assert_saved(&fetched(&home, &server, "no.other.example"));
    let heads = server.heads();
    assert_eq!(heads.len(), 2, "{heads:#?}");
    assert!(heads[0].contains(KEY));
    assert_anonymous(&heads[1], "GET /files/a HTTP/1.1\r\n");
}

#[test]
fn an_allowed_host_is_fetched_from_also_by_a_redirect_to_itself() {
    let home = Home::new();
    let pictures = Server::start(|head, _| match head.starts_with("GET /first ") {
        true => redirect("/second"),
        false => picture(),
    });
    let link = format!("{}/first", pictures.base());
    let gateway = Server::start(move |_, _| reply(&link));
    let refused = fetched(&home, &gateway, "no.other.example");
    assert_eq!((refused.code, pictures.heads().len()), (Some(1), 0), "{refused:?}");
    assert_saved(&fetched(&home, &gateway, &format!("127.0.0.1:{}", pictures.port)));
    let heads = pictures.heads();
    assert_eq!(heads.len(), 2, "{heads:#?}");
    assert_anonymous(&heads[0], "GET /first HTTP/1.1\r\n");
    assert_anonymous(&heads[1], "GET /second HTTP/1.1\r\n");
}

#[test]
fn a_redirect_leads_nowhere_that_a_link_may_not() {
    for scheme in ["http", "https"] {
        let (victim, home) = (Victim::new(), Home::new());
        let target = format!("{scheme}://127.0.0.1:{}/x.png", victim.port());

        let to_victim = target.clone();
        let allowed = Server::start(move |_, _| redirect(&to_victim));
        let link = format!("{}/x.png", allowed.base());
        let gateway = Server::start(move |_, _| reply(&link));
        let ran = fetched(&home, &gateway, &format!("127.0.0.1:{}", allowed.port));
        assert_eq!((ran.code, allowed.heads().len()), (Some(1), 1), "{ran:?}");
        assert!(ran.stderr.contains("note: the hosted picture was not fetched: "), "{ran:?}");

        let own = Server::start(move |head, port| match head.starts_with("POST ") {
            true => reply(&format!("http://127.0.0.1:{port}/x.png")),
            false => redirect(&target),
        });
        let ran = fetched(&home, &own, "no.other.example");
        assert_eq!((ran.code, own.heads().len()), (Some(1), 2), "{ran:?}");
        assert!(victim.is_untouched(), "{scheme}");
    }
}
