//! A call as a curl command for `sh`: the same address and the same bytes, the key as a variable that no argument shows.

use super::prepare::body;
use crate::call::Ask;
use crate::catalog::Catalog;
use crate::config::Auth;
use crate::store;
use crate::wire::request::Call;
use std::path::Path;

/// The variable of a profile that names none.
const VARIABLE: &str = "UNPEEL_KEY";

/// What percent-encodes a key is young (end of 2022). Not "curl 7.87": a command begins with that word and a blank.
const NEEDS: &str = "# --url-query needs curl-7.87 or later\n";

/// One argument of a program ends at 128 KB on Linux, wherever the shell takes more.
const LONGEST_ARGUMENT: usize = 100_000;

/// A command that makes the same call. `folder` is the stored exchange, whose request is then sent as a file.
///
/// # Errors
/// A sentence: there is no address, no file, or the body cannot stand in a command.
pub fn curl(ask: &Ask, folder: Option<&Path>, catalog: &Catalog) -> Result<String, String> {
    let url = ask.url(catalog).map_err(|error| error.to_string())?;
    let data = match folder.or(ask.replay.as_deref()) {
        Some(folder) => file(&folder.join(store::REQUEST))?,
        None if !ask.references.is_empty() => {
            return Err(
                "a call with reference pictures is copied once it is over, with its body from the store".to_owned()
            );
        }
        None => text(body(ask).map_err(|error| error.to_string())?)?,
    };
    Ok(command(url.as_str(), auth(ask.call, ask.profile.auth), ask.profile.api_key_env.as_deref(), &data))
}

/// How a call carries the key: the images route takes nothing but a Bearer, whatever the profile says.
pub fn auth(call: Call, of_profile: Auth) -> Auth {
    if call == Call::Images { Auth::Bearer } else { of_profile }
}

/// The command, given an address without the key, the variable that holds the key, and curl's words for the body.
///
/// The key goes in through a pipe: everybody on the machine may read the arguments of a program, and `printf` is a word
/// of the shell's own. Brackets and braces of an address are meant as they are (`-g`), or curl calls once for each.
pub fn command(url: &str, auth: Auth, variable: Option<&str>, data: &str) -> String {
    let (first, variable) = match variable.filter(|name| is_name(name)) {
        Some(name) => (String::new(), name),
        None => (format!("# export {VARIABLE} first\n"), VARIABLE),
    };
    let (needs, form, option) = match auth {
        Auth::Header => ("", r"x-goog-api-key: %s\n", "-H @-"),
        Auth::Bearer => ("", r"Authorization: Bearer %s\n", "-H @-"),
        Auth::Query => (NEEDS, "%s", "--url-query key@-"),
    };
    let url = quote(url);
    format!(
        "{first}{needs}printf '{form}' \"${variable}\" | curl -gsS {url} \\\n  {option} \\\n  \
         -H 'Content-Type: application/json' \\\n  {data}"
    )
}

/// The body from a file, byte for byte.
fn file(path: &Path) -> Result<String, String> {
    if !path.symlink_metadata().is_ok_and(|file| file.is_file()) {
        return Err(format!("{} is no plain file; a command that sends it is not copied", path.display()));
    }
    let Some(name) = path.to_str() else {
        return Err(format!("the path {} is not UTF-8; a command that names it is not copied", path.display()));
    };
    Ok(format!("--data-binary {}", quote(&format!("@{name}"))))
}

/// The body itself. Not `--data-binary`: that one would read a file for a body that begins with `@`.
fn text(body: Vec<u8>) -> Result<String, String> {
    let later = "it is copied once the call is over, with its body from the store";
    if body.len() > LONGEST_ARGUMENT {
        return Err(format!("a body of {} bytes is too long for a command; {later}", body.len()));
    }
    let text = String::from_utf8(body).ok().filter(|text| !text.contains('\0'));
    let text = text.ok_or_else(|| format!("the body cannot stand in a command; {later}"))?;
    Ok(format!("--data-raw {}", quote(&text)))
}

/// Anything else would be more than a variable to the shell.
fn is_name(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !text.is_empty() && text.chars().all(word) && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// Single quotes keep everything but themselves from the shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Profile;
    use crate::wire::request::Request;
    use std::process::Command;

    /// With what a shell, a URL and curl would take for something of their own.
    const KEY: &str = r#"sk-ab+c/d%"e{1,2}[1-2]&#=\n$HOME"#;

    const PROFILE: &str = r#"
        base = "https://gw.example.test/gw"
        auth = "header"
        api_key_env = "MY_KEY"
        model = "m"
        mode = "unary"
        environment = "e"
    "#;

    fn ask(auth: Auth, call: Call) -> Ask {
        let profile: Profile = toml::from_str(PROFILE).unwrap();
        Ask {
            profile: Profile { auth, ..profile },
            call,
            model: "nano-banana-2".into(),
            request: Request { prompt: "it's $(touch x) `id` \\ \"q\" !!\n'; rm -rf x #".into(), ..Request::default() },
            references: vec![],
            parent: None,
            replay: None,
        }
    }

    /// What `sh` makes of a command: the arguments that curl would get, and its standard input.
    fn taken_apart(command: &str) -> (Vec<String>, String) {
        let script = format!("curl() {{ printf '%s\\0' \"$@\"; cat; }}\n{command}\n");
        let output = Command::new("sh").arg("-c").arg(script).env("MY_KEY", KEY).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let (arguments, stdin) = text.rsplit_once('\0').unwrap();
        (arguments.split('\0').map(str::to_owned).collect(), stdin.to_owned())
    }

    #[test]
    fn a_shell_takes_it_apart_into_the_same_call() {
        let catalog = Catalog::builtin();
        let path = "https://gw.example.test/gw/v1beta/models/gemini-3.1-flash-image-preview";
        let images = "https://gw.example.test/gw/v1/images/generations";
        let (header, bearer) = (format!("x-goog-api-key: {KEY}\n"), format!("Authorization: Bearer {KEY}\n"));
        let (by_header, by_query) = (["-H", "@-"], ["--url-query", "key@-"]);
        for (auth, call, url, option, stdin) in [
            (Auth::Header, Call::Generate, format!("{path}:generateContent"), by_header, header.as_str()),
            (Auth::Bearer, Call::Generate, format!("{path}:generateContent"), by_header, bearer.as_str()),
            (Auth::Query, Call::Generate, format!("{path}:generateContent"), by_query, KEY),
            (Auth::Query, Call::Stream, format!("{path}:streamGenerateContent?alt=sse"), by_query, KEY),
            (Auth::Header, Call::Images, images.to_owned(), by_header, bearer.as_str()),
        ] {
            let ask = ask(auth, call);
            let command = curl(&ask, None, &catalog).unwrap();
            let sent = String::from_utf8(body(&ask).unwrap()).unwrap();
            let json = "Content-Type: application/json";
            let wanted = ["-gsS", &url, option[0], option[1], "-H", json, "--data-raw", &sent].map(str::to_owned);
            assert_eq!(taken_apart(&command), (wanted.to_vec(), stdin.to_owned()));
            assert_eq!(crate::wire::curl::parse(&command).unwrap().url.as_str(), url, "as `unpeel import` reads it");
        }
    }

    #[test]
    fn a_stored_body_is_sent_from_its_file() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("a 'b");
        std::fs::create_dir(&folder).unwrap();
        let stored = || curl(&ask(Auth::Header, Call::Generate), Some(&folder), &Catalog::builtin());
        assert!(stored().unwrap_err().contains("no plain file"));
        std::fs::write(folder.join("request.json"), "{}").unwrap();
        let (found, _) = taken_apart(&stored().unwrap());
        let file = format!("@{}", folder.join("request.json").display());
        assert_eq!(found[found.len() - 2..], ["--data-binary".to_owned(), file]);
    }

    #[test]
    fn a_profile_without_a_variable_gets_one_and_nothing_else_becomes_one() {
        for name in [None, Some(""), Some("A B"), Some("X;id"), Some("1X")] {
            let command = command("https://h/", Auth::Header, name, "--data-raw ''");
            assert!(command.starts_with("# export UNPEEL_KEY first\nprintf "), "{command}");
            assert!(command.contains("\"$UNPEEL_KEY\" | curl -gsS 'https://h/' "), "{command}");
        }
    }

    #[test]
    fn what_cannot_stand_in_a_command_is_refused() {
        let long = Request { prompt: "x".repeat(LONGEST_ARGUMENT), ..Request::default() };
        let long = Ask { request: long, ..ask(Auth::Header, Call::Generate) };
        let with_picture = Ask { references: vec!["fox.png".into()], ..ask(Auth::Header, Call::Generate) };
        for (ask, part) in [(long, "too long"), (with_picture, "reference pictures")] {
            let refused = curl(&ask, None, &Catalog::builtin()).unwrap_err();
            assert!(refused.contains(part) && refused.contains("once"), "{refused}");
        }
        assert!(text(vec![0xff]).is_err() && text(vec![0]).is_err());
    }
}
