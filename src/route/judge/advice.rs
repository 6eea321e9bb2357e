//! What to do about a failure.

use crate::catalog::{Catalog, Level};
use crate::route::evidence::Kind;

/// The advice of the known error's entry, else a sentence for the level and the kind of call. Empty only where there is
/// neither an entry nor a level.
pub fn advice(catalog: &Catalog, known: Option<&str>, level: Option<Level>, kind: Kind) -> String {
    let entry = known.and_then(|id| catalog.known_error_by_id(id)).map(|known| known.advice.as_str());
    let entry = entry.filter(|advice| !advice.trim().is_empty());
    entry.or(level.map(|level| general(level, kind))).unwrap_or_default().to_owned()
}

fn general(level: Level, kind: Kind) -> &'static str {
    match (level, kind) {
        (Level::Network, _) => "Check the base URL, the network and the proxy.",
        (Level::Key, Kind::Images) => "Check the key source of the profile; this route takes Bearer keys only.",
        (Level::Key, _) => "Check the key source of the profile, and that the key belongs to this server.",
        (Level::Account, _) => "Check balance, limits and region of the account, and wait a minute if calls were many.",
        (Level::Model, _) => "Compare with the server's model list, or try the alias or another id of the model.",
        (Level::Route, Kind::Images) => "Use the native route: POST /v1beta/models/{model}:generateContent.",
        (Level::Route, Kind::Models) => {
            "Check the base URL: the bare root of the API host. Calls may work without a list."
        }
        (Level::Route, Kind::Site) => "Check the base URL: the bare root of the API host, not the website.",
        (Level::Route, Kind::Generate) => "Check the base URL, and try streamGenerateContent or another profile.",
        (Level::Route, Kind::Stream) => "Check the base URL, and try generateContent or another profile.",
        (Level::Upstream, Kind::Generate | Kind::Stream | Kind::Images) => {
            "Look into the server's log before sending again: it may have been billed. Then try later, or a smaller size."
        }
        (Level::Upstream, Kind::Models | Kind::Site) => "Try again later.",
        (Level::Prompt, _) => "Change the prompt, the references or the parameters that the server's words name.",
        (Level::Reply, _) => "Look at the reply as it came, and send again.",
    }
}
