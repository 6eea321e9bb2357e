//! The app in a pseudo-terminal: starts, takes keys, sends, resizes, and leaves the terminal as it found it.

use super::support::{Home, wait_for};
use super::terminal::Terminal;
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const SIZES: [(u16, u16); 2] = [(120, 40), (80, 24)];
const SEND: &[u8] = b"\x13";
const QUIT: &[u8] = b"\x11";
const LOG: &[u8] = b"\x0c";
const PREVIEW: &[u8] = b"\x1bOQ";

/// The prompt of the only call, as it was stored before it was sent.
fn sent_prompt(terminal: &Terminal) -> String {
    // It may be read while it is being written.
    let whole = |folder: &PathBuf| serde_json::from_slice(&fs::read(folder.join("request.json")).ok()?).ok();
    let request: Value = wait_for("a stored request", || terminal.home.exchanges().first().and_then(whole));
    request["contents"][0]["parts"][0]["text"].as_str().expect("a prompt").to_owned()
}

fn is_restored(terminal: &Terminal) -> Option<()> {
    let left =
        |screen: &vt100::Screen| !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste();
    terminal.look(left).then_some(())
}

#[test]
fn a_first_session_from_typing_ahead_to_quitting() {
    for size in SIZES {
        let mut terminal = Terminal::start(Home::new(), size, &[], &[]);
        // Before the first frame: the program has hardly begun.
        terminal.write(b"an early fox");
        terminal.wait_text("demo http://127.0.0.1:");
        wait_for("the keys typed ahead", || {
            terminal.look(|s| s.alternate_screen() && s.contents().contains("an early fox")).then_some(())
        });
        terminal.write(SEND);
        terminal.write(LOG);
        terminal.wait_text(" image · 1024×1024");
        terminal.write(PREVIEW);
        wait_for("half-blocks", || terminal.text().contains(['▀', '▄']).then_some(()));
        assert_eq!(sent_prompt(&terminal), "an early fox");
        terminal.write(QUIT);
        assert_eq!(terminal.exit_code(), 0);
        wait_for("the terminal as it was", || is_restored(&terminal));
        assert_eq!(terminal.modes(), terminal.before, "{size:?}");
    }
}

#[test]
fn signals_restore_the_terminal() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let mut terminal = Terminal::start(Home::new(), SIZES[1], &[], &[]);
        terminal.wait_text("demo http://127.0.0.1:");
        terminal.signal(signal);
        assert_eq!(terminal.exit_code(), code);
        wait_for("the terminal as it was", || is_restored(&terminal));
        assert_eq!(terminal.modes(), terminal.before, "{code}");
    }
}

#[test]
fn five_thousand_keys_at_once_all_arrive() {
    for size in SIZES {
        let mut terminal = Terminal::app(size, "");
        let keys = format!("{}END", "abcdefghij".repeat(500));
        terminal.write(keys.as_bytes());
        terminal.wait_text("END");
        terminal.write(SEND);
        assert!(sent_prompt(&terminal) == keys, "{size:?}: keys were lost or changed");
    }
}

#[test]
fn a_bracketed_paste_arrives_whole_and_sends_nothing() {
    let mut terminal = Terminal::app(SIZES[1], "send_on_enter = true\n");
    let lines: Vec<String> = (0..320).map(|n| format!("line {n:03} of a long paste, 红狐")).collect();
    let pasted = lines.join("\r\n");
    assert!(pasted.len() > 10_000);
    terminal.write(format!("\x1b[200~{pasted}\x1b[201~").as_bytes());
    terminal.wait_text("line 319");
    assert!(terminal.home.exchanges().is_empty());
    terminal.write(SEND);
    assert_eq!(sent_prompt(&terminal), lines.join("\n"));
}

#[test]
fn thirty_lines_without_brackets_send_nothing() {
    for config in ["", "send_on_enter = true\n"] {
        let mut terminal = Terminal::app(SIZES[1], config);
        let lines: Vec<String> = (1..=30).map(|n| format!("line {n} of a list")).collect();
        terminal.write(lines.join("\r").as_bytes());
        terminal.wait_text("line 30 of a list");
        assert!(terminal.home.exchanges().is_empty(), "{config:?}");
        terminal.write(SEND);
        assert_eq!(sent_prompt(&terminal), lines.join("\n"));
    }
}

#[test]
fn a_terminal_too_small_says_so_and_recovers() {
    for (columns, rows) in SIZES {
        let mut terminal = Terminal::app((columns, rows), "");
        terminal.write("红狐".as_bytes());
        terminal.wait_text("红狐");
        terminal.resize(20, 5);
        terminal.wait_text("unpeel needs 40×12");
        assert!(!terminal.text().contains("Prompt"), "{}", terminal.text());
        terminal.resize(columns, rows);
        terminal.wait_text("╭─ Prompt");
        terminal.wait_text("红狐");
    }
}

#[test]
fn where_there_is_no_terminal_the_app_refuses_with_a_sentence() {
    let mut dumb = Terminal::start(Home::new(), SIZES[1], &[], &[("TERM", "dumb")]);
    assert_eq!(dumb.exit_code(), 2);
    dumb.wait_text("TERM=dumb cannot show the app");
    let piped = Home::new().run(&[]);
    assert_eq!(piped.code, Some(2));
    assert!(piped.stdout.is_empty() && piped.stderr.contains("needs a terminal"), "{piped:?}");
}

#[test]
fn a_key_given_twice_is_an_error_that_names_both_actions() {
    let home = Home::new();
    home.configure("[keys]\nsend = [\"ctrl-q\"]\nzoom = [\"f1\"]\n");
    let mut terminal = Terminal::start(home, SIZES[0], &[], &[]);
    assert_eq!(terminal.exit_code(), 2);
    for words in ["Ctrl+Q is given to both send and quit", "F1 is given to both help and zoom"] {
        terminal.wait_text(words);
    }
    assert!(!terminal.look(vt100::Screen::alternate_screen));
}
