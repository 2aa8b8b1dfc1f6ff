//! A report in which every key has a value.

use bumpalo::Bump;
use ktstr_core::{
    Action, AffinityPlan, Asked, Channel, CheckKind, CheckResult, Controller, Controllers, CpuSet, Event,
    Evidence, ExitStatus, Fault, FaultKind, FileCheck, FileSeen, GroupId, GroupPhase, Knob, KnobValue,
    LAST_WORDS, MetricHint, Moment, Notice, Observer, Outcome, Part, Payload, PayloadEnd, PayloadId, Phase,
    Placement, Polarity, Report, Scenario, SchedPolicy, Scheduler, SchedulerEnd, SchedulerExit,
    SchedulerSource, Site, Stream, Topology, Verdict, Witness, WorkSpec, WorkType, WorkerEnd, WorkerReport,
};
use ktstr_file::NoteEntry;
use ktstr_file::report::{
    FindingClass, FindingEntry, OverrunEntry, PermittedEntry, Recorder, RunHead, RunReport, TraceEntry,
    VmEntry,
};
use std::time::Duration;

pub(crate) static BENCH: Payload<'static> = Payload::binary("bench", "/bin/bench")
    .default_args(&["-v"])
    .metrics(&[MetricHint { name: "iops", polarity: Polarity::HigherIsBetter, unit: "ops/s" }]);

static CELLS: Scheduler<'static> = Scheduler::new("cells", "/bin/cells").args(&["{cgroup:/}"]);

const CELL: Placement<'static> = Placement::Cgroup("cell");
const SITE: Site = Site::Step { step: 0, part: Part::Op(1) };

fn tell<'a>(recorder: &mut Recorder, seq: &mut u32, action: Action<'a>, outcome: &Outcome) {
    let at = Duration::from_millis(u64::from(*seq));
    Observer::event(recorder, &Event { seq: *seq, at, site: SITE, action, outcome });
    *seq += 1;
}

/// A file that did not say what was expected of it.
fn check_file(recorder: &mut Recorder, seq: &mut u32, other: &CheckResult<'static>) {
    static KILLED: FileCheck<'static> = FileCheck::file("memory.events").key("oom_kill").min(1.0);
    tell(recorder, seq, Action::NoteFile { path: "cell", check: &KILLED }, &Outcome::Done);
    let seen = FileSeen::of(&KILLED, Some("oom_kill 0"), None);
    tell(recorder, seq, Action::CheckFile { path: "cell", check: &KILLED }, &Outcome::Seen(seen));
    let judged = CheckResult {
        kind: CheckKind::File,
        subject: "cell",
        metric: None,
        file: Some(&KILLED),
        value: Some(0.0),
        bound: 1.0,
        witness: Witness::File(seen.text),
        ..*other
    };
    Observer::check(recorder, &judged);
}

/// An action that is done, with its evidence.
fn found<'a>(
    recorder: &mut Recorder,
    seq: &mut u32,
    action: Action<'a>,
    send: impl FnOnce(&mut (dyn Channel + '_)),
) {
    Observer::before(recorder, SITE, &action);
    let asked = Asked { seq: *seq, site: SITE, action: &action };
    send(&mut |piece: &Evidence<'_>| Observer::evidence(recorder, &asked, piece));
    tell(recorder, seq, action, &Outcome::Done);
}

/// A scheduler that has left, with all that is said of it.
fn scheduler(recorder: &mut Recorder, seq: &mut u32) {
    tell(recorder, seq, Action::AttachScheduler { scheduler: &CELLS }, &Outcome::Done);
    tell(recorder, seq, Action::Hold { length: Duration::from_millis(9) }, &Outcome::SchedulerDied);
    let left = SchedulerEnd {
        exit: Some(SchedulerExit::Stall),
        code: -1,
        status: Some(ExitStatus::Signalled(9)),
        early: true,
        expected: false,
        lost: true,
        wall_ns: 5,
        assumed: false,
    };
    let detach = Action::DetachScheduler { scheduler: &CELLS };
    let asked = Asked { seq: *seq, site: SITE, action: &detach };
    Observer::before(recorder, SITE, &detach);
    for (source, bytes) in [
        (SchedulerSource::Log, "\x1b[1mloaded\x1b[0m\n"),
        (SchedulerSource::Kernel, "sched_ext: BPF scheduler \"cells\" disabled (runnable task stall)\n"),
        (SchedulerSource::Dump, "DEBUG DUMP\n"),
        (SchedulerSource::Counters, "SCX_EV_SELECT_CPU_FALLBACK 3\n"),
    ] {
        let piece = Evidence::Scheduler { source, cut: 0, bytes: bytes.as_bytes() };
        Observer::evidence(recorder, &asked, &piece);
    }
    tell(recorder, seq, detach, &Outcome::Detached(left));
    Observer::scheduler(recorder, &CELLS, &left);
}

/// Says a recorder of a little of everything.
pub(crate) fn recorder() -> Recorder {
    let mut recorder = Recorder::new();
    let seq = &mut 0;
    let id = PayloadId(0);
    let cpus = KnobValue::Cpus(CpuSet::range(0, 2));
    let end = PayloadEnd {
        status: ExitStatus::Exited(3),
        wall_ns: 5,
        stdout_bytes: 10,
        stderr_bytes: 1,
        cut_bytes: 2,
        orphans: 1,
        assumed: false,
    };
    let worker = WorkerReport {
        iterations: 7,
        work_units: 7168,
        cpu_ns: 100,
        max_gap_ns: 50,
        cpus_used: CpuSet::range(1, 3),
        ..WorkerReport::default()
    };
    tell(&mut recorder, seq, Action::CreateCgroup { path: "cell" }, &Outcome::Done);
    tell(
        &mut recorder,
        seq,
        Action::Write { path: "cell", knob: Knob::CpusetCpus, value: cpus },
        &Outcome::Done,
    );
    let start = Action::StartPayload { id, payload: &BENCH, args: &["-q"], placement: CELL };
    tell(&mut recorder, seq, start, &Outcome::Done);
    found(&mut recorder, seq, Action::ReadProcs { path: "cell", tag: "who" }, |channel| {
        channel.procs(11..=14)
    });
    let spawn = Action::Spawn {
        group: GroupId(0),
        placement: CELL,
        work: WorkSpec::new(WorkType::SpinWait),
        workers: 2,
        affinity: AffinityPlan::Inherit,
        seed: 1,
    };
    for action in [spawn, Action::Start, Action::AskToStop { group: GroupId(0) }] {
        tell(&mut recorder, seq, action, &Outcome::Done);
    }
    for number in 0..2 {
        let collect = Action::Collect { group: GroupId(0), worker: number };
        tell(&mut recorder, seq, collect, &Outcome::Report(worker));
        let end = if number == 0 { WorkerEnd::Killed } else { WorkerEnd::SetupFailed(22) };
        Observer::worker(&mut recorder, GroupId(0), CELL, number, &WorkerReport { end, ..worker });
    }
    tell(&mut recorder, seq, Action::KillPayload { id, grace: Duration::ZERO }, &Outcome::Ended(end));
    Observer::payload(&mut recorder, id, &BENCH, CELL, &end);
    tell(&mut recorder, seq, Action::ReadMetric { id, metric: "iops" }, &Outcome::Metric(Some(12.5)));
    tell(&mut recorder, seq, Action::ReadMetric { id, metric: "lat" }, &Outcome::Metric(None));
    let check = CheckResult {
        kind: CheckKind::MetricMin,
        subject: "bench",
        metric: Some("iops"),
        file: None,
        comparison: None,
        value: Some(12.5),
        bound: 20.0,
        verdict: Verdict::Fail,
        group: None,
        witness: Witness::Payload(end.status),
        unjudged: None,
    };
    Observer::check(&mut recorder, &check);
    check_file(&mut recorder, seq, &check);
    let moment = Some(Moment { at_ns: 500_000, cpu: 2 });
    let gap = CheckResult {
        kind: CheckKind::MaxGap,
        subject: "cell",
        metric: None,
        value: Some(50.0),
        bound: 20.0,
        group: Some(GroupId(0)),
        witness: Witness::Worker { worker: 1, pid: 77, moment },
        ..check
    };
    Observer::check(&mut recorder, &gap);
    let share = CheckResult {
        kind: CheckKind::MinShare,
        value: Some(0.01),
        bound: 0.25,
        witness: Witness::Worker { worker: 0, pid: 76, moment: None },
        ..gap
    };
    Observer::check(&mut recorder, &share);
    let long = format!("{}\nstarted\n", "x".repeat(LAST_WORDS));
    found(&mut recorder, seq, Action::ReadOutput { id }, |channel| {
        channel.last_words(Stream::Stdout, 0, long.as_bytes());
        channel.last_words(Stream::Stderr, 0, b"\x1b[31mno device\xff\n");
    });
    let busy = Outcome::Failed(Fault::from_errno(16, "cell"));
    tell(&mut recorder, seq, Action::RemoveCgroup { path: "cell" }, &busy);
    Observer::unmodelled(&mut recorder, "cell", Knob::IoWeight);
    let (group, controllers) = (GroupId(0), Controllers::NONE.with(Controller::Cpuset));
    let ms = Duration::from_millis;
    for (action, outcome) in [
        (Action::Prepare { controllers }, Outcome::Done),
        (Action::EnableControllers { path: "cell", controllers }, Outcome::Done),
        (Action::Move { group, to: CELL }, Outcome::Done),
        (Action::EndCpuWatch { group }, Outcome::Cpus(CpuSet::range(0, 2))),
        (Action::WaitPayload { id, timeout: ms(9) }, Outcome::TimedOut),
        (Action::SteerIrq { irq: 9, cpu: 1 }, Outcome::Done),
        (Action::KillCgroup { path: "cell" }, Outcome::Done),
        (Action::WriteFile { path: "cell", file: "memory.high", text: "64M" }, Outcome::Done),
        (Action::Reclaim { path: "cell", bytes: 4096, whole: true }, Outcome::Done),
        (Action::SetNice { group, nice: -3 }, Outcome::Done),
        (Action::SetSchedPolicy { group, policy: SchedPolicy::Fifo(2) }, Outcome::Done),
        (Action::RestoreIrq { irq: 9 }, Outcome::Done),
        (Action::KillRemaining { path: "cell" }, Outcome::Killed { count: 2 }),
        (Action::Hold { length: ms(9) }, Outcome::Done),
    ] {
        tell(&mut recorder, seq, action, &outcome);
    }
    scheduler(&mut recorder, seq);
    Observer::leftover(&mut recorder, "cell");
    let asked = Asked { seq: *seq, site: SITE, action: &Action::Finish };
    for notice in [
        Notice::PayloadEnded { id, status: ExitStatus::Signalled(15) },
        Notice::WorkerKilled { group: GroupId(0), worker: 1, pid: 77, signal: 9 },
        Notice::OomKilled { cgroup: "cell", count: 2 },
        Notice::SchedulerLeft {
            name: "cells",
            exit: Some(SchedulerExit::Stall),
            code: -1,
            message: "a task did not run",
            status: Some(ExitStatus::Exited(1)),
        },
    ] {
        Observer::notice(&mut recorder, &asked, Duration::from_millis(7), &notice);
    }
    recorder
}

/// Two phases, one without a name and without a run delay.
fn phases(recorder: &mut Recorder) {
    let ms = Duration::from_millis;
    let figures = GroupPhase { workers: 2, window_ns: 5_000_000, cpu_ns: 1, ..GroupPhase::default() };
    for (step, name, run_delay_ns) in [(0, Some("full"), Some(7)), (1, None, None)] {
        let phase = Phase { step, name, from: ms(1), to: ms(6) };
        Observer::phase(recorder, &phase);
        Observer::phase_group(recorder, &phase, GroupId(0), CELL, &GroupPhase { run_delay_ns, ..figures });
    }
}

pub(crate) fn report() -> RunReport {
    let arena = Bump::new();
    let scenario: &Scenario<'_> = arena.alloc(Scenario::new("sample"));
    let topology = Topology::uniform(1, 1, 4, 1);
    let head =
        RunHead { scenario, backend: "mock", backend_reason: "why not", seed: u64::MAX, topology: &topology };
    let end = Report {
        verdict: Verdict::Fail,
        lack: None,
        error: Some((SITE, Fault::new(FaultKind::NoProgram, "bench"))),
        actions: 10,
        checks: 3,
        failed: 3,
        leftovers: 1,
        elapsed: Duration::from_secs(1),
    };
    let mut recorder = recorder();
    phases(&mut recorder);
    let mut report = recorder.finish(&head, &end);
    report.permitted = vec![PermittedEntry {
        code: "E0411".to_owned(),
        site: "steps[0].ops[0]".to_owned(),
        message: "the new cpuset of `a` lacks CPU 3".to_owned(),
    }];
    report.notes = vec![NoteEntry {
        code: "N001".to_owned(),
        site: "backdrop.cgroups[0]".to_owned(),
        message: "`isolation` says nothing of the workers in `cell`".to_owned(),
        cure: "give it a cpuset".to_owned(),
    }];
    report.overruns =
        vec![OverrunEntry { site: "steps[0].hold".to_owned(), asked_ns: 100_000_000, took_ns: 848_000_000 }];
    report.finding = Some(FindingEntry {
        class: FindingClass::Panic,
        signature: "Kernel panic - not syncing: x".to_owned(),
        during_boot: false,
        bound: Some("2s of the host's time".to_owned()),
        console: vec!["[    1.0] Kernel panic - not syncing: x".to_owned()],
    });
    report.trace = Some(TraceEntry { lost: 2, bytes: 73_051 });
    report.vm = Some(VmEntry {
        kernel_release: "6.12.0".to_owned(),
        kernel_sha256: "aa".to_owned(),
        booted_sha256: "dd".to_owned(),
        image_sha256: "bb".to_owned(),
        qemu_version: "QEMU 10".to_owned(),
        qemu_origin: "fetched".to_owned(),
        uneven: true,
        warnings: vec!["some CPUs are slow".to_owned()],
        accel: "tcg".to_owned(),
        memory_mib: 512,
        command: vec!["qemu-system-x86_64".to_owned()],
        state_sha256: Some("cc".to_owned()),
        attempt: 1,
        reproducible: true,
        notes: vec!["a note".to_owned()],
    });
    report
}
