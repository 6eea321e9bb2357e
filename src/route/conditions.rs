//! The single conditions of a route, each with its figures and its time: which of them holds, and which does not.

use super::evidence::{Evidence, Finding, Kind, Source};
use super::money::{Costs, Money};
use super::standing::{Rules, brought, other_size, too_slow, words};
use crate::catalog::{Catalog, Level};
use jiff::Timestamp;

/// What the judge calls the three errors that the gateway's page documents for the images route.
const DOCUMENTED: [&str; 3] = ["output options", "only imagen", "no channel"];
const NOT_PROBED: &str = "not probed yet";
const NOT_TRIED: &str = "not tried yet; a try costs a picture if it answers";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    Passed,
    Failed,
    /// Nobody looked, or what was seen proves little.
    Unknown,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub name: &'static str,
    pub check: Check,
    /// The figures; of what is unknown, how to find out.
    pub detail: String,
    /// When it was observed.
    pub at: Option<Timestamp>,
}

/// The conditions that a kind of route has, in the order in which a call meets them.
///
/// `own`: evidence of the route; `site`, `models`: the profile's evidence of those kinds; all in the order of noting.
pub fn conditions(
    kind: Kind,
    own: &[Evidence],
    site: &[Evidence],
    models: &[Evidence],
    rules: &Rules,
    catalog: &Catalog,
) -> Vec<Condition> {
    match kind {
        Kind::Generate | Kind::Stream => vec![
            server_answers([site, models, own]),
            key_accepted([own, models]),
            model_listed(models),
            dry_run_accepted(own),
            picture_came(own),
            size_as_asked(own),
            model_as_sent(own, catalog),
            cost_as_expected(own, rules),
            answers_in_time(own, rules),
        ],
        Kind::Images => vec![route_answers(own), no_documented_error(own, catalog)],
        Kind::Models => vec![server_answers([site, models, own]), key_accepted([own, models]), list_is_a_list(models)],
        Kind::Site => vec![server_answers([site, models, own])],
    }
}

fn server_answers(all: [&[Evidence]; 3]) -> Condition {
    const NAME: &str = "server answers";
    let Some(seen) = newest(all, |seen| seen.status.is_some() || seen.finding == Finding::Failed) else {
        return unknown(NAME, NOT_PROBED);
    };
    let phases = &seen.phases;
    let steps =
        [("dns", phases.dns), ("connect", phases.connect), ("tls", phases.tls), ("first byte", phases.first_byte)];
    let steps = steps.into_iter().filter_map(|(step, ms)| Some(format!("{step} {:.0} ms", ms?)));
    let figures: Vec<String> = http(seen).into_iter().chain(steps).collect();
    if seen.status.is_some() && seen.level != Some(Level::Network) {
        return observed(NAME, Check::Passed, figures.join(", "), seen);
    }
    let detail: Vec<String> = figures.into_iter().chain([words(seen).to_owned()]).collect();
    observed(NAME, Check::Failed, detail.join(", "), seen)
}

fn key_accepted(all: [&[Evidence]; 2]) -> Condition {
    const NAME: &str = "key accepted";
    match newest(all, |seen| took_key(seen).is_some()) {
        Some(seen) if took_key(seen) == Some(true) => observed(NAME, Check::Passed, how(seen), seen),
        Some(seen) => observed(NAME, Check::Failed, why(seen), seen),
        None => unknown(NAME, NOT_PROBED),
    }
}

/// Whether the server took the key; what fails for balance or model has passed that gate.
fn took_key(seen: &Evidence) -> Option<bool> {
    match (seen.finding, seen.level) {
        // Nobody shows a key there.
        _ if seen.route.kind == Kind::Site => None,
        (Finding::Picture | Finding::Odd | Finding::Accepted, _) => Some(true),
        (Finding::Failed, Some(Level::Account | Level::Model)) => Some(true),
        (Finding::Failed, Some(Level::Key)) => Some(false),
        _ => None,
    }
}

fn model_listed(models: &[Evidence]) -> Condition {
    const NAME: &str = "model listed";
    let Some(seen) = last(models, |seen| seen.lists_model.is_some()) else {
        return match last(models, |_| true) {
            Some(seen) => observed(NAME, Check::Unknown, format!("no list came: {}", words(seen)), seen),
            None => unknown(NAME, NOT_PROBED),
        };
    };
    let count = seen.count.map_or_else(|| "those".to_owned(), |count| count.to_string());
    match seen.lists_model {
        Some(true) => observed(NAME, Check::Passed, format!("the profile's model is one of {count} listed"), seen),
        _ => {
            let detail = format!("the profile's model is not among {count} listed, which proves little");
            observed(NAME, Check::Unknown, detail, seen)
        }
    }
}

fn dry_run_accepted(own: &[Evidence]) -> Condition {
    const NAME: &str = "dry run accepted";
    match decisive(own, |seen| seen.source == Source::FreeProbe) {
        Some(seen) => by_finding(NAME, seen, &[Finding::Accepted]),
        None => unknown(NAME, NOT_PROBED),
    }
}

fn picture_came(own: &[Evidence]) -> Condition {
    const NAME: &str = "picture came";
    let Some(seen) = decisive(own, |seen| seen.source != Source::FreeProbe) else {
        return unknown(NAME, "no call yet; a call or the paid probe tells");
    };
    match (seen.finding, seen.pixels) {
        (Finding::Picture, Some((width, height))) => {
            let shape = seen.shape.as_ref().map_or_else(String::new, |shape| format!(", {shape}"));
            let detail = format!("{width}×{height}{shape}, {}", how(seen));
            observed(NAME, Check::Passed, detail, seen)
        }
        (Finding::Odd, _) => observed(NAME, Check::Failed, why(seen), seen),
        _ => by_finding(NAME, seen, &[Finding::Picture]),
    }
}

fn size_as_asked(own: &[Evidence]) -> Condition {
    const NAME: &str = "size as asked";
    let Some(seen) = last(own, |seen| seen.pixels.is_some() && seen.pixels_asked.is_some()) else {
        return unknown(NAME, "no picture yet of a call that names a ratio or size");
    };
    match (other_size(seen), seen.pixels) {
        (None, Some((width, height))) => observed(NAME, Check::Passed, format!("{width}×{height}"), seen),
        (other, _) => observed(NAME, Check::Failed, other.unwrap_or_default(), seen),
    }
}

/// Another name proves little: gateways echo what they like.
fn model_as_sent(own: &[Evidence], catalog: &Catalog) -> Condition {
    const NAME: &str = "model as sent";
    let Some(seen) = last(own, |seen| seen.model_reported.is_some()) else {
        return unknown(NAME, "no reply yet that names its model");
    };
    let names = [seen.model_asked.as_deref(), Some(seen.route.model.as_str()), seen.model_reported.as_deref()];
    let names: Vec<&str> = names.into_iter().flatten().collect();
    match seen.reports_another_model(catalog) {
        false => observed(NAME, Check::Passed, names.join(" → "), seen),
        true => {
            let detail = format!("{}: another name, which proves little", names.join(" → "));
            observed(NAME, Check::Unknown, detail, seen)
        }
    }
}

fn cost_as_expected(own: &[Evidence], rules: &Rules) -> Condition {
    const NAME: &str = "cost as expected";
    let looked_up = last(own, |seen| seen.observed_usd.is_some());
    let priced = || last(own, |seen| seen.expected_usd.is_some_and(|usd| usd > 0.0));
    let Some(seen) = looked_up.or_else(priced) else {
        return unknown(NAME, "no call yet; the paid probe looks it up");
    };
    let costs = Costs::of(seen);
    if !brought(seen) && costs.observed.is_some_and(|usd| usd > 0.0) {
        return observed(NAME, Check::Failed, format!("{}, although no picture came", costs.sentence()), seen);
    }
    let check = match costs.money(rules.drift) {
        Money::Aligned => Check::Passed,
        Money::Above => Check::Failed,
        // Less is what a discount looks like, and a booking that is still to come.
        Money::Below | Money::Unknown => Check::Unknown,
    };
    observed(NAME, check, costs.sentence(), seen)
}

fn answers_in_time(own: &[Evidence], rules: &Rules) -> Condition {
    const NAME: &str = "answers in time";
    // What fails at once is not quick; what fails late is slow.
    let tells = |seen: &Evidence| {
        seen.phases.done.is_some()
            && (brought(seen) || seen.finding == Finding::Failed && too_slow(seen, rules).is_some())
    };
    let Some(seen) = last(own, tells) else { return unknown(NAME, "no picture yet") };
    match too_slow(seen, rules) {
        Some(slow) => observed(NAME, Check::Failed, slow, seen),
        None => {
            let seconds = seen.phases.done.unwrap_or_default() / 1000.0;
            observed(NAME, Check::Passed, format!("took {seconds:.1} s of {} s", rules.slow_s), seen)
        }
    }
}

fn route_answers(own: &[Evidence]) -> Condition {
    const NAME: &str = "route answers";
    match decisive(own, |_| true) {
        Some(seen) => by_finding(NAME, seen, &[Finding::Picture, Finding::Odd, Finding::Accepted]),
        None => unknown(NAME, NOT_TRIED),
    }
}

fn no_documented_error(own: &[Evidence], catalog: &Catalog) -> Condition {
    const NAME: &str = "no documented error";
    let Some(seen) = last(own, |seen| brought(seen) || seen.finding == Finding::Failed) else {
        return unknown(NAME, NOT_TRIED);
    };
    let meaning =
        seen.known.as_deref().and_then(|id| catalog.known_error_by_id(id)).map(|known| known.meaning.as_str());
    let said = format!("{}: {}", seen.class, meaning.unwrap_or(words(seen)));
    match seen.finding {
        Finding::Failed if DOCUMENTED.contains(&seen.class.as_str()) => observed(NAME, Check::Failed, said, seen),
        Finding::Failed => observed(NAME, Check::Unknown, format!("another one, {said}"), seen),
        _ => observed(NAME, Check::Passed, how(seen), seen),
    }
}

fn list_is_a_list(models: &[Evidence]) -> Condition {
    const NAME: &str = "list is a list";
    let Some(seen) = decisive(models, |_| true) else { return unknown(NAME, NOT_PROBED) };
    match (seen.finding, seen.count) {
        (Finding::Accepted, Some(count)) => {
            observed(NAME, Check::Passed, format!("{count} entries, {}", how(seen)), seen)
        }
        _ => by_finding(NAME, seen, &[Finding::Accepted]),
    }
}

/// Passed where the finding is one of the `good` ones.
fn by_finding(name: &'static str, seen: &Evidence, good: &[Finding]) -> Condition {
    match seen.finding {
        finding if good.contains(&finding) => observed(name, Check::Passed, how(seen), seen),
        Finding::Failed => observed(name, Check::Failed, why(seen), seen),
        _ => observed(name, Check::Unknown, why(seen), seen),
    }
}

fn observed(name: &'static str, check: Check, detail: String, seen: &Evidence) -> Condition {
    Condition { name, check, detail, at: Some(seen.at) }
}

fn unknown(name: &'static str, how_to_know: &str) -> Condition {
    Condition { name, check: Check::Unknown, detail: how_to_know.to_owned(), at: None }
}

fn http(seen: &Evidence) -> Option<String> {
    seen.status.map(|status| format!("HTTP {status}"))
}

/// `by the dry run, HTTP 500, 210 ms`.
fn how(seen: &Evidence) -> String {
    let by = match (seen.route.kind, seen.source) {
        (Kind::Models, _) => "the model list",
        (Kind::Site, _) => "the server's state",
        (_, Source::FreeProbe) => "the dry run",
        (_, source) => source.name(),
    };
    let took = seen.phases.done.map(|ms| format!("{ms:.0} ms"));
    let parts: Vec<String> = [Some(format!("by {by}")), http(seen), took].into_iter().flatten().collect();
    parts.join(", ")
}

/// The same with what was said.
fn why(seen: &Evidence) -> String {
    format!("{}: {}", how(seen), words(seen))
}

/// The last of a route's own observations of which something holds.
fn last(all: &[Evidence], holds: impl Fn(&Evidence) -> bool) -> Option<&Evidence> {
    all.iter().rev().find(|seen| seen.source != Source::Documentation && holds(seen))
}

/// The last that says something, else the last at all.
fn decisive(all: &[Evidence], holds: impl Fn(&Evidence) -> bool) -> Option<&Evidence> {
    last(all, |seen| seen.finding != Finding::Silent && holds(seen)).or_else(|| last(all, &holds))
}

/// Over several routes there is no order of noting: the time has to do.
fn newest<const N: usize>(all: [&[Evidence]; N], holds: impl Fn(&Evidence) -> bool) -> Option<&Evidence> {
    all.into_iter().filter_map(|list| last(list, &holds)).max_by_key(|seen| seen.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::{Phases, RouteId};

    fn seen(kind: Kind, source: Source, finding: Finding, second: i64) -> Evidence {
        let route = RouteId { profile: "p".into(), kind, model: "nano-banana-2".into() };
        let at = Timestamp::from_second(second).expect("in range");
        Evidence { finding, status: Some(200), ..Evidence::new("e".into(), route, at, source) }
    }

    fn of(kind: Kind, own: &[Evidence], site: &[Evidence], models: &[Evidence]) -> Vec<(&'static str, Check, String)> {
        let all = conditions(kind, own, site, models, &Rules::default(), &Catalog::builtin());
        all.into_iter().map(|condition| (condition.name, condition.check, condition.detail)).collect()
    }

    #[test]
    fn what_nobody_looked_at_says_how_to_find_out() {
        for kind in Kind::ALL {
            let all = conditions(kind, &[], &[], &[], &Rules::default(), &Catalog::builtin());
            assert!(all.iter().all(|one| one.check == Check::Unknown && !one.detail.is_empty() && one.at.is_none()));
        }
    }

    #[test]
    fn a_native_route_shows_each_step_with_its_figures() {
        let site_phases =
            Phases { dns: Some(1.0), connect: Some(2.4), tls: Some(3.0), first_byte: Some(9.0), ..Phases::default() };
        let site = Evidence { phases: site_phases, ..seen(Kind::Site, Source::FreeProbe, Finding::Accepted, 50) };
        let list = Evidence {
            count: Some(1200),
            lists_model: Some(false),
            ..seen(Kind::Models, Source::FreeProbe, Finding::Accepted, 20)
        };
        let dry = Evidence { status: Some(500), ..seen(Kind::Generate, Source::FreeProbe, Finding::Accepted, 30) };
        let call = Evidence {
            pixels: Some((1024, 1024)),
            pixels_asked: Some((2752, 1536)),
            shape: Some("inlineData".into()),
            model_asked: Some("nano-banana-2".into()),
            model_reported: Some("gemini-2.5-flash-image".into()),
            expected_usd: Some(0.067),
            observed_usd: Some(0.134),
            phases: Phases { done: Some(8200.0), ..Phases::default() },
            ..seen(Kind::Generate, Source::Call, Finding::Picture, 40)
        };
        let expected = [
            ("server answers", Check::Passed, "HTTP 200, dns 1 ms, connect 2 ms, tls 3 ms, first byte 9 ms"),
            ("key accepted", Check::Passed, "by own call, HTTP 200, 8200 ms"),
            ("model listed", Check::Unknown, "the profile's model is not among 1200 listed, which proves little"),
            ("dry run accepted", Check::Passed, "by the dry run, HTTP 500"),
            ("picture came", Check::Passed, "1024×1024, inlineData, by own call, HTTP 200, 8200 ms"),
            ("size as asked", Check::Failed, "asked for 2752×1536, got 1024×1024"),
            (
                "model as sent",
                Check::Unknown,
                "nano-banana-2 → nano-banana-2 → gemini-2.5-flash-image: another name, which proves little",
            ),
            ("cost as expected", Check::Failed, "expected $0.067, booked $0.134 (2.0×)"),
            ("answers in time", Check::Passed, "took 8.2 s of 120 s"),
        ];
        let shown = of(Kind::Generate, &[dry, call], &[site], &[list]);
        assert_eq!(shown, expected.map(|(name, check, detail)| (name, check, detail.to_owned())));
    }

    #[test]
    fn a_refused_key_and_a_server_that_is_not_there_are_told_apart() {
        let failed = |level, status| Evidence {
            level: Some(level),
            status,
            reason: "no".into(),
            ..seen(Kind::Generate, Source::FreeProbe, Finding::Failed, 1)
        };
        let checks = |seen: Evidence| {
            let all = of(Kind::Generate, &[seen], &[], &[]);
            (all[0].1, all[1].1, all[3].1)
        };
        assert_eq!(checks(failed(Level::Key, Some(401))), (Check::Passed, Check::Failed, Check::Failed));
        assert_eq!(checks(failed(Level::Network, None)), (Check::Failed, Check::Unknown, Check::Failed));
        assert_eq!(checks(failed(Level::Model, Some(503))), (Check::Passed, Check::Passed, Check::Failed));
    }

    #[test]
    fn the_images_route_names_its_documented_error() {
        let failed = Evidence {
            class: "only imagen".into(),
            known: Some("images-route-only-imagen".into()),
            ..seen(Kind::Images, Source::PaidProbe, Finding::Failed, 1)
        };
        let shown = of(Kind::Images, &[failed], &[], &[]);
        assert_eq!((shown[0].1, shown[1].1), (Check::Failed, Check::Failed));
        assert!(shown[1].2.starts_with("only imagen: The gateway's images route takes only Imagen"), "{}", shown[1].2);
    }
}
