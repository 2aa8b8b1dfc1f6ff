//! Storage that is lent: how much, for which machine, how often; and backends that answer what they were not
//! asked.

use super::*;
use crate::Backend;
use crate::execute::fault::FaultKind::OtherAnswer;
use std::boxed::Box;

#[test]
fn a_large_scenario_plays_in_storage_from_the_heap_on_any_stack() {
    let names: Vec<String> = (0..10_000).map(|n| format!("cell_{n}")).collect();
    let made = |name| [Op::add_cgroup(name), Op::spawn_in_cgroup(name, WorkType::SpinWait)];
    let ops: Vec<Op<'_>> = names.iter().flat_map(|name| made(name)).collect();
    let scenario = Scenario::new("large").backdrop(Backdrop::new().lend_ops(&ops));
    let thread = || {
        let (report, _) = play(&scenario, Answers::new());
        assert_eq!((report.error, report.leftovers, report.verdict), (None, 0, Verdict::Pass));
    };
    std::thread::scope(|scope| {
        let small = std::thread::Builder::new().stack_size(256 << 10).spawn_scoped(scope, thread);
        small.expect("a thread").join().expect("it fits the stack");
    });
    let refused = execute_scenario(&scenario, &mut Answers::new(), 1, &mut ()).expect_err("it is too large");
    let text = refused.to_string();
    assert!(text.contains("slots") && text.contains("`check` and `play`"), "{text}");
}

#[test]
fn one_judgement_serves_many_runs_and_records_need_not_be_clean() {
    let topology = Answers::new().topology;
    let mut slots = vec![Slot::FREE; slots_to_play(&PLAIN)];
    let checked = crate::check(&PLAIN, &topology, &mut slots).expect("valid");
    let mut records = vec![Record::FREE; checked.records_needed()];
    let mut first = None;
    for _ in 0..3 {
        let mut heard = Heard::default();
        // The third run finds the records as a crash has left them.
        let crashed = Answers { fail: vec![("hold 500ms", FaultKind::Crashed)], ..Answers::new() };
        crate::play(&checked, &mut records, &mut { crashed }, 1, &mut ()).expect("enough records");
        crate::play(&checked, &mut records, &mut Answers::new(), 1, &mut heard).expect("enough records");
        assert_eq!(*first.get_or_insert(heard.lines.clone()), heard.lines);
    }
    let few = records.len() - 1;
    let room = crate::play(&checked, &mut records[..few], &mut Answers::new(), 1, &mut ());
    assert_eq!(room, Err(RunError::Room { what: "records", needed: few + 1, room: few }));
    let mut elsewhere = Answers { topology: Topology::uniform(1, 1, 2, 1), ..Answers::new() };
    assert_eq!(crate::play(&checked, &mut records, &mut elsewhere, 1, &mut ()), Err(RunError::Machine));
}

#[test]
fn interrupts_are_directed_back_however_many_and_each_once() {
    let ops: Vec<Op<'_>> = (0..100).flat_map(|irq| [Op::steer_irq(irq, 0), Op::steer_irq(irq, 1)]).collect();
    let steps = [Step::new(&ops, HoldSpec::FULL)];
    let (report, heard) = play(&Scenario::new("irqs").steps(&steps), Answers::new());
    let restored: Vec<_> =
        heard.lines.iter().filter_map(|line| line.strip_prefix("teardown: restore irq ")).collect();
    let expected: Vec<_> = (0..100).rev().map(|irq: u32| irq.to_string()).collect();
    assert_eq!((restored, report.error), (expected.iter().map(String::as_str).collect(), None));
}

/// Answers one action with what belongs to another, all others as they should be.
struct Confused {
    inner: Answers,
    action: &'static str,
    answer: Outcome,
}

impl Backend for Confused {
    crate::forward_backend!(|this| this.inner);

    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        match self.inner.perform(action, channel) {
            _ if action.to_string() == self.action => self.answer.clone(),
            outcome => outcome,
        }
    }
}

#[test]
fn an_answer_of_another_kind_is_a_fault_that_names_all_three() {
    let (end, none) = (Outcome::TimedOut, Outcome::Killed { count: 0 });
    for (action, answer, expected) in [
        ("mkdir cell", Outcome::Metric(None), "expected done, got metric: mkdir cell"),
        ("read CPUs of group 0", Outcome::Done, "expected cpus, got done: read CPUs of group 0"),
        ("hold 500ms", none.clone(), "expected done or scheduler_died, got killed: hold 500ms"),
        ("kill payload 0, grace 1s", end.clone(), "expected ended, got timed_out: kill payload 0, grace 1s"),
        ("collect group 0 worker 0", Outcome::Done, "expected report, got done: collect group 0 worker 0"),
        ("rmdir top", none, "expected done, got killed: rmdir top"),
        ("finish", end, "expected done, got timed_out: finish"),
    ] {
        let mut heard = Heard::default();
        let mut backend: Box<dyn Backend> = Box::new(Confused { inner: Answers::new(), action, answer });
        let report = execute_scenario(&PLAIN, &mut backend, 1, &mut heard).expect("valid");
        let (_, fault) = report.error.expect("a fault");
        assert_eq!((fault.kind, fault.detail.as_str()), (OtherAnswer, expected));
        assert_eq!(report.verdict, Verdict::Fail, "{action}");
        assert_eq!(heard.lines.last().map(String::as_str), Some("teardown: finish"), "{action}");
    }
}

#[test]
fn a_wait_says_all_answers_that_it_takes() {
    let ops = [Op::run_payload(&LOAD, &[]), Op::wait_payload("load")];
    let steps = [Step::new(&ops, HoldSpec::FULL)];
    let scenario = Scenario::new("wait").steps(&steps);
    let action = "wait for payload 0, at most 10s";
    let mut backend = Confused { inner: Answers::new(), action, answer: Outcome::Done };
    let report = execute_scenario(&scenario, &mut backend, 1, &mut ()).expect("valid");
    let detail = report.error.expect("a fault").1.detail;
    assert_eq!(
        detail,
        "expected ended or timed_out or scheduler_died, got done: wait for payload 0, at most 10s"
    );
}

#[test]
fn a_backend_that_says_yes_to_all_upsets_no_books() {
    /// Says yes, to what is invalid too.
    struct Yes(Answers);
    impl Backend for Yes {
        crate::forward_backend!(|this| this.0);
        fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
            self.0.answer(action, channel)
        }
    }
    let ops = [
        Op::add_cgroup(""),
        Op::add_cgroup("a"),
        Op::add_cgroup("a"),
        Op::add_cgroup("a/b"),
        Op::spawn_in_cgroup("a/b", WorkType::SpinWait),
        Op::spawn_in_cgroup("nowhere", WorkType::SpinWait),
        Op::run_payload_in_cgroup(&LOAD, &[], "nowhere"),
        Op::run_payload_in_cgroup(&LOAD, &[], "a"),
        Op::freeze_cgroup("a"),
        Op::freeze_cgroup("nowhere"),
        Op::remove_cgroup("a"),
        Op::remove_cgroup("a"),
        Op::add_cgroup("a"),
        Op::move_all_tasks("a/b", "a"),
        Op::remove_cgroup("a"),
        Op::unfreeze_cgroup("a"),
        Op::steer_irq(1, 99),
    ];
    // Behind the first one that the kernel would refuse names lead nowhere: each is the first once.
    let promises = promises();
    for first in 0..ops.len() * 2 {
        let turned: Vec<_> = ops.iter().cycle().skip(first / 2).take(ops.len()).copied().collect();
        let hold =
            if first % 2 == 0 { HoldSpec::FULL } else { HoldSpec::loop_at(Duration::from_millis(500)) };
        let steps = [Step::new(&turned, hold)];
        let scenario = Scenario { permit: &promises, ..Scenario::new("forced").steps(&steps) };
        let topology = Answers::new().topology;
        let mut slots = vec![Slot::FREE; slots_to_play(&scenario)];
        let (checked, verdict) = Checked::forced(&scenario, &topology, &mut slots).expect("enough slots");
        assert!(verdict.is_err());
        let mut records = vec![Record::FREE; checked.records_needed() + 32];
        let mut heard = Heard::default();
        let mut yes = Yes(Answers::new());
        let report = crate::play(&checked, &mut records, &mut yes, 1, &mut heard).expect("enough records");
        let count = |verb: &str| heard.lines.iter().filter(|line| line.contains(verb)).count();
        let made = heard.lines.iter().filter_map(|line| line.split_once(": mkdir "));
        for (_, path) in made {
            assert!(
                count(&format!(": mkdir {path}")) <= count(&format!(": rmdir {path}")),
                "{:#?}",
                heard.lines
            );
        }
        assert_eq!((count(": spawn"), count(": run load")), (count(": stop group"), count(": kill payload")));
        assert_eq!(report.leftovers, 0);
    }
}
