//! The source tree's own rules: imports go down, pure layers stay pure, and what the README lists is what the program has.

use super::support::{Home, files_below};
use regex::Regex;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use unpeel::keymap::Keymap;

/// Top module, its layer, and what it may import of its own layer.
const LAYERS: [(&str, u8, &[&str]); 20] = [
    ("wire", 0, &[]),
    ("text", 0, &[]),
    ("keymap", 0, &[]),
    ("theme", 0, &[]),
    ("layout", 0, &[]),
    ("secret", 1, &[]),
    ("catalog", 1, &[]),
    ("route", 1, &["catalog"]),
    ("config", 1, &["catalog", "route"]),
    ("call", 1, &["catalog", "route", "config"]),
    ("history", 1, &[]),
    ("app", 2, &[]),
    ("view", 3, &[]),
    ("client", 3, &[]),
    ("store", 3, &[]),
    ("preview", 3, &[]),
    ("demo", 3, &[]),
    ("exchange", 4, &[]),
    ("probe", 4, &["exchange"]),
    ("runtime", 5, &[]),
];

/// Doing never knows the app: it is told what to do, and tells what happened.
const WITHOUT_APP: [&str; 6] = ["client", "store", "preview", "demo", "exchange", "probe"];

/// Modules, and names that must not stand in their code.
const FORBIDDEN: [(&[&str], &str); 6] = [
    (&["wire", "text"], r"\b(ratatui|tokio|reqwest|crossterm|std::fs|std::env|SystemTime|Instant)\b"),
    (&["keymap", "theme", "layout"], r"\b(crossterm|tokio|reqwest|std::fs|std::env)\b"),
    (
        &["app", "view"],
        r"\b(tokio|reqwest|crossterm|std::fs|std::env|Instant|SystemTime|Mutex|RwLock)\b|Timestamp::now",
    ),
    (
        &["call", "history", "route", "catalog"],
        r"\b(tokio|reqwest|crossterm|ratatui|std::fs|std::env)\b|Timestamp::now",
    ),
    (&["client", "store", "exchange", "demo"], r"\b(ratatui|crossterm)\b"),
    (&["view"], r"&mut State\b"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern")
}

/// A source file: its path below `src`, and its text.
struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    fn all() -> Vec<Source> {
        let src = root().join("src");
        let read = |file: PathBuf| {
            let text = fs::read_to_string(&file).expect("UTF-8");
            Source { path: file.strip_prefix(&src).expect("below src").to_owned(), text }
        };
        let files = files_below(&src).into_iter().filter(|file| file.extension().is_some_and(|end| end == "rs"));
        let all: Vec<Source> = files.map(read).collect();
        assert!(all.len() > 100);
        all
    }

    /// The top module that it belongs to.
    fn module(&self) -> String {
        let first = self.path.iter().next().expect("a name").to_string_lossy();
        first.trim_end_matches(".rs").to_owned()
    }

    /// How many `super` lead from here to the root.
    fn depth(&self) -> usize {
        self.path.iter().count() - usize::from(self.path.ends_with("mod.rs"))
    }

    /// Lines of code with their numbers: without comments, and without the tests at the end.
    fn code(&self) -> Vec<(usize, &str)> {
        if self.path.ends_with("tests.rs") {
            return vec![];
        }
        let lines = self.text.lines().enumerate().map(|(at, line)| (at + 1, line));
        let lines = lines.take_while(|(_, line)| line.trim() != "#[cfg(test)]");
        lines.filter(|(_, line)| !line.trim_start().starts_with("//")).collect()
    }

    fn place(&self, line: usize) -> String {
        format!("src/{}:{line}", self.path.display())
    }
}

fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
}

static FROM_ROOT: LazyLock<Regex> = LazyLock::new(|| regex(r"\bcrate::([a-z_]+)"));
static UPWARDS: LazyLock<Regex> = LazyLock::new(|| regex(r"((?:\bsuper::)+)([a-z_]+)"));

/// Top modules that a line names: from the root, or up to it.
fn imports(line: &str, depth: usize) -> Vec<String> {
    let mut named: Vec<String> = FROM_ROOT.captures_iter(line).map(|found| found[1].to_owned()).collect();
    let reach = UPWARDS.captures_iter(line).filter(|found| found[1].matches("super").count() >= depth);
    named.extend(reach.map(|found| found[2].to_owned()));
    named
}

#[test]
fn imports_only_go_down() {
    let layers: BTreeMap<&str, (u8, &[&str])> =
        LAYERS.iter().map(|(name, layer, own)| (*name, (*layer, *own))).collect();
    let mut wrong = Vec::new();
    for source in Source::all() {
        let module = source.module();
        if ["lib", "main", "cli"].contains(&module.as_str()) {
            continue;
        }
        let Some((layer, own)) = layers.get(module.as_str()) else {
            wrong.push(format!("{}: {module} is in no layer", source.place(1)));
            continue;
        };
        for (number, line) in source.code() {
            for other in imports(line, source.depth()).into_iter().filter(|other| *other != module) {
                let below = layers.get(other.as_str()).is_some_and(|(below, _)| below < layer);
                let without_app = other == "app" && WITHOUT_APP.contains(&module.as_str());
                if without_app || !(below || own.contains(&other.as_str())) {
                    wrong.push(format!("{}: {module} must not import {other}", source.place(number)));
                }
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn an_import_is_seen_however_it_is_written() {
    for (line, depth, named) in [
        ("use crate::app::State;", 2, vec!["app"]),
        ("let x = crate::wire::sniff::mime(b).or(crate::text::width(t));", 1, vec!["wire", "text"]),
        ("use super::super::view;", 2, vec!["view"]),
        ("use super::super::view;", 3, vec![]),
        ("use super::wire::json;", 1, vec!["wire"]),
    ] {
        assert_eq!(imports(line, depth), named, "{line}");
    }
}

#[test]
fn pure_layers_name_nothing_that_does() {
    let mut wrong = Vec::new();
    for (modules, pattern) in FORBIDDEN {
        let pattern = regex(pattern);
        for source in Source::all().iter().filter(|source| modules.contains(&source.module().as_str())) {
            let code = source.code();
            let lines = code.iter().filter(|(_, line)| pattern.is_match(line));
            wrong.extend(lines.map(|(number, line)| format!("{}: {}", source.place(*number), line.trim())));
        }
    }
    assert_none(&wrong);
}

#[test]
fn every_file_says_first_what_it_is_and_nothing_is_left_to_do() {
    let left = regex(r"\b(TODO|FIXME|XXX)\b|\b(todo|unimplemented)!");
    let mut wrong = Vec::new();
    for source in Source::all() {
        if !source.text.starts_with("//! ") {
            wrong.push(format!("{}: no //! in the first line", source.place(1)));
        }
        let lines = source.text.lines().enumerate().filter(|(_, line)| left.is_match(line));
        wrong.extend(lines.map(|(at, line)| format!("{}: {}", source.place(at + 1), line.trim())));
    }
    assert_none(&wrong);
}

/// What stands in the README between two marks.
fn marked(mark: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).expect("a README");
    let (open, close) = (format!("<!-- {mark} -->"), format!("<!-- /{mark} -->"));
    let (_, rest) = readme.split_once(&open).expect("the opening mark");
    let (inside, _) = rest.split_once(&close).expect("the closing mark");
    inside.trim().to_owned()
}

#[test]
fn the_readme_has_the_keys_of_the_program() {
    let keys = Keymap::build(&BTreeMap::new()).expect("the defaults are fine").markdown();
    assert_eq!(marked("keys"), keys.trim());
}

#[test]
fn the_readme_has_the_commands_of_the_program() {
    let row = regex(r"(?m)^\| `unpeel ([a-z-]+)` \|");
    let mut readme: Vec<String> = row.captures_iter(&marked("commands")).map(|found| found[1].to_owned()).collect();
    let help = Home::new().run(&["--help"]).stdout;
    let (_, list) = help.split_once("Commands:\n").expect("a list of commands");
    let (list, _) = list.split_once("\n\n").expect("something after it");
    let name = regex(r"(?m)^  ([a-z-]+)");
    let mut program: Vec<String> = name.captures_iter(list).map(|found| found[1].to_owned()).collect();
    program.retain(|command| command != "help");
    readme.sort();
    program.sort();
    assert_eq!(readme, program);
}

#[test]
fn the_top_level_holds_what_a_reader_expects() {
    const EXPECTED: [&str; 10] = [
        "CHANGELOG.md",
        "Cargo.lock",
        "Cargo.toml",
        "LICENSE",
        "README.md",
        "benches",
        "examples",
        "src",
        "tests",
        "themes",
    ];
    let listed = Command::new("git")
        .arg("-C")
        .arg(root())
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output();
    let Some(listed) = listed.ok().filter(|output| output.status.success() && !output.stdout.is_empty()) else {
        eprintln!("not run: git does not know this folder");
        return;
    };
    let listed = String::from_utf8(listed.stdout).expect("UTF-8");
    let strange: Vec<&str> = listed
        .lines()
        .filter(|path| !path.starts_with('.') && !EXPECTED.iter().any(|name| path.split('/').next() == Some(*name)))
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
}
