//! The command line: what can be said, and which file does it.

mod complain;
mod completions;
mod config;
mod demo;
mod doctor;
mod history;
mod import;
mod inspect;
mod memory;
mod output;
mod routes;
mod saved;
mod send;
mod setup;
mod start;

use crate::text::Safe;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::CompleteEnv;
use std::path::PathBuf;
use std::process::ExitCode;

/// A terminal workbench for native Gemini image calls.
///
/// Without a command it opens the app. With no key configured anywhere the app talks to its own demo gateway.
#[derive(Debug, Parser)]
#[command(name = "unpeel", version, about, long_about, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub shared: Shared,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Shared {
    /// Profile to use: base URL, key source, model
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Theme of the app
    #[arg(long, global = true, value_name = "NAME")]
    pub theme: Option<String>,
    /// How pictures are drawn: auto, kitty, iterm, sixel, blocks, off
    #[arg(long, global = true, value_name = "PROTOCOL")]
    pub preview: Option<String>,
}

impl Shared {
    /// As configuration keys, the layer above all others.
    pub fn flags(&self) -> Vec<(String, String)> {
        let pairs = [("profile", &self.profile), ("theme", &self.theme), ("preview.protocol", &self.preview)];
        pairs.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?))).collect()
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at a saved reply or exchange in the app, offline
    Open(OpenArgs),
    /// Make one call; paths of saved pictures on stdout, the verdict last on stderr
    Send(SendArgs),
    /// Say what a saved reply holds
    Inspect(InspectArgs),
    /// List, show, compare, mark, export and trace stored exchanges; empty the trash
    History(history::HistoryArgs),
    /// Show what is known of each route, by what evidence; probe routes
    Routes(routes::RoutesArgs),
    /// Make a native request of a curl command or an old images-route call
    Import(ImportArgs),
    /// Run the demo gateway alone
    Demo(DemoArgs),
    /// Show the configuration, its place, or write the commented default
    Config(ConfigArgs),
    /// Say what this terminal can do, which keys are set, and where things are
    Doctor,
    /// Print a completion script
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, clap::Args)]
pub struct OpenArgs {
    /// A reply (JSON, SSE, HTML, what curl -i wrote), an exchange folder, or - for stdin
    pub path: PathBuf,
    /// Print the picture into the scrollback instead
    #[arg(long)]
    pub print: bool,
}

#[derive(Debug, clap::Args)]
pub struct InspectArgs {
    /// A reply (JSON, SSE, HTML, what curl -i wrote), an exchange folder, or - for stdin
    pub file: PathBuf,
    /// One JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Default, clap::Args)]
pub struct SendArgs {
    /// The prompt; - reads it from stdin
    pub prompt: Option<String>,
    /// Model id or alias; "models/ID" is sent exactly as it is
    #[arg(long)]
    pub model: Option<String>,
    /// imageConfig.aspectRatio, such as 16:9
    #[arg(long)]
    pub aspect: Option<String>,
    /// imageConfig.imageSize: 512, 1K, 2K, 4K
    #[arg(long)]
    pub size: Option<String>,
    /// A reference picture; may be given several times
    #[arg(long = "image", value_name = "FILE")]
    pub images: Vec<PathBuf>,
    /// System instruction
    #[arg(long)]
    pub system: Option<String>,
    /// generationConfig.seed
    #[arg(long, allow_negative_numbers = true)]
    pub seed: Option<i64>,
    /// Any field of the body, such as generationConfig.topK=40; may be given several times
    #[arg(long = "set", value_name = "PATH=JSON")]
    pub set: Vec<String>,
    /// Use streamGenerateContent
    #[arg(long)]
    pub stream: bool,
    /// Write the final picture here as well; refuses an existing file
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Write prompt and parameters into the copy itself too (PNG, JPEG; never into signed pictures)
    #[arg(long)]
    pub caption: bool,
    /// Send although today's calls reached spend.day_usd
    #[arg(long)]
    pub over_cap: bool,
    /// Ask the gateway before and after what it booked; other calls with the same key at that moment are counted too,
    /// unless the profile has an access token for the gateway's log
    #[arg(long)]
    pub reconcile: bool,
    /// Fetch a hosted picture, where the reply has only its link
    #[arg(long)]
    pub fetch: bool,
    /// Let the key cross the network by plain http
    #[arg(long)]
    pub plain_http: bool,
    /// Print the picture into the scrollback
    #[arg(long)]
    pub show: bool,
    /// One JSON object on stdout
    #[arg(long)]
    pub json: bool,
    /// Tell the phases on stderr
    #[arg(long, short)]
    pub verbose: bool,
}

#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// A file with the command or the request; stdin when missing or -
    pub file: Option<PathBuf>,
    /// Make the call, as `send` does
    #[arg(long)]
    pub send: bool,
    /// With --send: write the final picture here as well; refuses an existing file
    #[arg(long, value_name = "PATH", requires = "send")]
    pub out: Option<PathBuf>,
    /// With --send: one JSON object on stdout
    #[arg(long, requires = "send")]
    pub json: bool,
    /// Another model than the command's
    #[arg(long)]
    pub model: Option<String>,
    /// Use streamGenerateContent
    #[arg(long)]
    pub stream: bool,
}

#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Port on 127.0.0.1; 0 is any free one
    #[arg(long, default_value_t = 4000)]
    pub port: u16,
    /// Scene for prompts that name none
    #[arg(long, value_name = "ID")]
    pub scene: Option<String>,
    /// List the scenes: id, verdict word, exit code, explanation
    #[arg(long)]
    pub list: bool,
    /// Append a JSON line for every request
    #[arg(long, value_name = "FILE")]
    pub request_log: Option<PathBuf>,
    /// Wait before every reply
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub delay_ms: u64,
    /// How many models the lists have
    #[arg(long, value_name = "N")]
    pub models: Option<usize>,
    /// Bill so many times the list price
    #[arg(long, value_name = "X", default_value = "1", value_parser = demo::drift)]
    pub usage_drift: f64,
    /// The only key that is accepted
    #[arg(long, value_name = "K")]
    pub key: Option<String>,
    /// Seed of pictures whose request has none
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
}

#[derive(Debug, clap::Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    pub what: ConfigWhat,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigWhat {
    /// Every value and where it comes from
    Show,
    /// Where the configuration file is looked for
    Path,
    /// Write the commented default there; never overwrites
    Init,
}

/// Runs the program.
pub fn main() -> ExitCode {
    memory::give_back_early();
    // Does nothing unless a completion script asks. Before any thread starts: it takes its variable out of the environment.
    CompleteEnv::with_factory(Cli::command).var(completions::VARIABLE).complete();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no mistakes; clap knows which stream each belongs to.
            if !error.use_stderr() {
                let _closed = error.print();
                return ExitCode::SUCCESS;
            }
            // It repeats the arguments, and a file's name may be anybody's.
            Safe::lines(error.render().to_string().trim_end()).iter().for_each(output::tell);
            return ExitCode::from(2);
        }
    };
    let ended = match &cli.command {
        None => start::app(&cli.shared),
        Some(Command::Open(args)) => start::open(&cli.shared, args),
        Some(Command::Send(args)) => send::send(&cli.shared, args),
        Some(Command::Inspect(args)) => inspect::inspect(args),
        Some(Command::History(args)) => history::history(&cli.shared, args),
        Some(Command::Routes(args)) => routes::routes(&cli.shared, args),
        Some(Command::Import(args)) => import::import(&cli.shared, args),
        Some(Command::Demo(args)) => demo::demo(args),
        Some(Command::Config(args)) => config::config(&cli.shared, args.what),
        Some(Command::Doctor) => doctor::doctor(&cli.shared),
        Some(Command::Completions { shell }) => completions::completions(*shell),
    };
    complain::exit(ended)
}
