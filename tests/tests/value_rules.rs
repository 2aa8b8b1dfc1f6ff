//! Rules about values that no enumerated program breaks, or not so that the oracle of the search could tell:
//! each is broken once here and forced to run on the mock, beside its nearest neighbour that is accepted.

use ktstr_core::prelude::*;
use ktstr_core::rules::{Class, ErrorKind};
use ktstr_core::{Checked, Record, Site, Slot, play, slots_to_play};
use ktstr_file::report::text::render_text;
use ktstr_file::report::{Recorder, RunHead};
use ktstr_gen::alphabet::TOPOLOGY;
use ktstr_tests::search::theorem::{UNSEEN, machine};
use ktstr_tests::search::witness::Witness;
use std::path::Path;
use std::time::Duration;

/// How breaking a rule shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    /// The action at the place fails.
    Fails,
    /// Something is given that is not what was asked for.
    Differs,
    /// Workers do no work.
    Idle,
    /// No line of the report begins with the name.
    Nameless(&'static str),
    /// A check passes of which nobody can say what it checks.
    Unfailing,
    /// Nowhere on the mock, which takes no files along: a guest's image cannot be packed with such a file.
    Unpackable(&'static str),
}

/// One scenario that breaks a rule, and one that does not.
struct Row {
    kind: ErrorKind,
    shows: Shows,
    broken: (CgroupDef<'static>, &'static [Op<'static>]),
    sound: (CgroupDef<'static>, &'static [Op<'static>]),
}

const A: CgroupDef<'static> = CgroupDef::named("a");
const SPIN: WorkSpec<'static> = WorkSpec::new(WorkType::SpinWait).workers(1);
const PAIR: CpusetSpec = CpusetSpec::exact(CpuSet::range(0, 2));
const NODE: NodeSet = NodeSet::range(0, 1);
const BOTH: MpolFlags = MpolFlags::STATIC_NODES.and(MpolFlags::RELATIVE_NODES);
const BURSTS: [WorkType; 2] = [
    WorkType::Bursty { burst: Duration::ZERO, sleep: Duration::from_millis(1) },
    WorkType::Bursty { burst: Duration::from_millis(1), sleep: Duration::from_millis(1) },
];
const fn deadline(runtime_ns: u64) -> SchedPolicy {
    let length = Duration::from_millis(10);
    SchedPolicy::Deadline { runtime: Duration::from_nanos(runtime_ns), deadline: length, period: length }
}

static ANYTHING: FileCheck = FileCheck::file("cgroup.events");
static THAWED: FileCheck = FileCheck::file("cgroup.events").key("frozen").equals("0");
static NAMED: Payload = Payload::binary("p", "short");
static SPLIT: Payload = Payload::binary("p\nq", "short");
static TAKES: Payload = Payload::binary("p", "short").include_files(&["/dev/null"]);
static TAKES_NONE: Payload = Payload::binary("p", "short").include_files(&["no\0file"]);

const SCHEDULER: Scheduler<'static> = Scheduler::new("p", "scx_p");
static SOUND: Scheduler = SCHEDULER;
static SCX_SPLIT: Scheduler = Scheduler::new("p\nq", "scx_p");
static SCX_NOWHERE: Scheduler = Scheduler::new("p", "");
static SCX_ARGUMENT: Scheduler = SCHEDULER.args(&["a\0b"]);
static SCX_PLACEHOLDER: Scheduler = SCHEDULER.args(&["{cgroup:b}"]);
static SCX_PLACED: Scheduler = SCHEDULER.args(&["{cgroup:a}"]);
static SCX_VARIABLE: Scheduler = SCHEDULER.env(&["A"]);
static SCX_VARIED: Scheduler = SCHEDULER.env(&["A="]);
static SCX_TAKES: Scheduler = SCHEDULER.include_files(&["/dev/null"]);
static SCX_TAKES_NONE: Scheduler = SCHEDULER.include_files(&["no\0file"]);
static SCX_HURRIED: Scheduler = SCHEDULER.ready(Duration::ZERO);

/// A row about a scheduler.
const fn scheduler(
    kind: ErrorKind,
    shows: Shows,
    broken: &'static [Op<'static>; 1],
    sound: &'static [Op<'static>; 1],
) -> Row {
    op(kind, shows, broken, sound)
}

/// A row about what workers ask for.
const fn work(kind: ErrorKind, shows: Shows, broken: WorkSpec<'static>, sound: WorkSpec<'static>) -> Row {
    def(kind, shows, A.work(broken), A.work(sound))
}

const fn def(kind: ErrorKind, shows: Shows, broken: CgroupDef<'static>, sound: CgroupDef<'static>) -> Row {
    Row { kind, shows, broken: (broken, &[]), sound: (sound, &[]) }
}

const fn op(
    kind: ErrorKind,
    shows: Shows,
    broken: &'static [Op<'static>],
    sound: &'static [Op<'static>],
) -> Row {
    Row { kind, shows, broken: (A, broken), sound: (A, sound) }
}

#[rustfmt::skip] // a table
static ROWS: [Row; 31] = {
    use ErrorKind as K;
    use MemPolicy::{Bind, Default, Local};
    use Shows::{Differs, Fails, Idle, Nameless, Unfailing, Unpackable};
    const STATIC: MpolFlags = MpolFlags::STATIC_NODES;
    const BALANCED: MpolFlags = MpolFlags::NUMA_BALANCING;
    const PLAIN: &[Op<'static>; 1] = &[Op::attach_scheduler(&SOUND)];
    [
        work(K::WorkersTwice, Differs, SPIN.workers(3).workers_pct(1.0), SPIN.workers(3)),
        work(K::WorkArguments, Idle, SPIN.work_type(BURSTS[0]), SPIN.work_type(BURSTS[1])),
        work(K::Priority, Fails, SPIN.sched_policy(SchedPolicy::Fifo(0)), SPIN.sched_policy(SchedPolicy::Fifo(1))),
        work(K::Deadline, Fails, SPIN.sched_policy(deadline(1023)), SPIN.sched_policy(deadline(1024))),
        work(K::DeadlineNarrow, Fails, SPIN.sched_policy(deadline(1024)).affinity(AffinityIntent::SingleCpu), SPIN.sched_policy(deadline(1024))),
        work(K::DeadlineAdmission, Fails, SPIN.sched_policy(deadline(9_000_000)).workers(5), SPIN.sched_policy(deadline(9_000_000)).workers(4)),
        work(K::Nice, Differs, SPIN.nice(20), SPIN.nice(19)),
        work(K::Comm, Differs, SPIN.comm("sixteen bytes...!"), SPIN.comm("fifteen bytes..")),
        work(K::MemPolicyEmpty, Fails, SPIN.mem_policy(Bind(NodeSet::EMPTY)), SPIN.mem_policy(Bind(NODE))),
        work(K::MemPolicyFlags, Fails, SPIN.mem_policy(Bind(NODE)).mpol_flags(BOTH), SPIN.mem_policy(Bind(NODE)).mpol_flags(STATIC)),
        work(K::MemPolicyBalancing, Fails, SPIN.mem_policy(Local).mpol_flags(BALANCED), SPIN.mem_policy(Bind(NODE)).mpol_flags(BALANCED)),
        work(K::MemPolicyFlagsUnused, Fails, SPIN.mem_policy(Local).mpol_flags(STATIC), SPIN.mem_policy(Local)),
        work(K::MemPolicyFlagsUnused, Differs, SPIN.mem_policy(Default).mpol_flags(STATIC), SPIN),
        work(K::MemPolicyOutside, Differs, SPIN.mem_policy(Bind(NodeSet::range(0, 2))), SPIN.mem_policy(Bind(NODE))),
        work(K::UserInvalid, Differs, SPIN.uid(u32::MAX), SPIN.uid(u32::MAX - 1)),
        def(K::MemoryTooSmall, Fails, A.memory_max(4095).work(SPIN), A.memory_max(4096).work(SPIN)),
        def(K::MemoryTooLarge, Differs, A.memory_max(u64::MAX), A.memory_max(1 << 40)),
        def(K::MemsEmpty, Differs, A.cpuset_mems(NodeSet::EMPTY), A.cpuset_mems(NODE)),
        op(K::PayloadName, Nameless("p\nq"), &[Op::run_payload(&SPLIT, &[])], &[Op::run_payload(&NAMED, &[])]),
        op(K::PayloadArgument, Fails, &[Op::run_payload(&NAMED, &["a\0b"])], &[Op::run_payload(&NAMED, &["a\nb"])]),
        op(K::PayloadFile, Unpackable("no\0file"), &[Op::run_payload(&TAKES_NONE, &[])], &[Op::run_payload(&TAKES, &[])]),
        op(K::ExpectNothing, Unfailing, &[Op::expect_in_cgroup(&ANYTHING, "a")], &[Op::expect_in_cgroup(&THAWED, "a")]),
        op(K::FileText, Differs, &[Op::write_file("a", "cgroup.max.depth", "")], &[Op::write_file("a", "cgroup.max.depth", "3")]),
        op(K::CaptureTag, Nameless("t\nu"), &[Op::capture_cgroup_procs("t\nu", "a")], &[Op::capture_cgroup_procs("t", "a")]),
        scheduler(K::SchedulerName, Nameless("p\nq"), &[Op::attach_scheduler(&SCX_SPLIT)], PLAIN),
        scheduler(K::SchedulerBinary, Fails, &[Op::attach_scheduler(&SCX_NOWHERE)], PLAIN),
        scheduler(K::SchedulerArgument, Fails, &[Op::attach_scheduler(&SCX_ARGUMENT)], PLAIN),
        scheduler(K::SchedulerPlaceholder, Fails, &[Op::attach_scheduler(&SCX_PLACEHOLDER)], &[Op::attach_scheduler(&SCX_PLACED)]),
        scheduler(K::SchedulerVariable, Fails, &[Op::attach_scheduler(&SCX_VARIABLE)], &[Op::attach_scheduler(&SCX_VARIED)]),
        scheduler(K::SchedulerFile, Unpackable("no\0file"), &[Op::attach_scheduler(&SCX_TAKES_NONE)], &[Op::attach_scheduler(&SCX_TAKES)]),
        scheduler(K::SchedulerReady, Fails, &[Op::attach_scheduler(&SCX_HURRIED)], PLAIN),
    ]
};

/// What came of a run.
#[derive(Debug)]
struct Forced {
    refused: Option<(ErrorKind, Site)>,
    failed: Option<Site>,
    differs: Vec<String>,
    idle: u32,
    unfailing: bool,
    text: String,
}

fn forced(def: CgroupDef<'_>, ops: &[Op<'_>]) -> Forced {
    // What a deadline asks for it can have only without a cpuset.
    let deadline = def.works.iter().any(|work| work.sched_policy.bandwidth().is_some());
    let defs = [if deadline { def } else { def.cpuset(PAIR) }];
    let steps = [Step::new(ops, HoldSpec::fixed(Duration::from_millis(200)))];
    let scenario = Scenario {
        backdrop: Backdrop::new().lend_cgroups(&defs),
        ..Scenario::new("forced").duration(Duration::from_millis(200)).steps(&steps)
    };
    let mut mock = machine();
    let mut witness = Witness::new(&mut mock);
    let mut slots = vec![Slot::FREE; slots_to_play(&scenario)];
    let (checked, verdict) = Checked::forced(&scenario, &TOPOLOGY, &mut slots).expect("enough slots");
    let refused = verdict.err().map(|invalid| (invalid.kind, invalid.site));
    let mut records = vec![Record::FREE; checked.records_needed() + 16];
    let mut recorder = Recorder::new();
    let end = play(&checked, &mut records, &mut witness, 1, &mut recorder).expect("enough records");
    let Witness { differs, idle, .. } = witness;
    let head =
        RunHead { scenario: &scenario, backend: "mock", backend_reason: "", seed: 1, topology: &TOPOLOGY };
    let failed = end.error.as_ref().map(|(site, _)| *site);
    let report = recorder.finish(&head, &end);
    let unfailing = report.checks.iter().any(|check| check.expected.as_deref() == Some(""));
    Forced { refused, failed, differs, idle, unfailing, text: render_text(&report) }
}

impl Forced {
    /// What it shows of a rule that is broken at `site`, in words.
    fn witness(&self, shows: Shows, site: Option<Site>) -> Option<String> {
        match shows {
            Shows::Fails => (self.failed.is_some() && site.is_none_or(|site| self.failed == Some(site)))
                .then(|| "the action fails".to_owned()),
            Shows::Differs => (!self.differs.is_empty()).then(|| self.differs.join("; ")),
            Shows::Idle => (self.idle > 0).then(|| "workers did no work".to_owned()),
            Shows::Unfailing => self.unfailing.then(|| "a check expects nothing".to_owned()),
            Shows::Nameless(name) => (!self.text.lines().any(|line| line.split(' ').next() == Some(name)))
                .then(|| format!("no line of the report is about {name:?}")),
            Shows::Unpackable(file) => ktstr_vm::Image::new()
                .host(Path::new(file), None)
                .err()
                .map(|error| format!("not on the mock; a guest's image: {}", error.code())),
        }
    }
}

#[test]
fn each_shows_when_it_is_forced() {
    println!("| rule | class | what showed |\n| --- | --- | --- |");
    for row in &ROWS {
        let broken = forced(row.broken.0, row.broken.1);
        let (kind, site) = broken.refused.expect("it is refused");
        assert_eq!(kind, row.kind, "{broken:?}");
        let shown = broken.witness(row.shows, Some(site));
        let shown = shown.unwrap_or_else(|| panic!("{kind:?} does not show: {broken:?}"));
        if matches!(kind.rule().class, Class::Kernel) {
            assert!(matches!(row.shows, Shows::Fails | Shows::Unpackable(_)), "{kind:?} is the kernel's");
        }
        println!("| {} {kind:?} | {:?} | {shown} |", kind.code(), kind.rule().class);
    }
}

#[test]
fn its_neighbour_shows_nothing() {
    for Row { kind, shows, sound, .. } in &ROWS {
        let run = forced(sound.0, sound.1);
        assert_eq!(
            (run.refused, run.failed, &run.differs, run.idle),
            (None, None, &Vec::new(), 0),
            "{kind:?}"
        );
        let shows = match shows {
            Shows::Nameless("p\nq") => Shows::Nameless("p"),
            Shows::Nameless(_) => Shows::Nameless("t"),
            Shows::Unpackable(_) => Shows::Unpackable("/proc/self/exe"),
            shows => *shows,
        };
        assert_eq!(run.witness(shows, None), None, "{kind:?}: {run:?}");
    }
}

#[test]
fn every_rule_that_the_search_takes_on_trust_is_here() {
    for kind in UNSEEN {
        assert!(ROWS.iter().any(|row| row.kind == kind), "{kind:?}");
    }
}
