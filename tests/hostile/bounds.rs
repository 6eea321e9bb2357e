//! Replies that are too large, too deep, or packed to be so: they end with a word, in bounded memory.

use super::DEMO_BASE;
use crate::support::{DemoChild, Home, Listener, files_below, wait_for};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write;
use std::process::{Child, Output, Stdio};

/// Kilobytes that a call may need at its peak.
const MOST: u64 = 400_000;

/// The most memory that a process has had, in kB; `None` where the system does not tell, or it is over.
fn peak(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

fn stored(home: &Home) -> u64 {
    let files = files_below(&home.state());
    files.iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.len()).sum()
}

/// Waits for the end, however long it takes as long as more of the reply is stored; gives the peak.
fn watched(mut child: Child, home: &Home) -> (Output, u64) {
    let mut most = 0;
    loop {
        let before = stored(home);
        let is_over = wait_for("the end, or more of the reply", || {
            most = most.max(peak(child.id()).unwrap_or(0));
            let is_over = child.try_wait().expect("a child").is_some();
            (is_over || stored(home) != before).then_some(is_over)
        });
        if is_over {
            return (child.wait_with_output().expect("its output"), most);
        }
    }
}

#[test]
fn too_large_and_too_deep_replies_end_in_bounded_memory() {
    let demo = DemoChild::start(&[]);
    let ways: [&[&str]; 2] = [&[], &["--stream"]];
    for (scene, word, exit) in [
        ("hostile-huge", "cut", 4),
        ("hostile-gzip", "not_json", 3),
        ("hostile-deep", "not_json", 3),
        ("hostile-line", "text", 1),
    ] {
        for more in ways {
            let home = Home::new();
            let prompt = format!("[scene:{scene}] x");
            let args = [&["send", "--profile", "demo", prompt.as_str()][..], more].concat();
            let mut command = home.command(&args);
            command
                .env(DEMO_BASE, demo.base.as_str())
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped());
            let (output, most) = watched(command.spawn().expect("the program starts"), &home);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(exit), "{args:?}: {said}");
            let last = said.lines().last().unwrap_or_default();
            assert!(last.starts_with(&format!("{word}: ")) && last.len() < 2000, "{args:?}: {last}");
            assert!(most < MOST, "{args:?}: {most} kB at its peak");
            assert!(most > 0 || !cfg!(target_os = "linux"), "{args:?}: the peak was not seen");
        }
    }
}

/// A packed body of `count` times the same text between a beginning and an end.
fn packed(start: &str, unit: &str, count: usize, end: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    let many = unit.repeat(1000);
    packer.write_all(start.as_bytes()).expect("memory");
    (0..count / 1000).for_each(|_| packer.write_all(many.as_bytes()).expect("memory"));
    packer.write_all(end.as_bytes()).expect("memory");
    let body = packer.finish().expect("memory");
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), &body].concat()
}

#[test]
fn little_that_unpacks_to_very_many_things_ends_in_bounded_memory() {
    let candidate = |inner: &str| format!(r#"{{"candidates":[{{"content":{{"parts":[{inner}"#);
    let (parts, key) = (candidate(""), candidate(r#"{""#));
    let (link, mime) = (candidate(r#"{"text":""#), candidate(r#"{"inlineData":{"mimeType":""#));
    for (name, start, unit, count, end, word) in [
        ("parts", &*parts, r#"{"text":""},"#, 7_000_000, r#"{}]},"finishReason":"STOP"}]}"#, "not_json"),
        ("numbers", r#"{"a":["#, "0,", 50_000_000, "0]}", "not_json"),
        ("finishes", r#"{"candidates":["#, r#"{"finishReason":"X"},"#, 4_000_000, "{}]}", "not_json"),
        ("events", "", "data:{}\n\n", 10_000_000, "", "empty"),
        ("lines of one event", "", "data:1\n", 10_000_000, "", "empty"),
        ("lines outside", "data: {}\n\n", "x\n", 50_000_000, "", "empty"),
        ("links", &link, "![](https://e.test/a.png)", 3_000_000, r#""}]}}]}"#, "image_link"),
        ("a key", &key, "b ", 50_000_000, r#"":1}]}}]}"#, "no_image"),
        ("a type", &mime, "b ", 50_000_000, r#"","data":"R0lGODlhAQABAAAAACw="}}]}}]}"#, "image"),
        ("a reason", r#"{"candidates":[{"finishReason":""#, "b ", 50_000_000, r#""}]}"#, "no_image"),
        ("a message", r#"{"error":{"code":500,"message":""#, "b ", 50_000_000, r#""}}"#, "gateway_error"),
    ] {
        let listener = Listener::answering(packed(start, unit, count, end));
        let home = Home::new();
        let mut command = home.command(&["send", "--profile", "demo", "x"]);
        command.env(DEMO_BASE, &listener.base).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let (output, most) = watched(command.spawn().expect("the program starts"), &home);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let last = said.lines().last().unwrap_or_default();
        assert!(last.starts_with(&format!("{word}: ")), "{name}: {}", text_head(&said));
        assert!(said.len() < 8_000, "{name}: {} bytes were said", said.len());
        assert!(most < MOST, "{name}: {most} kB at its peak");
        let bodies = |file: &&std::path::PathBuf| !file.ends_with("body");
        let noted: u64 =
            files_below(&home.state()).iter().filter(bodies).map(|f| fs::metadata(f).map_or(0, |m| m.len())).sum();
        assert!(noted < 200_000, "{name}: {noted} bytes beside the body");
    }
}

fn text_head(text: &str) -> &str {
    &text[..text.floor_char_boundary(2000)]
}
