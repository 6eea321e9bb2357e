//! The prompt in the user's own editor.

use std::fs::File;
use std::io::Write;
use std::process::{Command, Stdio};

/// Opens `$VISUAL`, `$EDITOR` or vi on the text. `None` when it was left unchanged; a sentence when it failed.
///
/// `hidden` are variables that the editor must not see: keys.
pub fn edit(text: &str, tty: &File, hidden: &[String]) -> Result<Option<String>, String> {
    let mut file = tempfile::Builder::new()
        .prefix("unpeel-prompt-")
        .suffix(".txt")
        .tempfile()
        .map_err(|e| format!("no file for the editor: {e}"))?;
    file.write_all(text.as_bytes()).map_err(|e| format!("the prompt cannot be written for the editor: {e}"))?;
    let program = ["VISUAL", "EDITOR"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()))
        .unwrap_or_else(|| "vi".to_owned());
    // Through a shell, as git does it: the variable may hold arguments.
    let mut shell = Command::new("sh");
    for name in hidden {
        shell.env_remove(name);
    }
    let status = shell
        .arg("-c")
        .arg(format!("{program} \"$1\""))
        .arg("sh")
        .arg(file.path())
        .stdin(File::open("/dev/tty").map_or_else(|_| Stdio::inherit(), Stdio::from))
        .stdout(tty.try_clone().map_err(|e| e.to_string())?)
        .stderr(tty.try_clone().map_err(|e| e.to_string())?)
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(format!("{program} ended with {status}; the prompt is unchanged")),
        Err(error) => return Err(format!("{program} cannot be run ({error}); set EDITOR")),
    }
    let edited = std::fs::read_to_string(file.path()).map_err(|e| format!("the edited prompt cannot be read: {e}"))?;
    Ok((edited.trim_end_matches('\n') != text.trim_end_matches('\n')).then_some(edited))
}
