//! A call whose cost is looked up: what the gateway booked for it, on the evidence and on the stored exchange.

use super::money::Meter;
use crate::call::Progress;
use crate::exchange::{self, Means, Prepared, Refused, Settled};
use crate::route::{Costs, Finding, Money};
use tokio::sync::oneshot;

/// Runs a call like [`exchange::run`], and asks the gateway before and after what the key has used.
///
/// `alone` says at the end whether no other call of this program went on meanwhile: usage cannot tell them apart.
///
/// # Errors
/// As [`exchange::run`].
pub async fn run(
    prepared: Prepared,
    means: &Means,
    cancel: oneshot::Receiver<()>,
    on: &mut (dyn FnMut(Progress) + Send),
    alone: impl Fn() -> bool,
) -> Result<Settled, Refused> {
    let meter = Meter::before(&prepared.ask.profile, means).await;
    let mut settled = exchange::run(prepared, means, cancel, on).await?;
    let outcome = &mut settled.answer.outcome;
    let expected = outcome.evidence.as_ref().and_then(|evidence| evidence.expected_usd);
    let booked = match meter {
        Ok(meter) => {
            let booked = meter.after(outcome.request_id.as_deref(), expected).await;
            // Asked last: another call may begin while this one's booking is looked for.
            if meter.tells_calls_apart() || alone() {
                booked
            } else {
                Err("other calls went on at the same time".to_owned())
            }
        }
        Err(why) => Err(why),
    };
    match booked {
        Ok(usd) => {
            outcome.booked_usd = Some(usd);
            let Some(evidence) = &mut outcome.evidence else { return Ok(settled) };
            evidence.observed_usd = Some(usd);
            exchange::note(evidence, means);
            outcome.notes.extend(remark(&Costs::of(evidence), evidence.finding, means.drift));
            let note = outcome.notes.last().cloned();
            if let (Some(store), Some(id)) = (&means.store, &outcome.id)
                && let Err(error) = tokio::task::block_in_place(|| store.note_booked(id, usd, note))
            {
                tracing::warn!(%error, "what was booked is not in the record");
            }
        }
        Err(why) => outcome.notes.push(format!("what was booked is not known: {why}")),
    }
    Ok(settled)
}

/// What is worth saying of the sum.
fn remark(costs: &Costs, finding: Finding, drift: f64) -> Option<String> {
    let booked = costs.observed.filter(|usd| *usd > 0.0);
    let brought = matches!(finding, Finding::Picture | Finding::Odd);
    match booked {
        Some(usd) if !brought => Some(format!("no picture came, and the gateway booked ${usd:.3} all the same")),
        _ if costs.money(drift) == Money::Above => Some(costs.sentence()),
        _ => None,
    }
}
