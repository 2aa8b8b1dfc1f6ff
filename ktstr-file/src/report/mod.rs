//! What a run leaves behind: everything that was done, measured and judged, as one value that is written as
//! JSON. A [`Recorder`] listens to the run and builds it; [`render_text`](text::render_text) shows it to
//! people.

mod checks_text;
mod compared;
mod events;
mod file_words;
mod finding;
mod groups;
mod last_words;
mod notice;
mod parts;
mod permitted;
mod phases;
mod recorder;
mod scheduler;
mod shapes;
mod signal;
pub mod terminal;
pub mod text;
mod words;

pub use events::{ActionEntry, EventEntry, OutcomeEntry};
pub use file_words::which_value;
pub use finding::{FindingClass, FindingEntry};
pub use groups::{CgroupEntry, GroupEntry, RatesEntry, Totals, WindowEntry, WorkerEndEntry, WorkerEntry};
pub use notice::{NoticeEntry, NoticeKind};
pub use permitted::PermittedEntry;
pub use phases::{PhaseEntry, PhaseGroupEntry};
pub use recorder::{Recorder, RunHead};
pub use scheduler::SchedulerEntry;
pub(crate) use shapes::REPORT;

use crate::notes::NoteEntry;
use ktstr_core::{CheckKind, Fault, Lack, Report, Scenario, Site, Topology, Uniform, Verdict};
use serde::{Deserialize, Serialize};

/// The version of the report's layout. It grows when a key changes its meaning or goes; new keys may come
/// without.
pub const VERSION: u32 = 4;

/// The report of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// [`VERSION`].
    pub version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// What it ran on: `mock`, `linux`, `vm`.
    pub backend: String,
    /// Why it ran there; empty when it was asked for.
    pub backend_reason: String,
    /// What all draws started from.
    pub seed: u64,
    /// The worst of all judgements; `fail` also when something went wrong on the way, `inconclusive` when
    /// that was an interruption or a lack of the environment. With the error it decides how the program
    /// exits: 0 for `pass` and `skip`, 1 for `fail`, 3 for `inconclusive` by a lack of the environment, else
    /// 4.
    pub verdict: Verdict,
    /// From the first action to the last, in nanoseconds of the backend's clock.
    pub elapsed_ns: u64,
    /// Why the scenario was skipped: what it needs and the machine lacks. Nothing was done then.
    #[serde(default)]
    pub skipped: Option<String>,
    /// The first thing that went wrong.
    pub error: Option<ErrorEntry>,
    /// How the kernel under test ended, where it did. There is then what was heard before: the events, and
    /// what groups measured that had been stopped.
    #[serde(default)]
    pub finding: Option<FindingEntry>,
    /// All judgements, in the order in which they were made.
    pub checks: Vec<CheckEntry>,
    /// The cgroups that had been made, in the order of their making, and the runner's where workers sat
    /// there.
    pub cgroups: Vec<CgroupEntry>,
    /// The groups of workers, in the order in which they were stopped.
    #[serde(default)]
    pub groups: Vec<GroupEntry>,
    /// The phases of the run, one for each step that did something, in order.
    #[serde(default)]
    pub phases: Vec<PhaseEntry>,
    /// The payloads, in the order of their starts.
    pub payloads: Vec<PayloadEntry>,
    /// The schedulers, in the order in which they were attached.
    #[serde(default)]
    pub schedulers: Vec<SchedulerEntry>,
    /// The records of `capture_cgroup_procs`.
    pub captures: Vec<CaptureEntry>,
    /// All actions with what came of them.
    pub events: Vec<EventEntry>,
    /// What happened without having been asked for, in the order in which it was noticed.
    #[serde(default)]
    pub notices: Vec<NoticeEntry>,
    /// The holds that took more than 1 % longer than was asked for, in order.
    #[serde(default)]
    pub overruns: Vec<OverrunEntry>,
    /// What was set and has no effect on the backend: checks that rest on it were skipped.
    #[serde(default)]
    pub unmodelled: Vec<UnmodelledEntry>,
    /// The promises that the scenario gives up, where they break.
    #[serde(default)]
    pub permitted: Vec<PermittedEntry>,
    /// What the scenario says that has no effect or cannot be missed on this machine.
    #[serde(default)]
    pub notes: Vec<NoteEntry>,
    /// What teardown could not remove.
    pub leftovers: Vec<String>,
    /// The machine.
    pub topology: TopologyEntry,
    /// The scenario as a scenario file, to run it again.
    pub scenario_toml: String,
    /// The virtual machine, where it ran in one.
    #[serde(default)]
    pub vm: Option<VmEntry>,
    /// What was traced of it. What is traced costs time, so that it is another run than one without.
    #[serde(default)]
    pub trace: Option<TraceEntry>,
}

/// The kernel's trace of a run. It is in a file of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEntry {
    /// How many records the kernel dropped, since its buffers were full: the last ones.
    pub lost: u64,
    /// How large it is, in bytes.
    pub bytes: u64,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorEntry {
    /// What of the scenario asked for it, as a path such as `steps[0].ops[2]`.
    pub site: String,
    /// What the step there is called, if it has a name.
    #[serde(default)]
    pub step: Option<String>,
    /// The stable code; `ktstr explain` says more.
    pub code: String,
    /// What went wrong, and the cure.
    pub message: String,
    /// The errno, 0 where there is none.
    pub errno: i32,
    /// Whether the environment is to blame, and not the scenario or what it tests.
    #[serde(default)]
    pub environment: bool,
}

/// One judgement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckEntry {
    /// What was judged.
    pub kind: CheckKind,
    /// The cgroup of the workers, empty for the runner's; the name of the payload or scheduler; or whose file
    /// it is.
    pub subject: String,
    /// The metric, for payloads' metrics and comparisons; the file and the key in it, for files.
    pub metric: Option<String>,
    /// The worst value seen; times in nanoseconds, of an exit code 128 + n where signal n killed the payload.
    /// Nothing when there was nothing to measure.
    pub value: Option<f64>,
    /// What it was held against.
    pub bound: Option<f64>,
    /// How it ended.
    pub verdict: Verdict,
    /// The group of workers that was judged.
    #[serde(default)]
    pub group: Option<u32>,
    /// The worker with the worst value, by its number in the group.
    #[serde(default)]
    pub worker: Option<u32>,
    /// Its process id.
    #[serde(default)]
    pub pid: Option<u32>,
    /// Where the worst value was seen: the CPU after the longest gap, the CPUs outside the cpuset, else those
    /// that the worker was seen on.
    #[serde(default)]
    pub cpus: Option<String>,
    /// When the worst value was seen, where that was measured, in nanoseconds from the start of the run.
    #[serde(default)]
    pub at_ns: Option<u64>,
    /// From when to when the group worked.
    #[serde(default)]
    pub window: Option<WindowEntry>,
    /// The code that the payload exited with.
    #[serde(default)]
    pub exit_code: Option<i32>,
    /// The signal that killed the payload.
    #[serde(default)]
    pub signal: Option<i32>,
    /// What was expected of a file or of a comparison, in words.
    #[serde(default)]
    pub expected: Option<String>,
    /// What the file said, cut to 64 bytes; the two figures of a comparison with their windows, in words.
    #[serde(default)]
    pub seen: Option<String>,
    /// Why it was skipped, as a sentence; nothing where it was judged.
    #[serde(default)]
    pub skipped: Option<String>,
}

/// One start of a payload.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PayloadEntry {
    /// What ops call it.
    pub name: String,
    /// The program.
    pub binary: String,
    /// Its arguments, all of them.
    pub args: Vec<String>,
    /// Where it ran; empty for the runner's cgroup.
    pub cgroup: String,
    /// The code it exited with.
    pub exit_code: Option<i32>,
    /// The signal that killed it.
    pub signal: Option<i32>,
    /// From start to end, in nanoseconds.
    pub wall_ns: u64,
    /// Bytes on its standard output.
    pub stdout_bytes: u64,
    /// Bytes on its standard error.
    pub stderr_bytes: u64,
    /// Bytes of both that were not kept.
    pub cut_bytes: u64,
    /// Processes of its own making that had outlived it and were killed.
    pub orphans: u32,
    /// Whether no program was run and all of this is made up.
    #[serde(default)]
    pub assumed: bool,
    /// The metrics that were read from its output.
    pub metrics: Vec<MetricEntry>,
    /// What it wrote last; nothing where all that was judged of it held.
    #[serde(default)]
    pub last_words: Option<LastWordsEntry>,
}

/// What a payload wrote last.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LastWordsEntry {
    /// To its standard output.
    pub stdout: StreamEntry,
    /// To its standard error.
    pub stderr: StreamEntry,
}

/// The end of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StreamEntry {
    /// The text, at most [`LAST_WORDS`](ktstr_core::LAST_WORDS) bytes; what was not UTF-8 is replaced by
    /// U+FFFD. It may hold control characters.
    pub text: String,
    /// Whether something was written before it.
    pub cut: bool,
}

/// One metric of a payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricEntry {
    /// Its dotted path.
    pub name: String,
    /// Its value, if the output had it.
    pub value: Option<f64>,
    /// Its unit, empty when unknown.
    pub unit: String,
    /// Which direction is better: `higher`, `lower`, or empty.
    pub better: String,
}

/// One record of `capture_cgroup_procs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureEntry {
    /// What the scenario calls it.
    pub tag: String,
    /// The cgroup.
    pub cgroup: String,
    /// When, in nanoseconds from the start of the run.
    pub at_ns: u64,
    /// How many processes.
    pub procs: u32,
    /// Which, by their numbers.
    #[serde(default)]
    pub pids: Option<Vec<u32>>,
}

/// A hold that took longer than was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrunEntry {
    /// What of the scenario asked for it.
    pub site: String,
    /// How long it was to take, in nanoseconds.
    pub asked_ns: u64,
    /// How long it took, in nanoseconds.
    pub took_ns: u64,
}

/// A control file that was set and has no effect on the backend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnmodelledEntry {
    /// The cgroup.
    pub cgroup: String,
    /// The control file.
    pub file: String,
}

/// The machine of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopologyEntry {
    /// Its CPUs.
    pub cpus: String,
    /// The CPUs of each last-level cache.
    pub llcs: Vec<String>,
    /// The CPUs of each NUMA node.
    pub nodes: Vec<String>,
    /// Nodes x LLCs x cores x threads, if the machine is that regular.
    pub shape: Option<String>,
}

/// The virtual machine of a run: with the scenario and the seed, all that is needed to run it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VmEntry {
    /// The kernel's release.
    pub kernel_release: String,
    /// SHA-256 of the kernel file as it was shipped.
    pub kernel_sha256: String,
    /// SHA-256 of the file that was booted: the same, or the kernel that was unpacked from it.
    #[serde(default)]
    pub booted_sha256: String,
    /// SHA-256 of the guest's image.
    pub image_sha256: String,
    /// First line of `qemu --version`.
    pub qemu_version: String,
    /// Where that QEMU comes from: `fetched`, `installed` or `named`.
    #[serde(default)]
    pub qemu_origin: String,
    /// Whether some virtual CPUs got more instructions than others in the same counted time; checks that
    /// compare their work are then inconclusive.
    #[serde(default)]
    pub uneven: bool,
    /// What has to be known to read the run's figures, one sentence each.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// What executed the guest's instructions: `tcg` or `kvm`.
    pub accel: String,
    /// Memory of the guest, in MiB.
    pub memory_mib: u32,
    /// The command, without the paths of this one run.
    pub command: Vec<String>,
    /// SHA-256 of the saved state that the guest went on from; nothing when it was booted.
    #[serde(default)]
    pub state_sha256: Option<String>,
    /// Which boot of this seed it was, from 0: each that QEMU executed wrongly is followed by another
    /// variation.
    #[serde(default)]
    pub attempt: u32,
    /// Whether the same again gives the same events.
    pub reproducible: bool,
    /// Things worth saying: a fallback, and why.
    pub notes: Vec<String>,
}

impl RunReport {
    /// The report of a run that the kernel under test has ended: it fails, and nothing was measured.
    pub fn of_finding(head: &RunHead<'_>, finding: FindingEntry) -> Self {
        let end = Report { verdict: Verdict::Fail, ..Report::NOTHING };
        Self { finding: Some(finding), ..Recorder::new().finish(head, &end) }
    }

    /// The report of a scenario that needs what a machine lacks, where that is known beforehand.
    pub fn of_lack(head: &RunHead<'_>, lack: Lack) -> Self {
        Recorder::new().finish(head, &Report { lack: Some(lack), ..Report::NOTHING })
    }

    /// The report as JSON, for a file, without a character that a terminal would act on.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        terminal::harmless_json(text)
    }

    /// The report in a file's text.
    ///
    /// # Errors
    /// When it is no report of this [`VERSION`], as one sentence.
    pub fn from_json(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        match serde_json::from_str(text) {
            Ok(Versioned { version: VERSION }) => {}
            Ok(Versioned { version }) => {
                return Err(format!(
                    "the report has version {version}, this program reads version {VERSION}"
                ));
            }
            Err(error) => return Err(format!("this is no report: {error}")),
        }
        serde_json::from_str(text).map_err(|error| format!("this is no report: {error}"))
    }
}

impl ErrorEntry {
    /// The same in a scenario, whose steps have names.
    pub(crate) fn within(scenario: &Scenario<'_>, site: Site, fault: &Fault) -> Self {
        let step = match site {
            Site::Step { step, .. } => scenario.steps.get(step as usize).and_then(|step| step.name),
            Site::Scenario | Site::Backdrop(_) | Site::Teardown => None,
        };
        Self { step: step.map(str::to_owned), ..Self::of(site, fault) }
    }

    /// What a fault at a place of the scenario comes to.
    pub fn of(site: Site, fault: &Fault) -> Self {
        Self {
            site: site.to_string(),
            step: None,
            code: fault.kind.code().to_owned(),
            message: fault.to_string(),
            errno: fault.errno,
            environment: fault.is_environment(),
        }
    }
}

impl TopologyEntry {
    /// A machine in words.
    pub fn of(topology: &Topology) -> Self {
        Self {
            cpus: topology.cpus().to_string(),
            llcs: (0..topology.llc_count()).map(|llc| topology.llc_cpus(llc).to_string()).collect(),
            nodes: (0..topology.node_count()).map(|node| topology.node_cpus(node).to_string()).collect(),
            shape: shape_of(topology).map(|shape| shape.to_string()),
        }
    }
}

/// The regular machine that is just like this one, if there is one.
fn shape_of(topology: &Topology) -> Option<Uniform> {
    let (cpus, nodes, llcs) = (topology.cpus().len(), topology.node_count(), topology.llc_count());
    let threads = topology.siblings(topology.cpus().first()?).len();
    let cores = cpus.checked_div(llcs)?.checked_div(threads)?;
    let number = |n: usize| u16::try_from(n).ok();
    let shape =
        Uniform::new(number(nodes)?, number(llcs.checked_div(nodes)?)?, number(cores)?, number(threads)?);
    (shape.is_valid() && Topology::from_uniform(&shape) == *topology).then_some(shape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_machine_says_its_shape() {
        for (shape, words) in [((1, 1, 1, 1), "1x1x1x1"), ((2, 2, 4, 2), "2x2x4x2")] {
            let topology = Topology::uniform(shape.0, shape.1, shape.2, shape.3);
            assert_eq!(TopologyEntry::of(&topology).shape.as_deref(), Some(words));
        }
        let odd = Topology::uniform(1, 1, 4, 1).restricted_to(&ktstr_core::CpuSet::of(&[0, 2, 3]));
        assert_eq!(TopologyEntry::of(&odd).shape, None);
    }
}
