//! Every recorded reply of `../shared/corpus`, read by the library and compared with the independent oracle beside it.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use unpeel::wire::{reply, report, verdict};

fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    path.join("oracle.py").is_file().then_some(path)
}

fn bodies(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let is_body = [".json", ".sse", ".html"].iter().any(|end| name.ends_with(end))
            && !name.ends_with(".headers.json")
            && !name.ends_with(".request.json");
        match path.is_dir() {
            true => bodies(&path, out),
            false if is_body => out.push(path),
            false => {}
        }
    }
}

/// The oracle knows sizes of PNG and JPEG only; ours knows more.
fn forgive_sizes(ours: &mut Value, oracle: &Value) {
    match (ours, oracle) {
        (Value::Object(ours), Value::Object(oracle)) => {
            if oracle.get("size") == Some(&Value::Null)
                && matches!(oracle.get("sniffed").and_then(Value::as_str), Some("image/webp" | "image/gif"))
            {
                ours.insert("size".into(), Value::Null);
            }
            for (key, value) in ours.iter_mut() {
                forgive_sizes(value, oracle.get(key).unwrap_or(&Value::Null));
            }
        }
        (Value::Array(ours), Value::Array(oracle)) => {
            ours.iter_mut().zip(oracle).for_each(|(a, b)| forgive_sizes(a, b))
        }
        _ => {}
    }
}

#[test]
fn every_recorded_reply_reads_as_the_oracle_reads_it() {
    let Some(corpus) = corpus() else {
        eprintln!("not run: ../shared/corpus is not there");
        return;
    };
    let mut files = Vec::new();
    bodies(&corpus, &mut files);
    files.sort();
    let output =
        Command::new("python3").arg(corpus.join("oracle.py")).args(&files).output().expect("python3 runs the oracle");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<&str> = std::str::from_utf8(&output.stdout).expect("UTF-8").lines().collect();
    assert_eq!(lines.len(), files.len());
    assert!(files.len() > 200, "only {} bodies", files.len());
    let mut wrong = Vec::new();
    for (file, line) in files.iter().zip(lines) {
        let expected: Value = serde_json::from_str(line).expect("the oracle prints JSON");
        let body = std::fs::read(file).expect("a readable body");
        let read = reply::read(&body);
        let judged = verdict::judge(&read, &body, None, &verdict::Ending::Complete);
        let mut ours = Value::Object(report::report(&read, &judged));
        forgive_sizes(&mut ours, &expected);
        for (key, value) in expected
            .as_object()
            .expect("an object")
            .iter()
            .filter(|(key, _)| !["file", "notes"].contains(&key.as_str()))
        {
            if ours[key] != *value {
                wrong.push(format!("{}: {key}\n  ours   {}\n  oracle {value}", file.display(), ours[key]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}
