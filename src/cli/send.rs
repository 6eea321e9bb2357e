//! `unpeel send`: one call, made and judged as the app does it.

use super::{SendArgs, Shared, output, setup};
use crate::app::spend::{cost, midnight_before, price};
use crate::call::{Answer, Ask, Progress, Stage};
use crate::config::{Loaded, Protocol, Spend};
use crate::exchange::{self, Means, Prepared, Refused, Settled, Wanted};
use crate::preview::{self, Surroundings, Way};
use crate::probe;
use crate::route::Source;
use crate::store;
use crate::text::{self, Safe};
use crate::theme::Depth;
use crate::wire::report;
use crate::wire::request::{Call, Request};
use anyhow::{Context, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::Instant;

pub fn send(shared: &Shared, args: &SendArgs) -> anyhow::Result<u8> {
    let loaded = setup::config(shared)?;
    let settings = &loaded.settings;
    let profile = settings.profile(&settings.profile)?.clone();
    let ask = ask(args, profile)?;
    run(&loaded, args, ask, Source::Call)
}

/// Makes a call and says what became of it.
pub fn run(loaded: &Loaded, args: &SendArgs, ask: Ask, source: Source) -> anyhow::Result<u8> {
    let Made { answer, asked, out, lost } = make(loaded, args, ask, source)?;
    // From here on the exit code is the verdict's: the call was made, whoever reads its output.
    if let Err(error) = print(args, &answer, &asked.profile.name, out) {
        output::tell(&Safe::of(&format!("note: the result could not be printed: {error}")));
    }
    Ok(if lost { UNKNOWN } else { answer.outcome.verdict.exit_code() })
}

/// Makes a paid probe: a call whose outcome is told on stderr alone.
pub fn probe(loaded: &Loaded, args: &SendArgs, ask: Ask) -> anyhow::Result<()> {
    let Made { answer, .. } = make(loaded, args, ask, Source::PaidProbe)?;
    for note in &answer.outcome.notes {
        output::tell(&Safe::of(&format!("note: {note}")));
    }
    output::tell(&Safe::of(&answer.outcome.verdict.line()));
    Ok(())
}

struct Made {
    answer: Answer,
    asked: Ask,
    /// The copy that `--out` asked for, or the only one.
    out: Option<PathBuf>,
    /// A picture came and could be kept nowhere.
    lost: bool,
}

fn make(loaded: &Loaded, args: &SendArgs, ask: Ask, source: Source) -> anyhow::Result<Made> {
    let settings = &loaded.settings;
    if let Some(path) = &args.out {
        store::check_free(path)?;
        store::check_free(&store::sidecar_path(path))?;
    }
    let means = setup::means(loaded, args.out.is_some())?;
    let means = Means { reconcile: means.reconcile || args.reconcile || source == Source::PaidProbe, ..means };
    let mut ask = ask;
    ask.profile.plain_http |= args.plain_http;
    let prepared = Prepared { source, ..exchange::prepare(ask, &means, &setup::variable)? };
    over_cap(&prepared, &means, settings.spend, args)?;
    let asked = prepared.ask.clone();
    let bounds = Bounds { hangup: settings.http.hangup_s, terminate: settings.http.terminate_s };
    let tokio = setup::tokio()?;
    let mut answer = tokio.block_on(call(prepared, &means, args, bounds))?;
    if args.fetch {
        tokio.block_on(fetch(&mut answer, &asked, &means));
    }
    let captions = args.caption || means.captions;
    let out = args.out.as_deref().and_then(|path| copy_out(path, &mut answer, &asked, captions));
    let out = out.or_else(|| rescue(&mut answer, &asked));
    if args.show
        && let Err(error) = show(&answer, settings.preview.protocol)
    {
        answer.outcome.notes.push(format!("the picture cannot be shown: {error}"));
    }
    let lost = out.is_none() && answer.final_path().is_none() && answer.reading.final_number().is_some();
    Ok(Made { answer, asked, out, lost })
}

/// The exit code of an outcome that is unknown, or whose picture could be kept nowhere.
const UNKNOWN: u8 = 4;

/// A picture that the store did not take is written to the working folder, else to the temporary one.
fn rescue(answer: &mut Answer, ask: &Ask) -> Option<PathBuf> {
    if answer.final_path().is_some() || answer.reading.final_number().is_none() {
        return None;
    }
    let picture = answer.reading.final_number();
    let kept = exchange::keep_somewhere(&answer.reading, picture, ask, &answer.outcome);
    let note = match &kept {
        Some(path) => format!("the store did not take the picture; its only copy is {}", path.display()),
        None => "the picture could be written nowhere; free some space and open the stored exchange".to_owned(),
    };
    answer.outcome.notes.push(note);
    kept
}

fn ask(args: &SendArgs, profile: crate::config::Profile) -> anyhow::Result<Ask> {
    let prompt = match args.prompt.as_deref() {
        Some("-") => {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text).context("the prompt on stdin cannot be read")?;
            text
        }
        Some(text) => text.to_owned(),
        None => bail!("no prompt; write `unpeel send \"a red fox\"`, or - to read it from stdin"),
    };
    let request = Request {
        prompt,
        system: args.system.clone(),
        aspect_ratio: args.aspect.clone(),
        image_size: args.size.clone(),
        seed: args.seed,
        extra: args.set.iter().map(|pair| extra(pair)).collect::<anyhow::Result<_>>()?,
        ..Request::default()
    };
    Ok(Ask {
        call: if args.stream { Call::Stream } else { Call::from(profile.mode) },
        model: args.model.clone().unwrap_or_else(|| profile.model.clone()),
        profile,
        request,
        references: args.images.clone(),
        parent: None,
        replay: None,
    })
}

fn extra(pair: &str) -> anyhow::Result<(String, Value)> {
    let Some((path, text)) = pair.split_once('=') else {
        bail!("--set {pair:?} has no =; write PATH=JSON, for example generationConfig.topK=40");
    };
    let value = serde_json::from_str(text).with_context(|| {
        format!("--set {path}: {text:?} is not JSON; a text needs quotes inside, for example {path}='\"{text}\"'")
    })?;
    Ok((path.to_owned(), value))
}

/// How long the call may go on after a signal, in seconds.
#[derive(Clone, Copy)]
struct Bounds {
    hangup: u64,
    terminate: u64,
}

async fn call(prepared: Prepared, means: &Means, args: &SendArgs, bounds: Bounds) -> anyhow::Result<Answer> {
    let (stop, stopped) = oneshot::channel();
    let mut ticker = Ticker::new(args);
    let mut signals = Signals::new()?;
    let answer = {
        let mut on = |progress: Progress| ticker.take(progress);
        let mut running = std::pin::pin!(run_maybe_priced(prepared, means, stopped, &mut on));
        tokio::select! {
            answer = &mut running => answer,
            () = signals.stop(bounds) => {
                // The receiver is gone only when the call has ended by itself.
                let _ended = stop.send(());
                running.await
            }
        }
    };
    ticker.end();
    Ok(answer?.answer)
}

/// Fetches the hosted picture of a reply that has only a link; why there is none is a note.
async fn fetch(answer: &mut Answer, asked: &Ask, means: &Means) {
    if answer.reading.final_number().is_some() {
        return;
    }
    let Some(number) = exchange::hosted(&answer.reading) else { return };
    let wanted = Wanted {
        reading: Arc::clone(&answer.reading),
        number,
        profile: asked.profile.clone(),
        id: answer.outcome.id.clone(),
        model: answer.outcome.model_sent.clone(),
        prompt: asked.request.prompt.clone(),
    };
    match exchange::fetch(wanted, means).await {
        Ok(fetched) => {
            answer.reading = fetched.reading;
            answer.outcome.verdict = fetched.verdict;
            answer.outcome.saved.extend(fetched.saved);
            answer.outcome.notes.extend(fetched.note);
        }
        Err(why) => answer.outcome.notes.push(format!("the hosted picture was not fetched: {why}")),
    }
}

/// Looks up what was booked, where that is asked for.
async fn run_maybe_priced(
    prepared: Prepared,
    means: &Means,
    stopped: oneshot::Receiver<()>,
    on: &mut (dyn FnMut(Progress) + Send),
) -> Result<Settled, Refused> {
    match means.reconcile {
        true => probe::run_priced(prepared, means, stopped, on, || true).await,
        false => exchange::run(prepared, means, stopped, on).await,
    }
}

struct Signals {
    interrupt: Signal,
    hangup: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("signals cannot be listened to");
        Ok(Signals {
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    /// Returns when the call should be given up: at once for Ctrl+C, after a bound for the others.
    async fn stop(&mut self, bounds: Bounds) {
        let mut end = None;
        loop {
            let seconds = tokio::select! {
                _ = self.interrupt.recv() => 0,
                _ = self.hangup.recv() => bounds.hangup,
                _ = self.terminate.recv() => bounds.terminate,
                () = at(end) => return,
            };
            // A later signal may shorten the time, never lengthen it.
            let bound = Instant::now() + Duration::from_secs(seconds);
            end = Some(end.map_or(bound, |end: Instant| end.min(bound)));
        }
    }
}

/// Never, without a time.
async fn at(end: Option<Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// Tells on stderr how far the call is: every phase with --verbose, else one moving line on a terminal.
struct Ticker {
    verbose: bool,
    moving: bool,
    stage: Option<Stage>,
    shown_at: std::time::Instant,
    started: std::time::Instant,
}

impl Ticker {
    fn new(args: &SendArgs) -> Self {
        let now = std::time::Instant::now();
        let moving = !args.verbose && !args.json && std::io::stderr().is_terminal();
        Ticker { verbose: args.verbose, moving, stage: None, shown_at: now, started: now }
    }

    fn take(&mut self, progress: Progress) {
        let Progress::Moved { stage, up, down } = progress else { return };
        let new = self.stage.replace(stage) != Some(stage);
        let line = format!(
            "{} {} · {} up · {} down",
            stage.word(),
            text::seconds(self.started.elapsed().as_secs_f64()),
            text::bytes(up),
            text::bytes(down)
        );
        if self.verbose && new {
            output::tell(&Safe::of(&line));
        }
        if self.moving && (new || self.shown_at.elapsed() > Duration::from_millis(100)) {
            self.shown_at = std::time::Instant::now();
            self.redraw(&line);
        }
    }

    fn end(&self) {
        if self.moving && self.stage.is_some() {
            self.redraw("");
        }
    }

    /// A terminal that went away must not take the paid call with it.
    fn redraw(&self, line: &str) {
        let _closed = write!(std::io::stderr(), "\r\x1b[K{line}");
        let _closed = std::io::stderr().flush();
    }
}

/// Writes the final picture where it was asked for, with its history beside it.
fn copy_out(path: &Path, answer: &mut Answer, ask: &Ask, captions: bool) -> Option<PathBuf> {
    let Some(number) = answer.reading.final_number() else {
        answer.outcome.notes.push(format!("no picture came, {} was not written", path.display()));
        return None;
    };
    let bytes = answer.reading.picture(number)?;
    match exchange::copy(path, &bytes, ask, &answer.outcome, captions) {
        Ok(copied) => {
            answer.outcome.notes.extend(copied.note);
            Some(copied.path)
        }
        Err(error) => {
            answer.outcome.notes.push(error.to_string());
            None
        }
    }
}

/// Refuses a call that would take the day beyond its cap: nobody is there to be asked.
fn over_cap(prepared: &Prepared, means: &Means, spend: Spend, args: &SendArgs) -> anyhow::Result<()> {
    let more = price(&prepared.ask, &means.catalog).unwrap_or(0.0);
    if spend.session_usd > 0.0 && more > spend.session_usd + 1e-9 && !args.over_cap {
        bail!(
            "this call costs about ${more:.3}, beyond spend.session_usd = {:.2}; nothing was sent, --over-cap sends it all \
             the same",
            spend.session_usd
        );
    }
    let Some(store) = means.store.as_ref().filter(|_| spend.day_usd > 0.0 && !args.over_cap) else { return Ok(()) };
    let now = Timestamp::now();
    let midnight = midnight_before(now, TimeZone::system().to_offset(now).seconds());
    // What was thrown away was paid for all the same.
    let trashed = store.trashed().into_iter().map(|trashed| trashed.summary);
    let all = store.history().summaries.into_iter().chain(trashed);
    let today = all.filter(|summary| summary.time >= midnight);
    let spent: f64 = today.filter_map(|summary| cost(&summary, &means.catalog)).sum();
    if spent + more > spend.day_usd + 1e-9 {
        bail!(
            "today's calls cost about ${spent:.3} and this one adds about ${more:.3}, beyond spend.day_usd = {:.2}; nothing was \
             sent, --over-cap sends it all the same",
            spend.day_usd
        );
    }
    Ok(())
}

/// A picture into the scrollback, in the way that suits the terminal.
pub fn print_picture(bytes: &[u8], protocol: Protocol) -> anyhow::Result<()> {
    let (way, cell) = way(protocol);
    Ok(preview::print(bytes, None, way, cell, truecolor())?)
}

/// How pictures are drawn on standard output, and the pixels of a cell (zeros where unknown).
fn way(protocol: Protocol) -> (Way, (u16, u16)) {
    let stdout = std::io::stdout();
    let forced = match protocol {
        Protocol::Kitty => Some(Way::Kitty),
        Protocol::Iterm => Some(Way::Iterm),
        Protocol::Sixel => Some(Way::Sixel),
        Protocol::Blocks => Some(Way::Blocks),
        Protocol::Off => Some(Way::Off),
        Protocol::Auto => None,
    };
    // Into a pipe or a file goes what was named, and nobody is asked.
    let tty = std::fs::File::options().read(true).write(true).open("/dev/tty");
    let (true, Ok(tty)) = (stdout.is_terminal(), tty) else { return (forced.unwrap_or(Way::Blocks), (0, 0)) };
    let around = Surroundings::of(&setup::variable);
    let asked = preview::ask(&tty, &around, PATIENCE);
    let cell = asked.found.cell.or_else(|| preview::cell_pixels(&stdout));
    let choice = preview::choose(protocol, &around, &asked.found, cell);
    (forced.unwrap_or(choice.way), cell.unwrap_or((0, 0)))
}

/// A terminal that answers does so sooner.
pub const PATIENCE: Duration = Duration::from_millis(250);

fn show(answer: &Answer, protocol: Protocol) -> anyhow::Result<()> {
    let number = answer.reading.final_number().context("there is none")?;
    let bytes = answer.reading.picture(number).context("its bytes are gone")?;
    print_picture(&bytes, protocol)
}

/// Whether half-blocks may have 24-bit colours.
pub fn truecolor() -> bool {
    let get = |name| std::env::var(name).ok();
    Depth::detect(None, get("COLORTERM").as_deref(), get("TERM").as_deref()) == Depth::True
}

fn print(args: &SendArgs, answer: &Answer, profile: &str, out: Option<PathBuf>) -> anyhow::Result<()> {
    let saved = saved_paths(answer, out);
    if args.json {
        output::json(&object(answer, profile, &saved))?;
    } else {
        output::lines(saved.iter().map(|path| output::path(path)))?;
    }
    for note in &answer.outcome.notes {
        output::tell(&Safe::of(&format!("note: {note}")));
    }
    output::tell(&Safe::of(&answer.outcome.verdict.line()));
    Ok(())
}

/// Absolute paths, the final picture's first, each file once.
fn saved_paths(answer: &Answer, out: Option<PathBuf>) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = out.into_iter().chain(answer.final_path().cloned()).collect();
    for saved in &answer.outcome.saved {
        if !paths.contains(&saved.path) {
            paths.push(saved.path.clone());
        }
    }
    paths
}

fn object(answer: &Answer, profile: &str, saved: &[PathBuf]) -> Map<String, Value> {
    let mut out = report::report(&answer.reading.reply, &answer.outcome.verdict);
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in &answer.outcome.headers {
        let joined = headers
            .get(name)
            .and_then(Value::as_str)
            .map_or_else(|| value.clone(), |before| format!("{before}, {value}"));
        headers.insert(name.clone(), Value::from(joined));
    }
    let times = &answer.outcome.times;
    for (key, value) in [
        ("http", json!({"status": answer.outcome.status, "headers": headers})),
        ("profile", json!(profile)),
        (
            "model",
            json!({"asked": answer.outcome.model_asked, "sent": answer.outcome.model_sent, "reported": answer.outcome.model_reported}),
        ),
        ("requestId", json!(answer.outcome.request_id)),
        (
            "timingsMs",
            json!({"connect": times.connect, "sent": times.sent, "firstByte": times.first_byte, "done": times.done}),
        ),
        ("costUsd", json!(answer.outcome.cost_usd)),
        ("bookedUsd", json!(answer.outcome.booked_usd)),
        ("saved", json!(saved)),
        ("exchange", json!(answer.outcome.id)),
        ("notes", json!(answer.outcome.notes)),
    ] {
        out.insert(key.to_owned(), value);
    }
    out
}
