//! What commands print of hostile replies, in a terminal: lines of text and nothing else.

use super::scan::{Own, assert_tame, is_flooded};
use super::{DEMO_BASE, all_sent, hostile, printed, prompt};
use crate::support::{DemoChild, Home};
use serde_json::Value;

#[test]
fn what_send_prints_is_text() {
    let (demo, mut home) = (DemoChild::start(&[]), Home::new());
    let env = [(DEMO_BASE, demo.base.as_str())];
    for scene in hostile() {
        let prompt = prompt(scene);
        let (code, bytes) = printed(&mut home, &["send", "--profile", "demo", "--json", &prompt], &env);
        assert_tame(&scene.id, &bytes, Own::Lines);
        assert_eq!(i32::try_from(code), Ok(scene.exit), "{}", scene.id);
        let line = bytes.split(|byte| *byte == b'\r').next().unwrap_or_default();
        let json: Value = serde_json::from_slice(line).expect("JSON in the first line");
        assert_eq!(json["verdict"]["word"], *scene.verdict, "{}", scene.id);
        // A terminal would get the moving line of its progress, too.
        let plain = home.run_with(&["send", "--profile", "demo", &prompt], &env, b"");
        for text in [&plain.stdout, &plain.stderr] {
            assert_tame(&scene.id, text.as_bytes(), Own::Lines);
            assert!(!is_flooded(text.as_bytes()), "{}", scene.id);
        }
    }
}

#[test]
fn what_the_history_prints_is_text() {
    let (demo, mut home) = (DemoChild::start(&[]), Home::new());
    let sent = all_sent(&home, &[(DEMO_BASE, &demo.base)]);
    let (_, first) = &sent[0];
    for list in [&["history", "list"][..], &["history", "list", "--json"], &["history", "totals", "--by", "route"]] {
        let (code, bytes) = printed(&mut home, list, &[]);
        assert_eq!(code, 0, "{list:?}");
        assert_tame(&list.join(" "), &bytes, Own::Lines);
    }
    for (scene, id) in &sent {
        for args in [
            &["history", "show", id.as_str()][..],
            &["history", "show", "--json", id.as_str()],
            &["history", "tree", id.as_str()],
            &["history", "diff", "--raw", first.as_str(), id.as_str()],
        ] {
            let (code, bytes) = printed(&mut home, args, &[]);
            assert_eq!(code, 0, "{args:?}");
            assert_tame(&format!("{}: {args:?}", scene.id), &bytes, Own::Lines);
            assert!(args.contains(&"--json") || !is_flooded(&bytes), "{}: {args:?}", scene.id);
        }
    }
}

#[test]
fn what_inspect_and_open_print_is_text() {
    let (demo, mut home) = (DemoChild::start(&[]), Home::new());
    for (scene, id) in all_sent(&home, &[(DEMO_BASE, &demo.base)]) {
        let folder = home.state().join("exchanges").join(id);
        let (body, folder) = (folder.join("body").display().to_string(), folder.display().to_string());
        for path in [&body, &folder] {
            for args in [&["inspect", path.as_str()][..], &["inspect", "--json", path.as_str()]] {
                let (code, bytes) = printed(&mut home, args, &[]);
                assert_eq!(code, 0, "{args:?}");
                assert_tame(&format!("{}: {args:?}", scene.id), &bytes, Own::Lines);
                assert!(args.contains(&"--json") || !is_flooded(&bytes), "{}: {args:?}", scene.id);
            }
        }
        let (code, bytes) = printed(&mut home, &["open", "--print", &folder], &[]);
        assert_eq!(i32::try_from(code), Ok(scene.exit), "{}", scene.id);
        let own = if scene.verdict == "image" { Own::Picture } else { Own::Lines };
        assert_tame(&scene.id, &bytes, own);
    }
}
