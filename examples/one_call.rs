//! One call through the library: record, send, judge, settle; the same path that the app and `unpeel send` take.
//!
//! ```text
//! cargo run --example one_call -- "a lighthouse at dusk"
//! ```
//!
//! Goes to the configured profile when that one has a key, which is a paid call, and else to a demo gateway inside this
//! process.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use unpeel::call::{Ask, Progress};
use unpeel::catalog::Catalog;
use unpeel::client::{self, KeyError, Limits};
use unpeel::config::{self, Http, Profile, Settings, Sources, places};
use unpeel::demo::{Demo, Options};
use unpeel::exchange::{self, Means};
use unpeel::store::Store;
use unpeel::text::Safe;
use unpeel::wire::request::{Call, Request};

fn main() -> anyhow::Result<ExitCode> {
    let prompt = std::env::args().nth(1).unwrap_or_else(|| "a lighthouse at dusk".to_owned());
    let settings = config::load(&Sources::gather(vec![])?)?.settings;
    let runtime = Runtime::new()?;
    let profile = profile(&settings, &runtime)?;
    println!("POST to {}", profile.base);

    let means = Means {
        store: Some(Store::open(&places::state_dir()?)?),
        catalog: Arc::new(Catalog::builtin()),
        limits: limits(&settings.http),
        key_names: vec![],
        captions: false,
        reconcile: false,
        drift: 0.1,
        fetch_allow: vec![],
    };
    let ask = Ask {
        call: Call::Generate,
        model: profile.model.clone(),
        profile,
        request: Request { prompt, ..Request::default() },
        references: vec![],
        parent: None,
        replay: None,
    };
    // Everything that can be wrong without sending is wrong here.
    let prepared = exchange::prepare(ask, &means, &variable)?;

    let (_cancel, cancelled) = oneshot::channel();
    let mut on = |progress: Progress| {
        if let Progress::Recorded { id } = progress {
            println!("on disk as {id}");
        }
    };
    let answer = runtime.block_on(exchange::run(prepared, &means, cancelled, &mut on))?.answer;

    println!("{}", Safe::of(&answer.outcome.verdict.line()));
    if let Some(path) = answer.final_path() {
        println!("{}", path.display());
    }
    Ok(ExitCode::from(answer.outcome.verdict.exit_code()))
}

/// The profile in use, or the demo's at the address of one that is started here.
fn profile(settings: &Settings, runtime: &Runtime) -> anyhow::Result<Profile> {
    let profile = settings.profile(&settings.profile)?.clone();
    match client::resolve_key(&profile, &variable, &[]) {
        Ok(_) => Ok(profile),
        Err(KeyError::Unset { .. } | KeyError::NoSource { .. }) => {
            let demo = runtime.block_on(Demo::bind(Options::default()))?;
            let profile = Profile { base: demo.base(), ..settings.profile("demo")?.clone() };
            runtime.spawn(demo.serve());
            Ok(profile)
        }
        Err(broken) => Err(broken.into()),
    }
}

fn limits(http: &Http) -> Limits {
    Limits {
        connect: Duration::from_secs(http.connect_timeout_s),
        idle: Duration::from_secs(http.idle_timeout_s),
        total: (http.total_timeout_s > 0).then(|| Duration::from_secs(http.total_timeout_s)),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
