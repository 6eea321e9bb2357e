//! One target under fire: seeds first, then changes of what showed something new, until time or executions run out.

use crate::mutate::{Material, mutate};
use crate::pool::{LARGE, Pool, SMALL};
use crate::shrink::shrink;
use crate::target::{Target, signature};
use crate::trial::{self, Fault};
use crate::watch::Watch;
use anyhow::Context;
use fastrand::Rng;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};
use unpeel::text::{Safe, count};

/// After so many findings a target is broken enough.
const MOST_FINDINGS: usize = 8;

/// What all targets have in common.
pub struct Plan {
    pub time: Duration,
    /// In place of the time.
    pub runs: Option<u64>,
    pub seed: u64,
    /// The folder for findings.
    pub out: PathBuf,
}

/// What became of a target.
pub struct Sum {
    name: &'static str,
    executions: u64,
    pool: usize,
    signatures: usize,
    took: Duration,
    pub findings: usize,
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sum { name, executions, pool, signatures, took, findings } = self;
        let seconds = took.as_secs_f64();
        let findings = count(*findings, "finding");
        write!(
            f,
            "{name}: {executions} executions, {pool} in the pool, {signatures} signatures, {seconds:.0} s, {findings}"
        )
    }
}

/// Runs one target in a thread of its own: with the stack that every other thread of the program has.
pub fn run(target: &'static Target, files: &[Vec<u8>], plan: &Plan) -> anyhow::Result<Sum> {
    thread::scope(|scope| {
        let worker = scope.spawn(|| -> anyhow::Result<Sum> { Campaign::new(target, plan)?.run(files) });
        let own = |_| Err(anyhow::anyhow!("the fuzzer itself panicked at {}, which is no finding", target.name));
        worker.join().unwrap_or_else(own)
    })
}

struct Campaign<'a> {
    target: &'static Target,
    plan: &'a Plan,
    began: Instant,
    rng: Rng,
    pool: Pool,
    watch: Watch,
    executions: u64,
    /// Places that broke.
    found: BTreeSet<String>,
}

impl<'a> Campaign<'a> {
    fn new(target: &'static Target, plan: &'a Plan) -> anyhow::Result<Campaign<'a>> {
        let cannot = || format!("nothing can be written to {}", plan.out.display());
        Ok(Campaign {
            target,
            plan,
            began: Instant::now(),
            rng: Rng::with_seed(plan.seed),
            pool: Pool::default(),
            watch: Watch::start(target.name, &plan.out).with_context(cannot)?,
            executions: 0,
            found: BTreeSet::new(),
        })
    }

    fn run(mut self, files: &[Vec<u8>]) -> anyhow::Result<Sum> {
        let target = self.target;
        let given = files.iter().flat_map(|file| (target.adapt)(file));
        for seed in (target.seeds)().into_iter().chain(given) {
            if self.is_over() {
                break;
            }
            self.take(seed, true)?;
        }
        while !self.is_over() {
            let input = self.next_input();
            self.take(input, false)?;
        }
        Ok(Sum {
            name: target.name,
            executions: self.executions,
            pool: self.pool.inputs(),
            signatures: self.pool.signatures(),
            took: self.began.elapsed(),
            findings: self.found.len(),
        })
    }

    fn is_over(&self) -> bool {
        let spent = match self.plan.runs {
            Some(runs) => self.executions >= runs,
            None => self.began.elapsed() >= self.plan.time,
        };
        spent || self.found.len() >= MOST_FINDINGS
    }

    fn next_input(&mut self) -> Vec<u8> {
        let parent = self.pool.pick(&mut self.rng);
        let other = self.pool.pick(&mut self.rng);
        let limit = if parent.len() > SMALL { LARGE } else { SMALL };
        let mut input = parent.to_vec();
        mutate(&mut self.rng, &mut input, &Material { other, words: self.target.words }, limit);
        input
    }

    fn take(&mut self, input: Vec<u8>, is_seed: bool) -> anyhow::Result<()> {
        match self.execute(&input)? {
            Ok(seen) => {
                if self.pool.note(seen) || is_seed {
                    self.pool.keep(input, &mut self.rng);
                }
            }
            Err(fault) => self.report(input, &fault)?,
        }
        Ok(())
    }

    fn execute(&mut self, input: &[u8]) -> anyhow::Result<Result<Vec<u64>, Fault>> {
        self.executions += 1;
        self.watch.begin(input).context("the input cannot be written down before it is executed")?;
        let done = trial::run(self.target, input);
        self.watch.end();
        Ok(done)
    }

    /// Keeps the first input of each place that broke: as it is at once, and shorter when that worked.
    fn report(&mut self, input: Vec<u8>, fault: &Fault) -> anyhow::Result<()> {
        if !self.found.insert(fault.place.clone()) {
            return Ok(());
        }
        let name = self.target.name;
        let path = self.plan.out.join(format!("{name}-{:016x}.bin", signature(&input)));
        let keep =
            |input: &[u8]| fs::write(&path, input).with_context(|| format!("{} cannot be written", path.display()));
        keep(&input)?;
        let before = input.len();
        let still = |input: &[u8]| matches!(self.execute(input), Ok(Err(other)) if other.place == fault.place);
        let short = shrink(input, still);
        keep(&short)?;
        println!("{name}: FINDING at {}: {}", Safe::of(&fault.place), Safe::head(&fault.words, 400));
        println!("  {} of {before} bytes are in {}", short.len(), path.display());
        println!("  {}", trial::replay(name, &path));
        Ok(())
    }
}
