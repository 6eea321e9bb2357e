//! Feeds damaged and made-up input to everything that reads what others wrote, and reports what breaks.
//!
//! ```text
//! cargo run --release --example fuzz -- wire --seconds 60 --seeds FOLDER
//! cargo run --release --example fuzz -- wire --replay target/fuzz/wire-0123456789abcdef.bin
//! ```
//!
//! Stable Rust has no counters that tell which code an input reached. In their place every target sums up what it saw
//! of the result in signatures (the verdict's word, how many parts of which kinds, how it failed), and an input with a
//! new one is kept and changed further. That is coverage by behaviour: it finds its way to new results, and is blind to
//! branches that end in the same one.

mod b64;
mod campaign;
mod datauri;
mod evidence;
mod history;
mod import;
mod mutate;
mod pool;
mod seeds;
mod shrink;
mod sniff;
mod sse;
mod target;
mod text;
mod tokens;
mod trial;
mod watch;
mod wire;

use anyhow::Context;
use campaign::Plan;
use clap::Parser;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use target::Target;
use unpeel::text::count;

/// Fuzzes the readers of foreign input; the exit status is 1 when something broke.
#[derive(Parser)]
struct Args {
    /// One of the targets that --list names, or all of them, one after the other
    #[arg(default_value = "all")]
    target: String,
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// How many executions each target gets, in place of a time; the same for the same seed
    #[arg(long)]
    runs: Option<u64>,
    /// Where chance begins
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A folder with files to begin from, with all below it; may be given several times
    #[arg(long, value_name = "DIR")]
    seeds: Vec<PathBuf>,
    /// Execute this one input, with the panic as it is
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Where inputs that break something go
    #[arg(long, value_name = "DIR", default_value = "target/fuzz")]
    out: PathBuf,
    /// Print the names of the targets
    #[arg(long)]
    list: bool,
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    if args.list {
        target::ALL.iter().for_each(|target| println!("{}", target.name));
        return Ok(ExitCode::SUCCESS);
    }
    let targets = chosen(&args.target)?;
    if let Some(file) = &args.replay {
        return replay(&targets, file);
    }
    let files = seeds::files(&args.seeds)?;
    let plan = Plan { time: Duration::from_secs(args.seconds), runs: args.runs, seed: args.seed, out: args.out };
    std::fs::create_dir_all(&plan.out).with_context(|| format!("{} cannot be made", plan.out.display()))?;
    trial::keep_panics_quiet();
    let mut findings = 0;
    for target in targets {
        let sum = campaign::run(target, &files, &plan)?;
        println!("{sum}");
        findings += sum.findings;
    }
    Ok(if findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn chosen(name: &str) -> anyhow::Result<Vec<&'static Target>> {
    let targets: Vec<_> = target::ALL.iter().filter(|target| name == "all" || name == target.name).collect();
    anyhow::ensure!(!targets.is_empty(), "there is no target {name:?}; --list names them");
    Ok(targets)
}

/// Panics as the program would: with message and place, and with a trace under `RUST_BACKTRACE=1`.
fn replay(targets: &[&Target], file: &Path) -> anyhow::Result<ExitCode> {
    let input = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    for target in targets {
        let began = Instant::now();
        let seen = (target.run)(&input).len();
        let seconds = began.elapsed().as_secs_f64();
        println!("{}: {} bytes, {seconds:.3} s, {}", target.name, input.len(), count(seen, "signature"));
    }
    Ok(ExitCode::SUCCESS)
}
