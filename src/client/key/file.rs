//! A file that holds a key: looked at and read through one handle, and refused when others may read it.

use super::command::first_line;
use crate::secret::Key;
use rustix::fs::OFlags;
use rustix::process::geteuid;
use secrecy::zeroize::Zeroizing;
use std::fs::{Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// The longest file, in bytes.
const LONGEST: usize = 64 << 10;

/// Reads the first line. Fails with a sentence when the file is no plain file of this user or root, when its mode lets
/// anybody else in, or when its first line is no key.
pub fn read(path: &Path) -> Result<Key, String> {
    // Opening a pipe would wait for a writer, opening a terminal could make it ours. Links are followed.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
        .map_err(|error| format!("cannot be read: {error}"))?;
    let metadata = file.metadata().map_err(|error| format!("cannot be read: {error}"))?;
    if let Some(why) = objection(&metadata, geteuid().as_raw(), path) {
        return Err(why);
    }
    let mut bytes = Zeroizing::new(Vec::<u8>::with_capacity(LONGEST + 1));
    file.take(LONGEST as u64 + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() > LONGEST {
        return Err(too_long());
    }
    match first_line(&bytes) {
        Some("") => Err("is empty in its first line, where the key belongs".to_owned()),
        line => line
            .and_then(Key::new)
            .ok_or_else(|| "has no text as its first line, or control characters in it".to_owned()),
    }
}

fn objection(metadata: &Metadata, user: u32, path: &Path) -> Option<String> {
    let mode = metadata.mode() & 0o7777;
    if !metadata.is_file() {
        Some("is no plain file".to_owned())
    } else if metadata.uid() != user && metadata.uid() != 0 {
        Some("belongs to another user, who can read and change it".to_owned())
    } else if mode & 0o077 != 0 {
        Some(format!("has mode {mode:04o}, so that others can read or change it: run chmod 600 {}", path.display()))
    } else {
        (metadata.len() > LONGEST as u64).then(too_long)
    }
}

fn too_long() -> String {
    format!("is longer than {LONGEST} bytes, which no key is")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    #[test]
    fn only_a_plain_file_of_ones_own_gives_a_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let with = |text: &[u8], mode: u32| {
            let _none = fs::remove_file(&path);
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, Permissions::from_mode(mode)).expect("changed");
            read(&path).map(|key| key.expose().to_owned())
        };
        assert_eq!(with(b" sk-12345678\r\nmore\n", 0o600), Ok("sk-12345678".to_owned()));
        assert_eq!(with(b"sk-12345678", 0o400), Ok("sk-12345678".to_owned()));
        let command = format!("chmod 600 {}", path.display());
        for (text, mode, parts) in [
            (&b"sk-12345678"[..], 0o644, ["mode 0644", command.as_str()]),
            (b"sk-12345678", 0o620, ["mode 0620", command.as_str()]),
            (b"\nsk-12345678", 0o600, ["empty", "first line"]),
            (b"sk-\x07", 0o600, ["control characters", "first line"]),
            (b"sk-\xff", 0o600, ["no text", "first line"]),
            (&[b'a'; LONGEST + 1], 0o600, ["longer than", "65536"]),
        ] {
            let why = with(text, mode).expect_err("refused");
            assert!(parts.iter().all(|part| why.contains(part)) && !why.contains("sk-12345678"), "{why}");
        }
    }

    #[test]
    fn a_pipe_is_refused_at_once_and_a_link_is_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (pipe, link, key) = (folder.path().join("pipe"), folder.path().join("link"), folder.path().join("key"));
        assert!(Command::new("mkfifo").arg(&pipe).status().expect("it runs").success());
        assert_eq!(read(&pipe).expect_err("refused"), "is no plain file");
        assert_eq!(read(folder.path()).expect_err("refused"), "is no plain file");
        symlink(&key, &link).expect("a link");
        assert!(read(&link).expect_err("it leads nowhere").starts_with("cannot be read: "));
        fs::write(&key, "sk-12345678").expect("written");
        fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("changed");
        assert_eq!(read(&link).expect("it leads to a file").expose(), "sk-12345678");
    }

    #[test]
    fn a_file_of_another_user_is_refused() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let metadata = file.as_file().metadata().expect("known");
        let by_another = objection(&metadata, metadata.uid().wrapping_add(1), file.path());
        assert_eq!(by_another.is_some(), metadata.uid() != 0, "root's own are fine");
        assert_eq!(objection(&metadata, metadata.uid(), file.path()), None);
    }
}
