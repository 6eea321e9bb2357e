//! Where configuration and state are on this machine; the only part of the configuration that looks at the machine.

use super::ConfigError;
use etcetera::base_strategy::{BaseStrategy, Xdg};
use std::io::ErrorKind;
use std::path::{self, Path, PathBuf};
use std::{env, fs};

const PROJECT: &str = ".unpeel.toml";

/// The user's file: `$XDG_CONFIG_HOME/unpeel/config.toml`, whether it exists or not. `None`: no home folder is known.
pub fn config_file() -> Option<PathBuf> {
    Xdg::new().ok().map(|places| places.config_dir().join("unpeel").join("config.toml"))
}

/// The project's file: `.unpeel.toml` in the working folder, or the nearest one above it up to a folder with `.git`, or
/// the home folder. Outside of both only the working folder counts, since anybody may write to `/tmp`.
pub fn project_file() -> Option<PathBuf> {
    let home = etcetera::home_dir().ok();
    nearest(&env::current_dir().ok()?, home.as_deref(), |path| path.exists())
}

/// The folder of the state: `$UNPEEL_STATE_DIR`, else `$XDG_STATE_HOME/unpeel`, else `~/.local/state/unpeel`.
pub fn state_dir() -> Result<PathBuf, ConfigError> {
    if let Some(chosen) = env::var_os("UNPEEL_STATE_DIR").filter(|chosen| !chosen.is_empty()) {
        return Ok(path::absolute(&chosen).unwrap_or_else(|_| chosen.into()));
    }
    let state = Xdg::new().ok().and_then(|places| places.state_dir());
    state.map(|state| state.join("unpeel")).ok_or(ConfigError::NoHome)
}

/// A path of the configuration with the home folder in place of a leading `~/`.
pub fn expand(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), etcetera::home_dir()) {
        (Ok(rest), Ok(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// The file and its text; `None` when there is no such file.
pub fn read(path: Option<PathBuf>) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let Some(path) = path else { return Ok(None) };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some((path, text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(ConfigError::Read { path, cause }),
    }
}

/// The environment variables that are configuration: those whose names begin with `UNPEEL__`.
pub fn variables() -> Result<Vec<(String, String)>, ConfigError> {
    let ours = env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"UNPEEL__"));
    ours.map(|(name, value)| match (name.into_string(), value.into_string()) {
        (Ok(name), Ok(value)) => Ok((name, value)),
        (name, _) => {
            let name = name.unwrap_or_else(|name| name.to_string_lossy().into_owned());
            Err(ConfigError::NotText { name })
        }
    })
    .collect()
}

fn nearest(folder: &Path, home: Option<&Path>, exists: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let ends = |folder: &&Path| Some(*folder) == home || exists(&folder.join(".git"));
    let end = folder.ancestors().find(ends).unwrap_or(folder);
    let inside = folder.ancestors().take_while(|folder| folder.starts_with(end));
    inside.map(|folder| folder.join(PROJECT)).find(|path| exists(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_file_is_looked_for_up_to_the_repository_or_home() {
        let home = Some(Path::new("/home/me"));
        for (folder, there, found) in [
            ("/home/me/a/b", vec!["/home/me/a/.unpeel.toml"], Some("/home/me/a/.unpeel.toml")),
            ("/home/me/a/b", vec!["/home/me/a/.unpeel.toml", "/home/me/a/b/.git"], None),
            ("/srv/a/b", vec!["/srv/a/.git", "/srv/a/.unpeel.toml"], Some("/srv/a/.unpeel.toml")),
            ("/tmp/work", vec!["/tmp/.unpeel.toml"], None),
            ("/tmp/work", vec!["/tmp/work/.unpeel.toml"], Some("/tmp/work/.unpeel.toml")),
            ("/home/me", vec!["/home/.unpeel.toml"], None),
        ] {
            let path = nearest(Path::new(folder), home, |path| there.iter().any(|there| Path::new(there) == path));
            assert_eq!(path.as_deref(), found.map(Path::new), "{folder} with {there:?}");
        }
    }
}
