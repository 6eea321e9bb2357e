//! The app: on the user's profile, on the in-process demo when no key is configured, or on a saved reply.

use super::{OpenArgs, Shared, output, saved, send, setup};
use crate::app::Setup;
use crate::call::{Ask, Outcome, Reading, Times};
use crate::config::{Loaded, Profile, Protocol, Settings};
use crate::demo::{Demo, Options};
use crate::preview;
use crate::runtime::{self, Start};
use crate::text::Safe;
use crate::theme::Depth;
use crate::wire::request::{Call, Request};
use anyhow::bail;
use jiff::Timestamp;
use jiff::tz::TimeZone;
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
        return print(reply);
    }
    refuse_no_terminal()?;
    let loaded = setup::config(shared)?;
    let mut start = start(&loaded)?;
    let wanted = reply.origin.stored.as_ref().map(|stored| stored.meta.profile.as_str());
    let known = wanted.filter(|name| loaded.settings.profiles.contains_key(*name));
    let profile = loaded.settings.profile(known.unwrap_or(&loaded.settings.profile))?.clone();
    start.setup.banner = Some(format!("offline {}", args.path.display()));
    start.begun = reply.origin.stored.as_ref().map(|stored| stored.meta.time);
    start.offline = Some(offline(reply, profile));
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
        Err(error) => (setup::means(loaded, true)?, Some(format!("calls are not stored: {error:#}"))),
    };
    setup::log_to_file(&means);
    Ok(Start {
        setup: Setup {
            keymap,
            catalog: Arc::clone(&means.catalog),
            profiles: settings.profiles.values().cloned().collect(),
            send_on_enter: settings.send_on_enter,
            banner: None,
            utc_offset: TimeZone::system().to_offset(Timestamp::now()).seconds(),
        },
        profile: settings.profile.clone(),
        theme: settings.theme.clone(),
        depth,
        pictures: settings.preview.protocol != Protocol::Off && depth != Depth::None,
        notice,
        offline: None,
        begun: None,
        hangup: Duration::from_secs(settings.http.hangup_s),
        terminate: Duration::from_secs(settings.http.terminate_s),
        demo: None,
        means,
    })
}

fn depth() -> Depth {
    let get = |name| std::env::var(name).ok();
    Depth::detect(get("NO_COLOR").as_deref(), get("COLORTERM").as_deref(), get("TERM").as_deref())
}

/// The demo starts when it is asked for, and when no profile has a key: a newcomer sees pictures at once.
fn wants_demo(settings: &Settings) -> bool {
    let default_base = settings.profiles.get("demo").is_some_and(|demo| demo.base == "http://127.0.0.1:4000");
    let any_key = settings.profiles.values().any(has_key);
    default_base && (settings.profile == "demo" || !any_key)
}

fn has_key(profile: &Profile) -> bool {
    let set = |name: &String| std::env::var(name).is_ok_and(|value| !value.is_empty());
    profile.api_key_env.as_ref().is_some_and(set) || profile.api_key_command.is_some() || profile.api_key_file.is_some()
}

fn offline(reply: saved::SavedReply, profile: Profile) -> (Ask, Outcome, Arc<Reading>) {
    let reading = Reading::of(reply.body);
    let judged = reply.origin.judge(&reading);
    let folder = reply.origin.stored.as_ref().map(|stored| stored.folder.clone());
    let meta = reply.origin.stored.map(|stored| stored.meta);
    let request: Request =
        meta.as_ref().and_then(|m| serde_json::from_value(m.parameters.clone()).ok()).unwrap_or_default();
    let model = meta.as_ref().map_or_else(|| profile.model.clone(), |m| m.model.asked.clone());
    let reported = reading.reply.model_version.as_ref().and_then(|v| v.as_str()).map(str::to_owned);
    let outcome = Outcome {
        id: meta.as_ref().map(|m| m.id.clone()),
        folder: folder.clone(),
        verdict: judged,
        status: reply.origin.status,
        headers: reply.origin.headers,
        times: Times::default(),
        up: 0,
        down: reading.body.bytes().len() as u64,
        model_asked: model.clone(),
        model_sent: meta.as_ref().map_or_else(|| model.clone(), |m| m.model.sent.clone()),
        model_reported: reported,
        request_id: meta.as_ref().and_then(|m| m.request_id.clone()),
        tokens: reading.reply.tokens("totalTokenCount"),
        pixels: reading.reply.final_picture().and_then(|p| p.data.as_ref()?.size),
        cost_usd: meta.as_ref().and_then(|m| m.cost_usd),
        saved: vec![],
        notes: reply.notes,
        evidence: None,
    };
    let stream = meta.as_ref().is_some_and(|m| m.kind == Call::Stream.as_str());
    let ask = Ask {
        profile,
        call: if stream { Call::Stream } else { Call::Generate },
        model,
        request,
        references: vec![],
        parent: meta.as_ref().map(|m| m.id.clone()),
        // Sent again, it is the stored bytes: reference pictures are in them and nowhere else.
        replay: folder,
    };
    (ask, outcome, Arc::new(reading))
}

/// The final picture into the scrollback, the verdict on stderr.
fn print(reply: saved::SavedReply) -> anyhow::Result<u8> {
    let reading = Reading::of(reply.body);
    let judged = reply.origin.judge(&reading);
    let number = reading.reply.pictures.iter().position(|p| p.is_final && p.data.is_some());
    if let Some(bytes) = number.and_then(|number| reading.picture(number)) {
        preview::print_blocks(&bytes, None, send::truecolor())?;
    }
    for note in &reply.notes {
        output::tell(&Safe::of(&format!("note: {note}")));
    }
    output::tell(&Safe::of(&judged.line()));
    Ok(judged.exit_code())
}
