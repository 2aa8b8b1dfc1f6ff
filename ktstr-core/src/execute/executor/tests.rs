//! The order of actions, as a table: what a scenario asks for, and what happens when an action fails.

extern crate std;

mod channel;
mod last_words;
mod lent;
mod ops;
mod schedulers;
mod shares;

use super::*;
use crate::execute::outcome::{ExitStatus, FileSeen, PayloadEnd, SchedulerEnd};
use crate::model::scheduler::{Scheduler, SchedulerExit};
use crate::prelude::*;
use crate::report::last_words::Stream;
use crate::report::worker_report::WorkerReport;
use crate::rules::ErrorKind;
use crate::{Channel, CheckResult, Controllers, Evidence, Notice, Slot, slots_to_play};
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

/// A file says what is expected of it.
const HELD: FileSeen = FileSeen { modelled: true, held: true, ..FileSeen::UNKNOWN };

/// Answers every action with the success it promises, but for the one that is to fail.
struct Answers {
    topology: Topology,
    fail: Vec<(&'static str, FaultKind)>,
    payloads_end: bool,
    /// How each scheduler fares.
    scheduler: SchedulerEnd,
    /// What each payload writes.
    stdout: &'static str,
    stderr: &'static str,
    clock: Duration,
    /// What is sent with the action of this text, so long after the clock's beginning.
    notices: Vec<(&'static str, Duration, Notice<'static>)>,
}

impl Answers {
    fn new() -> Self {
        let topology = Topology::uniform(1, 1, 4, 1);
        let (clock, notices) = (Duration::ZERO, Vec::new());
        let scheduler = SchedulerEnd {
            exit: Some(SchedulerExit::Unregistered),
            code: 0,
            status: None,
            early: false,
            expected: false,
            lost: false,
            wall_ns: 3,
            assumed: false,
        };
        let (fail, stdout, stderr) = (Vec::new(), "", "");
        Self { topology, fail, payloads_end: true, scheduler, stdout, stderr, clock, notices }
    }

    fn answer(&self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        let end = PayloadEnd {
            status: ExitStatus::Exited(0),
            wall_ns: 5,
            stdout_bytes: self.stdout.len() as u64,
            stderr_bytes: self.stderr.len() as u64,
            cut_bytes: 0,
            orphans: 0,
            assumed: false,
        };
        match action {
            Action::EndCpuWatch { .. } => Outcome::Cpus(CpuSet::of(&[0])),
            Action::Collect { .. } => {
                Outcome::Report(WorkerReport { iterations: 1, cpu_ns: 1, ..WorkerReport::default() })
            }
            Action::WaitPayload { .. } if !self.payloads_end => Outcome::TimedOut,
            Action::WaitPayload { .. } | Action::KillPayload { .. } => Outcome::Ended(end),
            Action::ReadMetric { .. } => Outcome::Metric(Some(2.0)),
            Action::ReadOutput { .. } => {
                channel.last_words(Stream::Stdout, 0, self.stdout.as_bytes());
                channel.last_words(Stream::Stderr, 0, self.stderr.as_bytes());
                Outcome::Done
            }
            Action::ReadProcs { .. } => {
                channel.procs([7, 8]);
                Outcome::Done
            }
            Action::KillRemaining { .. } => Outcome::Killed { count: 0 },
            Action::CheckFile { .. } => Outcome::Seen(HELD),
            Action::DetachScheduler { .. } => Outcome::Detached(self.scheduler),
            Action::Hold { .. } if self.scheduler.early => Outcome::SchedulerDied,
            action if action.is_answered_by(&Outcome::Done) => Outcome::Done,
            action => panic!("nobody has said how to answer {action}"),
        }
    }
}

impl crate::execute::backend::Backend for Answers {
    fn name(&self) -> &str {
        "answers"
    }

    fn topology(&self) -> &Topology {
        &self.topology
    }

    fn controllers(&self) -> Controllers {
        Controllers::NONE
    }

    fn preflight(&mut self, _: &crate::validate::requirements::Requirements) -> Result<(), Fault> {
        Ok(())
    }

    fn now(&mut self) -> Duration {
        self.clock
    }

    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        if let Action::Hold { length } = action {
            self.clock += *length;
        }
        for (_, at, notice) in self.notices.iter().filter(|(text, ..)| action.to_string() == *text) {
            channel.notice(*at, notice);
        }
        match self.fail.iter().find(|(text, _)| action.to_string() == *text) {
            Some((_, kind)) => Outcome::Failed(Fault::new(*kind, "")),
            None => self.answer(action, channel),
        }
    }
}

#[derive(Default)]
struct Heard {
    lines: Vec<String>,
    failed: Vec<String>,
    left: Vec<String>,
    evidence: Vec<String>,
    notices: Vec<String>,
    /// What came of shares of the CPU time of all.
    shares: Vec<String>,
}

impl<'a> Observer<'a> for Heard {
    fn event(&mut self, event: &Event<'_, 'a>) {
        self.lines.push(format!("{}: {}", event.site, event.action));
    }

    fn check(&mut self, result: &CheckResult<'a>) {
        if result.verdict == Verdict::Fail {
            self.failed.push(format!("{} {}", result.subject, result.kind.name()));
        }
        if let CheckKind::MinCpuShare | CheckKind::MaxCpuShare = result.kind {
            let value = result.value.map_or("-".to_string(), |value| value.to_string());
            self.shares.push(format!("{} {value} {:?}", result.kind.name(), result.verdict));
        }
    }

    fn evidence(&mut self, asked: &Asked<'_, 'a>, piece: &Evidence<'_>) {
        assert_eq!(asked.seq as usize, self.lines.len(), "the event with the same number follows");
        self.evidence.push(match piece {
            Evidence::Procs { pids } => format!("{}: {}: {pids:?}", asked.site, asked.action),
            Evidence::Output { stream, cut, bytes } => {
                format!("{}: {}: {} bytes after {cut}", asked.action, stream.name(), bytes.len())
            }
            Evidence::Scheduler { source, cut, bytes } => {
                format!("{}: {source:?}: {} bytes after {cut}", asked.action, bytes.len())
            }
        });
    }

    fn notice(&mut self, asked: &Asked<'_, 'a>, at: Duration, notice: &Notice<'_>) {
        assert_eq!(asked.seq as usize, self.lines.len(), "the event with the same number follows");
        self.notices.push(format!("{at:?} in {}: {notice:?}", asked.action));
    }

    fn leftover(&mut self, path: &'a str) {
        self.left.push(path.into());
    }
}

/// Every promise that a scenario can give up.
fn promises() -> Vec<ErrorKind> {
    ErrorKind::ALL.into_iter().filter(|kind| kind.rule().can_be_permitted()).collect()
}

/// Plays a scenario, whatever it breaks; behind what the kernel would refuse, names lead nowhere.
fn play(scenario: &Scenario<'_>, mut backend: Answers) -> (Report, Heard) {
    let mut heard = Heard::default();
    let topology = backend.topology;
    let promises = promises();
    let scenario = Scenario { permit: &promises, ..scenario.clone() };
    let mut slots = vec![Slot::FREE; slots_to_play(&scenario)];
    let (checked, _) = Checked::forced(&scenario, &topology, &mut slots).expect("enough slots");
    let mut records = vec![Record::FREE; checked.records_needed() + 64];
    let report = crate::play(&checked, &mut records, &mut backend, 1, &mut heard).expect("enough records");
    (report, heard)
}

const LOAD: Payload = Payload::binary("load", "stress-ng");
const LEAF: CgroupDef = CgroupDef::named("top/leaf").memory_max(4096);
const PLAIN: Scenario = Scenario::new("plain")
    .backdrop(
        Backdrop::new()
            .push_cgroup(CgroupDef::named("cell").cpuset(CpusetSpec::disjoint(0, 3)))
            .push_op(Op::add_cgroup("top"))
            .push_op(Op::add_cgroup_def(&LEAF))
            .push_payload(&LOAD),
    )
    .steps(&[
        Step::new(&[Op::set_cpuset("cell", CpusetSpec::exact(CpuSet::of(&[1])))], HoldSpec::frac(0.5)),
        Step::with_defs(&[CgroupDef::named("late").workers(2)], HoldSpec::frac(0.5)),
    ])
    .checks(Checks::NONE.isolation());

#[test]
fn a_scenario_is_set_up_played_and_torn_down_in_order() {
    let (report, heard) = play(&PLAIN, Answers::new());
    let expected = "\
scenario: prepare controllers [cpuset memory]
backdrop.cgroups[0]: mkdir cell
backdrop.cgroups[0]: write cell/cpuset.cpus = 0
backdrop.cgroups[0]: spawn group 0 in cell: 1 x SpinWait
backdrop: start workers
backdrop.ops[0]: mkdir top
backdrop.ops[1]: enable [memory] below top
backdrop.ops[1]: mkdir top/leaf
backdrop.ops[1]: write top/leaf/memory.max = 4096
backdrop.ops[1]: write top/leaf/memory.high = max
backdrop.ops[1]: write top/leaf/memory.low = 0
backdrop.ops[1]: spawn group 1 in top/leaf: 1 x SpinWait
backdrop: start workers
backdrop.payloads[0]: run load in the runner's cgroup as payload 0
steps[0].ops[0]: read CPUs of group 0
steps[0].ops[0]: write cell/cpuset.cpus = 1
steps[0].ops[0]: watch CPUs of group 0
steps[0].hold: hold 500ms
steps[1].cgroups[0]: mkdir late
steps[1].cgroups[0]: spawn group 2 in late: 2 x SpinWait
steps[1]: start workers
steps[1].hold: hold 500ms
steps[1].end: read CPUs of group 2
steps[1].end: ask group 2 to stop
steps[1].end: stop group 2
steps[1].end: collect group 2 worker 0
steps[1].end: collect group 2 worker 1
steps[1].end: kill what remains in late
steps[1].end: rmdir late
teardown: read CPUs of group 0
teardown: ask group 0 to stop
teardown: read CPUs of group 1
teardown: ask group 1 to stop
teardown: stop group 0
teardown: collect group 0 worker 0
teardown: stop group 1
teardown: collect group 1 worker 0
teardown: kill payload 0, grace 1s
teardown: kill what remains in top/leaf
teardown: rmdir top/leaf
teardown: kill what remains in top
teardown: rmdir top
teardown: kill what remains in cell
teardown: rmdir cell
teardown: finish";
    assert_eq!(heard.lines.join("\n"), expected);
    assert_eq!(report.elapsed, Duration::from_secs(1));
    // The workers were seen on CPU 0 while the cpuset was 1: that is a failure, and the only one.
    assert_eq!((report.verdict, heard.failed.join(" ")), (Verdict::Fail, "cell isolation".into()));
}

#[test]
fn a_loop_repeats_its_operations_for_what_is_left() {
    let ops = [Op::freeze_cgroup("cell"), Op::unfreeze_cgroup("cell")];
    let steps =
        [Step::hold(HoldSpec::frac(0.5)), Step::new(&ops, HoldSpec::loop_at(Duration::from_millis(200)))];
    let scenario =
        Scenario::new("loop").backdrop(Backdrop::new().push_cgroup(CgroupDef::named("cell"))).steps(&steps);
    let (report, heard) = play(&scenario, Answers::new());
    let count = |text: &str| heard.lines.iter().filter(|line| line.contains(text)).count();
    assert_eq!((count("freeze cell"), count("thaw cell"), count("hold 100ms")), (3, 3, 1));
    assert_eq!((report.verdict, report.elapsed), (Verdict::Pass, Duration::from_secs(1)));
}

#[test]
fn after_any_failure_everything_made_is_taken_down() {
    let (_, whole) = play(&PLAIN, Answers::new());
    let made = |lines: &[String], verb: &str| lines.iter().filter(|line| line.contains(verb)).count() as i64;
    for line in &whole.lines {
        let (_, action) = line.split_once(": ").expect("site: action");
        let text: &'static str = String::leak(action.into());
        let backend = Answers { fail: vec![(text, FaultKind::Busy)], ..Answers::new() };
        let (report, heard) = play(&PLAIN, backend);
        let excused = ["read CPUs", "watch CPUs", "ask", "collect"].iter().any(|verb| text.starts_with(verb));
        let worst = if text.contains("CPUs of") { Verdict::Inconclusive } else { Verdict::Fail };
        assert!(report.verdict >= worst, "{text}: {:?}", report.verdict);
        assert_eq!(report.error.is_none(), excused, "{text}: {:?}", report.error);
        let failed_mkdir = i64::from(text.starts_with("mkdir"));
        assert_eq!(
            made(&heard.lines, ": mkdir") - failed_mkdir,
            made(&heard.lines, ": rmdir"),
            "{text}: {:#?}",
            heard.lines
        );
        let left = ["rmdir", "finish", "kill payload"].iter().any(|verb| text.starts_with(verb));
        assert_eq!(heard.left.len(), usize::from(left), "{text}: {:?}", heard.left);
        let finished = heard.lines.last().is_some_and(|line| line.ends_with("finish"));
        assert_eq!(finished, !text.starts_with("prepare"), "{text}");
    }
}

#[test]
fn a_payload_that_does_not_end_is_killed_and_judged() {
    const CHECKED: Payload =
        Payload::binary("load", "x").checks(&[PayloadCheck::exit_code(0), PayloadCheck::max("m", 1.0)]);
    let ops = [Op::run_payload(&CHECKED, &["-v"]), Op::wait_payload("load"), Op::run_payload(&CHECKED, &[])];
    let steps = [Step::new(&ops, HoldSpec::FULL)];
    let scenario = Scenario::new("wait").steps(&steps);
    let (report, heard) = play(&scenario, Answers { payloads_end: false, ..Answers::new() });
    let expected = "\
steps[0].ops[0]: run load in the runner's cgroup as payload 0
steps[0].ops[1]: wait for payload 0, at most 10s
steps[0].ops[1]: kill payload 0, grace 1s
steps[0].ops[1]: read metric m of payload 0
steps[0].ops[1]: read the last words of payload 0
steps[0].ops[2]: run load in the runner's cgroup as payload 1
steps[0].hold: hold 1s
steps[0].end: kill payload 1, grace 1s
steps[0].end: read metric m of payload 1
steps[0].end: read the last words of payload 1
teardown: finish";
    assert_eq!(heard.lines[1..].join("\n"), expected);
    assert_eq!(heard.failed, ["load ended_in_time", "load metric_max", "load metric_max"]);
    assert_eq!(report.verdict, Verdict::Fail);
}

#[test]
fn moved_workers_belong_to_the_longer_life() {
    let stays = [Op::spawn_in_cgroup("keep", WorkType::SpinWait)];
    let goes = [
        Op::add_cgroup("tmp"),
        Op::spawn_in_cgroup("tmp", WorkType::Mixed),
        Op::move_all_tasks("tmp", "keep"),
    ];
    let tenth = HoldSpec::frac(0.1);
    let steps = [Step::new(&stays, tenth), Step::new(&goes, tenth)];
    let scenario =
        Scenario::new("move").backdrop(Backdrop::new().push_op(Op::add_cgroup("keep"))).steps(&steps);
    let (_, heard) = play(&scenario, Answers::new());
    for line in
        ["steps[0].end: stop group 0", "steps[1].ops[2]: move group 1 to keep", "teardown: stop group 1"]
    {
        assert!(heard.lines.contains(&line.to_string()), "{line}: {:#?}", heard.lines);
    }
}

#[test]
fn an_interruption_and_a_lack_are_inconclusive_and_a_crash_stops_at_once() {
    let interrupted = Answers { fail: vec![("hold 500ms", FaultKind::Interrupted)], ..Answers::new() };
    let scenario = Scenario { checks: Checks::NONE, ..PLAIN };
    let (report, heard) = play(&scenario, interrupted);
    assert_eq!(report.verdict, Verdict::Inconclusive);
    assert_eq!(heard.lines.last().map(String::as_str), Some("teardown: finish"));
    let lacking = Answers { fail: vec![("hold 500ms", FaultKind::NoProgram)], ..Answers::new() };
    assert_eq!(play(&scenario, lacking).0.verdict, Verdict::Inconclusive, "the environment is to blame");
    let stuck = [("hold 500ms", FaultKind::NoProgram), ("rmdir cell", FaultKind::Busy)];
    let (report, heard) = play(&scenario, Answers { fail: stuck.to_vec(), ..Answers::new() });
    assert_eq!(
        (report.verdict, heard.left.join(" ")),
        (Verdict::Fail, "cell".into()),
        "but not for what is left"
    );
    let crashed = Answers { fail: vec![("mkdir top", FaultKind::Crashed)], ..Answers::new() };
    let (report, heard) = play(&scenario, crashed);
    assert_eq!(report.verdict, Verdict::Fail);
    assert_eq!(heard.lines.last().map(String::as_str), Some("backdrop.ops[0]: mkdir top"));
}

#[test]
fn the_short_forms_play_steps_and_definitions() {
    let half = HoldSpec::frac(0.5);
    let steps = [Step::hold(half), Step::hold(half)];
    let second = Duration::from_secs(1);
    let report = execute_steps(&steps, second, &mut Answers::new(), 1, &mut Heard::default());
    assert_eq!(report.expect("runs").elapsed, second);
    let defs = [CgroupDef::named("a"), CgroupDef::named("b")];
    let mut heard = Heard::default();
    let report = execute_defs(&defs, second, &mut Answers::new(), 1, &mut heard).expect("runs");
    assert_eq!((report.verdict, report.elapsed), (Verdict::Pass, second));
    assert!(heard.lines.contains(&"backdrop.cgroups[1]: mkdir b".to_string()));
}

#[test]
fn nothing_is_made_of_what_is_invalid_or_too_large() {
    let twice = [CgroupDef::named("a"), CgroupDef::named("a")];
    let many: Vec<_> = (0..1_000).map(|n| String::leak(format!("c{n}")) as &str).collect();
    let many: Vec<_> = many.into_iter().map(CgroupDef::named).collect();
    for (defs, text) in [(&twice[..], "backdrop.cgroups[1]: [E0202]"), (&many, "needs 2215 slots")] {
        let mut heard = Heard::default();
        let error = execute_defs(defs, Duration::from_secs(1), &mut Answers::new(), 1, &mut heard);
        let error = error.expect_err("refused").to_string();
        assert!(error.contains(text) && heard.lines.is_empty(), "{error}");
    }
}
