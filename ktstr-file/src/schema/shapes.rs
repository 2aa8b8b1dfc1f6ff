//! The tables of a scenario file, but for the operations, which stand in `op_shapes`.

use crate::load::each::UNITS;
use crate::schema::check_shapes::{CHECKS, PAYLOAD_CHECK};
pub(crate) use crate::schema::knobs::LIMITS;
use crate::schema::op_shapes::OP;
use crate::schema::shape::{Key, Kind, Shape};
use crate::schema::work_shapes::WORK_TYPE;
use Kind::{Bool, Either, Form, List, Number, Table, Text, Word};
use ktstr_core::{Compared, Polarity, SchedulerExit, WorkType};

pub(crate) const DURATION: Kind = Form("duration");
pub(crate) const CPU_LIST: Kind = Form("list");
pub(crate) const COUNT: Kind = Kind::Integer { min: 0, max: u32::MAX as u64 };
const INDEX: Kind = Kind::Integer { min: 0, max: 65_535 };
const SHARE: Kind = Kind::Integer { min: 0, max: u64::MAX };
/// A number, or the place of that of the instance.
const INSTANCE: Kind = Either(&[SHARE, Form("instance")]);
/// The most cgroups that one definition stands for.
pub(crate) const EACH_MOST: usize = 1024;
pub(crate) const EACH_NUMBER: Kind = Kind::Integer { min: 1, max: EACH_MOST as u64 };
pub(crate) const BYTES: Kind = Either(&[Form("size"), Kind::Integer { min: 0, max: u64::MAX }]);
pub(crate) const BYTES_OR_MAX: Kind =
    Either(&[Word(&["max"]), Form("size"), Kind::Integer { min: 0, max: u64::MAX }]);
pub(crate) const TASKS_OR_MAX: Kind = Either(&[Word(&["max"]), Kind::Integer { min: 0, max: u64::MAX }]);
pub(crate) const NICE: Kind = Kind::Integer { min: i32::MIN as i64, max: i32::MAX as u64 };

pub(crate) const fn table(name: &'static str, doc: &'static str, keys: &'static [&'static [Key]]) -> Shape {
    Shape { name, doc, keys }
}

/// The whole file.
pub(crate) const SCENARIO: Shape = table(
    "scenario",
    "A ktstr scenario.",
    &[&[
        Key::need("name", Text, "What reports call it; 1 to 64 bytes."),
        Key::may("duration", DURATION, "What the holds of the steps share out; 1s where not said."),
        Key::may(
            "workers_per_cgroup",
            COUNT,
            "How many workers a group has that does not say; 1 where not said.",
        ),
        Key::may(
            "topology",
            Either(&[Form("machine"), Table(&TOPOLOGY)]),
            "The machine it is meant for: a virtual machine is built so, Linux runs on what there is.",
        ),
        Key::may(
            "needs",
            Table(&NEEDS),
            "What a machine has to have at least; where it has less, the scenario is skipped, with the reason.",
        ),
        Key::may("payload", List(&Table(&PAYLOAD)), "Programs that run beside the workers."),
        Key::may("scheduler", List(&Table(&SCHEDULER)), "Schedulers that can be attached."),
        Key::may("backdrop", Table(&BACKDROP), "What lives for the whole run."),
        Key::may("steps", List(&Table(&STEP)), "What changes, one after the other."),
        Key::may("checks", Table(&CHECKS), "What is expected of the workers."),
        Key::may(
            "compare",
            List(&Table(&COMPARE)),
            "How what workers did relates, between cgroups and between steps.",
        ),
        Key::may(
            "permit",
            List(&Text),
            "Promises that may break, by the codes of their rules, as in [\"E0411\"].",
        ),
    ]],
);

/// `[[compare]]`
pub(crate) const COMPARE: Shape = table(
    "compare",
    "What the workers of a cgroup did is so many times what those of another did.",
    &[&[
        Key::need("of", Text, "The cgroup whose workers are looked at; \"\" is the runner's."),
        Key::may(
            "against",
            Text,
            "The cgroup they are held against; the same where not said, and against_step says another step.",
        ),
        Key::need("metric", Word(Compared::WORDS), "What is compared; rates are per second of the window."),
        Key::may("step", Text, "In which step, by its name; in all together where not said."),
        Key::may("against_step", Text, "In which step the second is looked at; the same where not said."),
        Key::need("ratio", Number, "How many times the second goes into the first, above 0."),
        Key::may("within", Number, "By which share of it the ratio may be missed; 0.1 where not said."),
    ]],
);

/// `[topology]`
pub(crate) const TOPOLOGY: Shape = table(
    "topology",
    "A machine whose NUMA nodes all have the same caches, cores and threads.",
    &[&[
        Key::may("nodes", INDEX, "NUMA nodes, 1 to 64; 1 where not said."),
        Key::may("llcs", INDEX, "Last-level caches of each node; 1 where not said."),
        Key::may("cores", INDEX, "Cores of each last-level cache; 1 where not said."),
        Key::may("threads", INDEX, "Threads of each core; 1 where not said."),
        Key::may("memory", BYTES, "Memory of the whole machine, in whole MiB."),
    ]],
);

/// `needs`
pub(crate) const NEEDS: Shape = table(
    "needs",
    "What a machine has to have at least; what is not said asks for nothing.",
    &[&[
        Key::may("cpus", COUNT, "CPUs, at most 1024."),
        Key::may("llcs", COUNT, "Last-level caches of the whole machine, at most 1024."),
        Key::may("nodes", COUNT, "NUMA nodes, at most 64."),
        Key::may("kernel", Form("release"), "This kernel or a later one, as in \"6.13\"."),
        Key::may("sched_ext", Bool, "Whether the kernel has to be one that can load schedulers."),
    ]],
);

/// `[[payload]]`
pub(crate) const PAYLOAD: Shape = table(
    "payload",
    "A program that runs beside the workers.",
    &[&[
        Key::need("name", Text, "What ops call it."),
        Key::may("id", Text, "What the rest of this file calls it, where that is not its name."),
        Key::need("binary", Text, "The program: a path, or a name looked up in PATH."),
        Key::may("args", List(&Text), "Its usual arguments."),
        Key::may("output", Word(&["exit_code", "json"]), "How its output is read; exit_code where not said."),
        Key::may("metrics", List(&Table(&METRIC)), "The metrics that reports show."),
        Key::may("checks", List(&Table(&PAYLOAD_CHECK)), "What has to hold when it has ended."),
        Key::may("timeout", DURATION, "How long a wait for it lasts at most where the op does not say."),
        Key::may("include_files", List(&Text), "Files it needs beside it in a virtual machine (host paths)."),
    ]],
);

pub(crate) const CONTROLLERS: &[&str] = &["cpuset", "cpu", "memory", "pids", "io"];

pub(crate) const ON_DEATH: &[&str] = &["stop", "go_on"];

/// `[[scheduler]]`
pub(crate) const SCHEDULER: Shape = table(
    "scheduler",
    "A sched_ext scheduler: the program that loads it, and what is expected of it.",
    &[&[
        Key::need("name", Text, "What ops and reports call it."),
        Key::may("id", Text, "What the rest of this file calls it, where that is not its name."),
        Key::need("binary", Text, "The program: a path, or a name looked up in PATH."),
        Key::may(
            "args",
            List(&Text),
            "Its arguments; {cgroup:/} is the path of the run's own cgroup, {cgroup:cells} of `cells`.",
        ),
        Key::may("env", List(&Text), "Variables of its environment, NAME=value each."),
        Key::may(
            "controllers",
            List(&Word(CONTROLLERS)),
            "Controllers that have to be enabled for it: without cpu the kernel calls none of its cgroup operations.",
        ),
        Key::may("ready", DURATION, "How long it has to get ready; 60s where not said."),
        Key::may("grace", DURATION, "How long it has to leave after SIGTERM; 10s where not said."),
        Key::may("include_files", List(&Text), "Files it needs beside it in a virtual machine (host paths)."),
        Key::may(
            "on_death",
            Word(ON_DEATH),
            "Whether the run stops when it leaves, or goes on under the kernel's own; stop where not said.",
        ),
        Key::may(
            "expect_exit",
            Table(&EXPECTED_EXIT),
            "The exit that is expected of it, before it is detached; without it, it has to live until then.",
        ),
    ]],
);

/// `{ kind = …, code = …, message_contains = … }`
pub(crate) const EXPECTED_EXIT: Shape = table(
    "expected_exit",
    "An exit of a scheduler that is no failure.",
    &[&[
        Key::need("kind", Word(&SchedulerExit::WORDS), "The kind of the exit."),
        Key::may("code", Kind::Integer { min: i64::MIN, max: i64::MAX as u64 }, "The exit code."),
        Key::may("message_contains", Text, "What the kernel's message contains."),
    ]],
);

/// An item of `metrics`.
pub(crate) const METRIC: Shape = table(
    "metric",
    "What is known of a metric beforehand.",
    &[&[
        Key::need("name", Text, "Its dotted path in the output, as in jobs.0.read.iops."),
        Key::may("better", Word(&Polarity::WORDS), "Which direction is better."),
        Key::may("unit", Text, "Its unit, as in ops/s."),
    ]],
);

/// `[backdrop]`
pub(crate) const BACKDROP: Shape = table(
    "backdrop",
    "What is set up before the first step and torn down after the last: the scheduler, cgroups, ops, payloads.",
    &[&[
        Key::may(
            "scheduler",
            Text,
            "The scheduler that everything runs under; the kernel's own where not said.",
        ),
        Key::may("cgroups", List(&Table(&CGROUP)), "Cgroups with their workers, front to back."),
        Key::may("ops", List(&Kind::Table(&OP)), "Operations, carried out next."),
        Key::may("payloads", List(&Text), "Payloads, started last, in the runner's cgroup."),
    ]],
);

/// An item of `[[steps]]`.
pub(crate) const STEP: Shape = table(
    "step",
    "One step: ops, then cgroups, then the payload, then the hold. What it makes goes when it ends.",
    &[&[
        Key::may(
            "name",
            Text,
            "What reports and comparisons call it; 1 to 64 bytes, unlike the other steps'.",
        ),
        Key::may("ops", List(&Kind::Table(&OP)), "Operations; repeated when the hold is a loop."),
        Key::may("cgroups", List(&Table(&CGROUP)), "Cgroups with their workers."),
        Key::may("payload", Text, "A payload that runs for the length of the step."),
        Key::need(
            "hold",
            Either(&[Word(&["full"]), DURATION, Number, Table(&LOOP)]),
            "How long: \"full\", a fraction of the duration as in 0.5, a duration, or { loop = \"100ms\" }.",
        ),
    ]],
);

/// `{ loop = … }`
pub(crate) const LOOP: Shape = table(
    "loop",
    "Repeats the step's ops for what is left of the duration.",
    &[&[Key::need("loop", DURATION, "From the end of one round to the start of the next.")]],
);

/// What every cpuset table can say.
pub(crate) const CPUSET: Shape = table(
    "cpuset",
    "CPUs said without knowing the machine.",
    &[&[
        Key::may("disjoint", INSTANCE, "This share, from 0, of `of` equal ones."),
        Key::may("overlap", INSTANCE, "As disjoint, reaching `frac` of a share into its neighbours."),
        Key::may("of", SHARE, "How many shares; as many as `each` makes where not said."),
        Key::may("frac", Number, "How far a share reaches into its neighbours, 0 to 1."),
        Key::may("range", List(&Number), "From this fraction of the CPUs up to that, as in [0.0, 0.5]."),
        Key::may("llc", INSTANCE, "The CPUs of the last-level cache with this index."),
        Key::may("numa", INSTANCE, "The CPUs of the NUMA node with this index."),
    ]],
);

pub(crate) const CPUSET_VALUE: Kind = Either(&[CPU_LIST, Table(&CPUSET)]);

pub(crate) const POLICY: Kind = Either(&[Word(POLICIES), Table(&SCHED_POLICY)]);

pub(crate) const WORK: &[Key] = &[
    Key::may("workers", COUNT, "How many workers; the scenario's workers_per_cgroup where not said."),
    Key::may("workers_pct", Number, "How many workers for each CPU of the cpuset, rounded up."),
    Key::may(
        "work_type",
        Either(&[Word(&WorkType::ALL_NAMES), Kind::Variants(&WORK_TYPE)]),
        "What each worker does; SpinWait where not said.",
    ),
    Key::may(
        "sched_policy",
        POLICY,
        "\"normal\", \"batch\", \"idle\", \"ext\", { fifo = 50 }, { round_robin = 50 } or runtime, deadline and period.",
    ),
    Key::may(
        "affinity",
        Either(&[Word(AFFINITIES), Table(&AFFINITY)]),
        "Which CPUs each worker asks for: a word, { exact = \"0-1\" } or { random_subset = 2 }.",
    ),
    Key::may(
        "mem_policy",
        Either(&[Word(MEM_POLICIES), Table(&MEM_POLICY)]),
        "Where memory comes from: \"default\", \"local\", { bind = \"0\" }, { preferred = 0 }, …",
    ),
    Key::may("mpol_flags", List(&Word(MPOL_FLAGS)), "Flags of the memory policy."),
];

pub(crate) const IDENTITY: &[Key] = &[
    Key::may("nice", NICE, "Nice value, -20 to 19."),
    Key::may("comm", Text, "The tasks' name, 1 to 15 bytes."),
    Key::may("uid", COUNT, "User id to run as."),
    Key::may("gid", COUNT, "Group id to run as."),
];

pub(crate) const CGROUP_NAME: &[Key] =
    &[Key::need("name", Text, "Its path: name, or parent/name where the parent is declared before.")];

pub(crate) const CGROUP_REST: &[Key] = &[
    Key::may(
        "works",
        List(&Table(&WORKS)),
        "Up to four groups of workers, instead of the one described here.",
    ),
    Key::may(
        "checks",
        Table(&CHECKS),
        "What is expected of its groups of workers, beside and before what the scenario says.",
    ),
    Key::may("payload", Text, "A payload that runs in it, started after the workers."),
    Key::may("until_removed", Bool, "Whether a step may remove or stop it; only in the backdrop."),
    Key::may(
        "kept",
        Bool,
        "Whether it outlives its step, until it is removed or to the end; only in a step.",
    ),
];

const EACH: &[Key] = &[Key::may(
    "each",
    Either(&[Word(UNITS), EACH_NUMBER]),
    "One for each CPU, last-level cache or NUMA node of the machine, or so many; {} in name and cpuset is the number of each.",
)];

/// An item of `cgroups`.
pub(crate) const CGROUP: Shape = table(
    "cgroup",
    "A cgroup, its limits and its workers.",
    &[CGROUP_NAME, EACH, LIMITS, WORK, IDENTITY, CGROUP_REST],
);

/// An item of `works`.
pub(crate) const WORKS: Shape = table("work", "A group of workers.", &[WORK, IDENTITY]);

pub(crate) const POLICIES: &[&str] = &["normal", "batch", "idle", "ext"];

/// A scheduling policy with arguments.
pub(crate) const SCHED_POLICY: Shape = table(
    "sched_policy",
    "A real-time policy with its priority, or a deadline.",
    &[&[
        Key::may("fifo", PRIORITY, "SCHED_FIFO with this priority, 1 to 99."),
        Key::may("round_robin", PRIORITY, "SCHED_RR with this priority, 1 to 99."),
        Key::may("runtime", DURATION, "SCHED_DEADLINE: CPU time in each period."),
        Key::may("deadline", DURATION, "SCHED_DEADLINE: when that time has to be given."),
        Key::may("period", DURATION, "SCHED_DEADLINE: how long a period is."),
    ]],
);

const PRIORITY: Kind = Kind::Integer { min: 0, max: 255 };

pub(crate) const AFFINITIES: &[&str] =
    &["inherit", "llc_aligned", "cross_cgroup", "single_cpu", "smt_sibling_pair"];

/// An affinity with arguments.
pub(crate) const AFFINITY: Shape = table(
    "affinity",
    "CPUs that a worker asks for.",
    &[&[
        Key::may("exact", CPU_LIST, "These CPUs, as far as they are in the cpuset."),
        Key::may("random_subset", COUNT, "So many CPUs, drawn for each worker by the seed."),
        Key::may("from", CPU_LIST, "random_subset: out of these; the CPUs of the cgroup where not said."),
    ]],
);

pub(crate) const MEM_POLICIES: &[&str] = &["default", "local"];

/// A memory policy with nodes.
pub(crate) const MEM_POLICY: Shape = table(
    "mem_policy",
    "Where memory comes from.",
    &[&[
        Key::may("bind", CPU_LIST, "Only these nodes."),
        Key::may("preferred", INDEX, "This node if it has room."),
        Key::may("interleave", CPU_LIST, "Page by page over these nodes."),
        Key::may("preferred_many", CPU_LIST, "These nodes if they have room."),
        Key::may("weighted_interleave", CPU_LIST, "Page by page by the system's weights."),
    ]],
);

pub(crate) const MPOL_FLAGS: &[&str] = &["static_nodes", "relative_nodes", "numa_balancing"];
