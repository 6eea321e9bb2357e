//! Copying by OSC 52, which reaches the clipboard of the terminal the user sits at; and a call as a curl command.

use crate::call::Ask;
use crate::catalog::Catalog;
use crate::config::Auth;
use crate::exchange;
use crossterm::Command;
use crossterm::clipboard::CopyToClipboard;
use std::path::Path;

/// Terminals drop longer sequences without a word; the smallest common limit is 100,000 characters of base64.
const MOST: usize = 74_000;

/// The sequence for a text, or why it is not sent.
pub fn sequence(text: &str) -> Result<Vec<u8>, String> {
    if text.len() > MOST {
        return Err(format!(
            "{} bytes are too many for a terminal's clipboard ({MOST} at most); s saves instead",
            text.len()
        ));
    }
    let mut out = String::new();
    let written = CopyToClipboard::to_clipboard_from(text).write_ansi(&mut out);
    written.map(|()| out.into_bytes()).map_err(|_| "the text cannot be encoded for the clipboard".to_owned())
}

/// A command that makes the same call; the key is a variable, the body a file where there is one.
pub fn curl(ask: &Ask, folder: Option<&Path>, catalog: &Catalog) -> Result<String, String> {
    let url = ask.url(catalog).map_err(|e| e.to_string())?;
    let variable = ask.profile.api_key_env.as_deref().unwrap_or("API_KEY");
    let separator = if url.query().is_some() { '&' } else { '?' };
    let (url, header) = match ask.profile.auth {
        Auth::Header => (quote(url.as_str()), format!("  -H \"x-goog-api-key: ${variable}\" \\\n")),
        Auth::Bearer => (quote(url.as_str()), format!("  -H \"Authorization: Bearer ${variable}\" \\\n")),
        Auth::Query => (format!("{}\"{separator}key=${variable}\"", quote(url.as_str())), String::new()),
    };
    let data = match folder {
        Some(folder) => {
            let path = folder.join("request.json");
            if !path.symlink_metadata().is_ok_and(|file| file.is_file()) {
                return Err(format!("{} is no plain file; a command that sends it is not copied", path.display()));
            }
            quote(&format!("@{}", path.display()))
        }
        None if !ask.references.is_empty() => {
            return Err(
                "a call with reference pictures is copied once it is over, with its body from the store".to_owned()
            );
        }
        None => quote(&String::from_utf8_lossy(&exchange::body(ask).map_err(|e| e.to_string())?)),
    };
    Ok(format!("curl -sS {url} \\\n  -H 'Content-Type: application/json' \\\n{header}  --data-binary {data}"))
}

/// Single quotes keep everything but themselves from the shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Mode, Profile};
    use crate::wire::request::{Call, Request};

    fn ask(auth: Auth, call: Call) -> Ask {
        Ask {
            profile: Profile {
                name: "p".into(),
                base: "https://gw.example.test/gw".into(),
                auth,
                api_key_env: Some("MY_KEY".into()),
                api_key_command: None,
                api_key_file: None,
                model: "m".into(),
                mode: Mode::Unary,
                environment: "e".into(),
            },
            call,
            model: "nano-banana-2".into(),
            request: Request { prompt: "it's $(touch x)".into(), ..Request::default() },
            references: vec![],
            parent: None,
            replay: None,
        }
    }

    #[test]
    fn a_call_is_a_safe_shell_line() {
        let catalog = Catalog::builtin();
        let command = curl(&ask(Auth::Header, Call::Generate), None, &catalog).expect("a command");
        assert!(
            command
                .contains("'https://gw.example.test/gw/v1beta/models/gemini-3.1-flash-image-preview:generateContent'"),
            "{command}"
        );
        assert!(command.contains("x-goog-api-key: $MY_KEY") && command.contains(r"it'\''s $(touch x)"), "{command}");
        let state = tempfile::tempdir().expect("a folder");
        let folder = state.path().join("a b");
        std::fs::create_dir(&folder).expect("a folder");
        let stored = || curl(&ask(Auth::Query, Call::Stream), Some(&folder), &catalog);
        assert!(stored().expect_err("nothing there").contains("no plain file"));
        std::fs::write(folder.join("request.json"), "{}").expect("a file");
        let command = stored().expect("a command");
        assert!(command.contains("alt=sse'\"&key=$MY_KEY\"") && command.contains("/a b/request.json'"), "{command}");
    }

    #[test]
    fn too_much_is_refused_with_a_reason() {
        assert!(sequence(&"x".repeat(MOST + 1)).expect_err("too long").contains("74000"));
        assert!(sequence("fox").expect("short").starts_with(b"\x1b]52;c;"));
    }
}
