//! `unpeel completions`: scripts that ask the program itself while the line is typed, so that ids are completed too.

use super::{Cli, output};
use clap::CommandFactory;
use clap_complete::Shell;
use clap_complete::env::Shells;

/// The variable by which a script asks. A name of its own: one that others may have set would take the program over.
pub const VARIABLE: &str = "UNPEEL_COMPLETE";
/// The scripts call the program by name, as it is found on PATH.
const NAME: &str = "unpeel";

/// Prints the script for a shell, to be sourced at its start.
///
/// # Errors
/// Whatever writing to stdout says.
pub fn completions(shell: Shell) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    let shells = Shells::builtins();
    match shells.completer(&shell.to_string()) {
        // The one for PowerShell evaluates the typed line at every Tab, with whatever `$(…)` stands in a prompt.
        Some(asking) if shell != Shell::PowerShell => {
            asking.write_registration(VARIABLE, NAME, NAME, NAME, &mut script)?;
        }
        _ => clap_complete::generate(shell, &mut Cli::command(), NAME, &mut script),
    }
    output::raw(&script)?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_shell_has_a_script_that_asks() {
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            assert!(Shells::builtins().completer(shell).is_some(), "{shell}");
        }
    }
}
