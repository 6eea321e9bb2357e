//! The server that is asked, with the profile's key, and what every piece of evidence about it has in common.

use crate::client::{self, Get, Got, Limits};
use crate::config::base::{self, Base};
use crate::config::{Auth, Profile};
use crate::exchange::Means;
use crate::route::{Evidence, Judged, Kind, Phases, RouteId, Source};
use crate::secret::Key;
use crate::store;
use jiff::Timestamp;
use std::time::Duration;

/// A probe is a small question: whoever takes longer than this to answer is not answering.
const MOST: Duration = Duration::from_secs(20);
/// No list of models and no page is longer.
const MOST_BYTES: usize = 16 << 20;

pub struct Target {
    pub profile: Profile,
    pub base: Base,
    /// Only once it is needed: the site's state needs none.
    pub key: Option<Key>,
    pub limits: Limits,
}

impl Target {
    /// # Errors
    /// The base URL of the profile is none.
    pub fn new(profile: &Profile, means: &Means) -> Result<Target, String> {
        let base = base::endpoint(&profile.base).map_err(|error| format!("profile {}: {error}", profile.name))?;
        if profile.exposes_key() {
            return Err(format!(
                "profile {} goes to {} by plain http, where everybody on the way can read the key; plain_http = true in the profile lets it",
                profile.name, base.url
            ));
        }
        let limits = Limits { connect: means.limits.connect.min(MOST), idle: MOST, total: Some(MOST) };
        Ok(Target { profile: profile.clone(), base, key: None, limits })
    }

    /// Gets the profile's key; gives the remark for the user that may come with it, which is not yet safe for a terminal.
    ///
    /// # Errors
    /// It has none, or its source failed.
    pub async fn unlock(&mut self, means: &Means) -> Result<Option<String>, String> {
        let (profile, others) = (self.profile.clone(), means.key_names.clone());
        let resolve = move || client::resolve_noted(&profile, &|name| std::env::var(name).ok(), &others);
        let resolved = tokio::task::spawn_blocking(resolve).await.map_err(|error| error.to_string())?;
        let (key, said) = resolved.map_err(|error| error.to_string())?;
        self.key = Some(key);
        // Not every question has a place for it, and a command says it once only.
        if let Some(said) = &said {
            tracing::warn!(?said, "a remark on the key");
        }
        Ok(said)
    }

    /// Asks for a path with the profile's key and auth.
    pub async fn get(&self, path: &str) -> Got {
        self.get_as(path, self.profile.auth, self.key.as_ref(), &[]).await
    }

    pub async fn get_as(&self, path: &str, auth: Auth, key: Option<&Key>, headers: &[(&'static str, String)]) -> Got {
        let (url, limits) = (self.base.join(path), self.limits);
        Get { url, auth, key, headers, limits, most: MOST_BYTES }.run().await
    }

    /// A free probe's evidence.
    pub fn evidence(&self, kind: Kind, model: &str, judged: Judged, status: Option<u16>, phases: Phases) -> Evidence {
        let route = RouteId { profile: self.profile.name.clone(), kind, model: model.to_owned() };
        let now = Timestamp::now();
        Evidence {
            environment: self.profile.environment.clone(),
            origin: base::origin(&self.profile.base),
            status,
            class: judged.class,
            finding: judged.finding,
            level: judged.level,
            reason: judged.reason,
            known: judged.known,
            phases,
            request_id: judged.request_id,
            count: judged.count,
            ..Evidence::new(store::new_id(now), route, now, Source::FreeProbe)
        }
    }
}
