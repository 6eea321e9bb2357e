//! `unpeel config`: every value with its origin, the file's place, the commented default.

use super::{ConfigWhat, Shared, output, setup};
use crate::config::{default_toml, places};
use crate::text::Safe;
use anyhow::{Context, bail};
use std::fs::OpenOptions;
use std::io::Write;

pub fn config(shared: &Shared, what: ConfigWhat) -> anyhow::Result<u8> {
    match what {
        ConfigWhat::Show => {
            let loaded = setup::config(shared)?;
            let row = |origin: &crate::config::Origin| {
                [&origin.key, &origin.value, &origin.from].map(|text| Safe::of(text)).to_vec()
            };
            let rows: Vec<Vec<Safe>> = loaded.origins.iter().map(row).collect();
            output::lines(output::table(&rows))?;
        }
        ConfigWhat::Path => output::lines([output::path(&file()?)])?,
        ConfigWhat::Init => init()?,
    }
    Ok(0)
}

fn file() -> anyhow::Result<std::path::PathBuf> {
    places::config_file().context("there is no home folder to keep a configuration in; set XDG_CONFIG_HOME or HOME")
}

fn init() -> anyhow::Result<()> {
    let path = file()?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let mut file = match OpenOptions::new().write(true).create_new(true).open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!("{} is there already and was left as it is", path.display())
        }
        Err(error) => return Err(error).with_context(|| format!("{} cannot be written", path.display())),
    };
    file.write_all(default_toml().as_bytes())?;
    output::lines([output::path(&path)])
}
