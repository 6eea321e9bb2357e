//! Replies that are too large, too deep, or packed to be so: they end with a word, in bounded memory.

use super::DEMO_BASE;
use crate::support::{DemoChild, Home, files_below, wait_for};
use std::fs;
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
