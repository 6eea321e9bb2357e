//! The ladder: what all the evidence of a route comes to, from unknown to proven or failing.
//!
//! The order of noting decides, not the times: a clock may step back, and the evidence file only grows. A picture proves
//! a route until something noted later says otherwise. An accepted dry run takes back failures of what it goes through
//! itself (network, key, model, route) and no others: it is refused before the model's own servers are asked.

use super::age::{self, Age};
use super::evidence::{Evidence, Finding, Kind, Source};
use super::judge::advice;
use super::money::{Costs, Money};
use crate::catalog::{Catalog, Level, near};
use jiff::Timestamp;

const PROBE_IT: &str = "Run the free probes, or send a call.";
const PROVE_IT: &str = "Only a picture proves it: send a call, or run the paid probe.";
const RESIZED: &str = "Look whether imageConfig is in the request; some gateways drop or rewrite it.";
const SLOW: &str = "Ask for a smaller size or less thinking, or stream.";
const DEAR: &str = "Compare with the gateway's own log before sending more.";

/// The rungs, upwards but for the last two, which lead off the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    Unknown,
    /// Somebody else says something; nobody looked.
    Claimed,
    /// It answers as a working one does, and nothing more was asked of it.
    Configured,
    /// A picture came.
    Proven,
    /// A picture came, but late, of another size, dearer than expected or in a wrong shape.
    Degraded,
    Failing,
}

impl Standing {
    pub fn word(self) -> &'static str {
        match self {
            Standing::Unknown => "unknown",
            Standing::Claimed => "claimed",
            Standing::Configured => "configured",
            Standing::Proven => "proven",
            Standing::Degraded => "degraded",
            Standing::Failing => "failing",
        }
    }
}

/// Where the lines are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Evidence that is older, in days, is stale.
    pub stale_days: u32,
    /// A picture that took longer, in seconds, is late.
    pub slow_s: u32,
    /// What may be booked beside what was expected, as a share of it.
    pub drift: f64,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { stale_days: 7, slow_s: 120, drift: 0.10 }
    }
}

/// What is to be thought of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    pub standing: Standing,
    /// Where it fails, or is odd.
    pub level: Option<Level>,
    pub reason: String,
    /// What to do; empty where nothing needs to be done.
    pub advice: String,
    /// What decided is too old, or dated ahead of the clock.
    pub stale: bool,
    pub decided_by: Option<Evidence>,
    /// When the last picture came, whatever was noted since.
    pub proven_at: Option<Timestamp>,
}

/// Judges by all `evidence` of a route, in the order in which it was noted.
pub fn judge(kind: Kind, evidence: &[Evidence], now: Timestamp, rules: &Rules, catalog: &Catalog) -> Judgement {
    let mut walk = Walk::default();
    evidence.iter().filter(|seen| seen.source != Source::Documentation).for_each(|seen| walk.step(kind, seen));
    let mut rung = match (walk.failures.last().copied(), walk.answer, walk.accepted) {
        (Some(failed), ..) => failing(failed, walk.accepted_since, kind, catalog),
        (None, Some(answer), _) => answered(answer, kind, now, rules, catalog),
        (None, None, Some(accepted)) => configured(accepted, kind),
        (None, None, None) => newest_claim(evidence).map_or_else(|| unknown(walk.silent), claimed),
    };
    rung.says.extend(unearned(&walk.unearned));
    Judgement {
        standing: rung.standing,
        level: rung.level,
        reason: rung.says.join("; "),
        advice: rung.advice,
        stale: rung.by.is_some_and(|by| is_stale(by.at, now, rules)),
        decided_by: rung.by.cloned(),
        proven_at: walk.proven_at,
    }
}

/// Whether a picture came, or something in its place.
pub fn brought(seen: &Evidence) -> bool {
    matches!(seen.finding, Finding::Picture | Finding::Odd)
}

/// What the server said, else how that is called.
pub fn words(seen: &Evidence) -> &str {
    if seen.reason.trim().is_empty() { &seen.class } else { &seen.reason }
}

/// `asked for 2752×1536, got 1024×1024`, where that is so. The models' tables differ in some pixels.
pub fn other_size(seen: &Evidence) -> Option<String> {
    let (asked, got) = (seen.pixels_asked?, seen.pixels?);
    (!near(asked, got)).then(|| format!("asked for {}×{}, got {}×{}", asked.0, asked.1, got.0, got.1))
}

/// `took 142 s, more than 120 s`, where that is so.
pub fn too_slow(seen: &Evidence, rules: &Rules) -> Option<String> {
    let ms = seen.phases.done.filter(|ms| *ms > f64::from(rules.slow_s) * 1000.0)?;
    // Rounded up, so that it never reads as the limit itself.
    Some(format!("took {} s, more than {} s", (ms / 100.0).ceil() / 10.0, rules.slow_s))
}

/// What is left of the evidence at the end of a walk over it.
#[derive(Default)]
struct Walk<'a> {
    /// The last picture, or what came in its place.
    answer: Option<&'a Evidence>,
    accepted: Option<&'a Evidence>,
    /// Since the answer, less those that were taken back.
    failures: Vec<&'a Evidence>,
    /// Something was accepted after the last of the failures.
    accepted_since: bool,
    silent: Option<&'a Evidence>,
    /// US dollars that were booked for calls without a picture, since the answer.
    unearned: Vec<f64>,
    proven_at: Option<Timestamp>,
}

impl<'a> Walk<'a> {
    fn step(&mut self, kind: Kind, seen: &'a Evidence) {
        // A list and a site have nothing to prove: with an answer they have done all they can.
        let whole = matches!(kind, Kind::Models | Kind::Site);
        match seen.finding {
            Finding::Picture | Finding::Odd if !whole => {
                *self = Walk { answer: Some(seen), proven_at: self.proven_at, ..Walk::default() };
                if seen.finding == Finding::Picture {
                    self.proven_at = Some(seen.at);
                }
                return;
            }
            Finding::Picture | Finding::Odd | Finding::Accepted => {
                self.accepted = Some(seen);
                self.accepted_since = true;
                self.failures.retain(|failed| !whole && !within_reach(failed.level));
            }
            Finding::Failed => {
                self.failures.push(seen);
                self.accepted_since = false;
            }
            Finding::Silent => self.silent = Some(seen),
            Finding::ClaimedWorking | Finding::ClaimedBroken => {}
        }
        self.unearned.extend(seen.observed_usd.filter(|usd| *usd > 0.0));
    }
}

/// Whether a dry run goes through what failed.
fn within_reach(level: Option<Level>) -> bool {
    matches!(level, Some(Level::Network | Level::Key | Level::Model | Level::Route))
}

/// A place on the ladder, and why.
struct Rung<'a> {
    standing: Standing,
    level: Option<Level>,
    says: Vec<String>,
    advice: String,
    by: Option<&'a Evidence>,
}

fn failing<'a>(failed: &'a Evidence, accepted_since: bool, kind: Kind, catalog: &Catalog) -> Rung<'a> {
    let since = accepted_since.then(|| "a dry run was accepted since".to_owned());
    Rung {
        standing: Standing::Failing,
        level: failed.level,
        says: [words(failed).to_owned()].into_iter().chain(since).collect(),
        advice: advice(catalog, failed.known.as_deref(), failed.level, kind),
        by: Some(failed),
    }
}

fn answered<'a>(answer: &'a Evidence, kind: Kind, now: Timestamp, rules: &Rules, catalog: &Catalog) -> Rung<'a> {
    let (mut says, mut hints): (Vec<String>, Vec<String>) = flaws(answer, rules).into_iter().unzip();
    let odd = answer.finding == Finding::Odd;
    if odd {
        says.insert(0, words(answer).to_owned());
        hints.insert(0, advice(catalog, answer.known.as_deref(), Some(Level::Reply), kind));
    }
    let standing = if says.is_empty() { Standing::Proven } else { Standing::Degraded };
    if standing == Standing::Proven {
        says.push(came(answer, now));
    }
    says.extend(remarks(answer, rules, catalog));
    Rung { standing, level: odd.then_some(Level::Reply), says, advice: hints.join(" "), by: Some(answer) }
}

/// What is wrong with a picture that came, and what to do about it.
fn flaws(answer: &Evidence, rules: &Rules) -> Vec<(String, String)> {
    let costs = Costs::of(answer);
    let dear = (costs.money(rules.drift) == Money::Above).then(|| costs.sentence());
    let all = [(other_size(answer), RESIZED), (too_slow(answer, rules), SLOW), (dear, DEAR)];
    all.into_iter().filter_map(|(flaw, hint)| Some((flaw?, hint.to_owned()))).collect()
}

/// What is worth knowing and no flaw: less was booked, or the reply names another model, as gateways do.
fn remarks(answer: &Evidence, rules: &Rules, catalog: &Catalog) -> impl Iterator<Item = String> {
    let costs = Costs::of(answer);
    let cheap = (costs.money(rules.drift) == Money::Below).then(|| costs.sentence());
    let reported = answer.model_reported.as_deref().filter(|_| answer.reports_another_model(catalog));
    cheap.into_iter().chain(reported.map(|name| format!("sent {}, reported {name}", answer.route.model)))
}

fn came(answer: &Evidence, now: Timestamp) -> String {
    let by = answer.source.name();
    match Age::of(answer.at, now) {
        Age::Ahead => format!("a picture came by {by}, dated ahead of this clock"),
        Age::Seconds(..60) => format!("a picture came just now by {by}"),
        age => format!("a picture came {} ago by {by}", age.short()),
    }
}

fn configured(accepted: &Evidence, kind: Kind) -> Rung<'_> {
    let says = match (kind, accepted.count) {
        (Kind::Models, Some(count)) if accepted.lists_model == Some(false) => {
            format!("{count} models listed, the profile's not among them, which proves little")
        }
        (Kind::Models, Some(count)) => format!("{count} models listed"),
        _ if accepted.class == "dry run accepted" => "the dry run was accepted; the upstream is unproven".to_owned(),
        _ => words(accepted).to_owned(),
    };
    let advice = if kind.is_native() { PROVE_IT } else { "" };
    let (standing, advice) = (Standing::Configured, advice.to_owned());
    Rung { standing, level: None, says: vec![says], advice, by: Some(accepted) }
}

fn claimed(claim: &Evidence) -> Rung<'_> {
    let says = format!("claimed {} (docs): {}", age::day(claim.at, 0), claim.class);
    let advice = PROBE_IT.to_owned();
    Rung { standing: Standing::Claimed, level: None, says: vec![says], advice, by: Some(claim) }
}

fn unknown(silent: Option<&Evidence>) -> Rung<'_> {
    let says = match silent {
        Some(silent) => format!("nothing decisive yet; the last answer: {}", silent.class),
        None => "nothing observed yet".to_owned(),
    };
    Rung { standing: Standing::Unknown, level: None, says: vec![says], advice: PROBE_IT.to_owned(), by: None }
}

/// Of the same day the one that warns, then the first.
fn newest_claim(evidence: &[Evidence]) -> Option<&Evidence> {
    let is_claim = |seen: &&Evidence| matches!(seen.finding, Finding::ClaimedWorking | Finding::ClaimedBroken);
    evidence.iter().rev().filter(is_claim).max_by_key(|claim| (claim.at, claim.finding == Finding::ClaimedBroken))
}

fn unearned(booked: &[f64]) -> Option<String> {
    let sum: f64 = booked.iter().sum();
    let digits = if sum < 0.001 { 6 } else { 3 };
    match booked.len() {
        0 => None,
        1 => Some(format!("booked ${sum:.digits$} although no picture came")),
        calls => Some(format!("booked ${sum:.digits$} for {calls} calls without a picture")),
    }
}

fn is_stale(at: Timestamp, now: Timestamp, rules: &Rules) -> bool {
    match Age::of(at, now) {
        Age::Ahead => true,
        Age::Seconds(seconds) => seconds > i64::from(rules.stale_days) * 86_400,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{Phases, RouteId};

    const NOW: i64 = 1_800_000_000;
    const DAY: i64 = 86_400;

    fn ago(seconds: i64) -> Timestamp {
        Timestamp::from_second(NOW - seconds).expect("in range")
    }

    fn seen(finding: Finding) -> Evidence {
        let route = RouteId { profile: "p".into(), kind: Kind::Generate, model: "nano-banana-2".into() };
        Evidence { finding, class: "c".into(), ..Evidence::new("e".into(), route, ago(300), Source::Call) }
    }

    fn picture() -> Evidence {
        seen(Finding::Picture)
    }

    fn silent() -> Evidence {
        Evidence { class: "limited".into(), status: Some(429), ..seen(Finding::Silent) }
    }

    fn accepted() -> Evidence {
        Evidence { class: "dry run accepted".into(), source: Source::FreeProbe, ..seen(Finding::Accepted) }
    }

    fn failed(level: Level) -> Evidence {
        Evidence { level: Some(level), reason: format!("bad {}", level.word()), ..seen(Finding::Failed) }
    }

    fn claim(finding: Finding, class: &str, day: i64) -> Evidence {
        Evidence { class: class.into(), at: ago(day * DAY), source: Source::Documentation, ..seen(finding) }
    }

    fn paid(expected: Option<f64>, observed: Option<f64>) -> Evidence {
        Evidence { expected_usd: expected, observed_usd: observed, ..picture() }
    }

    fn took(seconds: f64) -> Evidence {
        Evidence { phases: Phases { done: Some(seconds * 1000.0), ..Phases::default() }, ..picture() }
    }

    fn stands(kind: Kind, evidence: &[Evidence]) -> Judgement {
        judge(kind, evidence, ago(0), &Rules::default(), &Catalog::builtin())
    }

    #[test]
    fn every_situation_has_its_rung_and_says_why() {
        use Finding::{ClaimedBroken, ClaimedWorking, Odd};
        use Level::{Account, Key, Model, Network, Reply, Route, Upstream};
        let works = || claim(ClaimedWorking, "recommended", 30);
        let booked = |seen: Evidence| Evidence { observed_usd: Some(0.067), ..seen };
        let resized = Evidence { pixels_asked: Some((2752, 1536)), pixels: Some((1024, 1024)), ..picture() };
        let renamed = Evidence { model_reported: Some("gemini-2.5-flash-image".into()), ..picture() };
        let link = Evidence { reason: "only hosted links".into(), ..seen(Odd) };
        let billed = Evidence { class: "pictures".into(), reason: "it may have been billed".into(), ..accepted() };
        let earlier = Evidence { at: ago(9000), ..failed(Upstream) };
        let (fine, since) = ("a picture came 5 min ago by own call", "a dry run was accepted since");
        for (name, evidence, rung, level, says) in [
            ("nothing", vec![], "unknown", None, "nothing observed yet"),
            ("silence", vec![silent()], "unknown", None, "limited"),
            ("a claim", vec![works()], "claimed", None, "claimed 2026-12-16 (docs): recommended"),
            ("a claim and silence", vec![works(), silent()], "claimed", None, "recommended"),
            ("a newer claim", vec![claim(ClaimedBroken, "risky", 9), works()], "claimed", None, "risky"),
            ("a claim and a look", vec![works(), accepted()], "configured", None, "the upstream is unproven"),
            ("a dry run with a picture", vec![billed], "configured", None, "may have been billed"),
            ("a picture", vec![picture()], "proven", None, fine),
            ("429 after a picture", vec![picture(), silent()], "proven", None, fine),
            ("a dry run after a picture", vec![picture(), accepted()], "proven", None, fine),
            ("the clock stepped back", vec![picture(), earlier], "failing", Some(Upstream), "bad upstream"),
            ("a picture after failures", vec![failed(Key), failed(Upstream), picture()], "proven", None, fine),
            ("a refuted key", vec![picture(), failed(Key), accepted()], "proven", None, fine),
            ("all refuted", vec![failed(Network), failed(Model), failed(Route), accepted()], "configured", None, ""),
            ("beyond a dry run", vec![picture(), failed(Upstream), accepted()], "failing", Some(Upstream), since),
            ("no balance", vec![failed(Account), accepted()], "failing", Some(Account), since),
            ("one of two", vec![failed(Upstream), failed(Key), accepted()], "failing", Some(Upstream), since),
            ("failed again", vec![failed(Upstream), accepted(), failed(Key)], "failing", Some(Key), "bad key"),
            ("a link", vec![failed(Key), link.clone(), accepted()], "degraded", Some(Reply), "only hosted links"),
            ("a link, then a failure", vec![link, failed(Key), accepted()], "degraded", Some(Reply), "links"),
            ("another size", vec![resized], "degraded", None, "asked for 2752×1536, got 1024×1024"),
            ("late", vec![took(142.0)], "degraded", None, "took 142 s, more than 120 s"),
            ("just late", vec![took(120.01)], "degraded", None, "took 120.1 s"),
            ("in time", vec![took(120.0)], "proven", None, fine),
            ("dear", vec![paid(Some(0.067), Some(0.134))], "degraded", None, "booked $0.134 (2.0×)"),
            ("cheap", vec![paid(Some(0.067), Some(0.034))], "proven", None, "booked $0.034"),
            ("as expected", vec![paid(Some(0.067), Some(0.067))], "proven", None, fine),
            ("not looked up", vec![paid(Some(0.067), None)], "proven", None, fine),
            ("another name", vec![renamed], "proven", None, "sent nano-banana-2, reported gemini-2.5-flash-image"),
            ("booked", vec![booked(failed(Upstream))], "failing", Some(Upstream), "booked $0.067 although no"),
            ("silent and booked", vec![picture(), booked(silent())], "proven", None, "booked $0.067 although no"),
            ("both", vec![booked(silent()), booked(failed(Key))], "failing", Some(Key), "booked $0.134 for 2 calls"),
        ] {
            let judgement = stands(Kind::Generate, &evidence);
            assert_eq!((judgement.standing.word(), judgement.level), (rung, level), "{name}");
            assert!(judgement.reason.contains(says), "{name}: {}", judgement.reason);
            assert_eq!(judgement.advice.is_empty(), rung == "proven", "{name}: {}", judgement.advice);
        }
    }

    #[test]
    fn what_is_old_or_dated_ahead_is_stale() {
        for (seconds, stale, says) in [
            (7 * DAY, false, "7 d ago"),
            (7 * DAY + 1, true, "7 d ago"),
            (-299, false, "just now"),
            (-400 * DAY, true, "ahead of this clock"),
        ] {
            let judgement = stands(Kind::Generate, &[Evidence { at: ago(seconds), ..picture() }]);
            assert_eq!((judgement.standing, judgement.stale), (Standing::Proven, stale), "{seconds}");
            assert!(judgement.reason.contains(says), "{}", judgement.reason);
        }
    }

    #[test]
    fn the_last_picture_keeps_its_time() {
        let first = Evidence { at: ago(900), ..picture() };
        let judgement = stands(Kind::Stream, &[first, seen(Finding::Odd), failed(Level::Upstream)]);
        assert_eq!((judgement.standing, judgement.proven_at), (Standing::Failing, Some(ago(900))));
        assert_eq!(judgement.decided_by, Some(failed(Level::Upstream)));
    }

    #[test]
    fn lists_and_sites_climb_to_configured_and_recover_by_it() {
        let list = Evidence { count: Some(12), lists_model: Some(false), ..accepted() };
        let judgement = stands(Kind::Models, &[failed(Level::Upstream), list]);
        assert_eq!((judgement.standing, judgement.level), (Standing::Configured, None));
        assert!(judgement.reason.starts_with("12 models listed, the profile's not among them"), "{}", judgement.reason);
        assert_eq!(stands(Kind::Site, &[picture()]).standing, Standing::Configured);
        let images = stands(Kind::Images, &[failed(Level::Route), seen(Finding::Odd)]);
        assert_eq!((images.standing, images.level), (Standing::Degraded, Some(Level::Reply)));
    }
}
