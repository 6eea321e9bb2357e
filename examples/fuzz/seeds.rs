//! What to begin from: the project's own examples, files that were given, and what a target makes of them.

use anyhow::Context;
use std::fs;
use std::path::{Path, PathBuf};
use unpeel::wire::reply;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");

/// A larger file is no seed.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The example replies, and every file below the folders, in the order of their names.
pub fn files(folders: &[PathBuf]) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut paths = Vec::new();
    below(Path::new(EXAMPLES), &mut paths)?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
    for folder in folders {
        below(folder, &mut paths)?;
    }
    paths.iter().map(|path| fs::read(path).with_context(|| format!("{} cannot be read", path.display()))).collect()
}

fn below(folder: &Path, paths: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut here = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    here.sort();
    for path in here {
        let about = fs::symlink_metadata(&path)?;
        if about.is_dir() {
            below(&path, paths)?;
        } else if about.is_file() && about.len() <= LARGEST {
            paths.push(path);
        }
    }
    Ok(())
}

/// A file is an input as it is.
pub fn whole(file: &[u8]) -> Vec<Vec<u8>> {
    vec![file.to_vec()]
}

/// A file has nothing of use.
pub fn nothing(_: &[u8]) -> Vec<Vec<u8>> {
    vec![]
}

/// A file is a reply, and its pictures are the inputs.
pub fn pictures(file: &[u8]) -> Vec<Vec<u8>> {
    let reply = reply::read(file);
    reply.pictures.iter().filter_map(|picture| picture.bytes(&reply, file)).collect()
}

/// Texts as inputs.
pub fn of<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> Vec<Vec<u8>> {
    texts.into_iter().map(|text| text.as_ref().to_vec()).collect()
}
