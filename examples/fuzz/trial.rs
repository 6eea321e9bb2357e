//! One execution of a target: whether it panicked, where, and whether it took too long.

use crate::pool::SMALL;
use crate::target::Target;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::time::{Duration, Instant};

/// More than this for an input of at most [`SMALL`] bytes is a finding.
const SLOW: Duration = Duration::from_secs(2);

/// What an execution broke.
pub struct Fault {
    /// The line that panicked, by which findings are told apart.
    pub place: String,
    pub words: String,
}

thread_local! {
    /// Whether this thread is inside a target.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// The last panic of a target.
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps what targets say when they panic to be asked for; other panics are printed as ever.
pub fn keep_panics_quiet() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if INSIDE.get() {
            SAID.set(info.to_string());
        } else {
            usual(info);
        }
    }));
}

/// What to write into a shell to execute an input again, by this very binary: another may be built without its checks.
pub fn replay(target: &str, input: &Path) -> String {
    let binary = std::env::args().next().unwrap_or_default();
    format!("replay: {binary} {target} --replay {}", input.display())
}

/// Executes a target once; the signatures of what it saw.
pub fn run(target: &Target, input: &[u8]) -> Result<Vec<u64>, Fault> {
    let (done, took) = once(target, input);
    if took <= SLOW || input.len() > SMALL || done.is_err() {
        return done;
    }
    // The machine may be busy with something else: the processor's own time decides.
    let before = processor_time();
    let took = once(target, input).1;
    let took = processor_time().zip(before).map_or(took, |(after, before)| after - before);
    if took <= SLOW {
        return done;
    }
    Err(Fault { place: "slow".to_owned(), words: format!("took {:.1} s", took.as_secs_f64()) })
}

/// What this process has had of the processors; `None` where nobody tells.
pub fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name may hold anything, blanks and parentheses too. Hundredths of a second, in the 14th and 15th field.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().ok());
    Some(Duration::from_millis(ticks.sum::<Option<u64>>()? * 10))
}

fn once(target: &Target, input: &[u8]) -> (Result<Vec<u64>, Fault>, Duration) {
    let began = Instant::now();
    INSIDE.set(true);
    let done = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    INSIDE.set(false);
    (done.map_err(|_| Fault::of_panic(&SAID.take())), began.elapsed())
}

impl Fault {
    /// From `panicked at FILE:LINE:COLUMN:` and the message in the lines after it.
    fn of_panic(said: &str) -> Fault {
        let (first, words) = said.split_once('\n').unwrap_or((said, ""));
        let place = first.strip_prefix("panicked at ").unwrap_or(first).trim_end_matches(':');
        Fault { place: place.to_owned(), words: words.to_owned() }
    }
}
