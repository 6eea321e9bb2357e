//! Printing for people and scripts: foreign text only as [`Safe`], JSON only with its hazards escaped.

use crate::text::{self, Safe};
use serde::Serialize;
use std::io::{self, Write};

/// One JSON value on stdout, on one line.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    let text = text::json_safe(&serde_json::to_string(value)?);
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(())
}

/// Lines on stdout.
pub fn lines(lines: impl IntoIterator<Item = Safe>) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(())
}

/// A line on stderr. A stderr that went away must not take the command with it: the call may be paid for.
pub fn tell(line: &Safe) {
    let _closed = writeln!(io::stderr(), "{line}");
}

/// The program's own bytes on stdout, such as a completion script.
pub fn raw(bytes: &[u8]) -> anyhow::Result<()> {
    io::stdout().lock().write_all(bytes)?;
    Ok(())
}

/// A path on stdout. A name with a control character in it would not be one line: it is shown escaped.
pub fn path(path: &std::path::Path) -> Safe {
    Safe::of(&path.to_string_lossy())
}

/// Columns of text, as wide as their widest cell.
pub fn table(rows: &[Vec<Safe>]) -> Vec<Safe> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(Safe::width).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<Safe>| {
        let cells: Vec<Safe> = row.iter().zip(&widths).map(|(cell, width)| text::pad(cell, *width)).collect();
        Safe::of(Safe::join(&cells, "  ").as_str().trim_end())
    };
    rows.iter().map(line).collect()
}
