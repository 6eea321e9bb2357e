//! `unpeel routes`: what is known of each route and by what evidence; free probes, and paid ones that ask first.

use super::{SendArgs, Shared, output, send, setup};
use crate::app::{probe as paid, routes as places};
use crate::call::{Ask, ProbePlan};
use crate::config::{Loaded, Profile, base};
use crate::exchange::Means;
use crate::probe;
use crate::route::markdown::{Sheet, markdown};
use crate::route::{Age, Costs, Evidence, Money, Routes, Row, Standing};
use crate::text::{self, Safe};
use crate::wire::request::Call;
use anyhow::bail;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal};
use std::sync::Arc;
use std::time::Duration;

/// Exit codes: a native route is degraded; one is failing.
const DEGRADED: u8 = 1;
const FAILING: u8 = 3;

#[derive(Debug, clap::Args)]
pub struct RoutesArgs {
    /// Ask what is free: server, model lists, and the native call with empty contents
    #[arg(long)]
    pub probe: bool,
    /// Make one real picture, as small as can be, on the profile; asks first, with its price
    #[arg(long, conflicts_with = "probe_images")]
    pub probe_paid: bool,
    /// Try the images route of the profile once; asks first: it is expected to fail unpaid, or makes a picture
    #[arg(long)]
    pub probe_images: bool,
    /// Do not ask before a paid probe
    #[arg(long, short)]
    pub yes: bool,
    /// One JSON array
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// A Markdown table with dates and evidence
    #[arg(long)]
    pub markdown: bool,
    /// The evidence of each route, not only its row
    #[arg(long)]
    pub evidence: bool,
    /// Model of a paid probe; the profile's own by default
    #[arg(long)]
    pub model: Option<String>,
    /// Prompt of a paid probe
    #[arg(long)]
    pub prompt: Option<String>,
}

pub fn routes(shared: &Shared, args: &RoutesArgs) -> anyhow::Result<u8> {
    let loaded = setup::config(shared)?;
    let chosen = chosen(shared, &loaded)?;
    let probing = args.probe || args.probe_paid || args.probe_images;
    let means = setup::means(&loaded, !probing)?;
    if args.probe {
        setup::tokio()?.block_on(free(&chosen, &means))?;
    }
    if args.probe_paid || args.probe_images {
        pay(args, &loaded, &means)?;
    }
    let table = table(&loaded, &means)?;
    let now = Timestamp::now();
    let mut rows = table.rows(now, &means.catalog);
    if shared.profile.is_some() {
        rows.retain(|row| row.id.profile == loaded.settings.profile);
    }
    print(args, &rows, &table, &means, now)?;
    Ok(exit_code(&rows, &loaded, now))
}

/// The profiles that are probed: the named one, else all that have a key.
fn chosen(shared: &Shared, loaded: &Loaded) -> anyhow::Result<Vec<Profile>> {
    let settings = &loaded.settings;
    if shared.profile.is_some() {
        return Ok(vec![settings.profile(&settings.profile)?.clone()]);
    }
    Ok(settings.profiles.values().filter(|profile| setup::has_key(profile)).cloned().collect())
}

/// Free probes, one profile after the other; a server that was asked a moment ago is given its time.
async fn free(profiles: &[Profile], means: &Means) -> anyhow::Result<()> {
    if profiles.is_empty() {
        bail!("no profile has a key; set one (`unpeel doctor` names the variables), or probe one with --profile NAME");
    }
    for profile in profiles {
        let noted: Vec<Evidence> = means
            .store
            .iter()
            .flat_map(|store| store.evidence())
            .filter_map(|line| Evidence::from_json(&line))
            .collect();
        if let Some(seconds) = places::pause(noted.iter(), &base::origin(&profile.base), Timestamp::now()) {
            tokio::time::sleep(Duration::from_secs(seconds.unsigned_abs())).await;
        }
        match probe::run(&ProbePlan::all(profile, &means.catalog), means).await {
            Ok(round) => round.notes.iter().for_each(|note| output::tell(&Safe::of(&format!("note: {note}")))),
            Err(why) => output::tell(&Safe::of(&format!("note: {why}"))),
        }
    }
    Ok(())
}

/// One paid probe of the profile in use.
fn pay(args: &RoutesArgs, loaded: &Loaded, means: &Means) -> anyhow::Result<()> {
    let profile = loaded.settings.profile(&loaded.settings.profile)?;
    let model = args.model.as_deref().unwrap_or(&profile.model);
    let catalog = &means.catalog;
    let mut ask = match args.probe_images {
        true => paid::legacy(profile, places::images_name(catalog.resolve(model), catalog)),
        false => paid::smallest(profile, Call::from(profile.mode), model, catalog),
    };
    if let Some(prompt) = &args.prompt {
        ask.request.prompt.clone_from(prompt);
    }
    if !args.yes && !agreed(&ask, means)? {
        bail!("nothing was sent");
    }
    let quiet = SendArgs { json: true, over_cap: args.yes, ..SendArgs::default() };
    send::probe(loaded, &quiet, ask)
}

fn agreed(ask: &Ask, means: &Means) -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("a paid probe asks first, and there is no terminal to ask on; --yes sends it");
    }
    let price = paid::price(ask, &means.catalog).words();
    output::tell(&Safe::of(&format!("{} Go on? [y/N]", paid::question(ask, &price))));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

/// All routes with all that is noted of them.
fn table(loaded: &Loaded, means: &Means) -> anyhow::Result<Routes> {
    let mut table = Routes::new(setup::rules(&loaded.settings), Arc::new(setup::claims(loaded)?));
    let profiles: Vec<Profile> = loaded.settings.profiles.values().cloned().collect();
    for place in places::places(&profiles, &means.catalog) {
        table.expect(place, &means.catalog);
    }
    let lines = means.store.iter().flat_map(|store| store.evidence());
    table.learn(lines.filter_map(|line| Evidence::from_json(&line)).collect());
    Ok(table)
}

fn print(args: &RoutesArgs, rows: &[Row], table: &Routes, means: &Means, now: Timestamp) -> anyhow::Result<()> {
    if args.json {
        let drift = table.rules().drift;
        return output::json(&rows.iter().map(|row| object(row, drift)).collect::<Vec<_>>());
    }
    let utc_offset = TimeZone::system().to_offset(now).seconds();
    if args.markdown {
        let sheet = Sheet { now, utc_offset, catalog: &means.catalog, rules: table.rules() };
        return output::lines(Safe::lines(markdown(rows, table.claims(), &sheet).trim_end_matches('\n')));
    }
    let head = ["verdict", "age", "route", "http", "class", "first byte", "cost exp/booked", "request id"];
    let mut lines = vec![head.map(Safe::from).to_vec()];
    lines.extend(rows.iter().map(|row| line(row, table, now)));
    output::lines(output::table(&lines))?;
    if args.evidence {
        output::lines(rows.iter().flat_map(|row| evidence(row, now)))?;
    }
    Ok(())
}

fn verdict(row: &Row) -> String {
    let stale = if row.judgement.stale && row.judgement.standing != Standing::Claimed { ", stale" } else { "" };
    match row.judgement.level.filter(|_| row.judgement.standing == Standing::Failing) {
        Some(level) => format!("failing:{}{stale}", level.word()),
        None => format!("{}{stale}", row.judgement.standing.word()),
    }
}

fn line(row: &Row, table: &Routes, now: Timestamp) -> Vec<Safe> {
    let last = row.shown();
    let age = row.judgement.decided_by.as_ref().map(|by| Age::of(by.at, now).short()).unwrap_or_default();
    let first = match (row.first_byte.p50, row.first_byte.p95) {
        (Some(half), Some(most)) => {
            format!("p50 {} p95 {} n={}", text::seconds(half / 1e3), text::seconds(most / 1e3), row.first_byte.n)
        }
        _ => last.and_then(|seen| seen.phases.first_byte).map(|ms| text::seconds(ms / 1e3)).unwrap_or_default(),
    };
    let cells = [
        verdict(row),
        age,
        row.id.name(),
        last.and_then(|seen| seen.status).map(|status| status.to_string()).unwrap_or_default(),
        last.map(|seen| seen.class.clone()).unwrap_or_default(),
        first,
        money(row, table),
        last.and_then(|seen| seen.request_id.clone()).unwrap_or_default(),
    ];
    cells.iter().map(|cell| Safe::head(cell, 60)).collect()
}

fn priced(row: &Row) -> Option<Costs> {
    let seen = row.evidence.iter().rev().find(|seen| seen.observed_usd.is_some());
    let seen = seen.or_else(|| row.evidence.iter().rev().find(|seen| seen.expected_usd.is_some()))?;
    Some(Costs::of(seen))
}

fn money(row: &Row, table: &Routes) -> String {
    let Some(costs) = priced(row) else { return String::new() };
    let usd = |usd: Option<f64>| usd.map_or_else(|| "–".to_owned(), |usd| format!("${usd:.3}"));
    let word = match costs.money(table.rules().drift) {
        Money::Unknown => "",
        money => money.word(),
    };
    format!("{}/{} {word}", usd(costs.expected), usd(costs.observed)).trim_end().to_owned()
}

/// The route's reason, what to do, its conditions, and each observation.
fn evidence(row: &Row, now: Timestamp) -> Vec<Safe> {
    let mut lines = vec![Safe::default(), Safe::of(&format!("{}  {}", row.id.name(), verdict(row)))];
    let mut say = |text: String| lines.push(Safe::head(&text, 600));
    say(format!("  because: {}", row.judgement.reason));
    if !row.judgement.advice.is_empty() {
        say(format!("  try: {}", row.judgement.advice));
    }
    for condition in &row.conditions {
        let check = format!("{:?}", condition.check).to_lowercase();
        say(format!("  {check}: {}: {}", condition.name, condition.detail));
    }
    for seen in row.evidence.iter().rev() {
        let status = seen.status.map(|status| format!(" HTTP {status}")).unwrap_or_default();
        let (id, age, source) = (&seen.id, Age::of(seen.at, now).short(), seen.source.name());
        say(format!("  {id}  {age}  {source}{status}  {}: {}", seen.class, seen.reason));
    }
    lines
}

fn object(row: &Row, drift: f64) -> Value {
    let judgement = &row.judgement;
    let last = row.shown();
    let costs = priced(row).unwrap_or(Costs { expected: None, observed: None });
    let conditions = row.conditions.iter().map(|condition| {
        let check = format!("{:?}", condition.check).to_lowercase();
        json!({"name": condition.name, "check": check, "detail": condition.detail, "at": condition.at.map(|at| at.to_string())})
    });
    json!({
        "route": row.id.name(), "profile": row.id.profile, "environment": row.environment, "kind": row.id.kind.word(),
        "model": row.id.model, "verdict": judgement.standing.word(),
        "level": judgement.level.map(crate::catalog::Level::word),
        "reason": judgement.reason, "advice": judgement.advice, "stale": judgement.stale,
        "at": judgement.decided_by.as_ref().map(|by| by.at.to_string()),
        "provenAt": judgement.proven_at.map(|at| at.to_string()),
        "n": row.n, "p50Ms": row.latency.p50, "p95Ms": row.latency.p95,
        "requestId": judgement.decided_by.as_ref().and_then(|by| by.request_id.clone()),
        "exchange": judgement.decided_by.as_ref().and_then(|by| by.exchange.clone()),
        "status": last.and_then(|seen| seen.status), "class": last.map(|seen| seen.class.clone()),
        "models": json!({
            "asked": last.and_then(|seen| seen.model_asked.clone()), "sent": row.id.model,
            "reported": last.and_then(|seen| seen.model_reported.clone()),
        }),
        "count": last.and_then(|seen| seen.count),
        "expectedUsd": costs.expected, "bookedUsd": costs.observed,
        "billing": costs.money(drift).word(),
        "conditions": conditions.collect::<Vec<_>>(),
        "evidence": row.evidence.iter().map(Evidence::to_json).collect::<Vec<_>>(),
    })
}

/// By the native routes alone, since the images route is expected to fail; of profiles that are still there, and by what
/// was seen of late. A time ahead of the clock is another clock's, not an old one.
fn exit_code(rows: &[Row], loaded: &Loaded, now: Timestamp) -> u8 {
    let old = |row: &Row| row.judgement.stale && row.judgement.decided_by.as_ref().is_none_or(|by| by.at <= now);
    let counts =
        |row: &&Row| row.id.kind.is_native() && loaded.settings.profiles.contains_key(&row.id.profile) && !old(row);
    let any = |standing| rows.iter().filter(counts).any(|row| row.judgement.standing == standing);
    if any(Standing::Failing) {
        FAILING
    } else if any(Standing::Degraded) {
        DEGRADED
    } else {
        0
    }
}
