//! Fetching as a server sees it: who is connected to, what is asked, and what becomes of the answer.

use super::{FetchError, Resolve, Resolving};
use crate::client::guard::Guard;
use std::future::{pending, ready};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0";

/// A port that nobody may connect to. A connection waits in its queue, so none can be missed.
struct Victim(std::net::TcpListener);

impl Victim {
    fn new() -> Victim {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Victim(listener)
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    fn was_reached(&self) -> bool {
        self.0.accept().map_or_else(|error| error.kind() != ErrorKind::WouldBlock, |_| true)
    }
}

type Page = (&'static str, Vec<u8>);

/// Answers by path, and keeps the heads of all requests.
struct Server {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(pages: impl FnOnce(u16) -> Vec<Page>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(serve(listener, pages(address.port()), Arc::clone(&heads)));
        Server { address, heads }
    }

    fn link(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(listener: TcpListener, pages: Vec<Page>, heads: Arc<Mutex<Vec<String>>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let path = head.split([' ', '?']).nth(1).unwrap().to_owned();
        heads.lock().unwrap().push(head);
        let (_, page) = pages.iter().find(|(at, _)| *at == path).unwrap();
        // A client that has seen enough closes early.
        let _closed = stream.write_all(page).await;
    }
}

fn page(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n{headers}\r\n");
    [head.as_bytes(), body].concat()
}

fn redirect(location: &str) -> Vec<u8> {
    page("302 Found", &format!("set-cookie: id=7\r\ncontent-length: 0\r\nlocation: {location}\r\n"), b"")
}

fn guard(allow: &[String]) -> Guard {
    Guard::new(allow.to_vec(), None)
}

fn says(addresses: Vec<SocketAddr>) -> impl Fn(&str, u16) -> Resolving + Send + Sync {
    move |_: &str, _: u16| -> Resolving { Box::pin(ready(Ok(addresses.clone()))) }
}

/// For links that need no resolver.
fn unasked(host: &str, _port: u16) -> Resolving {
    panic!("{host} was resolved")
}

#[tokio::test]
async fn a_refused_link_opens_no_connection() {
    let victim = Victim::new();
    let port = victim.address().port();
    let mapped = SocketAddr::new("::ffff:127.0.0.1".parse().unwrap(), port);
    let public = SocketAddr::new("8.8.8.8".parse().unwrap(), port);
    let own = Guard { own: Url::parse("http://127.0.0.1:1").ok(), ..guard(&[format!("other.example:{port}")]) };
    for addresses in [vec![victim.address()], vec![public, victim.address()], vec![mapped]] {
        let link = format!("https://rebound.example:{port}/a.png?sig=secret");
        let error = own.fetch_with(&link, &says(addresses)).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused(_)), "{error}");
        assert!(error.to_string().starts_with(&format!("rebound.example:{port} leads to ")), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let hosts =
        ["127.0.0.1", "2130706433", "0x7f.1", "0177.1", "[::ffff:127.0.0.1]", "localhost", "a.local.", "a@127.1"];
    for host in hosts {
        for scheme in ["https", "http", "ftp"] {
            let error = own.fetch_with(&format!("{scheme}://{host}:{port}/"), &unasked).await.unwrap_err();
            assert!(matches!(error, FetchError::Refused(_)), "{scheme}://{host}: {error}");
        }
    }
    assert!(!victim.was_reached());
}

#[tokio::test]
async fn an_allowed_chain_gives_the_picture_and_tells_nothing() {
    let server = Server::start(|port| {
        vec![
            ("/first", redirect("/second?sig=abc#part")),
            ("/second", redirect(&format!("http://mirror.example:{port}/a.png?sig=def"))),
            ("/a.png", page("200 OK", "content-type: text/plain\r\n", PNG)),
        ]
    })
    .await;
    let port = server.address.port();
    let address = server.address;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let resolve = move |_: &str, _: u16| -> Resolving {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(ready(Ok(vec![address])))
    };
    let guard = guard(&[format!("pictures.example:{port}"), "mirror.example".to_owned()]);
    let link = format!("http://pictures.example:{port}/first?key=sk-secret#part");
    let fetched = guard.fetch_with(&link, &resolve).await.unwrap();
    assert_eq!((fetched.bytes.as_slice(), fetched.mime, fetched.redirects), (PNG, "image/png", 2));
    assert_eq!(fetched.from, format!("http://mirror.example:{port}/a.png?sig=…"));
    let heads = server.heads();
    assert_eq!((heads.len(), asked.load(Ordering::SeqCst)), (3, 3));
    for head in heads {
        let mut names: Vec<&str> =
            head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "host", "user-agent"], "{head}");
        assert!(head.contains("accept: image/*\r\n"), "{head}");
        assert!(head.contains(concat!("user-agent: unpeel/", env!("CARGO_PKG_VERSION"), "\r\n")), "{head}");
    }
}

#[tokio::test]
async fn a_redirect_is_judged_like_a_link() {
    let victim = Victim::new();
    let port = victim.address().port();
    for target in [
        format!("https://127.0.0.1:{port}/"),
        format!("https://rebound.example:{port}/"),
        format!("http://127.0.0.1:{port}/own"),
        format!("//localhost:{port}/"),
        "file:///etc/passwd".to_owned(),
        "data:image/png;base64,AAAA".to_owned(),
    ] {
        let server = Server::start(|_| vec![("/a", redirect(&target))]).await;
        let own = Url::parse(&format!("http://127.0.0.1:{port}")).ok();
        let guard = Guard { own, ..guard(&[server.address.to_string()]) };
        let error = guard.fetch_with(&server.link("/a"), &says(vec![victim.address()])).await.unwrap_err();
        assert!(matches!(error, FetchError::Refused(_)), "{target}: {error}");
        assert_eq!(server.heads().len(), 1);
    }
    assert!(!victim.was_reached());
}

#[tokio::test]
async fn the_users_own_origin_needs_no_allowance() {
    let server = Server::start(|_| vec![("/a", page("200 OK", "", PNG)), ("/b", redirect("/a"))]).await;
    let guard = Guard { own: Url::parse(&server.link("/gemini")).ok(), ..guard(&[]) };
    assert_eq!(guard.fetch_with(&server.link("/a"), &unasked).await.unwrap().bytes, PNG);
    let error = guard.fetch_with(&server.link("/b"), &unasked).await.unwrap_err();
    assert!(error.to_string().contains("plain http"), "{error}");
}

#[tokio::test]
async fn what_is_no_whole_picture_within_bounds_says_why() {
    let long = [PNG, &[0; 2000]].concat();
    let server = Server::start(|_| {
        vec![
            ("/page", page("200 OK", "content-type: text/html; charset=utf-8\r\n", b"<html>Sign in")),
            ("/odd", page("200 OK", "content-type: image/png\r\n", &[b'x'; 900])),
            ("/empty", page("200 OK", "content-length: 0\r\n", b"")),
            ("/late", page("403 Forbidden", "content-type: application/xml\r\n", b"<Error>")),
            ("/gone", page("404 Not Found", "", b"")),
            ("/fault", page("500 Oops", "", PNG)),
            ("/said", page("200 OK", "content-length: 2000\r\n", PNG)),
            ("/long", page("200 OK", "", &long)),
            ("/cut", page("200 OK", "content-length: 900\r\n", PNG)),
            ("/lost", page("302 Found", "", b"")),
            ("/loop", redirect("/loop")),
        ]
    })
    .await;
    let guard = Guard { most_bytes: 1000, ..guard(&["127.0.0.1".to_owned()]) };
    for (path, part) in [
        ("/page", "sent an HTML page (declared as text/html), not a picture"),
        ("/odd", "sent bytes of no known kind (declared as image/png)"),
        ("/empty", "sent nothing, not a picture"),
        ("/late", "status 403; the link has probably expired"),
        ("/gone", "status 404; the picture is gone"),
        ("/fault", "status 500"),
        ("/said", "larger than 1000 bytes"),
        ("/long", "larger than 1000 bytes"),
        ("/cut", "did not give the picture: "),
        ("/lost", "redirects to nothing"),
        ("/loop", "redirected more than 5 times"),
    ] {
        let link = server.link(&format!("{path}?sig=secret"));
        let error = guard.fetch_with(&link, &unasked).await.unwrap_err().to_string();
        assert!(error.contains(part) && error.contains(&server.address.to_string()), "{path}: {error}");
        assert!(!error.contains("secret") && !error.contains(path), "{path}: {error}");
    }
    assert_eq!(server.heads().iter().filter(|head| head.starts_with("GET /loop")).count(), 6);
}

#[tokio::test]
async fn names_without_an_answer_are_told() {
    let silent: &Resolve = &|_: &str, _: u16| -> Resolving { Box::pin(pending()) };
    let failing: &Resolve =
        &|_: &str, _: u16| -> Resolving { Box::pin(ready(Err(io::Error::from(ErrorKind::NotFound)))) };
    let guard = Guard { time: Duration::ZERO, ..guard(&[]) };
    for (link, resolve, part) in [
        ("https://h.example/?sig=secret", silent, "h.example did not give the picture within 0 s"),
        ("https://h.example/?sig=secret", failing, "the name of h.example cannot be resolved: "),
        ("https://h.example/?sig=secret", &says(Vec::new()), "h.example cannot be resolved: it has no address"),
        ("https://256.256.256.256/?sig=secret", &unasked, "cannot be read as a URL"),
        ("//h.example/?sig=secret", &unasked, "cannot be read as a URL"),
    ] {
        let error = guard.fetch_with(link, resolve).await.unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains("secret"), "{link}: {error}");
    }
}
