//! Stored exchanges by command: found, shown, exported, traced, thrown away, and still read when a later version comes.

use super::support::{DemoChild, Home, Ran, files_below};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use unpeel::store::{self, Store};

fn demo_env(demo: &DemoChild) -> [(&'static str, &str); 1] {
    [("UNPEEL__PROFILES__DEMO__BASE", demo.base.as_str())]
}

/// Sends and gives the id of the exchange.
fn sent(demo: &DemoChild, home: &Home, args: &[&str]) -> String {
    let ran = home.run_with(&[&["send", "--profile", "demo", "--json"], args].concat(), &demo_env(demo), b"");
    ran.json()["exchange"].as_str().expect("an id").to_owned()
}

fn json(ran: &Ran) -> Value {
    assert_eq!(ran.code, Some(0), "{ran:?}");
    serde_json::from_str(&ran.stdout).expect("JSON on stdout")
}

fn ids(list: &Value) -> Vec<&str> {
    list.as_array().expect("an array").iter().map(|one| one["id"].as_str().expect("an id")).collect()
}

#[test]
fn exchanges_are_listed_filtered_and_shown() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    assert_eq!(home.run(&["history", "list", "--json"]).stdout, "[]\n");
    let first = sent(&demo, &home, &["a red fox"]);
    let second = sent(&demo, &home, &["[scene:image-safety] a blue fox"]);
    let list = json(&home.run(&["history", "list", "--json"]));
    assert_eq!(ids(&list), [&second, &first], "newest first");
    let newest = &list[0];
    assert_eq!(newest["verdict"]["word"], "blocked");
    assert_eq!((&newest["phase"], &newest["profile"]), (&"done".into(), &"demo".into()));
    assert!(newest["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{newest}");
    assert!(newest["model"].is_string() && newest["prompt"] == "[scene:image-safety] a blue fox");

    for (query, found) in [
        (&["red"][..], vec![&*first]),
        (&["--verdict", "blocked"], vec![&*second]),
        (&["is:picture"], vec![&*first]),
        (&["fox", "--limit", "1"], vec![&*second]),
        (&["nothing-of-that-kind"], vec![]),
    ] {
        let list = json(&home.run(&[&["history", "list", "--json"], query].concat()));
        assert_eq!(ids(&list), found, "{query:?}");
    }
    let wrong = home.run(&["history", "list", "rating:many"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""), "{wrong:?}");

    // A piece of the id is enough.
    let shown = json(&home.run(&["history", "show", &first[first.len() - 6..], "--json"]));
    assert_eq!(shown["id"], *first);
    assert_eq!(shown["request"]["contents"][0]["parts"][0]["text"], "a red fox");
    assert!(Path::new(shown["saved"][0].as_str().expect("a path")).is_file());
    assert!(home.run(&["history", "show", &first]).stdout.contains("a red fox"));
    let unknown = home.run(&["history", "show", "zzzzzz"]);
    assert!(unknown.code == Some(2) && unknown.stderr.contains("zzzzzz"), "{unknown:?}");
}

#[test]
fn exports_are_exact_and_never_overwrite() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let ids = [sent(&demo, &home, &["a red fox"]), sent(&demo, &home, &["a blue fox"])];
    for (out, tar) in [("out", false), ("out.tar", true)] {
        let args = ["history", "export", &ids[0], &ids[1], "--out", out];
        let made = home.run(&args);
        assert_eq!(made.code, Some(0), "{made:?}");
        assert!(made.stdout.lines().all(|line| Path::new(line).exists()), "{made:?}");
        let folder = home.path(if tar { "unpacked" } else { "out" });
        if tar {
            let file = fs::File::open(home.path("out.tar")).expect("a tar file");
            tar::Archive::new(file).unpack(&folder).expect("a whole tar file");
        }
        for id in &ids {
            let stored = home.state().join("exchanges").join(id);
            for file in files_below(&stored) {
                let copy = folder.join(id).join(file.strip_prefix(&stored).expect("below"));
                assert_eq!(fs::read(&copy).expect("a copy"), fs::read(&file).expect("a file"), "{copy:?}");
            }
        }
        assert_eq!(home.run(&args).code, Some(2), "nothing is overwritten");
    }
}

#[test]
fn a_renamed_picture_is_traced() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let id = sent(&demo, &home, &["a red fox", "--out", "fox.png"]);
    fs::rename(home.path("fox.png"), home.path("holiday.bin")).expect("it can be renamed");
    let found = json(&home.run(&["history", "trace", "holiday.bin", "--json"]));
    assert_eq!(found[0]["id"], *id);
    assert!(home.run(&["history", "trace", "holiday.bin"]).stdout.contains("a red fox"));

    // A caption changes the bytes, and names the exchange itself.
    let id = sent(&demo, &home, &["a green fox", "--out", "captioned.png", "--caption"]);
    fs::remove_file(home.path("captioned.png.json")).expect("the sidecar");
    let found = json(&home.run(&["history", "trace", "captioned.png", "--json"]));
    assert_eq!((&found[0]["id"], &found[0]["by"]), (&Value::from(id), &"caption".into()));
    fs::write(home.path("foreign.png"), "no picture").expect("a new file");
    assert_eq!(home.run(&["history", "trace", "foreign.png"]).code, Some(1));
}

#[test]
fn a_sidecar_says_what_a_copy_was_made_by() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let id = sent(&demo, &home, &["a red fox", "--aspect", "16:9", "--out", "fox.png"]);
    let beside: Value = serde_json::from_slice(&fs::read(home.path("fox.png.json")).expect("a sidecar")).expect("JSON");
    let bytes = fs::read(home.path("fox.png")).expect("a picture");
    assert_eq!(beside["sha256"], super::support::sha256(&bytes));
    assert_eq!((&beside["prompt"], &beside["exchange"]), (&"a red fox".into(), &Value::from(id)));
    assert!(beside["requestId"].is_string() && beside["model"]["sent"].is_string(), "{beside}");
    assert!(beside["parameters"].to_string().contains("16:9"), "{beside}");
}

#[test]
fn the_trash_keeps_until_it_is_emptied() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let id = sent(&demo, &home, &["a red fox"]);
    let listed = |flags: &[&str]| ids(&json(&home.run(&[&["history", "list", "--json"], flags].concat()))).len();
    assert_eq!(home.run(&["history", "delete", &id]).code, Some(0));
    assert_eq!((listed(&[]), listed(&["--trash"])), (0, 1));
    let plan = json(&home.run(&["history", "gc", "--all", "--dry-run", "--json"]));
    assert_eq!((&plan["dryRun"], &plan["removed"][0]["id"]), (&true.into(), &Value::from(&*id)));
    assert_eq!(listed(&["--trash"]), 1, "a dry run changes nothing");
    let young = json(&home.run(&["history", "gc", "--older-than", "30d", "--json"]));
    assert_eq!(young["removed"], Value::Array(vec![]));
    assert_eq!(home.run(&["history", "restore", &id]).code, Some(0));
    assert_eq!((listed(&[]), listed(&["--trash"])), (1, 0));
    home.run(&["history", "delete", &id]);
    json(&home.run(&["history", "gc", "--all", "--json"]));
    assert_eq!((listed(&[]), listed(&["--trash"])), (0, 0));
}

#[test]
fn marks_are_found_again() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let id = sent(&demo, &home, &["a red fox"]);
    sent(&demo, &home, &["a blue fox"]);
    let mark = ["history", "mark", &id, "--star", "--rate", "4", "--tag", "keep", "--note", "for the cover"];
    assert_eq!(home.run(&mark).code, Some(0));
    for query in ["is:star", "rating:4", "tag:keep", "cover"] {
        assert_eq!(ids(&json(&home.run(&["history", "list", "--json", query]))), [&*id], "{query}");
    }
    assert_eq!(home.run(&["history", "mark", &id, "--rate", "6"]).code, Some(2));
}

#[test]
fn a_daily_cap_refuses_before_anything_is_sent() {
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let env = [demo_env(&demo)[0], ("UNPEEL__SPEND__DAY_USD", "0.10")];
    let send = |flags: &[&str]| home.run_with(&[&["send", "--profile", "demo", "a fox"], flags].concat(), &env, b"");
    assert_eq!(send(&[]).code, Some(0));
    let refused = send(&[]);
    assert!(refused.code == Some(2) && refused.stderr.contains("spend.day_usd"), "{refused:?}");
    assert_eq!(demo.posts().len(), 1);
    assert_eq!(send(&["--over-cap"]).code, Some(0));
}

/// The exchanges that were kept when the format was new: every later version has to read them.
fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/format-1")
}

#[test]
fn exchanges_of_format_one_are_read_by_this_version() {
    let home = Home::new();
    fs::create_dir_all(home.state()).expect("a state folder");
    for file in files_below(&kept()) {
        let copy = home.state().join(file.strip_prefix(kept()).expect("below"));
        fs::create_dir_all(copy.parent().expect("a folder")).expect("a new folder");
        fs::copy(&file, &copy).expect("a copy");
    }
    let (stored, notes) = Store::at(&home.state()).list();
    assert_eq!(notes, Vec::<String>::new());
    let words: Vec<String> = stored.iter().map(|stored| stored.summary().word).collect();
    assert_eq!(words, ["interrupted", "blocked", "image"]);
    let image = &stored[2];
    assert_eq!(image.id, "20261122T204500.000Z-kept2a");
    assert_eq!(image.meta.prompt, "a red fox");
    assert_eq!(image.meta.pictures.len(), 1);
    assert_eq!(image.pictures().len(), 1);
    assert!(Store::at(&home.state()).marks(&image.id).star);
    let interrupted = &stored[0].summary();
    assert_eq!((&*interrupted.reason, &*interrupted.charged), ("sent, answer unknown, may be billed", "unknown"));
    let list = json(&home.run(&["history", "list", "--json"]));
    assert_eq!(ids(&list).len(), 3);
    let shown = home.run(&["inspect", &image.folder.display().to_string(), "--json"]).json();
    assert_eq!(shown["verdict"]["word"], "image");
    // What a later version adds is no obstacle.
    let meta = image.folder.join("meta.json");
    let text = fs::read_to_string(&meta).expect("UTF-8").replace("\"format\": 1", "\"format\": 2, \"later\": {}");
    fs::write(&meta, text).expect("it can be written");
    assert_eq!(store::read_folder(&image.folder).expect("it is read").meta.prompt, "a red fox");
}

#[test]
fn a_foreign_exchange_leads_nowhere_outside_of_itself() {
    use unpeel::exchange;
    let (demo, home) = (DemoChild::start(&[]), Home::new());
    let id = sent(&demo, &home, &["a red fox"]);
    let folder = home.state().join("exchanges").join(&id);
    let meta = folder.join("meta.json");
    let text = fs::read_to_string(&meta).expect("UTF-8");
    let file = serde_json::from_str::<Value>(&text).expect("JSON")["pictures"][0]["file"].clone();
    let text = text.replace(file.as_str().expect("a path"), "../../../etc/passwd");
    fs::write(&meta, text.replace("\"profile\": \"demo\"", "\"profile\": \"elsewhere\"")).expect("it can be written");
    let stored = store::read_folder(&folder).expect("it is read");
    let recalled = exchange::recall(&stored, &[]).expect("its body is there");
    assert!(recalled.outcome.saved.is_empty(), "{:?}", recalled.outcome.saved);
    let profile = recalled.ask.profile;
    let sources = (&profile.api_key_env, &profile.api_key_command, &profile.api_key_file);
    assert_eq!((profile.name.as_str(), sources), ("elsewhere", (&None, &None, &None)), "it gets nobody's key");

    // A link in place of the stored request is not followed, whatever it leads to.
    let other = home.path("other.json");
    fs::write(&other, r#"{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]}]}"#)
        .expect("a file");
    fs::remove_file(folder.join("request.json")).expect("it is there");
    std::os::unix::fs::symlink(&other, folder.join("request.json")).expect("a link");
    let request = folder.join("request.json").display().to_string();
    let refused = home.run_with(&["send", "--profile", "demo", "a fox", "--image", &request], &demo_env(&demo), b"");
    assert!(refused.code == Some(2) && refused.stderr.contains("nothing was sent"), "{refused:?}");
    assert_eq!(demo.posts().len(), 1);
}
