//! The tables of a report file, for its JSON Schema.

use super::events::{ACTION, OUTCOME};
use super::groups::{RATES, WINDOW, WORKER_END};
use super::notice::NOTICE_KIND;
use super::{FindingClass, VERSION};
use crate::schema::check_shapes::CHECK_NAMES;
use crate::schema::shape::{Key, Kind, Shape};
use Kind::{Bool, Either, List, Null, Number, Table, Text, Word};
use ktstr_core::{Measure, Polarity, Together, Verdict};

const COUNT: Kind = Kind::Integer { min: 0, max: u64::MAX };
const SIGNED: Kind = Kind::Integer { min: i32::MIN as i64, max: i32::MAX as u64 };
const MAYBE_TEXT: Kind = Either(&[Text, Null]);
const MAYBE_NUMBER: Kind = Either(&[Number, Null]);
const MAYBE_COUNT: Kind = Either(&[COUNT, Null]);
const MAYBE_SIGNED: Kind = Either(&[SIGNED, Null]);
const THIS_VERSION: Kind = Kind::Integer { min: VERSION as i64, max: VERSION as u64 };
const VERDICT: Kind = Word(
    &const {
        let mut names = [""; Verdict::ALL.len()];
        let mut at = 0;
        while at < names.len() {
            names[at] = Verdict::ALL[at].name();
            at += 1;
        }
        names
    },
);

const fn table(name: &'static str, doc: &'static str, keys: &'static [&'static [Key]]) -> Shape {
    Shape { name, doc, keys }
}

/// The whole file.
pub(crate) const REPORT: Shape = table(
    "report",
    "The report of one ktstr run.",
    &[&[
        Key::need("version", THIS_VERSION, "Version of this layout."),
        Key::need("scenario", Text, "The scenario's name."),
        Key::need("backend", Text, "What it ran on: mock, linux, vm."),
        Key::need("backend_reason", Text, "Why it ran there; empty when it was asked for."),
        Key::need("seed", COUNT, "What all draws started from."),
        Key::need(
            "verdict",
            VERDICT,
            "The worst of all judgements; fail also when something went wrong, inconclusive when that was an \
             interruption or a lack of the environment. The program exits with 0 for pass and skip, 1 for fail, 3 for \
             inconclusive with error.environment, else 4.",
        ),
        Key::need("elapsed_ns", COUNT, "From the first action to the last, in nanoseconds."),
        Key::may("skipped", MAYBE_TEXT, "Why the scenario was skipped: what it needs and the machine lacks."),
        Key::need("error", Either(&[Table(&ERROR), Null]), "The first thing that went wrong."),
        Key::may(
            "finding",
            Either(&[Table(&FINDING), Null]),
            "How the kernel under test ended, where it did; the verdict is fail then, and there is what was heard before.",
        ),
        Key::need("checks", List(&Table(&CHECK)), "All judgements."),
        Key::need("cgroups", List(&Table(&CGROUP)), "The cgroups, in the order of their making."),
        Key::may("groups", List(&Table(&GROUP)), "The groups of workers, in the order of their stops."),
        Key::may(
            "phases",
            List(&Table(&PHASE)),
            "The phases of the run, one for each step that did something, in order.",
        ),
        Key::need("payloads", List(&Table(&PAYLOAD)), "The payloads, in the order of their starts."),
        Key::may(
            "schedulers",
            List(&Table(&SCHEDULER)),
            "The schedulers, in the order in which they were attached.",
        ),
        Key::need("captures", List(&Table(&CAPTURE)), "The records of capture_cgroup_procs."),
        Key::need("events", List(&Table(&EVENT)), "All actions with what came of them."),
        Key::may("notices", List(&Table(&NOTICE)), "What happened without having been asked for."),
        Key::may(
            "overruns",
            List(&Table(&OVERRUN)),
            "The holds that took more than 1 % longer than was asked for.",
        ),
        Key::may(
            "unmodelled",
            List(&Table(&UNMODELLED)),
            "What was set and has no effect on the backend: checks that rest on it were skipped.",
        ),
        Key::may(
            "permitted",
            List(&Table(&PERMITTED)),
            "The promises that the scenario gives up, where they break.",
        ),
        Key::may(
            "notes",
            List(&Table(&NOTE)),
            "What the scenario says that has no effect or cannot be missed on this machine.",
        ),
        Key::need("leftovers", List(&Text), "What teardown could not remove."),
        Key::need("topology", Table(&TOPOLOGY), "The machine."),
        Key::need("scenario_toml", Text, "The scenario as a scenario file."),
        Key::may("vm", Either(&[Table(&VM), Null]), "The virtual machine, where it ran in one."),
        Key::may(
            "trace",
            Either(&[Table(&TRACE), Null]),
            "What was traced of it, which makes it another run than one without.",
        ),
    ]],
);

const TRACE: Shape = table(
    "trace",
    "The kernel's trace of a run, which is in a file of its own.",
    &[&[
        Key::need(
            "lost",
            COUNT,
            "How many records the kernel dropped, since its buffers were full: the last ones.",
        ),
        Key::need("bytes", COUNT, "How large it is, in bytes."),
    ]],
);

const NOTE: Shape = table(
    "note",
    "Something that the scenario says, and that has no effect or cannot be missed. No verdict depends on it.",
    &[&[
        Key::need("code", Text, "Its stable code; ktstr explain says more."),
        Key::need("site", Text, "What it is about, as in steps[0].ops[2]."),
        Key::need("message", Text, "What there is to say."),
        Key::need("cure", Text, "What to do about it."),
    ]],
);

const UNMODELLED: Shape = table(
    "unmodelled",
    "A control file that was set and has no effect on the backend.",
    &[&[Key::need("cgroup", Text, "The cgroup."), Key::need("file", Text, "The control file.")]],
);

const ERROR: Shape = table(
    "error",
    "Something that went wrong.",
    &[&[
        Key::need("site", Text, "What of the scenario asked for it, as in steps[0].ops[2]."),
        Key::may("step", MAYBE_TEXT, "What the step there is called, if it has a name."),
        Key::need("code", Text, "The stable code; ktstr explain says more."),
        Key::need("message", Text, "What went wrong, and the cure."),
        Key::need("errno", SIGNED, "The errno, 0 where there is none."),
        Key::need(
            "environment",
            Bool,
            "Whether the environment is to blame, not the scenario or what it tests.",
        ),
    ]],
);

/// The names of the kinds of ends of a kernel.
const FINDINGS: &[&str] = &{
    let mut names = [""; FindingClass::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = FindingClass::ALL[at].name();
        at += 1;
    }
    names
};

const FINDING: Shape = table(
    "finding",
    "A finding about the kernel under test, which ended the run.",
    &[&[
        Key::need("class", Word(FINDINGS), "What kind of end it was."),
        Key::need(
            "signature",
            Text,
            "The first line of the kernel that says so, with N for addresses and numbers: the same for the same fault.",
        ),
        Key::need("during_boot", Bool, "Whether it happened before the guest program had begun."),
        Key::need(
            "bound",
            MAYBE_TEXT,
            "The bound that the run hit, where the kernel said nothing of itself.",
        ),
        Key::need(
            "console",
            List(&Text),
            "The last lines of the console, before them the one that says why; they may hold control characters.",
        ),
    ]],
);

const CHECK: Shape = table(
    "check",
    "One judgement.",
    &[&[
        Key::need("kind", Word(CHECK_NAMES), "What was judged."),
        Key::need(
            "subject",
            Text,
            "The workers' cgroup, the payload's or scheduler's name, or whose file it is.",
        ),
        Key::need(
            "metric",
            MAYBE_TEXT,
            "The metric, for payloads' metrics and comparisons; the file and the key in it, for files.",
        ),
        Key::need(
            "value",
            MAYBE_NUMBER,
            "The worst value seen; times in nanoseconds, of an exit code 128 + n where signal n killed the payload.",
        ),
        Key::need("bound", MAYBE_NUMBER, "What it was held against."),
        Key::need("verdict", VERDICT, "How it ended."),
        Key::may("group", MAYBE_COUNT, "The group of workers that was judged."),
        Key::may("worker", MAYBE_COUNT, "The worker with the worst value, by its number in the group."),
        Key::may("pid", MAYBE_COUNT, "Its process id."),
        Key::may(
            "cpus",
            MAYBE_TEXT,
            "Where the worst value was seen: the CPU after the longest gap, the CPUs outside the cpuset, else those that \
             the worker was seen on.",
        ),
        Key::may(
            "at_ns",
            MAYBE_COUNT,
            "When the worst value was seen, where that was measured, in nanoseconds from the start of the run.",
        ),
        Key::may("window", Either(&[Table(&WINDOW), Null]), "From when to when the group worked."),
        Key::may("exit_code", MAYBE_SIGNED, "The code that the payload exited with."),
        Key::may("signal", MAYBE_SIGNED, "The signal that killed the payload."),
        Key::may("expected", MAYBE_TEXT, "What was expected of a file or of a comparison, in words."),
        Key::may(
            "seen",
            MAYBE_TEXT,
            "What the file said, cut to 64 bytes; the two figures of a comparison with their windows, in words.",
        ),
        Key::may("skipped", MAYBE_TEXT, "Why it was skipped, as a sentence; null where it was judged."),
    ]],
);

const SCHEDULER: Shape = table(
    "scheduler",
    "One attaching of a scheduler.",
    &[&[
        Key::need("name", Text, "What it is called."),
        Key::need("binary", Text, "Its program."),
        Key::need("args", List(&Text), "The arguments of that, with their placeholders."),
        Key::need(
            "window",
            Either(&[Table(&WINDOW), Null]),
            "From when to when it was attached; null where it was never ready.",
        ),
        Key::need("exit", MAYBE_TEXT, "The kind of its exit; null where that is not known."),
        Key::need("code", Text, "Its exit code, as text: it has 64 bits."),
        Key::need("early", Bool, "Whether it left before it was asked to."),
        Key::need("expected", Bool, "Whether it left in the way that is expected of it."),
        Key::need("lost", Bool, "Whether records of the kernel's log were lost meanwhile."),
        Key::need("exit_code", MAYBE_SIGNED, "The code that its program exited with."),
        Key::need("signal", MAYBE_SIGNED, "The signal that killed its program."),
        Key::need("assumed", Bool, "Whether no program was run and all of this is made up."),
        Key::need("log", Text, "What its program wrote: the first and the last of it."),
        Key::need("kernel", Text, "The kernel's lines about sched_ext."),
        Key::need("dump", Text, "The dump that the kernel made as it ejected it."),
        Key::need("counters", Text, "The kernel's counters of events, a line each, as it was detached."),
    ]],
);

const CGROUP: Shape = table(
    "cgroup",
    "One cgroup and its workers.",
    &[
        &[
            Key::need("path", Text, "Its path below the run's own cgroup; empty for the runner's."),
            Key::need("created", COUNT, "How often it was made."),
            Key::need("cpuset", MAYBE_TEXT, "The CPUs last written into cpuset.cpus."),
            Key::need("cpus_used", Text, "The CPUs on which its workers were seen."),
            Key::need("workers", List(&Table(&WORKER)), "The workers."),
        ],
        &TOTALS,
    ],
);

const GROUP: Shape = table(
    "group",
    "One group of workers.",
    &[
        &[
            Key::need("group", COUNT, "Its number, in the order of their creation."),
            Key::need("cgroup", Text, "Where it was stopped; empty for the runner's cgroup."),
            Key::need("work_type", Text, "What its workers did; empty where that is not known."),
            Key::need("workers", COUNT, "How many workers reported."),
            Key::need(
                "window",
                Either(&[Table(&WINDOW), Null]),
                "From when to when it worked; null where it was never started.",
            ),
            Key::need(
                "rates",
                Either(&[Table(&RATES), Null]),
                "What it took for each second of its window; null without one.",
            ),
        ],
        &TOTALS,
    ],
);

const WORKER: Shape = table(
    "worker",
    "One worker.",
    &[
        &[
            Key::need("group", COUNT, "The group it belonged to."),
            Key::need("worker", COUNT, "Its number in the group."),
            Key::may("pid", COUNT, "Its process id, 0 where there is none."),
            Key::need("end", Kind::Variants(&WORKER_END), "How it ended."),
            Key::need("cpus_used", Text, "The CPUs it was seen on."),
        ],
        &MEASURED,
    ],
);

/// What one worker has measured.
const MEASURED: [Key; Measure::COUNT] = {
    let mut keys = [Key::need("", COUNT, ""); Measure::COUNT];
    let mut i = 0;
    while i < Measure::COUNT {
        let info = Measure::ALL[i].info();
        keys[i] = match info.together {
            Together::Own => Key::may(info.key, COUNT, info.doc),
            Together::Sum | Together::Max => Key::need(info.key, COUNT, info.doc),
        };
        i += 1;
    }
    keys
};

/// How many measurements come together for several workers.
const TOGETHER: usize = {
    let (mut count, mut i) = (0, 0);
    while i < Measure::COUNT {
        count += !matches!(Measure::ALL[i].info().together, Together::Own) as usize;
        i += 1;
    }
    count
};

/// What the measurements of several workers come to.
const TOTALS: [Key; TOGETHER] = {
    let mut keys = [Key::need("", COUNT, ""); TOGETHER];
    let (mut filled, mut i) = (0, 0);
    while i < Measure::COUNT {
        let info = Measure::ALL[i].info();
        if !matches!(info.together, Together::Own) {
            keys[filled] = Key::may(info.key, COUNT, info.doc);
            filled += 1;
        }
        i += 1;
    }
    keys
};

const PAYLOAD: Shape = table(
    "payload",
    "One start of a payload.",
    &[&[
        Key::need("name", Text, "What ops call it."),
        Key::need("binary", Text, "The program."),
        Key::need("args", List(&Text), "Its arguments."),
        Key::need("cgroup", Text, "Where it ran; empty for the runner's cgroup."),
        Key::need("exit_code", MAYBE_SIGNED, "The code it exited with."),
        Key::need("signal", MAYBE_SIGNED, "The signal that killed it."),
        Key::need("wall_ns", COUNT, "From start to end, in nanoseconds."),
        Key::need("stdout_bytes", COUNT, "Bytes on its standard output."),
        Key::need("stderr_bytes", COUNT, "Bytes on its standard error."),
        Key::need("cut_bytes", COUNT, "Bytes of both that were not kept."),
        Key::need("orphans", COUNT, "Processes that had outlived it and were killed."),
        Key::may("assumed", Bool, "Whether no program was run and all of this is made up."),
        Key::need("metrics", List(&Table(&METRIC)), "The metrics that were read from its output."),
        Key::may(
            "last_words",
            Either(&[Table(&LAST_WORDS), Null]),
            "What it wrote last; null where all that was judged of it held.",
        ),
    ]],
);

const PHASE: Shape = table(
    "phase",
    "One phase: a step, from its first action until what it made begins to go.",
    &[&[
        Key::need("step", COUNT, "Which step, from 0."),
        Key::need("name", MAYBE_TEXT, "What the step is called."),
        Key::need("window", Table(&WINDOW), "From when to when it was."),
        Key::need("groups", List(&Table(&PHASE_GROUP)), "The groups that worked in it."),
    ]],
);

const PHASE_GROUP: Shape = table(
    "phase_group",
    "What a group of workers did in a phase.",
    &[&[
        Key::need("group", COUNT, "Which group, in the order of their creation."),
        Key::need("cgroup", Text, "Where it was when the phase, or the group, ended."),
        Key::need("workers", COUNT, "How many workers it has."),
        Key::need(
            "window_ns",
            COUNT,
            "How long it worked in the phase, in nanoseconds, frozen time with it.",
        ),
        Key::need("iterations", COUNT, "Iterations done."),
        Key::need("work_units", COUNT, "Units of work done."),
        Key::need("cpu_ns", COUNT, "CPU time used, in nanoseconds."),
        Key::need(
            "run_delay_ns",
            MAYBE_COUNT,
            "How long its workers were ready and had no CPU, in nanoseconds; null where not measured.",
        ),
        Key::need("migrations", COUNT, "How often its workers were seen on another CPU than before."),
        Key::need("wakeups", COUNT, "Wake-ups measured."),
        Key::need("wake_p50_ns", COUNT, "Median time from wake-up to running of its worst worker."),
        Key::need("wake_p99_ns", COUNT, "99th percentile of the same."),
        Key::need("max_gap_ns", COUNT, "Longest time between two checkpoints of one of its workers."),
        Key::need("iterations_per_s", MAYBE_NUMBER, "Iterations for each second of its window."),
        Key::need("units_per_s", MAYBE_NUMBER, "Units of work for each second of its window."),
        Key::need("cpus", MAYBE_NUMBER, "CPU time over the length of its window."),
        Key::need("cpu_share", MAYBE_NUMBER, "Its share of the CPU time that all groups had in the phase."),
    ]],
);

const LAST_WORDS: Shape = table(
    "last_words",
    "What a payload wrote last.",
    &[&[
        Key::need("stdout", Table(&STREAM), "To its standard output."),
        Key::need("stderr", Table(&STREAM), "To its standard error."),
    ]],
);

const STREAM: Shape = table(
    "stream",
    "The end of a stream.",
    &[&[
        Key::need(
            "text",
            Text,
            "The text; it may hold control characters, and U+FFFD for what was no UTF-8.",
        ),
        Key::need("cut", Bool, "Whether something was written before it."),
    ]],
);

const BETTER: [&str; 3] = {
    let [higher, lower] = Polarity::WORDS;
    [higher, lower, Polarity::Unknown.word()]
};

const METRIC: Shape = table(
    "metric",
    "One metric of a payload.",
    &[&[
        Key::need("name", Text, "Its dotted path."),
        Key::need("value", MAYBE_NUMBER, "Its value, if the output had it."),
        Key::need("unit", Text, "Its unit, empty when unknown."),
        Key::need("better", Word(&BETTER), "Which direction is better."),
    ]],
);

const CAPTURE: Shape = table(
    "capture",
    "One record of capture_cgroup_procs.",
    &[&[
        Key::need("tag", Text, "What the scenario calls it."),
        Key::need("cgroup", Text, "The cgroup."),
        Key::need("at_ns", COUNT, "When, in nanoseconds from the start of the run."),
        Key::need("procs", COUNT, "How many processes."),
        Key::need(
            "pids",
            Either(&[List(&COUNT), Null]),
            "Which, by their numbers; null in reports from before they were known.",
        ),
    ]],
);

const EVENT: Shape = table(
    "event",
    "One action and what came of it.",
    &[&[
        Key::need("seq", COUNT, "Its number, from 0."),
        Key::need("at_ns", COUNT, "When the outcome was known, in nanoseconds from the start of the run."),
        Key::need("site", Text, "What of the scenario asked for it."),
        Key::need("action", Kind::Variants(&ACTION), "What was asked."),
        Key::need("outcome", Kind::Variants(&OUTCOME), "What came of it."),
    ]],
);

const NOTICE: Shape = table(
    "notice",
    "Something that nobody asked for.",
    &[&[
        Key::need("seq", COUNT, "The number of the action during which it was noticed."),
        Key::need(
            "at_ns",
            COUNT,
            "When it happened, else when it was noticed, in nanoseconds from the start of the run.",
        ),
        Key::need("notice", Kind::Variants(&NOTICE_KIND), "What happened."),
    ]],
);

const PERMITTED: Shape = table(
    "permitted",
    "A promise that the scenario gives up.",
    &[&[
        Key::need("code", Text, "The stable code of its rule."),
        Key::need("site", Text, "Where it breaks; empty where it breaks nowhere."),
        Key::need("message", Text, "What breaks."),
    ]],
);

const OVERRUN: Shape = table(
    "overrun",
    "A hold that took longer than was asked for.",
    &[&[
        Key::need("site", Text, "What of the scenario asked for it."),
        Key::need("asked_ns", COUNT, "How long it was to take, in nanoseconds."),
        Key::need("took_ns", COUNT, "How long it took, in nanoseconds."),
    ]],
);

const TOPOLOGY: Shape = table(
    "topology",
    "The machine of a run.",
    &[&[
        Key::need("cpus", Text, "Its CPUs."),
        Key::need("llcs", List(&Text), "The CPUs of each last-level cache."),
        Key::need("nodes", List(&Text), "The CPUs of each NUMA node."),
        Key::need("shape", MAYBE_TEXT, "Nodes x LLCs x cores x threads, if the machine is that regular."),
    ]],
);

const VM: Shape = table(
    "vm",
    "The virtual machine of a run.",
    &[&[
        Key::need("kernel_release", Text, "The kernel's release."),
        Key::need("kernel_sha256", Text, "SHA-256 of the kernel file as it was shipped."),
        Key::may(
            "booted_sha256",
            Text,
            "SHA-256 of the file that was booted: the same, or the kernel that was unpacked from it.",
        ),
        Key::need("image_sha256", Text, "SHA-256 of the guest's image."),
        Key::need("qemu_version", Text, "First line of qemu --version."),
        Key::may("qemu_origin", Text, "Where that QEMU comes from: fetched, installed or named."),
        Key::may(
            "uneven",
            Bool,
            "Whether some virtual CPUs got more instructions than others in the same counted time; checks that compare \
             their work are then inconclusive.",
        ),
        Key::may("warnings", List(&Text), "What has to be known to read the run's figures."),
        Key::need("accel", Text, "What executed the guest's instructions: tcg or kvm."),
        Key::need("memory_mib", COUNT, "Memory of the guest, in MiB."),
        Key::need("command", List(&Text), "The command, without the paths of this one run."),
        Key::need(
            "state_sha256",
            MAYBE_TEXT,
            "SHA-256 of the saved state that the guest went on from; null when booted.",
        ),
        Key::need("attempt", COUNT, "Which boot of this seed it was, from 0."),
        Key::need("reproducible", Bool, "Whether the same again gives the same events."),
        Key::need("notes", List(&Text), "Things worth saying."),
    ]],
);
