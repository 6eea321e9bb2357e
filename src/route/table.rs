//! The table of routes: where each is, what was noted of it, and the rows made of that.

use super::claims::Claims;
use super::conditions::{Condition, conditions};
use super::evidence::{Evidence, Finding, Kind, RouteId, Source, same_origin};
use super::latency::Percentiles;
use super::standing::{Judgement, Rules, brought, judge};
use crate::catalog::Catalog;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// Observations that are kept of a route; the oldest go first.
const MOST_NOTED: usize = 500;
/// Of lists and sites, what other routes' conditions look back at.
const NEWEST: usize = 20;

/// Where a route is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub id: RouteId,
    /// The profile's environment, such as `production`.
    pub environment: String,
    /// Scheme, host and port, without a slash at the end.
    pub origin: String,
}

/// All routes that are expected or were seen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Routes {
    rules: Rules,
    claims: Arc<Claims>,
    expected: Vec<Expected>,
    /// In the order of noting.
    noted: BTreeMap<RouteId, Vec<Noted>>,
    /// Counts changes: rows are made anew only after one.
    revision: u64,
}

#[derive(Debug, Clone, PartialEq)]
struct Expected {
    place: Place,
    claims: Vec<Evidence>,
}

#[derive(Debug, Clone, PartialEq)]
struct Noted {
    evidence: Evidence,
    /// Seen by this run of the program: kept even where the store could not be written.
    observed: bool,
}

/// What is known of one route.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub id: RouteId,
    pub environment: String,
    pub judgement: Judgement,
    /// Claims first, then what was observed, in the order of noting.
    pub evidence: Vec<Evidence>,
    pub conditions: Vec<Condition>,
    /// The whole answer, of those that count: calls that brought something, lists and sites that answered.
    pub latency: Percentiles,
    /// Until the first byte, of the same.
    pub first_byte: Percentiles,
    /// Own observations.
    pub n: usize,
}

impl Row {
    /// The observation that a row's facts are of: the one that decided, else the newest that is no claim.
    pub fn shown(&self) -> Option<&Evidence> {
        let own = |seen: &&Evidence| seen.source != Source::Documentation;
        let decided = self.judgement.decided_by.as_ref().filter(own);
        decided.or_else(|| self.evidence.iter().rev().find(own))
    }
}

impl Routes {
    pub fn new(rules: Rules, claims: Arc<Claims>) -> Routes {
        Routes { rules, claims, ..Routes::default() }
    }

    /// Another number whenever something was noted.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub fn claims(&self) -> &Claims {
        &self.claims
    }

    /// Adds a row from the start, with the claims for it; a place with the same id is replaced. A profile is in one
    /// place: its other routes move along.
    pub fn expect(&mut self, place: Place, catalog: &Catalog) {
        self.revision += 1;
        for Expected { place: other, claims } in &mut self.expected {
            let moved = other.origin != place.origin || other.environment != place.environment;
            if other.id.profile == place.id.profile && moved {
                other.origin.clone_from(&place.origin);
                other.environment.clone_from(&place.environment);
                *claims = self.claims.for_place(other, catalog);
            }
        }
        let new = Expected { claims: self.claims.for_place(&place, catalog), place };
        match self.expected.iter_mut().find(|old| old.place.id == new.place.id) {
            Some(old) => *old = new,
            None => self.expected.push(new),
        }
    }

    /// Takes what was just observed; the same id again replaces what it said.
    pub fn observe(&mut self, evidence: Evidence) {
        self.revision += 1;
        let noted = self.noted.entry(evidence.route.clone()).or_default();
        let new = Noted { evidence, observed: true };
        match noted.iter_mut().find(|old| old.evidence.id == new.evidence.id) {
            Some(old) => *old = new,
            None => noted.push(new),
        }
        trim(noted);
    }

    /// Takes all that is stored now, in the order of the file, in place of what was learnt before. Of one id the later
    /// line counts, where it stands. What was observed and is not stored stays, after the rest.
    pub fn learn(&mut self, all: Vec<Evidence>) {
        self.revision += 1;
        let mut ids = HashSet::new();
        let newest_first = all.into_iter().rev().filter(|evidence| ids.insert(evidence.id.clone()));
        let stored: Vec<Noted> = newest_first.map(|evidence| Noted { evidence, observed: false }).collect();
        let before = std::mem::take(&mut self.noted).into_values().flatten();
        let only_here = before.filter(|noted| noted.observed && !ids.contains(&noted.evidence.id));
        for noted in stored.into_iter().rev().chain(only_here) {
            self.noted.entry(noted.evidence.route.clone()).or_default().push(noted);
        }
        self.noted.values_mut().for_each(trim);
    }

    /// The rows: profiles in the order in which they were expected, then those that are gone; kinds in the order of
    /// [`Kind::ALL`]; models by name.
    pub fn rows(&self, now: Timestamp, catalog: &Catalog) -> Vec<Row> {
        let expected = self.expected.iter().map(|expected| &expected.place.id);
        let seen = self.noted.keys().filter(|id| self.shown(id).next().is_some());
        let ids: BTreeSet<&RouteId> = expected.chain(seen).collect();
        // The set is in order already, and the sort keeps it inside each profile.
        let mut ids: Vec<&RouteId> = ids.into_iter().collect();
        ids.sort_by_key(|id| self.of_profile(&id.profile).map_or(usize::MAX, |(at, _)| at));
        ids.into_iter().map(|id| self.row(id, now, catalog)).collect()
    }

    /// What a row shows of a route: claims first, then what was observed where its profile is now.
    pub fn evidence(&self, id: &RouteId) -> Vec<Evidence> {
        self.claims_of(id).iter().chain(self.shown(id)).cloned().collect()
    }

    fn row(&self, id: &RouteId, now: Timestamp, catalog: &Catalog) -> Row {
        let evidence = self.evidence(id);
        let own = &evidence[self.claims_of(id).len()..];
        let counting: Vec<&Evidence> = own.iter().filter(|seen| counts(seen)).collect();
        let (site, models) = (self.of_kind(id, Kind::Site), self.of_kind(id, Kind::Models));
        let environment = match self.of_profile(&id.profile) {
            Some((_, place)) => place.environment.clone(),
            None => own.last().map(|seen| seen.environment.clone()).unwrap_or_default(),
        };
        Row {
            id: id.clone(),
            environment,
            judgement: judge(id.kind, &evidence, now, &self.rules, catalog),
            conditions: conditions(id.kind, own, &site, &models, &self.rules, catalog),
            latency: Percentiles::of(counting.iter().filter_map(|seen| seen.phases.done)),
            first_byte: Percentiles::of(counting.iter().filter_map(|seen| seen.phases.first_byte)),
            n: own.len(),
            evidence,
        }
    }

    fn claims_of(&self, id: &RouteId) -> &[Evidence] {
        let expected = self.expected.iter().find(|expected| expected.place.id == *id);
        expected.map(|expected| expected.claims.as_slice()).unwrap_or_default()
    }

    /// Own evidence, less what was seen where the profile led to before.
    fn shown(&self, id: &RouteId) -> impl Iterator<Item = &Evidence> {
        let place = self.of_profile(&id.profile).map(|(_, place)| place);
        let here = move |seen: &&Evidence| {
            seen.origin.is_empty() || place.is_none_or(|place| same_origin(&place.origin, &seen.origin))
        };
        self.noted.get(id).into_iter().flatten().map(|noted| &noted.evidence).filter(here)
    }

    /// The profile's newest evidence of a kind that has no model.
    fn of_kind(&self, id: &RouteId, kind: Kind) -> Vec<Evidence> {
        let id = RouteId { profile: id.profile.clone(), kind, model: String::new() };
        let shown: Vec<&Evidence> = self.shown(&id).collect();
        shown[shown.len().saturating_sub(NEWEST)..].iter().copied().cloned().collect()
    }

    /// Where a profile stands in the table, and its place.
    fn of_profile(&self, profile: &str) -> Option<(usize, &Place)> {
        let mut places = self.expected.iter().map(|expected| &expected.place).enumerate();
        places.find(|(_, place)| place.id.profile == profile)
    }
}

/// Whether an observation's times tell how quick its route is.
fn counts(seen: &Evidence) -> bool {
    let whole = matches!(seen.route.kind, Kind::Models | Kind::Site);
    brought(seen) || whole && seen.finding == Finding::Accepted
}

fn trim(noted: &mut Vec<Noted>) {
    let mut surplus = noted.len().saturating_sub(MOST_NOTED);
    // Probes first: a route's last picture counts more than how often it was asked since.
    noted.retain(|noted| {
        let goes = surplus > 0 && noted.evidence.source == Source::FreeProbe;
        surplus -= usize::from(goes);
        !goes
    });
    noted.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::Standing;

    fn id(profile: &str, kind: Kind, model: &str) -> RouteId {
        RouteId { profile: profile.into(), kind, model: model.into() }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn seen(name: &str, route: RouteId, origin: &str) -> Evidence {
        let evidence = Evidence::new(name.into(), route, at(0), Source::Call);
        Evidence { origin: origin.into(), finding: Finding::Picture, ..evidence }
    }

    fn expect(routes: &mut Routes, id: RouteId, origin: &str) {
        let place = Place { id, environment: "production".into(), origin: origin.into() };
        routes.expect(place, &Catalog::builtin());
    }

    fn rows(routes: &Routes) -> Vec<Row> {
        routes.rows(at(60), &Catalog::builtin())
    }

    fn names(rows: &[Row]) -> Vec<String> {
        rows.iter().map(|row| row.id.name()).collect()
    }

    fn ids(routes: &Routes, id: &RouteId) -> Vec<String> {
        routes.evidence(id).into_iter().map(|seen| seen.id).collect()
    }

    #[test]
    fn rows_stand_by_profile_then_kind_then_model() {
        let mut routes = Routes::default();
        expect(&mut routes, id("b", Kind::Images, "m"), "https://b");
        expect(&mut routes, id("b", Kind::Generate, "m"), "https://b");
        expect(&mut routes, id("a", Kind::Stream, "m"), "https://a");
        let gone = id("aa", Kind::Generate, "m");
        let (site, other) = (id("a", Kind::Site, ""), id("b", Kind::Generate, "k"));
        routes.learn([gone, site, other].map(|id| seen(&id.name(), id.clone(), "")).into());
        let expected = [
            "b/generateContent/k",
            "b/generateContent/m",
            "b/images/generations/m",
            "a/streamGenerateContent/m",
            "a/status",
            "aa/generateContent/m",
        ];
        assert_eq!(names(&rows(&routes)), expected);
    }

    #[test]
    fn evidence_of_another_place_is_hidden_until_the_profile_is_back() {
        let mut routes = Routes::default();
        let route = id("p", Kind::Generate, "m");
        routes.observe(seen("here", route.clone(), "https://one"));
        routes.observe(seen("nowhere", route.clone(), ""));
        routes.observe(seen("list", id("p", Kind::Models, ""), "https://one"));
        assert_eq!(rows(&routes).len(), 2);
        expect(&mut routes, id("p", Kind::Images, "m"), "https://one");
        for (origin, shown, count) in [("https://two", vec!["nowhere"], 2), ("https://one", vec!["here", "nowhere"], 3)]
        {
            expect(&mut routes, route.clone(), origin);
            assert_eq!(ids(&routes, &route), shown, "{origin}");
            assert_eq!(rows(&routes).len(), count, "{origin}: {:?}", names(&rows(&routes)));
        }
    }

    #[test]
    fn learning_and_observing_the_same_again_changes_nothing() {
        let mut routes = Routes::default();
        let route = id("p", Kind::Generate, "m");
        let [one, two, three] = ["1", "2", "3"].map(|name| seen(name, route.clone(), ""));
        let booked = Evidence { observed_usd: Some(0.1), ..one.clone() };
        routes.observe(three.clone());
        let file = vec![one, two.clone(), booked.clone()];
        routes.learn(file.clone());
        let once = rows(&routes);
        assert_eq!(ids(&routes, &route), ["2", "1", "3"]);
        assert_eq!(routes.evidence(&route)[1], booked);
        routes.learn(file);
        [two.clone(), booked, three].into_iter().for_each(|seen| routes.observe(seen));
        assert_eq!(rows(&routes), once);
        // What was only learnt goes with its line.
        let mut routes = Routes::default();
        routes.learn(vec![two]);
        routes.learn(vec![]);
        assert_eq!(ids(&routes, &route), [""; 0]);
    }

    #[test]
    fn nothing_grows_without_end() {
        let mut routes = Routes::default();
        let route = id("p", Kind::Generate, "m");
        routes.learn((0..=MOST_NOTED).map(|n| seen(&n.to_string(), route.clone(), "")).collect());
        routes.observe(seen("new", route.clone(), ""));
        let kept = ids(&routes, &route);
        assert_eq!((kept.len(), kept[0].as_str(), kept[MOST_NOTED - 1].as_str()), (MOST_NOTED, "2", "new"));
        // However often it was probed since, the call that proved it stays.
        let probe = |n: usize| Evidence { source: Source::FreeProbe, ..seen(&n.to_string(), route.clone(), "") };
        routes.learn(std::iter::once(seen("proof", route.clone(), "")).chain((0..MOST_NOTED).map(probe)).collect());
        let kept = ids(&routes, &route);
        assert_eq!((kept.len(), kept[0].as_str(), kept[1].as_str()), (MOST_NOTED, "proof", "2"));
    }

    #[test]
    fn claims_stand_before_evidence_and_are_no_observations() {
        let mut routes = Routes::new(Rules::default(), Arc::new(Claims::builtin()));
        let route = id("p", Kind::Generate, "gemini-3.1-flash-image-preview");
        expect(&mut routes, route.clone(), "https://crazyrouter.com");
        let before = rows(&routes);
        assert_eq!((before[0].judgement.standing, before[0].n), (Standing::Claimed, 0));
        routes.observe(seen("own", route, "https://crazyrouter.com"));
        let after = rows(&routes);
        assert_eq!((after[0].judgement.standing, after[0].n), (Standing::Proven, 1));
        assert_eq!(after[0].evidence[0].source, Source::Documentation);
    }
}
