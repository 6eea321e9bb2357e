//! The routes pane: which routes there are, the selected one, and the probes that its keys ask for.

use super::message::Effect;
use super::overlay::{Overlay, Question, scrolled};
use super::probe;
use super::spend::over_cap;
use super::state::State;
use super::update::distance;
use crate::call::{Ask, ProbePlan};
use crate::catalog::Catalog;
use crate::config::base;
use crate::config::{Mode, Profile};
use crate::keymap::{Action, KeyPress};
use crate::layout::Pane;
use crate::route::markdown::{Sheet, markdown};
use crate::route::{Evidence, Kind, Place, RouteId, Row, Source};
use crate::wire::host::is_loopback;
use crate::wire::request::Call;
use std::collections::BTreeSet;

/// Between two rounds of free probes of one server, in seconds; on this machine only a held key is slowed down.
const PAUSE_S: i64 = 10;
const LOCAL_PAUSE_S: i64 = 1;
/// Rows are at most so old, in seconds.
const REFRESH_S: i64 = 60;

/// What the pane itself knows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RoutesPane {
    pub selected: usize,
    /// Profiles whose probes are on their way.
    pub probing: BTreeSet<String>,
    /// What is shown, and of which revision and time it was made.
    rows: Vec<Row>,
    made_of: (u64, i64),
}

/// The routes that are there before anything was seen: each profile's native one, and the images route it may have.
pub fn places(profiles: &[Profile], catalog: &Catalog) -> Vec<Place> {
    let mut places = Vec::new();
    for profile in profiles {
        let mut add = |kind: Kind, model: &str| {
            places.push(Place {
                id: RouteId { profile: profile.name.clone(), kind, model: model.to_owned() },
                environment: profile.environment.clone(),
                origin: base::origin(&profile.base),
            });
        };
        let native = if profile.mode == Mode::Stream { Kind::Stream } else { Kind::Generate };
        let model = catalog.resolve(&profile.model);
        add(native, model);
        if base::endpoint(&profile.base).is_ok_and(|base| !base.is_google()) {
            add(Kind::Images, images_name(model, catalog));
        }
    }
    places
}

/// The name under which the images route knows a model: its alias, where it has one.
pub fn images_name<'a>(model: &'a str, catalog: &'a Catalog) -> &'a str {
    catalog.model(model).and_then(|known| known.aliases.first()).map_or(model, String::as_str)
}

/// Rows for every profile, so that the table shows what is not known yet; the profile in use first.
pub fn expect_all(state: &mut State) {
    let setup = state.setup.clone();
    let (mine, others): (Vec<_>, Vec<_>) =
        places(&setup.profiles, &setup.catalog).into_iter().partition(|place| place.id.profile == state.params.profile);
    for place in mine.into_iter().chain(others) {
        state.routes.expect(place, &setup.catalog);
    }
    refresh(state);
}

pub fn rows(state: &State) -> &[Row] {
    &state.routes_pane.rows
}

/// Makes the rows anew when something was noted, and now and then, since proof grows stale. They are drawn with every
/// frame, and judging thousands of observations takes longer than a key may wait.
pub fn refresh(state: &mut State) {
    let now = (state.routes.revision(), state.now.as_second().div_euclid(REFRESH_S));
    if state.routes_pane.made_of != now {
        state.routes_pane.rows = state.routes.rows(state.now, &state.setup.catalog);
        state.routes_pane.made_of = now;
    }
}

/// A key in the pane.
pub fn press(state: &mut State, action: Action) -> Vec<Effect> {
    let last = rows(state).len().saturating_sub(1);
    state.routes_pane.selected = state.routes_pane.selected.min(last);
    if let Some(by) = distance(action, state.rows_of(Pane::Routes)) {
        state.routes_pane.selected = state.routes_pane.selected.saturating_add_signed(by).min(last);
        return vec![];
    }
    let Some(id) = rows(state).get(state.routes_pane.selected).map(|row| row.id.clone()) else { return vec![] };
    match action {
        Action::Open => {
            state.overlay = Some(Overlay::Route { id, scroll: 0 });
            vec![]
        }
        _ => act(state, &id, action),
    }
}

/// A key in the box with a route's evidence.
pub fn press_in_card(
    state: &mut State,
    id: RouteId,
    scroll: usize,
    key: KeyPress,
    action: Option<Action>,
) -> Vec<Effect> {
    if action == Some(Action::Open) {
        return show(state, &id);
    }
    let effects = action.map(|action| act(state, &id, action)).unwrap_or_default();
    if state.overlay.is_none() {
        let most = state.routes.evidence(&id).len().saturating_mul(2) + 60;
        state.overlay = Some(Overlay::Route { id, scroll: scrolled(scroll, key).min(most) });
    }
    effects
}

/// The stored call that a route's row rests on: the one that decided, else the newest.
pub fn exchange(row: &Row) -> Option<&str> {
    let newest = || row.evidence.iter().rev().find_map(|seen| seen.exchange.as_deref());
    row.judgement.decided_by.as_ref().and_then(|by| by.exchange.as_deref()).or_else(newest)
}

/// Brings request and reply of a route's call on the screen.
fn show(state: &mut State, id: &RouteId) -> Vec<Effect> {
    let row = rows(state).iter().find(|row| row.id == *id);
    let Some(wanted) = row.and_then(exchange).map(str::to_owned) else {
        state.say("no call of this route is stored; a probe keeps its evidence only");
        return vec![];
    };
    if !super::history::go_to(state, &wanted) {
        state.complain(format!("exchange {wanted} is not in the log any more"));
        return vec![];
    }
    state.focus(Pane::Log);
    super::log::show_selected(state)
}

fn act(state: &mut State, id: &RouteId, action: Action) -> Vec<Effect> {
    match action {
        Action::Probe => probe_one(state, id),
        Action::ProbeAll => probe_all(state),
        Action::PaidProbe => ask_paid(state, id),
        _ => vec![],
    }
}

/// The table as Markdown, with the evidence it rests on.
pub fn copy(state: &State) -> Effect {
    let sheet = Sheet {
        now: state.now,
        utc_offset: state.setup.utc_offset,
        catalog: &state.setup.catalog,
        rules: state.routes.rules(),
    };
    Effect::Copy { text: markdown(rows(state), state.routes.claims(), &sheet), what: "the table of routes" }
}

fn profile<'a>(state: &'a State, name: &str) -> Option<&'a Profile> {
    state.setup.profiles.iter().find(|profile| profile.name == name)
}

fn probe_one(state: &mut State, id: &RouteId) -> Vec<Effect> {
    let Some(profile) = profile(state, &id.profile).cloned() else {
        state.complain(format!("profile {} is not configured any more; nothing is probed", id.profile));
        return vec![];
    };
    let plan =
        |site: bool, lists: bool, dry: Vec<(Call, String)>| ProbePlan { profile: profile.clone(), site, lists, dry };
    let plan = match id.kind {
        Kind::Generate => plan(true, true, vec![(Call::Generate, id.model.clone())]),
        Kind::Stream => plan(true, true, vec![(Call::Stream, id.model.clone())]),
        Kind::Models => plan(false, true, vec![]),
        Kind::Site => plan(true, false, vec![]),
        Kind::Images => {
            let key = state.setup.keymap.hint(Action::PaidProbe);
            state.say(format!("the images route cannot be tried for free; {key} asks for one paid try"));
            return vec![];
        }
    };
    start(state, vec![plan])
}

/// All that is free, of every profile that has a key.
fn probe_all(state: &mut State) -> Vec<Effect> {
    let setup = state.setup.clone();
    let chosen = |profile: &&Profile| setup.keyed.contains(&profile.name) || profile.name == state.params.profile;
    let plans = setup.profiles.iter().filter(chosen).map(|profile| ProbePlan::all(profile, &setup.catalog)).collect();
    start(state, plans)
}

/// The time for free probes that run by themselves has come.
pub fn due(state: &mut State) -> Vec<Effect> {
    let notice = state.notice.clone();
    let effects = probe_all(state);
    // Nobody asked just now: nothing is said.
    state.notice = notice;
    effects
}

/// Leaves out what is on its way and what was asked a moment ago.
fn start(state: &mut State, plans: Vec<ProbePlan>) -> Vec<Effect> {
    let (mut now, mut why) = (Vec::new(), None);
    let busy = servers_being_probed(state);
    for plan in plans {
        let name = plan.profile.name.clone();
        if state.routes_pane.probing.contains(&name) {
            why = Some(format!("{name} is being probed"));
        } else if busy.contains(&base::origin(&plan.profile.base)) {
            why = Some(format!("the server of {name} is being probed for another profile"));
        } else if let Some(seconds) = wait(state, &plan.profile) {
            why = Some(format!("{name} was probed a moment ago; wait {seconds} s"));
        } else {
            state.routes_pane.probing.insert(name);
            now.push(plan);
        }
    }
    if now.is_empty() {
        state.say(why.unwrap_or_else(|| "there is no profile to probe".to_owned()));
        return vec![];
    }
    let names: Vec<&str> = now.iter().map(|plan| plan.profile.name.as_str()).collect();
    state.say(format!("free probes of {}", names.join(", ")));
    vec![Effect::Probe(now)]
}

fn servers_being_probed(state: &State) -> BTreeSet<String> {
    let probing = |profile: &&Profile| state.routes_pane.probing.contains(&profile.name);
    state.setup.profiles.iter().filter(probing).map(|profile| base::origin(&profile.base)).collect()
}

/// Seconds until a server may be probed again.
fn wait(state: &State, profile: &Profile) -> Option<i64> {
    let origin = base::origin(&profile.base);
    let all = rows(state).iter().flat_map(|row| &row.evidence);
    pause(all, &origin, state.now)
}

/// Seconds between two rounds of free probes of a server.
pub fn pause_of(origin: &str) -> i64 {
    let local = url::Url::parse(origin).is_ok_and(|url| is_loopback(&url));
    if local { LOCAL_PAUSE_S } else { PAUSE_S }
}

/// Seconds to wait before free probes of a server, by what was noted of earlier ones.
pub fn pause<'a>(evidence: impl Iterator<Item = &'a Evidence>, origin: &str, now: jiff::Timestamp) -> Option<i64> {
    let pause = pause_of(origin);
    let last = evidence.filter(|seen| seen.source == Source::FreeProbe && seen.origin == origin).map(|seen| seen.at);
    // A time ahead of now is another clock's; it holds nobody up for longer than a pause.
    let since = last.map(|at| now.as_millisecond() - at.as_millisecond());
    let since = since.filter(|since| *since > -pause * 1000).map(|since| since.max(0)).min()?;
    let left = pause * 1000 - since;
    (left > 0).then_some((left + 999) / 1000)
}

/// What a round of free probes gave.
pub fn probed(state: &mut State, profile: &str, evidence: Vec<Evidence>, notes: &[String]) {
    state.routes_pane.probing.remove(profile);
    let bad = evidence.iter().find(|seen| seen.level.is_some()).map(|seen| seen.reason.clone());
    evidence.into_iter().for_each(|seen| state.routes.observe(seen));
    match (bad, notes.first()) {
        (Some(why), _) => state.complain(format!("{profile}: {why}")),
        (None, Some(note)) => state.complain(note.clone()),
        (None, None) => state.say(format!("{profile}: free probes are done")),
    }
}

/// Asks before anything is paid: what, how often, and for how much.
fn ask_paid(state: &mut State, id: &RouteId) -> Vec<Effect> {
    let Some(profile) = profile(state, &id.profile).cloned() else {
        state.complain(format!("profile {} is not configured any more; nothing is probed", id.profile));
        return vec![];
    };
    let catalog = &state.setup.catalog;
    let ask = match id.kind {
        Kind::Images => probe::legacy(&profile, &id.model),
        Kind::Stream => probe::smallest(&profile, Call::Stream, &id.model, catalog),
        Kind::Generate | Kind::Models | Kind::Site => {
            let model = if id.model.is_empty() { profile.model.as_str() } else { &id.model };
            probe::smallest(&profile, Call::Generate, model, catalog)
        }
    };
    let words = paid_words(state, &ask);
    state.overlay = Some(Overlay::Confirm(Question::PaidProbe(Box::new(ask), words)));
    vec![]
}

fn paid_words(state: &State, ask: &Ask) -> String {
    let price = probe::price(ask, &state.setup.catalog).words();
    let what = probe::question(ask, &price);
    match over_cap(state, ask) {
        Some(cap) => format!("{what} {cap}"),
        None => what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn a_server_has_its_pause_and_a_clock_ahead_holds_nobody_up() {
        let (far, here) = ("https://api.example", "http://127.0.0.1:4000");
        let now = Timestamp::from_second(1000).expect("in range");
        for (origin, second, source, wait) in [
            (far, 1000, Source::FreeProbe, Some(10)),
            (far, 993, Source::FreeProbe, Some(3)),
            (far, 990, Source::FreeProbe, None),
            (far, 1004, Source::FreeProbe, Some(10)),
            (far, 1010, Source::FreeProbe, None),
            (far, 9000, Source::FreeProbe, None),
            (far, 1000, Source::Call, None),
            (here, 1000, Source::FreeProbe, Some(1)),
            (here, 999, Source::FreeProbe, None),
            ("https://other.example", 1000, Source::FreeProbe, None),
        ] {
            let route = RouteId { profile: "p".into(), kind: Kind::Site, model: String::new() };
            let seen = Evidence::new("e".into(), route, Timestamp::from_second(second).expect("in range"), source);
            let noted = Evidence { origin: origin.into(), ..seen };
            let asked = if origin.contains("other") { far } else { origin };
            assert_eq!(pause([&noted].into_iter(), asked, now), wait, "{origin} {second} {source:?}");
        }
    }
}
