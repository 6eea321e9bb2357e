//! The base URL of a profile: read forgivingly, since people paste what they find, and joined without surprises.

use super::mistakes::quoted;
use crate::wire::host::is_loopback;
use url::Url;

const VERSIONS: [&str; 2] = ["v1", "v1beta"];

/// What follows a version in an API's own paths. After anything else, `v1` belongs to somebody's prefix.
const AFTER_VERSION: [&str; 3] = ["models", "openai", "images"];

/// Why a text is no base URL. A text that may hold a secret is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// No URL at all, or one without a scheme.
    #[error("the base URL {shown} cannot be read ({reason}); write it like https://api.example.com")]
    Unreadable {
        /// The text, quoted.
        shown: String,
        /// What the parser said.
        reason: String,
    },
    /// Another scheme than http and https.
    #[error("the base URL {shown} must begin with https:// or http://")]
    Scheme {
        /// The text, quoted.
        shown: String,
    },
    /// A user name or a password in front of the host.
    #[error("the base URL must have no user name or password; give the key through api_key_env, _command or _file")]
    Credentials,
    /// Something after `?` or `#`.
    #[error("the base URL must end before any ? or #; a key goes through api_key_env, api_key_command or api_key_file")]
    Tail,
}

/// A base URL, ready to join paths to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The root of the API, a path prefix included, `/v1beta` and the like not.
    pub url: Url,
    /// What was changed in the text, to be told once.
    pub note: Option<String>,
}

/// Reads a base URL.
///
/// `http` or `https` with a host; no user, query or fragment. A pasted `/v1`, `/v1beta`, `/v1beta/models` and what
/// follows is taken off, with a note.
pub fn endpoint(base: &str) -> Result<Base, BaseError> {
    let text = base.trim();
    let mut url =
        Url::parse(text).map_err(|error| BaseError::Unreadable { shown: quoted(text), reason: error.to_string() })?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(BaseError::Scheme { shown: quoted(text) });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(BaseError::Credentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(BaseError::Tail);
    }
    let (path, note) = without_version(url.path());
    url.set_path(&path);
    Ok(Base { url, note })
}

/// Scheme, host and port, such as `https://api.example.com`; empty for what is no base.
pub fn origin(base: &str) -> String {
    endpoint(base).map(|base| base.url.origin().ascii_serialization()).unwrap_or_default()
}

impl Base {
    /// The URL of a path under this base, such as `/v1beta/models`; a query may follow a `?`. Parts that come from
    /// elsewhere, like a model's id, must be percent-encoded before.
    pub fn join(&self, path: &str) -> Url {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let prefix = self.url.path().trim_end_matches('/');
        let mut url = self.url.clone();
        url.set_path(&format!("{prefix}/{}", path.trim_start_matches('/')));
        url.set_query(query);
        url
    }

    /// Whether calls stay on this machine, judged by the name alone.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Whether this is Google's own API.
    pub fn is_google(&self) -> bool {
        self.url.host_str() == Some("generativelanguage.googleapis.com")
    }
}

/// The path without a pasted version, and the note about it.
fn without_version(path: &str) -> (String, Option<String>) {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let mut end = segments.len();
    while let Some(at) = version_at(&segments[..end]) {
        end = at;
    }
    let (kept, cut) = segments.split_at(end);
    let note = format!("/{} was taken off the base URL: it is added for each call", cut.join("/"));
    (format!("/{}", kept.join("/")), (!cut.is_empty()).then_some(note))
}

fn version_at(segments: &[&str]) -> Option<usize> {
    let next_fits = |at: usize| segments.get(at + 1).is_none_or(|next| AFTER_VERSION.contains(next));
    (0..segments.len()).find(|&at| VERSIONS.contains(&segments[at]) && next_fits(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_to_the_root_and_its_prefix() {
        for (base, url, noted) in [
            ("https://api.crazyrouter.com", "https://api.crazyrouter.com/v1beta/models/m:x", false),
            (" https://api.crazyrouter.com/ ", "https://api.crazyrouter.com/v1beta/models/m:x", false),
            ("https://h/v1", "https://h/v1beta/models/m:x", true),
            ("https://h/v1beta/", "https://h/v1beta/models/m:x", true),
            ("https://h/v1beta/models", "https://h/v1beta/models/m:x", true),
            ("https://h/v1beta/models/m:generateContent", "https://h/v1beta/models/m:x", true),
            ("https://h/v1/v1beta", "https://h/v1beta/models/m:x", true),
            ("http://127.0.0.1:4000/proxy//gemini/", "http://127.0.0.1:4000/proxy/gemini/v1beta/models/m:x", false),
            ("https://h/v1/team/gemini/v1beta", "https://h/v1/team/gemini/v1beta/models/m:x", true),
        ] {
            let read = endpoint(base).unwrap();
            assert_eq!(read.join("/v1beta/models/m:x").as_str(), url, "{base}");
            assert_eq!(read.join("v1beta/models/m:x?alt=sse").as_str(), format!("{url}?alt=sse"));
            assert_eq!(read.note.is_some(), noted, "{base}");
        }
    }

    #[test]
    fn what_is_no_base_says_why_and_gives_nothing_away() {
        for (base, part) in [
            ("", "cannot be read"),
            ("api.example.com", "write it like https://"),
            ("127.0.0.1:4000", "cannot be read"),
            ("https://", "cannot be read"),
            ("localhost:4000", "must begin with https:// or http://"),
            ("ftp://h", "must begin with https:// or http://"),
            ("https://me:sk-secret@h", "no user name or password"),
            ("https://h/?key=sk-secret", "end before any ?"),
            ("https://me:sk-secret@h:port", "not shown"),
            ("sk-secret", "not shown"),
        ] {
            let message = endpoint(base).unwrap_err().to_string();
            assert!(message.contains(part), "{base}: {message}");
            assert!(!message.contains("sk-secret"), "{message}");
        }
    }

    #[test]
    fn hosts_are_told_apart() {
        for (base, loopback, google) in [
            ("http://127.0.0.1:4000", true, false),
            ("http://[::1]:4000", true, false),
            ("http://LOCALHOST", true, false),
            ("https://generativelanguage.googleapis.com/v1beta", false, true),
            ("https://localhost.example.com", false, false),
            ("http://192.168.0.1", false, false),
        ] {
            let read = endpoint(base).unwrap();
            assert_eq!((read.is_loopback(), read.is_google()), (loopback, google), "{base}");
        }
    }
}
