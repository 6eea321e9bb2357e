//! Probes: deliberate questions to a server about its routes, free ones and paid ones, each giving dated evidence.
//!
//! | tier | asks | costs |
//! | --- | --- | --- |
//! | 0 | name, connection, TLS, `GET /api/status` | nothing, needs no key |
//! | 1 | the model lists, all pages | nothing |
//! | 2 | `generateContent` with empty contents, judged by its body | nothing is expected: it is refused before it is charged |
//! | paid | one real picture, as small as can be; or one try of the images route | by the price table |
//!
//! Nothing here runs by itself: the app and the command ask for it. `:countTokens` is never sent: a gateway may run it as
//! a whole generation.

mod dry;
mod lists;
mod money;
mod priced;
mod site;
mod target;

pub use lists::models;
pub use priced::run as run_priced;
pub use target::Target;

use crate::call::ProbePlan;
use crate::exchange::{self, Means};
use crate::route::Evidence;

/// What the probes of a profile gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Round {
    pub evidence: Vec<Evidence>,
    /// Why something was not asked, and what is to be said of the key; not yet safe for a terminal.
    pub notes: Vec<String>,
}

/// Asks one question after the other, and notes each answer in the store as it comes.
///
/// # Errors
/// A sentence when nothing could be asked at all.
pub async fn run(plan: &ProbePlan, means: &Means) -> Result<Round, String> {
    let mut target = Target::new(&plan.profile, means)?;
    let mut round = Round::default();
    let mut keep = |evidence: Evidence| {
        exchange::note(&evidence, means);
        round.evidence.push(evidence);
    };
    if plan.site {
        keep(site::ask(&target, means).await);
    }
    if !plan.lists && plan.dry.is_empty() {
        return Ok(round);
    }
    match target.unlock(means).await {
        Ok(said) => round.notes.extend(said),
        Err(why) => {
            round.notes.push(why);
            return Ok(round);
        }
    }
    if plan.lists {
        keep(lists::ask(&target, means).await.0);
    }
    for (call, model) in &plan.dry {
        keep(dry::ask(&target, *call, model, means).await);
    }
    Ok(round)
}
