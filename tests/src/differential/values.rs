//! What generated programs write into control files: plain values, bounds, and texts that parsers trip over.

type Files = &'static [(&'static str, &'static [&'static str])];

const FREEZE: &[&str] =
    &["1", "0", "1", "0", "1\n", " 1 ", "2", "-1", "", "x", "01", "0x1", "1 1", "99999999999999999999"];
const KILL: &[&str] = &["1", "1", "1\n", "0", "2", "", "x", "-1"];
const BOUND: &[&str] =
    &["max", "0", "1", "2", "3", "max\n", " 2", "-1", "2147483647", "2147483648", "x", "", "maximum"];
const TYPE: &[&str] = &["threaded", "threaded", "threaded\n", "domain", "", " threaded", "domain threaded"];
const SUBTREE: &[&str] = &[
    "+cpuset",
    "-cpuset",
    "+cpu",
    "-cpu",
    "+memory",
    "-memory",
    "+pids",
    "-pids",
    "+io",
    "+cpuset +cpu",
    "+cpu -cpu",
    "-pids +pids",
    "+cpu +memory",
    "cpu",
    "+nothing",
    "",
    "\n",
    "+",
    "+cpu,+pids",
    "  +pids  ",
    "-io +cpu",
    "+cpuset\n",
];

/// Tree, tasks, freezing, killing.
pub(super) const CORE: Files = &[
    ("cgroup.freeze", FREEZE),
    ("cgroup.freeze", &["1", "0"]),
    ("cgroup.kill", KILL),
    ("cgroup.max.depth", BOUND),
    ("cgroup.max.descendants", BOUND),
    ("cgroup.type", TYPE),
    ("cgroup.procs", &["@p", "@q", "0x", "", "-1", "99999999999", " @r ", "@p\n", "@p @q", "+@p"]),
    ("cgroup.threads", &["@p", "@q", "", "x"]),
    ("cgroup.subtree_control", SUBTREE),
    ("cgroup.events", &["1"]),
    ("cgroup.controllers", &["+cpu"]),
    ("cgroup.stat", &[""]),
    ("no.such.file", &["1"]),
];

/// Threaded cgroups and controllers.
pub(super) const CONTROL: Files = &[
    ("cgroup.subtree_control", SUBTREE),
    (
        "cgroup.subtree_control",
        &["+cpu", "+memory", "+pids", "+cpuset", "-cpu", "-memory", "-pids", "-cpuset"],
    ),
    ("cgroup.type", TYPE),
    ("cgroup.type", &["threaded"]),
    ("cgroup.kill", &["1"]),
    ("cgroup.freeze", &["1", "0"]),
    ("pids.max", &["0", "1", "2", "max"]),
    ("cpu.weight", &["50", "200"]),
    ("memory.max", &["64M", "max"]),
    ("cpuset.cpus", &["0", "1-2", ""]),
];

const CPUS: &[&str] = &["0", "1", "0-1", "2-3", "1-2", "0-3", "0-2", "3", "1,3", "\n"];
const MEMS: &[&str] = &["0", "1", "0-1", "\n", "1\n"];

/// CPU and memory node sets.
pub(super) const CPUSET: Files = &[
    ("cpuset.cpus", CPUS),
    ("cpuset.cpus", CPUS),
    (
        "cpuset.cpus",
        &[
            "",
            "4",
            "0-4",
            "5000",
            "99999",
            "0-",
            "-1",
            "3-1",
            "0-3:1/2",
            "all",
            "N",
            "0-N",
            "1 2",
            "0,,2",
            " 0-1 ",
            "x",
            "0-1\n2",
            "0-3:2/1",
            "4294967296",
            "0-1,",
            "0x1",
        ],
    ),
    ("cpuset.mems", MEMS),
    ("cpuset.mems", &["", "2", "63", "64", "1024", "5000", "0,2", "x", "all", "N"]),
    ("cgroup.subtree_control", &["+cpuset", "-cpuset"]),
    ("cgroup.type", &["threaded"]),
    ("cpuset.cpus.effective", &["0"]),
];

/// Partitions.
pub(super) const PARTITION: Files = &[
    ("cpuset.cpus", CPUS),
    ("cpuset.cpus.exclusive", CPUS),
    ("cpuset.cpus.partition", &["root", "member", "isolated", "root", "root"]),
    ("cpuset.cpus.partition", &["root", "member", "isolated", "root\n", "", "0", "root invalid"]),
    ("cpuset.cpus.exclusive", &["", "4", "5000", "x", "0-3", "0-2"]),
    ("cgroup.subtree_control", &["+cpuset", "+cpuset", "-cpuset"]),
    ("cpuset.mems", &["0", "1"]),
];

const SIZE: &[&str] = &[
    "max",
    "0",
    "1",
    "4095",
    "4096",
    "8191",
    "64M",
    "1G",
    "1g",
    "2T",
    "-1",
    "",
    "x",
    "1KB",
    "0x1000",
    "010K",
    "max\n",
    " 4096 ",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "K",
    "1 M",
];
const WEIGHT: &[&str] = &[
    "1",
    "100",
    "10000",
    "0",
    "10001",
    "-1",
    "",
    "x",
    "100\n",
    " 7",
    "7 ",
    "0x10",
    "010",
    "+5",
    "99999999999999999999",
    "default 50",
    "default",
    "max",
];

/// Limits.
pub(super) const LIMITS: Files = &[
    ("cpu.weight", WEIGHT),
    ("cpu.idle", &["0", "1", "2", "-1", "", "x", "1\n"]),
    (
        "cpu.max",
        &[
            "max",
            "50000",
            "50000 100000",
            "max 50000",
            "1000",
            "999",
            "1000 1000",
            "1000 999",
            "1000 1000000",
            "1000 1000001",
            "max 0",
            "0",
            "-1",
            "",
            "x",
            "\n",
            "50000 x",
            "50000 100000 7",
            "17592186044415 100000",
            "17592186044416 100000",
            "18446744073709551615",
            "max max",
            "  20000   30000 ",
            "1e5",
            "maximum",
        ],
    ),
    ("memory.max", &["64M", "max", "1G", "0x10000000", "67112960", "-1", "x", "64MB", " 64M\n"]),
    ("memory.high", SIZE),
    ("memory.low", SIZE),
    ("memory.min", SIZE),
    ("memory.swap.max", SIZE),
    ("io.weight", WEIGHT),
    (
        "pids.max",
        &[
            "0", "1", "2", "3", "max", "-1", "", "x", "4194304", "4194305", "4194303", " 2 ", "2\n", "0x2",
            "02", "max\n",
        ],
    ),
    ("cgroup.subtree_control", &["-cpu", "-memory", "-io", "-pids", "+cpu", "+memory", "+io", "+pids"]),
];
