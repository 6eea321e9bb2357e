//! The store as its callers see it: what survives, who may read it, what is left alone.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Meta, Phase, Record, Store, StoreError, Sweep};
use crate::history::Marks;

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
    let seen = store.load(record.id()).unwrap();
    assert_eq!((seen.meta.phase, seen.reached, seen.live), (Phase::Waiting, Phase::Waiting, true));

    let (id, path) = (record.id().to_owned(), record.folder().join("meta.json"));
    drop(record);
    let seen = store.load(&id).unwrap();
    assert_eq!((seen.meta.phase, seen.reached, seen.live), (Phase::Interrupted, Phase::Waiting, false));
    assert_eq!(seen.meta.prompt, "a red fox");
    assert_eq!(seen.summary().reason, "sent, answer unknown, may be billed");
    let kept: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(kept["phase"], "waiting", "looking does not rewrite");
}

#[test]
fn a_settled_exchange_is_final_whoever_holds_it() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let mut record = store.begin(at(0), &fox(), b"{}").unwrap();
    record.settle(&Meta { phase: Phase::Cancelled, ..fox() }).unwrap();
    for _ in 0..2 {
        let seen = store.list().0.remove(0);
        assert_eq!((seen.meta.phase, seen.live), (Phase::Cancelled, false));
    }
}

#[test]
fn what_a_crash_leaves_of_a_beginning_is_nothing_to_readers() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let record = store.begin(at(0), &fox(), b"{}").unwrap();
    let hidden = record.folder().with_file_name(format!(".{}.new", record.id()));
    fs::rename(record.folder(), &hidden).unwrap();
    assert_eq!(store.list(), (vec![], vec![]));
    assert!(store.latest(9).is_empty());
    assert!(matches!(store.load(record.id()), Err(StoreError::Unknown { .. })));

    fs::File::open(&hidden).unwrap().set_modified(at(0).into()).unwrap();
    let later = at(0) + SignedDuration::from_hours(2);
    assert!(store.sweep(&Sweep::default(), later, false).leftovers.is_empty(), "its writer lives");
    drop(record);
    assert!(store.sweep(&Sweep::default(), at(1), false).leftovers.is_empty(), "too young");
    assert_eq!(store.sweep(&Sweep::default(), later, true).leftovers, [hidden.as_path()]);
    assert!(hidden.exists());
    assert_eq!(store.sweep(&Sweep::default(), later, false).leftovers, [hidden.as_path()]);
    assert!(!hidden.exists());
}

#[test]
fn the_latest_are_the_newest_that_can_be_read() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let records: Vec<Record> = (0..5).map(|n| store.begin(at(n), &fox(), b"{}").unwrap()).collect();
    fs::remove_file(records[4].folder().join("meta.json")).unwrap();
    let latest = Store::at(state.path()).latest(2);
    let ids: Vec<&str> = latest.iter().map(|summary| summary.id.as_str()).collect();
    assert_eq!(ids, [records[3].id(), records[2].id()]);
    assert_eq!(store.latest(usize::MAX).len(), 4);
    assert!(Store::at(Path::new("/nowhere/at/all")).latest(2).is_empty());
}

/// A settled exchange, thrown away `days` after the first.
fn thrown(store: &Store, days: i64) -> String {
    let mut record = store.begin(at(days), &fox(), b"{}").unwrap();
    record.settle(&Meta { phase: Phase::Done, ..fox() }).unwrap();
    record.picture("fox", PNG).unwrap();
    store.trash(record.id(), at(0) + SignedDuration::from_hours(24 * days)).unwrap();
    record.id().to_owned()
}

#[test]
fn the_trash_gives_back_what_it_took() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let record = store.begin(at(0), &fox(), b"{}").unwrap();
    let live = store.trash(record.id(), at(1)).unwrap_err();
    assert!(matches!(&live, StoreError::Live { id } if id == record.id()), "{live}");
    let id = record.id().to_owned();
    drop(record);
    let marks = Marks { note: "no".to_owned(), ..Marks::default() };
    store.mark(&id, &marks).unwrap();
    store.trash(&id[17..], at(1)).unwrap();
    assert!(store.list().0.is_empty() && matches!(store.load(&id), Err(StoreError::Unknown { .. })));
    let trashed = store.trashed().remove(0);
    assert_eq!((trashed.id.as_str(), trashed.since, trashed.summary.marks.trashed), (&*id, at(1), Some(at(1))));
    assert_eq!(mode(&state.path().join("trash")), 0o700);

    assert!(matches!(store.restore("zzz"), Err(StoreError::NotInTrash { .. })));
    let in_the_way = state.path().join("exchanges").join(&id);
    fs::create_dir(&in_the_way).unwrap();
    assert!(matches!(store.restore(&id), Err(StoreError::InTheWay { .. })));
    fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(store.restore(&id[..20]).unwrap(), id);
    assert_eq!(store.load(&id).unwrap().summary().marks, marks);
    assert!(store.trashed().is_empty());
}

#[test]
fn a_torn_exchange_may_be_thrown_away() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let id = store.begin(at(0), &fox(), b"{}").unwrap().id().to_owned();
    fs::write(state.path().join("exchanges").join(&id).join("meta.json"), "{\"format\"").unwrap();
    store.trash(&id, at(0)).unwrap();
    assert_eq!(store.trashed()[0].summary.id, id);
    assert_eq!(store.restore(&id).unwrap(), id);
}

#[test]
fn a_sweep_takes_the_oldest_and_follows_no_link() {
    let state = tempfile::tempdir().unwrap();
    let store = Store::open(state.path()).unwrap();
    let ids: Vec<String> = (0..4).map(|days| thrown(&store, days)).collect();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("kept"), [0; 5000]).unwrap();
    let in_trash = |id: &str| state.path().join("trash").join(id);
    symlink(outside.path(), in_trash(&ids[0]).join("link")).unwrap();

    let size = |id: &str| -> u64 {
        let files = ["request.json", "meta.json", "marks.json", "parts/fox.png"];
        files.iter().map(|name| fs::metadata(in_trash(id).join(name)).unwrap().len()).sum()
    };
    let trashed: Vec<(String, u64)> = store.trashed().into_iter().map(|found| (found.id, found.bytes)).collect();
    let expected: Vec<(String, u64)> = ids.iter().rev().map(|id| (id.clone(), size(id))).collect();
    assert_eq!(trashed, expected);

    let now = at(0) + SignedDuration::from_hours(24 * 4);
    let names = |found: &[super::Trashed]| found.iter().map(|found| found.id.clone()).collect::<Vec<_>>();
    let old = Sweep { older_than: Some(Duration::from_secs(3 * 86_400)), ..Sweep::default() };
    let dry = store.sweep(&old, now, true);
    assert_eq!((names(&dry.removed), dry.kept.len()), (vec![ids[1].clone(), ids[0].clone()], 2));
    assert_eq!(store.trashed().len(), 4);
    assert_eq!(store.sweep(&old, now, false), dry);
    assert_eq!(names(&store.trashed()), [ids[3].as_str(), &ids[2]]);

    let small = Sweep { max_bytes: Some(size(&ids[3])), ..Sweep::default() };
    assert_eq!(names(&store.sweep(&small, now, false).removed), [ids[2].as_str()]);
    let all = store.sweep(&Sweep { all: true, ..Sweep::default() }, now, false);
    assert_eq!((names(&all.removed), all.notes), (vec![ids[3].clone()], vec![]));
    assert_eq!(fs::read_dir(state.path().join("trash")).unwrap().count(), 0);
    assert!(outside.path().join("kept").exists());
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
