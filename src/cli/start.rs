//! The app: on the user's profile, on the in-process demo when no key is configured, or on a saved reply.

use super::{OpenArgs, Shared, output, saved, send, setup};
use crate::app::Setup;
use crate::app::spend::Caps;
use crate::call::{Ask, Outcome, Reading, Recalled, Times};
use crate::config::{Loaded, Profile, Protocol, Settings, places};
use crate::demo::{Demo, Options};
use crate::exchange::{self, Means};
use crate::runtime::{self, Start};
use crate::store::Store;
use crate::text::Safe;
use crate::theme::Depth;
use crate::wire::request::{Call, Request};
use anyhow::bail;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

/// `unpeel` alone.
pub fn app(shared: &Shared) -> anyhow::Result<u8> {
    refuse_no_terminal()?;
    let loaded = setup::config(shared)?;
    let mut start = start(&loaded)?;
    let tokio = setup::tokio()?;
    if wants_demo(&loaded.settings) {
        let listener = tokio.block_on(Demo::bind(Options::default()))?;
        start.profile = "demo".to_owned();
        start.setup.banner = Some(format!("demo {}", listener.base()));
        start.setup.profiles.iter_mut().filter(|p| p.name == "demo").for_each(|p| p.base = listener.base());
        start.demo = Some(listener);
    }
    runtime::run(start, tokio)
}

/// `unpeel open`: a saved reply, without key or network.
pub fn open(shared: &Shared, args: &OpenArgs) -> anyhow::Result<u8> {
    let reply = saved::load(&args.path)?;
    if args.print {
        return print(reply, setup::config(shared)?.settings.preview.protocol);
    }
    refuse_no_terminal()?;
    let loaded = setup::config(shared)?;
    let mut start = start(&loaded)?;
    let profile = loaded.settings.profile(&loaded.settings.profile)?.clone();
    start.setup.banner = Some(format!("offline {}", args.path.display()));
    start.begun = reply.origin.stored.as_ref().map(|stored| stored.meta.time);
    start.offline = Some(offline(reply, &start.setup.profiles, &profile)?);
    runtime::run(start, setup::tokio()?)
}

fn refuse_no_terminal() -> anyhow::Result<()> {
    if std::env::var("TERM").is_ok_and(|term| term == "dumb") {
        bail!("TERM=dumb cannot show the app; `unpeel send`, `inspect` and the other commands work there");
    }
    if !std::io::stdout().is_terminal() {
        bail!("the app needs a terminal on stdout; `unpeel send`, `inspect` and the other commands work without");
    }
    Ok(())
}

fn start(loaded: &Loaded) -> anyhow::Result<Start> {
    let settings = &loaded.settings;
    let keymap = setup::keymap(settings)?;
    let depth = depth();
    let (means, notice) = match setup::means(loaded, false) {
        Ok(means) => (means, None),
        // Calls are refused by the store itself then; what is in it can be looked at.
        Err(error) => {
            let means = setup::means(loaded, true)?;
            let store = places::state_dir().ok().map(|dir| Store::at(&dir));
            (Means { store, ..means }, Some(format!("nothing can be stored, so nothing is sent: {error:#}")))
        }
    };
    setup::log_to_file(&means);
    Ok(Start {
        setup: Setup {
            keymap,
            catalog: Arc::clone(&means.catalog),
            profiles: settings.profiles.values().cloned().collect(),
            send_on_enter: settings.send_on_enter,
            banner: None,
            keyed: keyed(settings),
            rules: setup::rules(settings),
            claims: Arc::new(setup::claims(loaded)?),
            caps: Caps { session: settings.spend.session_usd, day: settings.spend.day_usd },
            utc_offset: TimeZone::system().to_offset(Timestamp::now()).seconds(),
        },
        profile: settings.profile.clone(),
        theme: settings.theme.clone(),
        depth,
        protocol: settings.preview.protocol,
        picture_budget: settings.preview.budget_kb as usize * 1000,
        notice,
        offline: None,
        begun: None,
        hangup: Duration::from_secs(settings.http.hangup_s),
        terminate: Duration::from_secs(settings.http.terminate_s),
        demo: None,
        probe_every: (settings.routes.probe_every_min > 0)
            .then(|| Duration::from_secs(60 * u64::from(settings.routes.probe_every_min))),
        means,
    })
}

fn keyed(settings: &Settings) -> BTreeSet<String> {
    settings.profiles.values().filter(|profile| setup::has_key(profile)).map(|profile| profile.name.clone()).collect()
}

fn depth() -> Depth {
    let get = |name| std::env::var(name).ok();
    Depth::detect(get("NO_COLOR").as_deref(), get("COLORTERM").as_deref(), get("TERM").as_deref())
}

/// The demo starts when it is asked for, and when no profile has a key: a newcomer sees pictures at once.
fn wants_demo(settings: &Settings) -> bool {
    let default_base = settings.profiles.get("demo").is_some_and(|demo| demo.base == "http://127.0.0.1:4000");
    let any_key = settings.profiles.values().any(setup::has_key);
    default_base && (settings.profile == "demo" || !any_key)
}

fn offline(reply: saved::SavedReply, profiles: &[Profile], profile: &Profile) -> anyhow::Result<Recalled> {
    if let Some(stored) = &reply.origin.stored {
        return exchange::recall(stored, profiles).map_err(anyhow::Error::msg);
    }
    let reading = Reading::of(reply.body);
    let outcome = Outcome {
        id: None,
        folder: None,
        verdict: reply.origin.judge(&reading),
        status: reply.origin.status,
        headers: reply.origin.headers,
        times: Times::default(),
        up: 0,
        down: reading.body.bytes().len() as u64,
        model_asked: profile.model.clone(),
        model_sent: profile.model.clone(),
        model_reported: reading.reply.model_version.as_ref().and_then(|v| v.as_str()).map(str::to_owned),
        request_id: None,
        tokens: reading.reply.tokens("totalTokenCount"),
        pixels: reading.reply.final_picture().and_then(|p| p.data.as_ref()?.size),
        cost_usd: None,
        booked_usd: None,
        saved: vec![],
        notes: reply.notes,
        evidence: None,
    };
    let ask = Ask {
        profile: profile.clone(),
        call: Call::Generate,
        model: profile.model.clone(),
        request: Request::default(),
        references: vec![],
        parent: None,
        replay: None,
    };
    Ok(Recalled { ask, outcome, reading: Arc::new(reading), live: None })
}

/// The final picture into the scrollback, the verdict on stderr.
fn print(reply: saved::SavedReply, protocol: Protocol) -> anyhow::Result<u8> {
    let reading = Reading::of(reply.body);
    let judged = reply.origin.judge(&reading);
    if let Some(bytes) = reading.final_number().and_then(|number| reading.picture(number)) {
        send::print_picture(&bytes, protocol)?;
    }
    for note in &reply.notes {
        output::tell(&Safe::of(&format!("note: {note}")));
    }
    output::tell(&Safe::of(&judged.line()));
    Ok(judged.exit_code())
}
