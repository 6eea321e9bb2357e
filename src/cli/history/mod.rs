//! `unpeel history`: what was sent and what came back, found again, compared, marked, copied out and thrown away.

mod compare;
mod complete;
mod export;
mod gc;
mod list;
mod mark;
mod show;
mod totals;
mod trace;

use super::{Shared, output};
use crate::config::places;
use crate::history::{Filter, quote};
use crate::store::Store;
use crate::text::Safe;
use clap::{Subcommand, ValueEnum};
use clap_complete::engine::ArgValueCompleter;
use jiff::Timestamp;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub struct HistoryArgs {
    #[command(subcommand)]
    pub what: HistoryWhat,
}

#[derive(Debug, Subcommand)]
pub enum HistoryWhat {
    /// List exchanges, newest first
    List(ListArgs),
    /// Say all that is known of one exchange
    Show(ShowArgs),
    /// Copy exchanges out, with request, body, pictures and record: as folders, or as one tar file
    Export(ExportArgs),
    /// Find the exchange that a picture came from, also when the file was renamed
    Trace(TraceArgs),
    /// Compare prompt and parameters of two exchanges
    Diff(DiffArgs),
    /// Show what an exchange was made from and what was made from it
    Tree(TreeArgs),
    /// Sum up calls, pictures, tokens and cost
    Totals(TotalsArgs),
    /// Star, rate, tag, or write a note
    Mark(MarkArgs),
    /// Move exchanges to the trash
    Delete(DeleteArgs),
    /// Take exchanges out of the trash
    Restore(RestoreArgs),
    /// Empty the trash: what has been in it for 30 days, unless a rule is given
    Gc(GcArgs),
}

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// Words, "a phrase", verdict:blocked, model:, tag:, rating:3, is:star, is:live, is:picture, … (-word excludes: put
    /// it after --)
    pub query: Vec<String>,
    /// Only this verdict word; several with commas
    #[arg(long, value_name = "WORD")]
    pub verdict: Option<String>,
    /// Only models whose name holds this
    #[arg(long)]
    pub model: Option<String>,
    /// Only routes (profile, kind of call, model) that hold this
    #[arg(long)]
    pub route: Option<String>,
    /// Only starred ones
    #[arg(long)]
    pub star: bool,
    /// Only those with this tag
    #[arg(long)]
    pub tag: Option<String>,
    /// From this day on (UTC), such as 2026-11-01
    #[arg(long, value_name = "DAY")]
    pub since: Option<String>,
    /// Up to the end of this day (UTC)
    #[arg(long, value_name = "DAY")]
    pub until: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// What is in the trash instead
    #[arg(long)]
    pub trash: bool,
    /// One JSON array instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct ShowArgs {
    /// Its id, or a beginning or an end of it
    #[arg(add = ArgValueCompleter::new(complete::ids))]
    pub id: String,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct ExportArgs {
    /// Ids, or beginnings or ends of them
    #[arg(add = ArgValueCompleter::new(complete::ids))]
    pub ids: Vec<String>,
    /// Also all that match this, as in `history list`
    #[arg(long)]
    pub query: Option<String>,
    /// A folder to put one folder per exchange in, or a new file that ends in .tar
    #[arg(long, value_name = "PATH", required_unless_present_any = ["har", "bundle"])]
    pub out: Option<PathBuf>,
    /// Write a HAR of the one exchange that is named, keys and signatures left out
    #[arg(long, value_name = "PATH")]
    pub har: Option<PathBuf>,
    /// Write a bundle for support of the one exchange that is named (tar), keys and signatures left out
    #[arg(long, value_name = "PATH")]
    pub bundle: Option<PathBuf>,
    /// One JSON array of the paths
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct TraceArgs {
    /// The picture, or - for stdin
    pub file: PathBuf,
    /// One JSON array
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct DiffArgs {
    /// Id of the earlier exchange
    #[arg(value_name = "A", add = ArgValueCompleter::new(complete::ids))]
    pub before: String,
    /// Id of the later exchange
    #[arg(value_name = "B", add = ArgValueCompleter::new(complete::ids))]
    pub after: String,
    /// Compare the raw replies as well, long base64 as size, type and hash
    #[arg(long)]
    pub raw: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct TreeArgs {
    /// Id of any exchange of the tree
    #[arg(add = ArgValueCompleter::new(complete::ids))]
    pub id: String,
}

#[derive(Debug, clap::Args)]
pub struct TotalsArgs {
    /// Which exchanges, as in `history list`; all when nothing is given
    pub query: Vec<String>,
    /// One line for each of these
    #[arg(long, value_enum, default_value_t = Per::Day)]
    pub by: Per,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// What totals are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Per {
    /// One run of the program
    Session,
    /// A day in the local time zone
    Day,
    /// Profile, kind of call and model
    Route,
}

#[derive(Debug, clap::Args)]
pub struct MarkArgs {
    /// Ids, or beginnings or ends of them
    #[arg(required = true, add = ArgValueCompleter::new(complete::ids))]
    pub ids: Vec<String>,
    /// Set the star
    #[arg(long, conflicts_with = "unstar")]
    pub star: bool,
    /// Take the star away
    #[arg(long)]
    pub unstar: bool,
    /// 1 to 5; 0 takes the rating away
    #[arg(long, value_name = "0-5", value_parser = clap::value_parser!(u8).range(0..=5))]
    pub rate: Option<u8>,
    /// Add a tag; may be given several times
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// Take a tag away; may be given several times
    #[arg(long = "untag", value_name = "TAG")]
    pub untags: Vec<String>,
    /// Replace the note; an empty text takes it away
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct DeleteArgs {
    /// Ids, or beginnings or ends of them
    #[arg(required = true, add = ArgValueCompleter::new(complete::ids))]
    pub ids: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    /// Ids of exchanges in the trash
    #[arg(required = true, add = ArgValueCompleter::new(complete::trashed))]
    pub ids: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct GcArgs {
    /// What has been in the trash for longer, such as 12h, 30d or 2w
    #[arg(long, value_name = "AGE", value_parser = gc::age)]
    pub older_than: Option<Duration>,
    /// The oldest, until the trash holds no more than this, such as 800K, 500M or 2G (powers of ten)
    #[arg(long, value_name = "SIZE", value_parser = gc::size)]
    pub max_size: Option<u64>,
    /// Everything in the trash
    #[arg(long)]
    pub all: bool,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs one of them; returns the exit code.
///
/// # Errors
/// A sentence for stderr; the command ends with 2 then.
pub fn history(shared: &Shared, args: &HistoryArgs) -> anyhow::Result<u8> {
    match &args.what {
        HistoryWhat::List(args) => list::list(shared, args),
        HistoryWhat::Show(args) => show::show(args),
        HistoryWhat::Export(args) => export::export(shared, args),
        HistoryWhat::Trace(args) => trace::trace(args),
        HistoryWhat::Diff(args) => compare::diff(args),
        HistoryWhat::Tree(args) => compare::tree(args),
        HistoryWhat::Totals(args) => totals::totals(shared, args),
        HistoryWhat::Mark(args) => mark::mark(args),
        HistoryWhat::Delete(args) => mark::delete(args),
        HistoryWhat::Restore(args) => mark::restore(args),
        HistoryWhat::Gc(args) => gc::gc(args),
    }
}

/// The store for reading: nothing is created, and a disk that cannot be written is fine.
fn reading() -> anyhow::Result<Store> {
    Ok(Store::at(&places::state_dir()?))
}

/// The store for changing what is in it.
fn changing() -> anyhow::Result<Store> {
    Ok(Store::open(&places::state_dir()?)?)
}

/// The filter of a query; the global `--profile` narrows it when it was given.
fn filter(query: &str, shared: &Shared) -> anyhow::Result<Filter> {
    let profile = shared.profile.as_deref().map(|name| term("profile", name));
    // First: a quote that is left open in the query reaches to its end.
    Ok(Filter::parse(&[profile.as_deref().unwrap_or_default(), query].join(" "))?)
}

/// One term of a query from a flag's value, which is meant as it stands.
fn term(name: &str, value: &str) -> String {
    format!("{name}:{}", quote(value))
}

fn tell(notes: &[String]) {
    for note in notes {
        output::tell(&Safe::of(&format!("note: {note}")));
    }
}

/// `2026-11-22 17:05:12`, in UTC.
fn utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Cost as the log shows it.
fn usd(cost: Option<f64>) -> String {
    cost.map_or_else(|| "—".to_owned(), |usd| format!("${usd:.3}"))
}
