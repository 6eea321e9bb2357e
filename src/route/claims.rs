//! What documentation says of routes, as data: the built-in claims, or a file of the user's in their place.

use super::evidence::{Evidence, Finding, Kind, RouteId, Source};
use super::table::Place;
use crate::catalog::{Catalog, toml_fault};
use crate::wire::host::is_loopback;
use crate::wire::request::bare_model;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::collections::HashSet;
use std::sync::LazyLock;
use url::{Host, Url};

static BUILTIN: LazyLock<Claims> = LazyLock::new(|| {
    Claims::read(include_str!("claims.toml")).expect("the claims are part of the program, and a test reads them")
});

/// Why a file of claims could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// Not TOML, an unknown key, a missing one, or a value that says nothing.
    #[error(
        "line {line} of the claims cannot be used: {what}; a [[claim]] has id, environment, hosts, kind, model, item, \
         status, notes, works, date and source"
    )]
    Toml {
        /// Counted from 1.
        line: usize,
        what: String,
    },
    #[error("two claims have the id {id:?}; give each one its own")]
    Twice { id: String },
}

/// What one document says of one route, or of an item of the status table that is no route.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    #[serde(deserialize_with = "filled")]
    pub id: String,
    /// The environment of the profiles that it speaks of.
    #[serde(deserialize_with = "filled")]
    pub environment: String,
    /// In the form that URLs have; this machine always counts as well.
    #[serde(default, deserialize_with = "hosts")]
    pub hosts: Vec<String>,
    /// None for an item that is no route: the alias, the billing.
    #[serde(default, deserialize_with = "kind")]
    pub kind: Option<Kind>,
    /// Id or alias.
    #[serde(deserialize_with = "filled")]
    pub model: String,
    /// The row of the status table.
    #[serde(deserialize_with = "filled")]
    pub item: String,
    /// In the document's words, such as `not recommended`.
    #[serde(deserialize_with = "filled")]
    pub status: String,
    #[serde(default)]
    pub notes: String,
    /// Whether the document says that it works.
    pub works: bool,
    /// The document's day, from midnight UTC.
    #[serde(rename = "date", deserialize_with = "midnight")]
    pub at: Timestamp,
    #[serde(deserialize_with = "filled")]
    pub source: String,
}

impl Claim {
    /// Whether it speaks of this environment at this origin (scheme, host and port).
    pub fn is_about(&self, environment: &str, origin: &str) -> bool {
        let listed = |url: &Url| url.host_str().is_some_and(|host| self.hosts.iter().any(|listed| listed == host));
        self.environment == environment && Url::parse(origin).is_ok_and(|url| listed(&url) || is_loopback(&url))
    }

    /// Whether it speaks of this model, under any of the names that the tables know.
    pub fn names(&self, model: &str, catalog: &Catalog) -> bool {
        let same = |name: &str| catalog.resolve(bare_model(name)).to_owned();
        self.model == model || same(&self.model) == same(model)
    }

    /// The claim as evidence on a route at an origin.
    pub fn evidence(&self, route: RouteId, origin: &str) -> Evidence {
        let reason =
            if self.notes.is_empty() { self.source.clone() } else { format!("{} ({})", self.notes, self.source) };
        Evidence {
            environment: self.environment.clone(),
            origin: origin.to_owned(),
            class: self.status.clone(),
            finding: if self.works { Finding::ClaimedWorking } else { Finding::ClaimedBroken },
            reason,
            ..Evidence::new(format!("claim-{}", self.id), route, self.at, Source::Documentation)
        }
    }
}

/// All claims in use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims(Vec<Claim>);

impl Claims {
    /// The claims that come with the program.
    pub fn builtin() -> Claims {
        BUILTIN.clone()
    }

    /// Reads TOML with `[[claim]]` tables; an empty text is no claims.
    pub fn read(text: &str) -> Result<Claims, ClaimsError> {
        let file: File = toml::from_str(text).map_err(|error| unusable(&error, text))?;
        let mut ids = HashSet::new();
        match file.claim.iter().find(|claim| !ids.insert(claim.id.as_str())) {
            Some(again) => Err(ClaimsError::Twice { id: again.id.clone() }),
            None => Ok(Claims(file.claim)),
        }
    }

    pub fn all(&self) -> &[Claim] {
        &self.0
    }

    /// The claims about the route at a place, in the order of the file.
    pub fn for_place(&self, place: &Place, catalog: &Catalog) -> Vec<Evidence> {
        let route = &place.id;
        let applies = |claim: &&Claim| {
            claim.kind == Some(route.kind)
                && claim.names(&route.model, catalog)
                && claim.is_about(&place.environment, &place.origin)
        };
        self.0.iter().filter(applies).map(|claim| claim.evidence(route.clone(), &place.origin)).collect()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    claim: Vec<Claim>,
}

fn unusable(error: &toml::de::Error, text: &str) -> ClaimsError {
    let (line, what) = toml_fault(error, text);
    ClaimsError::Toml { line, what }
}

/// A claim without a name, a subject or a source cannot be told from another.
fn filled<'de, D: Deserializer<'de>>(field: D) -> Result<String, D::Error> {
    let text = String::deserialize(field)?;
    if text.trim().is_empty() { Err(D::Error::custom("this must not be empty")) } else { Ok(text) }
}

fn hosts<'de, D: Deserializer<'de>>(field: D) -> Result<Vec<String>, D::Error> {
    let wrong = |host: &String| D::Error::custom(format!("{host:?} is no host; write it like api.example.com"));
    let read = |host: &String| Host::parse(host).map(|host| host.to_string()).map_err(|_| wrong(host));
    Vec::<String>::deserialize(field)?.iter().map(read).collect()
}

fn kind<'de, D: Deserializer<'de>>(field: D) -> Result<Option<Kind>, D::Error> {
    let word = String::deserialize(field)?;
    let unknown = || format!("{word:?} is no kind of route; the kinds are {}", Kind::ALL.map(Kind::word).join(", "));
    Kind::parse(&word).map(Some).ok_or_else(|| D::Error::custom(unknown()))
}

fn midnight<'de, D: Deserializer<'de>>(field: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(field)?;
    let at = text.parse::<Date>().and_then(|date| date.to_zoned(TimeZone::UTC)).map(|zoned| zoned.timestamp());
    at.map_err(|_| D::Error::custom(format!("{text:?} is no date; write it like 2026-04-14")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(environment: &str, origin: &str, kind: Kind, model: &str) -> Place {
        let id = RouteId { profile: "p".into(), kind, model: model.into() };
        Place { id, environment: environment.into(), origin: origin.into() }
    }

    fn claim(field: &str, value: &str) -> String {
        let fields = [
            ("id", r#""own""#),
            ("environment", r#""staging""#),
            ("hosts", r#"["Gateway.Example"]"#),
            ("kind", r#""generateContent""#),
            ("model", r#""m""#),
            ("item", r#""Native""#),
            ("status", r#""recommended""#),
            ("works", "true"),
            ("date", r#""2027-01-02""#),
            ("source", r#""own notes""#),
        ];
        let line = |(name, own): (&str, &str)| format!("{name} = {}\n", if name == field { value } else { own });
        format!("[[claim]]\n{}", fields.map(line).concat())
    }

    #[test]
    fn the_builtin_claims_are_the_pages_rows() {
        let claims = Claims::builtin();
        let statuses: Vec<&str> = claims.all().iter().map(|claim| claim.status.as_str()).collect();
        let pages = ["confirmed", "recommended", "currently normal", "not recommended", "not recommended"];
        assert_eq!(statuses, pages);
        assert!(claims.all().iter().all(|claim| claim.at.to_string() == "2026-04-14T00:00:00Z"));
    }

    #[test]
    fn a_claim_is_for_its_environment_on_its_hosts_and_on_this_machine() {
        let (claims, catalog) = (Claims::builtin(), Catalog::builtin());
        let id = "gemini-3.1-flash-image-preview";
        for (environment, origin, kind, model, found) in [
            ("production", "https://api.crazyrouter.com", Kind::Generate, id, "claim-crazyrouter-native"),
            ("production", "https://crazyrouter.com", Kind::Generate, "nano-banana-2", "claim-crazyrouter-native"),
            ("production", "http://127.0.0.1:4000", Kind::Generate, id, "claim-crazyrouter-native"),
            ("production", "https://cn.crazyrouter.com", Kind::Images, id, "claim-crazyrouter-images"),
            ("local 4000", "http://localhost:4000", Kind::Images, id, "claim-crazyrouter-images-local"),
            ("local 4000", "https://api.crazyrouter.com", Kind::Images, id, ""),
            ("production", "https://api.crazyrouter.com.evil.example", Kind::Generate, id, ""),
            ("production", "", Kind::Generate, id, ""),
            ("demo", "http://127.0.0.1:4000", Kind::Generate, id, ""),
            ("production", "https://crazyrouter.com", Kind::Stream, id, ""),
            ("production", "https://crazyrouter.com", Kind::Generate, "gemini-3-pro-image", ""),
            ("production", "https://crazyrouter.com", Kind::Models, "", ""),
        ] {
            let place = place(environment, origin, kind, model);
            let ids: Vec<String> = claims.for_place(&place, &catalog).into_iter().map(|claim| claim.id).collect();
            assert_eq!(ids.join(" "), found, "{place:?}");
        }
    }

    #[test]
    fn a_claim_is_evidence_of_the_document_and_never_a_picture() {
        let place = place("production", "https://crazyrouter.com", Kind::Images, "nano-banana-2");
        let evidence = &Claims::builtin().for_place(&place, &Catalog::builtin())[0];
        assert_eq!((evidence.source, evidence.finding), (Source::Documentation, Finding::ClaimedBroken));
        assert_eq!((evidence.class.as_str(), &evidence.route), ("not recommended", &place.id));
        assert!(evidence.reason.ends_with("retests (Crazyrouter docs, nano-banana-2 page, 2026-04-14)"));
    }

    #[test]
    fn a_file_replaces_all() {
        let claims = Claims::read(&claim("", "")).expect("readable");
        let place = place("staging", "https://gateway.example", Kind::Generate, "models/m");
        assert_eq!(claims.all().len(), 1);
        assert_eq!(claims.for_place(&place, &Catalog::builtin())[0].reason, "own notes");
        assert_eq!(Claims::read(""), Ok(Claims::default()));
    }

    #[test]
    fn a_bad_file_is_told_by_its_line() {
        for (text, line, says) in [
            ("[[claim]]\nid = ".to_owned(), 2, ""),
            (format!("{}colour = 1\n", claim("", "")), 12, "unknown field `colour`"),
            ("[[claim]]\nid = \"a\"\n".to_owned(), 1, "missing field"),
            (claim("id", "\" \""), 2, "must not be empty"),
            (claim("hosts", "[\"https://h\"]"), 4, "is no host"),
            (claim("kind", "\"chat\""), 5, "the kinds are generateContent,"),
            (claim("works", "\"yes\""), 9, ""),
            (claim("date", "\"14 April\""), 10, "is no date"),
        ] {
            let error = Claims::read(&text).expect_err(&text).to_string();
            assert!(error.starts_with(&format!("line {line} of the claims ")), "{error}");
            assert!(error.contains(says) && !error.contains('\n'), "{error}");
        }
        let twice = claim("", "").repeat(2);
        assert_eq!(Claims::read(&twice), Err(ClaimsError::Twice { id: "own".into() }));
    }
}
