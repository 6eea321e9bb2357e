//! Tier 0: the server's name, a connection, TLS, and the state that new-api style gateways tell everybody.

use super::target::Target;
use crate::client::{self, Got};
use crate::config::Auth;
use crate::exchange::Means;
use crate::route::{Evidence, Kind, Phases, Seen, judge};
use crate::wire::verdict::Ending;

/// Where the gateway tells its state.
const PATH: &str = "/api/status";

/// Reaches for the server, then asks for its state. Sends no key.
pub async fn ask(target: &Target, means: &Means) -> Evidence {
    let (reached, result) = client::reach(&target.base.url, target.limits.connect).await;
    if let Err(why) = result {
        let ending = Ending::NotSent(why);
        let (judged, _) = judge::site(&means.catalog, &Seen { status: None, body: b"", ending: &ending });
        return target.evidence(Kind::Site, "", judged, None, reached);
    }
    let got = fetch(target).await;
    let (judged, _) = judge::site(&means.catalog, &Seen { status: got.status, body: &got.body, ending: &got.ending });
    // The steps of the first connection, then the answer on the second.
    let before = reached.tls.or(reached.connect).unwrap_or(0.0);
    let after = |ms: Option<f64>| ms.map(|ms| before + ms);
    let phases = Phases { first_byte: after(got.phases.first_byte), done: after(got.phases.done), ..reached };
    let evidence = target.evidence(Kind::Site, "", judged, got.status, phases);
    Evidence { request_id: evidence.request_id.clone().or_else(|| client::request_id(&got.headers)), ..evidence }
}

/// How many of the gateway's units make a dollar.
pub async fn quota_per_unit(target: &Target, means: &Means) -> Option<f64> {
    let got = fetch(target).await;
    judge::site(&means.catalog, &Seen { status: got.status, body: &got.body, ending: &got.ending }).1
}

async fn fetch(target: &Target) -> Got {
    target.get_as(PATH, Auth::Header, None, &[]).await
}
