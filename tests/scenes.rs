//! Every scene of the demo: what `send` makes of it, and what the app shows.

use super::stage;
use super::support::{DemoChild, Home, sha256};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use unpeel::app::{Effect, Msg, update};
use unpeel::catalog::Catalog;
use unpeel::client::Limits;
use unpeel::demo::{Demo, Options, Scene, scenes};
use unpeel::exchange::{self, Means};
use unpeel::layout::Pane;
use unpeel::store::Store;

/// Seconds of silence that end a call: short only where silence is the scene, for drawing may take longer elsewhere.
fn idle(verdict: &str) -> u64 {
    if verdict == "timeout" { 2 } else { 60 }
}

/// Id, verdict word and exit code of every scene, as the program lists them.
fn listed() -> Vec<(String, String, i32)> {
    let list = Home::new().run(&["demo", "--list"]).stdout;
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('\t').collect();
        (cells[0].to_owned(), cells[1].to_owned(), cells[2].parse().expect("an exit code"))
    };
    let rows: Vec<_> = list.lines().map(row).collect();
    assert!(rows.len() > 40, "{list}");
    rows
}

fn hashes_of_pictures(json: &Value) -> BTreeSet<String> {
    let images = json["images"].as_array().expect("a list");
    images.iter().filter_map(|image| image["sha256"].as_str()).map(str::to_owned).collect()
}

fn hashes_of_files(json: &Value) -> BTreeSet<String> {
    let saved = json["saved"].as_array().expect("a list");
    let hash = |path: &Value| {
        let path = Path::new(path.as_str().expect("a path"));
        assert!(path.is_absolute(), "{path:?}");
        sha256(&fs::read(path).expect("a saved picture"))
    };
    saved.iter().map(hash).collect()
}

fn every_scene_by_send(more: &[&str]) {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let mut wrong = Vec::new();
    for (sent, (id, word, exit)) in listed().into_iter().enumerate() {
        let idle = idle(&word).to_string();
        let env =
            [("UNPEEL__PROFILES__DEMO__BASE", demo.base.as_str()), ("UNPEEL__HTTP__IDLE_TIMEOUT_S", idle.as_str())];
        let prompt = format!("[scene:{id}] [wait:0] a red fox");
        let args = [&["send", "--profile", "demo", "--json"][..], more, &[prompt.as_str()]].concat();
        let ran = home.run_with(&args, &env, b"");
        let (json, posts) = (ran.json(), demo.posts());
        let fine = json["verdict"]["word"] == word
            && ran.code == Some(exit)
            && ran.last_line().starts_with(&format!("{word}: "))
            && posts.len() == sent + 1
            && posts[sent]["scene"] == id
            && hashes_of_files(&json) == hashes_of_pictures(&json);
        if !fine {
            wrong.push(format!("{id}: {} posts, exit {:?}, {}", posts.len(), ran.code, ran.last_line()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_scene_by_send_as_one_reply() {
    every_scene_by_send(&[]);
}

#[test]
fn every_scene_by_send_as_a_stream() {
    every_scene_by_send(&["--stream"]);
}

/// Sends the scene's prompt by key press, runs the call that this asks for, and gives the screen with the log.
async fn played(scene: &Scene, base: &str, store: &Store) -> Vec<String> {
    let mut state = stage::state((80, 24), stage::profile(base), false);
    update(&mut state, stage::at(1000), Msg::Pasted(format!("[scene:{}] [wait:0] a red fox", scene.id)));
    let effects = update(&mut state, stage::at(10_000), Msg::Pressed(stage::key("ctrl-s")));
    let [Effect::Send { entry, ask, .. }] = &effects[..] else { panic!("one call, not {effects:?}") };
    let limits =
        Limits { connect: Duration::from_secs(10), idle: Duration::from_secs(idle(&scene.verdict)), total: None };
    let means = Means {
        store: Some(store.clone()),
        catalog: Arc::new(Catalog::builtin()),
        limits,
        key_names: vec![],
        captions: false,
        reconcile: false,
        drift: 0.1,
        fetch_allow: vec![],
    };
    let prepared = exchange::prepare((**ask).clone(), &means, &|_: &str| None).expect("nothing is missing");
    let (_never, stopped) = oneshot::channel();
    let mut moved = Vec::new();
    let answer = {
        let mut on = |progress| moved.push(progress);
        exchange::run(prepared, &means, stopped, &mut on).await.expect("the store takes it").answer
    };
    for progress in moved {
        update(&mut state, stage::at(10_000), Msg::Moved { entry: *entry, progress });
    }
    update(&mut state, stage::at(11_000), Msg::Answered { entry: *entry, answer: Box::new(answer) });
    state.focus(Pane::Log);
    stage::rows(&state)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scene_stands_in_the_log_by_its_word() {
    let demo = Demo::bind(Options::default()).await.expect("a free port");
    let base = demo.base();
    tokio::spawn(demo.serve());
    let home = Home::new();
    let store = Store::open(&home.state()).expect("a state folder");
    for scene in scenes() {
        let rows = played(scene, &base, &store).await;
        let headline = format!("▎00:00:10 {}", scene.verdict);
        let found = rows.iter().any(|row| row.split_once(&headline).is_some_and(|(_, rest)| rest.starts_with(' ')));
        assert!(found, "{}: no {headline:?} in\n{}", scene.id, rows.join("\n"));
    }
}
