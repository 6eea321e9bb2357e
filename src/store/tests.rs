//! The store as its callers see it: what survives, who may read it, what is left alone.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Meta, Phase, Store, StoreError};

/// The first bytes of a PNG of 1 × 1, as far as the kind of file can be told.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0";

fn at(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(1_795_367_112_000 + millisecond).unwrap()
}

fn fox() -> Meta {
    Meta { prompt: "a red fox".to_owned(), parameters: json!({"aspectRatio": "16:9"}), ..Meta::default() }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn an_exchange_comes_back_as_it_was_written() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let mut record = store.begin(at(123), &fox(), b"{\"contents\":[]}").unwrap();
    record.append(b"{\"candi").unwrap();
    record.append(b"dates\":[]}\r\n\xff").unwrap();
    let picture = record.picture("A red fox", PNG).unwrap();
    let meta = Meta {
        phase: Phase::Done,
        status: Some(200),
        headers: vec![("x-request-id".to_owned(), "r1".to_owned())],
        ..fox()
    };
    record.settle(&meta).unwrap();
    let older = store.begin(at(0), &fox(), b"{}").unwrap();

    let (listed, notes) = store.list();
    assert_eq!(notes, Vec::<String>::new());
    let ids: Vec<&str> = listed.iter().map(|stored| stored.id.as_str()).collect();
    assert_eq!(ids, [record.id(), older.id()]);
    let stored = &listed[0];
    assert_eq!(stored.folder, record.folder());
    assert_eq!(stored.request().unwrap(), b"{\"contents\":[]}");
    assert_eq!(stored.body().unwrap(), b"{\"candidates\":[]}\r\n\xff");
    assert_eq!(stored.pictures(), [picture]);
    let expected = Meta { format: 1, id: record.id().to_owned(), time: at(123), pid: std::process::id(), ..meta };
    assert_eq!(stored.meta, expected);
    assert_eq!(listed[1].body().unwrap(), b"", "nothing had arrived");
}

#[test]
fn an_id_may_be_shortened_while_it_is_clear() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let first = store.begin(at(1), &fox(), b"{}").unwrap();
    let second = store.begin(at(2), &fox(), b"{}").unwrap();
    for id in [first.id(), &first.id()[..20], &first.id()[17..]] {
        assert_eq!(store.load(id).unwrap().id, first.id(), "{id}");
    }
    let shared = store.load("20261122T170512").unwrap_err();
    assert!(shared.to_string().contains(second.id()), "{shared}");
    for unknown in ["", "..", "/etc", "../exchanges", "zzzzzzzz"] {
        let refused = store.load(unknown).unwrap_err();
        assert!(matches!(refused, StoreError::Unknown { .. }), "{refused}");
    }
}

#[test]
fn only_the_owner_may_look() {
    let parent = tempfile::tempdir().unwrap();
    let state = parent.path().join("new/unpeel");
    let store = Store::open(&state).unwrap();
    let mut record = store.begin(at(0), &fox(), b"{}").unwrap();
    record.append(b"x").unwrap();
    let picture = record.picture("fox", PNG).unwrap();
    let folder = record.folder();
    for private in
        [parent.path().join("new"), state.join("exchanges"), state, folder.to_path_buf(), folder.join("parts")]
    {
        assert_eq!(mode(&private), 0o700, "{private:?}");
    }
    for private in ["request.json", "meta.json", "body"] {
        assert_eq!(mode(&folder.join(private)), 0o600, "{private}");
    }
    assert_eq!(mode(&picture), 0o600);
}

#[test]
fn what_is_torn_or_foreign_is_skipped_with_a_note() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let kept = store.begin(at(0), &fox(), b"{}").unwrap();
    let exchanges = state.path().join("exchanges");
    fs::create_dir(exchanges.join("holiday\u{1b}[2J")).unwrap();
    fs::create_dir(exchanges.join("20261122T170512.000Z-aaaaaa")).unwrap();
    let torn = exchanges.join("20261122T170512.000Z-bbbbbb");
    fs::create_dir(&torn).unwrap();
    fs::write(torn.join("meta.json"), "{\"format\": 1, \"id").unwrap();
    symlink("/", exchanges.join("20261122T170512.000Z-cccccc")).unwrap();

    let (listed, notes) = store.list();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].id, kept.id());
    assert_eq!(notes.len(), 4, "{notes:#?}");
    assert!(notes.iter().all(|note| !note.contains('\u{1b}')));
}

#[test]
fn an_exchange_without_its_writer_was_interrupted() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let waiting = Meta { phase: Phase::Waiting, ..fox() };
    let record = store.begin(at(0), &waiting, b"{}").unwrap();
    assert_eq!(store.list().0[0].meta.phase, Phase::Waiting);

    let path = record.folder().join("meta.json");
    let mut meta: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    meta["pid"] = json!(i32::MAX);
    fs::write(&path, meta.to_string()).unwrap();
    let seen = &store.list().0[0].meta;
    assert_eq!(seen.phase, Phase::Interrupted);
    assert_eq!(seen.prompt, "a red fox");
    let kept: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(kept["phase"], "waiting", "looking does not rewrite");
}

#[test]
fn a_picture_never_takes_the_place_of_anything() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let record = store.begin(at(0), &fox(), b"{}").unwrap();
    let names: Vec<String> = ["../x", "../x", "X"]
        .iter()
        .map(|hint| {
            let path = record.picture(hint, PNG).unwrap();
            assert_eq!(path.parent(), Some(&*record.folder().join("parts")));
            path.file_name().unwrap().to_string_lossy().into_owned()
        })
        .collect();
    assert_eq!(names, ["x.png", "x-2.png", "x-3.png"]);

    let outside = state.path().join("outside");
    symlink(&outside, record.folder().join("parts/link.bin")).unwrap();
    let path = record.picture("link", b"no picture at all").unwrap();
    assert!(path.ends_with("parts/link-2.bin"), "{path:?}");
    assert!(!outside.exists());
}

#[test]
fn a_link_in_place_of_the_parts_is_refused() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let record = store.begin(at(0), &fox(), b"{}").unwrap();
    let outside = tempfile::tempdir().unwrap();
    symlink(outside.path(), record.folder().join("parts")).unwrap();
    assert!(record.picture("fox", PNG).is_err());
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_replaced_body_goes_on_growing() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let mut record = store.begin(at(0), &fox(), b"{}").unwrap();
    record.append(b"key=sec").unwrap();
    record.replace_body(b"key=***").unwrap();
    record.append(b"&more").unwrap();
    assert_eq!(fs::read(record.folder().join("body")).unwrap(), b"key=***&more");
    assert_eq!(mode(&record.folder().join("body")), 0o600);
}

#[test]
fn ids_are_unique_within_a_millisecond() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let ids: Vec<String> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    (0..8).map(|_| store.begin(at(0), &fox(), b"{}").unwrap().id().to_owned()).collect::<Vec<_>>()
                })
            })
            .collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 32);
    assert_eq!(store.list().0.len(), 32);
}

#[test]
fn a_state_folder_that_is_no_folder_is_named_with_the_way_out() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    let refused = Store::open(&file.join("unpeel")).unwrap_err().to_string();
    assert!(refused.contains("file/unpeel"), "{refused}");
    assert!(refused.contains("UNPEEL_STATE_DIR"), "{refused}");
}
