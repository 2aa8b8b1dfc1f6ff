//! The tables of a report file, for its JSON Schema.

use super::FindingClass;
use crate::schema::shape::{Key, Kind, Shape};
use Kind::{Bool, Either, List, Null, Number, Table, Text, Word};

const COUNT: Kind = Kind::Integer { min: 0, max: u64::MAX };
const SIGNED: Kind = Kind::Integer { min: i32::MIN as i64, max: i32::MAX as u64 };
const MAYBE_TEXT: Kind = Either(&[Text, Null]);
const MAYBE_NUMBER: Kind = Either(&[Number, Null]);
const MAYBE_SIGNED: Kind = Either(&[SIGNED, Null]);
const VERDICT: Kind = Word(&["pass", "fail", "inconclusive", "skip"]);

/// The names of the kinds of checks.
pub(super) const CHECK_KINDS: &[&str] = &[
    "not_starved",
    "isolation",
    "max_gap",
    "max_spread",
    "max_throughput_cv",
    "min_work_rate",
    "max_p99_wake_latency",
    "workers_lived",
    "exit_code",
    "ended_in_time",
    "metric_min",
    "metric_max",
    "metric_exists",
];

const fn table(name: &'static str, doc: &'static str, keys: &'static [&'static [Key]]) -> Shape {
    Shape { name, doc, keys }
}

/// The whole file.
pub(crate) const REPORT: Shape = table(
    "report",
    "The report of one ktstr run.",
    &[&[
        Key::need("version", COUNT, "Version of this layout: 2."),
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
        Key::need("error", Either(&[Table(&ERROR), Null]), "The first thing that went wrong."),
        Key::may(
            "finding",
            Either(&[Table(&FINDING), Null]),
            "How the kernel under test ended, where it did; nothing else was measured then, and the verdict is fail.",
        ),
        Key::need("checks", List(&Table(&CHECK)), "All judgements."),
        Key::need("cgroups", List(&Table(&CGROUP)), "The cgroups, in the order of their making."),
        Key::need("payloads", List(&Table(&PAYLOAD)), "The payloads, in the order of their starts."),
        Key::need("captures", List(&Table(&CAPTURE)), "The records of capture_cgroup_procs."),
        Key::need("events", List(&Table(&EVENT)), "All actions with what came of them."),
        Key::may(
            "overruns",
            List(&Table(&OVERRUN)),
            "The holds that took more than 1 % longer than was asked for.",
        ),
        Key::need("leftovers", List(&Text), "What teardown could not remove."),
        Key::need("topology", Table(&TOPOLOGY), "The machine."),
        Key::need("scenario_toml", Text, "The scenario as a scenario file."),
        Key::may("vm", Either(&[Table(&VM), Null]), "The virtual machine, where it ran in one."),
    ]],
);

const ERROR: Shape = table(
    "error",
    "Something that went wrong.",
    &[&[
        Key::need("site", Text, "What of the scenario asked for it, as in steps[0].ops[2]."),
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
        Key::need("kind", Word(CHECK_KINDS), "What was judged."),
        Key::need("subject", Text, "The workers' cgroup, or the payload's name."),
        Key::need("metric", MAYBE_TEXT, "The metric, for payloads' metrics."),
        Key::need("value", MAYBE_NUMBER, "The worst value seen; times in nanoseconds."),
        Key::need("bound", MAYBE_NUMBER, "What it was held against."),
        Key::need("verdict", VERDICT, "How it ended."),
    ]],
);

const CGROUP: Shape = table(
    "cgroup",
    "One cgroup and its workers.",
    &[&[
        Key::need("path", Text, "Its path below the run's own cgroup; empty for the runner's."),
        Key::need("created", COUNT, "How often it was made."),
        Key::need("cpuset", MAYBE_TEXT, "The CPUs last written into cpuset.cpus."),
        Key::need("cpus_used", Text, "The CPUs on which its workers were seen."),
        Key::need("iterations", COUNT, "Iterations of all workers."),
        Key::need("work_units", COUNT, "Units of work of all workers."),
        Key::need("cpu_ns", COUNT, "CPU time of all workers, in nanoseconds."),
        Key::need(
            "max_gap_ns",
            COUNT,
            "The longest time that a worker went without progress, in nanoseconds.",
        ),
        Key::need("workers", List(&Table(&WORKER)), "The workers."),
    ]],
);

const WORKER: Shape = table(
    "worker",
    "One worker.",
    &[&[
        Key::need("group", COUNT, "The group it belonged to."),
        Key::need("worker", COUNT, "Its number in the group."),
        Key::need("end", Text, "How it ended: stopped, killed, exited N, signalled N, setup failed N."),
        Key::need("iterations", COUNT, "Iterations done."),
        Key::need("work_units", COUNT, "Units of work done."),
        Key::need("cpu_ns", COUNT, "CPU time used, in nanoseconds."),
        Key::need("wall_ns", COUNT, "From start to stop, in nanoseconds."),
        Key::need("max_gap_ns", COUNT, "Longest time without progress, in nanoseconds."),
        Key::need("migrations", COUNT, "How often it was seen on another CPU than before."),
        Key::need("cpus_used", Text, "The CPUs it was seen on."),
        Key::need("wakeups", COUNT, "Wake-ups measured."),
        Key::need("wake_p50_ns", COUNT, "Median time from wake-up to running, in nanoseconds."),
        Key::need("wake_p99_ns", COUNT, "99th percentile of the same."),
        Key::need("wake_max_ns", COUNT, "Longest of the same."),
    ]],
);

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
        Key::need("metrics", List(&Table(&METRIC)), "The metrics that were read from its output."),
        Key::may(
            "last_words",
            Either(&[Table(&LAST_WORDS), Null]),
            "What it wrote last; null where all that was judged of it held.",
        ),
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

const METRIC: Shape = table(
    "metric",
    "One metric of a payload.",
    &[&[
        Key::need("name", Text, "Its dotted path."),
        Key::need("value", MAYBE_NUMBER, "Its value, if the output had it."),
        Key::need("unit", Text, "Its unit, empty when unknown."),
        Key::need("better", Word(&["higher", "lower", ""]), "Which direction is better."),
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
        Key::need("pids", Either(&[List(&COUNT), Null]), "Which; null where the backend does not tell."),
    ]],
);

const EVENT: Shape = table(
    "event",
    "One action and what came of it.",
    &[&[
        Key::need("seq", COUNT, "Its number, from 0."),
        Key::need("at_ns", COUNT, "When the outcome was known, in nanoseconds from the start of the run."),
        Key::need("site", Text, "What of the scenario asked for it."),
        Key::need("action", Text, "What was done to what."),
        Key::need("outcome", Text, "What came of it."),
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
