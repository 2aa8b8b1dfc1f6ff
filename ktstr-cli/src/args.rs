//! The command line.

use crate::machine::TopologyArg;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use ktstr_file::suite;
use ktstr_vm::Accel;
use std::path::PathBuf;
use std::time::Duration;

const EXITS: &str = "Exit status: 0 pass, or skip; 1 a check failed, or the kernel under test did; 2 invalid scenario or usage; \
3 the environment cannot run it; 4 inconclusive, or interrupted.";

/// Tests of cgroups and schedulers, from scenario files.
#[derive(Debug, Parser)]
#[command(name = "ktstr", version, after_help = EXITS, max_term_width = 100)]
pub(crate) struct Args {
    /// Say only what does not pass, and a line of what does.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say all there is: every action of a run, the whole report of each scenario of several.
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Whether verdicts are in colour. Where not given, ktstr.toml says, else as NO_COLOR and CLICOLOR_FORCE
    /// do, else on terminals.
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub(crate) color: Option<When>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check scenario files: syntax, and whether they make sense. Nothing is run.
    Check(Check),
    /// Show the actions that a run would carry out, in order. Nothing is run.
    Plan(Plan),
    /// Run a scenario and judge it.
    Run(Box<Run>),
    /// Run scenarios again whenever one of the files changes.
    Watch(Box<Watch>),
    /// One step of `git bisect run`: build, run, and exit with 0 good, 1 bad, 125 not to be judged.
    Bisect(Box<Bisect>),
    /// Show the CPUs, caches and nodes of this machine.
    Topo(Topo),
    /// Say what an error code means and what to do about it.
    Explain(Explain),
    /// Write a scenario out anew, as TOML or as Rust.
    Render(Render),
    /// Say what this machine can and cannot run, with the command that mends each lack.
    Doctor,
    /// Run again what a report is of, and compare what happened.
    Replay(Replay),
    /// Show a report that was written, as text or as a page.
    Show(Show),
    /// Say what differs between two runs: two seeds, kernels or schedulers.
    Diff(Diff),
    /// Print who ran where, slice by slice, of a run that was traced.
    Timehist(Timehist),
    /// Kernels for the virtual machine.
    Kernel(Kernel),
    /// Emulators for the virtual machine.
    Qemu(Qemu),
    /// Remove what runs that were killed have left behind.
    Clean(Clean),
    /// Write a commented scenario to start from.
    New(New),
    /// Print the JSON Schema of scenario files or of reports.
    Schema(Schema),
    /// Write a completion script for a shell.
    Completions(Completions),
    /// Print the manual page of the program or of a command.
    Man(Man),
}

impl Command {
    /// What the numbers are that the program exits with.
    pub(crate) fn exit_codes(&self) -> ExitCodes {
        match self {
            Self::Run(run) => run.suite.exit_codes,
            Self::Bisect(_) => ExitCodes::Bisect,
            _ => ExitCodes::Ktstr,
        }
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr check scenarios/quickstart.toml\n  \
ktstr check --topology 1x2x4x2 scenarios/quickstart.toml scenarios/churn.toml")]
pub(crate) struct Check {
    /// Scenario files, `-` for standard input, or folders: all `.toml` files below them.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Check against this machine: nodes x LLCs x cores x threads, or `here`. Where not given, the file's own
    /// topology.
    #[arg(long, value_name = "NxLxCxT")]
    pub(crate) topology: Option<TopologyArg>,
    /// How to say it: text, or JSON for editors and CI, a list with an entry for each file.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr plan scenarios/quickstart.toml\n  \
ktstr plan --topology 2x1x4x2 --seed 7 scenarios/quickstart.toml")]
pub(crate) struct Plan {
    /// The scenario file; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Plan for this machine: nodes x LLCs x cores x threads, or `here`. Where not given, the file's own
    /// topology, else this machine.
    #[arg(long, value_name = "NxLxCxT")]
    pub(crate) topology: Option<TopologyArg>,
    /// What random choices start from.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr run scenarios/quickstart.toml\n  \
ktstr run --backend mock --seed 7 --report report.json scenarios/quickstart.toml\n  \
ktstr run --backend mock --seeds 1..20 scenarios/churn.toml\n  \
ktstr run --backend mock --junit junit.xml scenarios\n  \
ktstr run --backend mock --html run.html scenarios/freeze-thaw.toml")]
pub(crate) struct Run {
    /// Scenario files, `-` for standard input, or folders: all `.toml` files below them. Of several each is
    /// shown with a line.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// What to run it on. `auto` takes Linux if it can carry the scenario, else the virtual machine if QEMU
    /// and a kernel are there, else the mock.
    #[arg(long, default_value = "auto", value_name = "BACKEND")]
    pub(crate) backend: Backend,
    /// What random choices start from.
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(crate) seed: u64,
    /// Run once for each of these seeds, both ends included, and show those that fail.
    #[arg(long, value_name = "A..B", conflicts_with = "seed", value_parser = parse_seeds)]
    pub(crate) seeds: Option<Seeds>,
    #[command(flatten)]
    pub(crate) suite: SuiteArgs,
    /// The machine that the mock or the virtual machine is: nodes x LLCs x cores x threads, or `here`. Where
    /// not given, the file's own topology, else 1x1x4x1.
    #[arg(long, value_name = "NxLxCxT")]
    pub(crate) topology: Option<TopologyArg>,
    /// How what came of it is shown.
    #[arg(long, default_value = "text", value_name = "FORMAT", value_parser = suite_format())]
    pub(crate) format: suite::Format,
    /// Write the JSON report to this file too, whole or not at all; `-` for standard output, in place of what
    /// is shown. Of several scenarios it holds the reports of all.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) vm: VmArgs,
    #[command(flatten)]
    pub(crate) pictures: PictureArgs,
}

/// What is drawn of a run.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Pictures")]
pub(crate) struct PictureArgs {
    /// Write a page of the run to this file, which any browser shows without a network: why, the lanes of
    /// each cgroup on one axis, tables and logs. For one scenario with one seed.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write the run to this file for <https://ui.perfetto.dev>, with a track for each CPU where it was traced.
    #[arg(long, value_name = "FILE")]
    pub(crate) perfetto: Option<PathBuf>,
}

impl Run {
    /// Whether more than one file alone is asked for.
    pub(crate) fn is_suite(&self) -> bool {
        self.files.len() > 1 || self.files.iter().any(|file| file.is_dir())
    }
}

/// `ktstr.toml` in the current folder or above may say what is not given here.
#[derive(Debug, clap::Args)]
pub(crate) struct Watch {
    #[command(flatten)]
    pub(crate) run: Run,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "In a kernel tree:\n  git bisect run ktstr bisect --build 'make -j8 bzImage' --kernel . first.toml\n\n\
Examples:\n  ktstr bisect --build true --backend mock scenarios/quickstart.toml"
)]
pub(crate) struct Bisect {
    /// What builds the revision, for `sh`. Where it fails, the revision cannot be judged.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) build: Option<String>,
    #[command(flatten)]
    pub(crate) run: Run,
}

/// Whether something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On terminals
    Auto,
    /// In any case
    Always,
    /// In no case
    Never,
}

/// How several scenarios are run.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Suites")]
pub(crate) struct SuiteArgs {
    /// Only scenarios with this in their path or name; any of them where it is given more than once.
    #[arg(long = "filter", value_name = "TEXT")]
    pub(crate) filters: Vec<String>,
    /// How many run at a time. Where not given, as many as there are CPUs; on Linux one.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) jobs: Option<u32>,
    /// How often one that does not pass is tried again.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) retries: u32,
    /// Begin no more runs after one that does not pass.
    #[arg(long, alias = "stop-on-failure")]
    pub(crate) fail_fast: bool,
    /// Write this file too, as JUnit does.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write this file too, in the Kernel Test Anything Protocol.
    #[arg(long, value_name = "FILE")]
    pub(crate) ktap: Option<PathBuf>,
    /// Write this file too, a table in Markdown.
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// What the exit status says: as below, as `git bisect run` wants it (0 good, 1 bad, 125 not to be
    /// judged, 255 not valid), or as kselftest does (0 pass, 1 fail, 4 skip).
    #[arg(long, value_enum, default_value_t = ExitCodes::Ktstr, value_name = "CODES")]
    pub(crate) exit_codes: ExitCodes,
}

/// What the numbers are that the program exits with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum ExitCodes {
    /// Those of the program
    #[default]
    Ktstr,
    /// For `git bisect run`
    Bisect,
    /// For kselftest
    Kselftest,
}

fn suite_format() -> impl TypedValueParser<Value = suite::Format> {
    PossibleValuesParser::new(suite::Format::ALL.map(suite::Format::name)).map(|name| {
        let is_it = |format: &suite::Format| format.name() == name;
        suite::Format::ALL.into_iter().find(is_it).unwrap_or(suite::Format::Text)
    })
}

/// How the virtual machine is built.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Virtual machine")]
pub(crate) struct VmArgs {
    /// Its kernel: a release or the beginning of one, `sid`, a file, or the folder of a kernel tree that was
    /// built. Where not given, the newest that was fetched.
    #[arg(long, value_name = "KERNEL")]
    pub(crate) kernel: Option<String>,
    /// Its emulator: a path, a program on PATH, or the version of one that was fetched. Where not given, the
    /// one that KTSTR_QEMU names, else the newest that was fetched, else the one that is installed.
    #[arg(long, value_name = "QEMU")]
    pub(crate) qemu: Option<String>,
    /// What executes it: `tcg` repeats from its seed, `kvm` is fast, `auto` takes kvm where it works.
    #[arg(long, default_value = "tcg", value_name = "ACCEL")]
    pub(crate) accel: Accel,
    /// Boot once, keep the state, and go on from it: quicker, and repeatable as long as the state is kept.
    #[arg(long)]
    pub(crate) saved: bool,
    /// Play several scenarios one after another in one boot: quicker where there are many short ones. They
    /// share the kernel and what it remembers; one that does not pass is played again by itself.
    #[arg(long, conflicts_with = "retries")]
    pub(crate) batch: bool,
    /// How long a run may take by this machine's clock, as in `10min`. A guest that has begun and gives no
    /// answer within it counts as hung, and fails. Where not given, 300 s, and 5 s for each second of the
    /// scenario and each CPU.
    #[arg(long, value_name = "TIME", value_parser = parse_timeout)]
    pub(crate) timeout: Option<Duration>,
    /// Take the kernel's trace and write it to this file: who ran where, who was woken, what became of
    /// cgroups. It costs time, so that it is another run than one without; of a seed it is the same each
    /// time.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
}

fn parse_timeout(text: &str) -> Result<Duration, String> {
    let time = ktstr_file::parse_duration(text).map_err(|error| error.to_string())?;
    if time.is_zero() { Err("no run ends at once".to_owned()) } else { Ok(time) }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    /// Linux if it can carry the scenario, else the virtual machine, else the mock
    Auto,
    /// This machine
    Linux,
    /// A real kernel in a virtual machine
    Vm,
    /// A machine in memory, with a clock of its own
    Mock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables for people
    Text,
    /// The report as JSON
    Json,
}

/// Seeds from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seeds {
    pub(crate) first: u64,
    pub(crate) last: u64,
}

fn parse_seeds(text: &str) -> Result<Seeds, String> {
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| format!("`{text}` is not a seed"));
    let (first, last) = text.split_once("..").ok_or("write the first and the last seed, as in 1..100")?;
    let seeds = Seeds { first: number(first)?, last: number(last.trim_start_matches('='))? };
    if seeds.first > seeds.last { Err("the first seed is above the last".to_owned()) } else { Ok(seeds) }
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr topo\n  ktstr topo 2x2x4x2")]
pub(crate) struct Topo {
    /// Show this machine instead: nodes x LLCs x cores x threads.
    #[arg(value_name = "NxLxCxT", default_value = "here")]
    pub(crate) topology: TopologyArg,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr explain E0202\n  ktstr explain")]
pub(crate) struct Explain {
    /// The code, as in E0202, or how it begins, as in E02. Without one all codes are listed.
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr render --as rust scenarios/quickstart.toml\n  \
ktstr render scenarios/quickstart.toml")]
pub(crate) struct Render {
    /// The scenario file; `-` for standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// What to write.
    #[arg(long = "as", default_value = "toml", value_name = "LANGUAGE")]
    pub(crate) language: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// A scenario file
    Toml,
    /// A `static` in Rust
    Rust,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr replay report.json")]
pub(crate) struct Replay {
    /// A report that `ktstr run --report` has written, of a run on the mock or in a virtual machine.
    #[arg(value_name = "REPORT")]
    pub(crate) report: PathBuf,
    /// Another kernel than the one the report names: a release or the beginning of one, `sid`, or a file.
    #[arg(long, value_name = "KERNEL")]
    pub(crate) kernel: Option<String>,
    /// An emulator: a path, a program on PATH, or the version of one that was fetched.
    #[arg(long, value_name = "QEMU")]
    pub(crate) qemu: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr show report.json\n  ktstr show report.json --html run.html")]
pub(crate) struct Show {
    /// A report that `ktstr run --report` has written.
    #[arg(value_name = "REPORT")]
    pub(crate) report: PathBuf,
    /// The trace of that run, as `ktstr run --trace` has written it.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) pictures: PictureArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr diff one.json other.json\n  \
ktstr diff one.json other.json --html diff.html")]
pub(crate) struct Diff {
    /// A report that `ktstr run --report` has written.
    #[arg(value_name = "A")]
    pub(crate) one: PathBuf,
    /// Another one.
    #[arg(value_name = "B")]
    pub(crate) other: PathBuf,
    /// Write a page to this file, with what differs and the lanes of both runs on one axis.
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  ktstr timehist run.trace\n  ktstr timehist run.trace --report report.json"
)]
pub(crate) struct Timehist {
    /// A trace that `ktstr run --trace` has written.
    #[arg(value_name = "TRACE")]
    pub(crate) trace: PathBuf,
    /// The report of that run, to name the cgroups of tasks.
    #[arg(long, value_name = "REPORT")]
    pub(crate) report: Option<PathBuf>,
    /// How many slices are shown at most.
    #[arg(long, value_name = "N")]
    pub(crate) most: Option<usize>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Kernel {
    #[command(subcommand)]
    pub(crate) command: KernelCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KernelCommand {
    /// Fetch a kernel from this machine's Debian mirror; nothing is installed.
    #[command(after_help = "Examples:\n  ktstr kernel fetch\n  ktstr kernel fetch sid")]
    Fetch {
        /// A release or the beginning of one, or `sid`.
        #[arg(value_name = "KERNEL", default_value = "6.12")]
        kernel: String,
    },
    /// List the kernels that were fetched.
    #[command(after_help = "Examples:\n  ktstr kernel list")]
    List,
    /// Print the path of a kernel.
    #[command(after_help = "Examples:\n  ktstr kernel path 6.12")]
    Path {
        /// A release or the beginning of one, `sid`, or a file. Where not given, the newest that was fetched.
        #[arg(value_name = "KERNEL")]
        kernel: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Qemu {
    #[command(subcommand)]
    pub(crate) command: QemuCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum QemuCommand {
    /// Fetch QEMU from this machine's Debian mirror, with all its libraries; nothing is installed.
    #[command(after_help = "Examples:\n  ktstr qemu fetch\n  ktstr qemu fetch sid")]
    Fetch {
        /// The Debian suite whose QEMU is fetched.
        #[arg(value_name = "SUITE", default_value = "trixie")]
        suite: String,
    },
    /// List the emulators that were fetched.
    #[command(after_help = "Examples:\n  ktstr qemu list")]
    List,
    /// Print the path of the emulator that runs guests.
    #[command(after_help = "Examples:\n  ktstr qemu path\n  ktstr qemu path 10.0")]
    Path {
        /// A path, a program on PATH, or the version of one that was fetched. Where not given, the one that
        /// KTSTR_QEMU names, else the newest that was fetched, else the one that is installed.
        #[arg(value_name = "QEMU")]
        qemu: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr clean")]
pub(crate) struct Clean {
    /// The cgroup below which runs were made, where that is not the usual one.
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) parent: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr new first.toml")]
pub(crate) struct New {
    /// The file to write, which must not be there yet. The scenario is called as the file is.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr schema\n  ktstr schema report")]
pub(crate) struct Schema {
    /// Of what.
    #[arg(value_enum, value_name = "OF", default_value_t = SchemaOf::Scenario)]
    pub(crate) of: SchemaOf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    /// A scenario file
    Scenario,
    /// A report
    Report,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr completions bash")]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub(crate) shell: Shell,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  ktstr man\n  ktstr man run")]
pub(crate) struct Man {
    /// The command whose page it is. Where not given, the program's.
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
}
