//! Hostile replies in the app: as they come, from the history, and opened; the recorded bytes hold none of their sequences.

use super::scan::{Own, assert_tame, is_flooded};
use super::{
    ALONE, DEMO_BASE, ENTER, LOG, PARTS, PREVIEW, RAW, REQUEST, ROUTES, SEND, TOGETHER, all_sent, close, hostile, left,
    press, prompt, started, wait_verdict,
};
use crate::support::{DemoChild, Home, wait_for};
use crate::terminal::Terminal;
use unpeel::demo::Scene;

/// How the beginning of the payload is shown.
const SHOWN: &str = "␛]52;c;aGFja2Vk";

/// Scenes whose text the card shows, so that the tests cannot pass by showing nothing.
const VISIBLE: [&str; 9] = [
    "hostile-text",
    "hostile-finish",
    "hostile-error",
    "hostile-google-error",
    "hostile-model",
    "hostile-url",
    "hostile-mime",
    "hostile-names",
    "hostile-html",
];

fn assert_frames(scene: &Scene, bytes: &[u8], shown: bool) {
    assert_tame(&scene.id, bytes, Own::Frames);
    assert!(!is_flooded(bytes), "{}", scene.id);
    assert!(shown || !VISIBLE.contains(&scene.id.as_str()), "{}: the payload is nowhere", scene.id);
}

/// Goes through the panes and the card; says whether the payload was seen.
fn walk(terminal: &mut Terminal, scene: &Scene) -> bool {
    let mut shown = false;
    for (key, title) in [
        (PREVIEW, "╭─ Preview "),
        (PARTS, "╭─ Parts "),
        (RAW, "╭─ Raw "),
        (b"x", "exact · byte "),
        (REQUEST, "╭─ Request "),
        (ROUTES, "╭─ Routes "),
        (LOG, "╭─ Log "),
        (b"w", "╭─ Why "),
    ] {
        press(terminal, key, title);
        shown |= terminal.text().contains(SHOWN);
        if key == PREVIEW && scene.verdict == "image" {
            wait_for("half-blocks", || terminal.text().contains(['▀', '▄']).then_some(()));
        }
    }
    close(terminal, "╭─ Why ");
    press(terminal, ENTER, "prompt and parameters of that call");
    shown
}

#[test]
fn a_reply_that_comes_is_drawn_as_text() {
    let (demo, mut home) = (DemoChild::start(&[]), Home::new());
    let env = [(DEMO_BASE, demo.base.as_str())];
    for scene in hostile() {
        // An app for each: the send key is guarded against a second press within a second.
        let mut terminal = started(&mut home, ALONE, &["--profile", "demo"], &env);
        terminal.wait_text("╭─ Prompt ");
        let prompt = prompt(scene);
        press(&mut terminal, prompt.as_bytes(), &prompt);
        terminal.write(SEND);
        press(&mut terminal, LOG, "╭─ Log ");
        wait_verdict(&terminal, &scene.verdict);
        let shown = walk(&mut terminal, scene);
        let bytes = left(terminal, &mut home);
        assert_frames(scene, &bytes, shown);
    }
}

#[test]
fn an_opened_exchange_is_drawn_as_text() {
    let (demo, mut home) = (DemoChild::start(&[]), Home::new());
    for (scene, id) in all_sent(&home, &[(DEMO_BASE, &demo.base)]) {
        let folder = home.state().join("exchanges").join(id).display().to_string();
        let mut terminal = started(&mut home, ALONE, &["open", &folder], &[]);
        terminal.wait_text("offline ");
        let shown = walk(&mut terminal, scene);
        let bytes = left(terminal, &mut home);
        assert_frames(scene, &bytes, shown);
    }
}

#[test]
fn the_history_is_drawn_as_text() {
    let (demo, mut home) = (DemoChild::start(&[]), Home::new());
    let env = [(DEMO_BASE, demo.base.as_str())];
    let sent = all_sent(&home, &env);
    let mut terminal = started(&mut home, TOGETHER, &["--profile", "demo"], &env);
    press(&mut terminal, LOG, &format!("{} in all", sent.len()));
    // Newest first.
    for (scene, _) in sent.iter().rev() {
        press(&mut terminal, REQUEST, "╭─ Request ");
        terminal.write(LOG);
        press(&mut terminal, b"j", &format!("\"text\": \"{}\"", prompt(scene)));
        press(&mut terminal, RAW, "╭─ Raw · ");
        press(&mut terminal, b"x", "exact · byte ");
        press(&mut terminal, b"w", "╭─ Why ");
        let shown = terminal.text().contains(SHOWN);
        assert!(shown || !VISIBLE.contains(&scene.id.as_str()), "{}:\n{}", scene.id, terminal.text());
        close(&mut terminal, "╭─ Why ");
    }
    let bytes = left(terminal, &mut home);
    assert_tame("the history", &bytes, Own::Frames);
    assert!(!is_flooded(&bytes));
}
