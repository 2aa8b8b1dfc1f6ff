//! The table of action programs.

use super::Answer::{CpusWithin, Done, Ended, EndedSomehow, Fails, Killed, Procs, Report, TimedOut};
use super::Program;
use core::time::Duration;
use ktstr_core::action::{Action, GroupId, PayloadId};
use ktstr_core::affinity::AffinityPlan;
use ktstr_core::controllers::{Controller, Controllers};
use ktstr_core::cpuset::CpuSet;
use ktstr_core::fault::FaultKind;
use ktstr_core::knob::{Knob, KnobValue};
use ktstr_core::outcome::ExitStatus;
use ktstr_core::payload::Payload;
use ktstr_core::work::WorkSpec;
use ktstr_core::work_type::WorkType;
use ktstr_core::worker_report::WorkerEnd;

const G: GroupId = GroupId(0);
const H: GroupId = GroupId(1);
const P: PayloadId = PayloadId(0);
const Q: PayloadId = PayloadId(1);
const NONE: Controllers = Controllers::NONE;
const CPUSET: Controllers = NONE.with(Controller::Cpuset);
const CPU: Controllers = NONE.with(Controller::Cpu);
const MEMORY: Controllers = NONE.with(Controller::Memory);
const PIDS: Controllers = NONE.with(Controller::Pids);
const MOMENT: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_secs(10);
const FIRST: CpuSet = CpuSet::range(0, 1);
const TRUE: Payload<'static> = Payload::binary("true", "true");
const FALSE: Payload<'static> = Payload::binary("false", "false");
const SLEEP: Payload<'static> = Payload::binary("sleep", "sleep");
const NO_SUCH: Payload<'static> = Payload::binary("none", "ktstr-no-such-program");
const STOPPED: super::Answer = Report { end: WorkerEnd::Stopped, worked: false };
const WORKED: super::Answer = Report { end: WorkerEnd::Stopped, worked: true };

const fn prepare(controllers: Controllers) -> Action<'static> {
    Action::Prepare { controllers }
}

const fn enable(path: &'static str, controllers: Controllers) -> Action<'static> {
    Action::EnableControllers { path, controllers }
}

const fn make(path: &'static str) -> Action<'static> {
    Action::CreateCgroup { path }
}

const fn remove(path: &'static str) -> Action<'static> {
    Action::RemoveCgroup { path }
}

const fn write(path: &'static str, knob: Knob, value: KnobValue) -> Action<'static> {
    Action::Write { path, knob, value }
}

const fn spawn(group: GroupId, path: &'static str, workers: u32) -> Action<'static> {
    let work = WorkSpec::new(WorkType::SpinWait);
    Action::Spawn { group, path, work, workers, affinity: AffinityPlan::Inherit, seed: 1 }
}

const fn run(id: PayloadId, payload: &'static Payload<'static>, path: &'static str) -> Action<'static> {
    Action::StartPayload { id, payload, args: &["60"], path }
}

const fn hold() -> Action<'static> {
    Action::Hold { length: MOMENT }
}

const fn stop(group: GroupId) -> Action<'static> {
    Action::Stop { group }
}

const fn collect(group: GroupId, worker: u32) -> Action<'static> {
    Action::Collect { group, worker }
}

const fn procs(path: &'static str) -> Action<'static> {
    Action::ReadProcs { path, tag: "check" }
}

const fn wait(id: PayloadId, timeout: Duration) -> Action<'static> {
    Action::WaitPayload { id, timeout }
}

const fn kill(id: PayloadId) -> Action<'static> {
    Action::KillPayload { id, grace: LONG }
}

const fn freeze(path: &'static str) -> Action<'static> {
    Action::Freeze { path }
}

const fn thaw(path: &'static str) -> Action<'static> {
    Action::Thaw { path }
}

const fn plain(name: &'static str, steps: &'static [(Action<'static>, super::Answer)]) -> Program {
    Program { name, needs: NONE, cpus: 1, steps }
}

const fn with(
    name: &'static str,
    needs: Controllers,
    steps: &'static [(Action<'static>, super::Answer)],
) -> Program {
    Program { name, needs, cpus: 2, steps }
}

/// The programs. Each ends with nothing left behind.
pub const PROGRAMS: &[Program] = &[
    plain("a run is prepared and finished", &[(prepare(NONE), Done), (Action::Finish, Done)]),
    plain(
        "a cgroup is made once and removed once",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (make("a"), Fails(FaultKind::Exists)),
            (remove("a"), Done),
            (remove("a"), Fails(FaultKind::Missing)),
            (make("a"), Done),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "parents come first and go last",
        &[
            (prepare(NONE), Done),
            (make("a/b"), Fails(FaultKind::Missing)),
            (make("a"), Done),
            (make("a/b"), Done),
            (remove("a"), Fails(FaultKind::Busy)),
            (Action::Finish, Fails(FaultKind::Busy)),
            (remove("a/b"), Done),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "no path leads out of the run",
        &[
            (prepare(NONE), Done),
            (make("../x"), Fails(FaultKind::Invalid)),
            (make("/x"), Fails(FaultKind::Invalid)),
            (make("a//b"), Fails(FaultKind::Invalid)),
            (procs("../x"), Fails(FaultKind::Invalid)),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "what was never made is unknown",
        &[
            (prepare(NONE), Done),
            (stop(G), Fails(FaultKind::Unknown)),
            (collect(G, 0), Fails(FaultKind::Unknown)),
            (wait(P, MOMENT), Fails(FaultKind::Unknown)),
            (kill(P), Fails(FaultKind::Unknown)),
            (Action::EndCpuWatch { group: G }, Fails(FaultKind::Unknown)),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "what is not there is missing",
        &[
            (prepare(NONE), Done),
            (procs("a"), Fails(FaultKind::Missing)),
            (freeze("a"), Fails(FaultKind::Missing)),
            (thaw("a"), Fails(FaultKind::Missing)),
            (spawn(G, "a", 1), Fails(FaultKind::Missing)),
            (run(P, &SLEEP, "a"), Fails(FaultKind::Missing)),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "workers work once they are started",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (spawn(G, "a", 2), Done),
            (procs("a"), Procs(2)),
            (Action::Start, Done),
            (hold(), Done),
            (remove("a"), Fails(FaultKind::Busy)),
            (stop(G), Done),
            (collect(G, 0), WORKED),
            (collect(G, 1), WORKED),
            (collect(G, 2), Fails(FaultKind::Unknown)),
            (procs("a"), Procs(0)),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "workers that were not started have not worked",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (spawn(G, "a", 1), Done),
            (hold(), Done),
            (stop(G), Done),
            (collect(G, 0), STOPPED),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a start starts what was made since the last one",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (spawn(G, "a", 1), Done),
            (Action::Start, Done),
            (spawn(H, "a", 1), Done),
            (hold(), Done),
            (stop(G), Done),
            (stop(H), Done),
            (collect(G, 0), WORKED),
            (collect(H, 0), STOPPED),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a group moves as a whole",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (make("b"), Done),
            (spawn(G, "a", 3), Done),
            (Action::Start, Done),
            (Action::Move { group: G, path: "b" }, Done),
            (procs("a"), Procs(0)),
            (procs("b"), Procs(3)),
            (remove("a"), Done),
            (Action::Move { group: G, path: "a" }, Fails(FaultKind::Missing)),
            (procs("b"), Procs(3)),
            (stop(G), Done),
            (remove("b"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "workers outside the run's cgroups",
        &[
            (prepare(NONE), Done),
            (spawn(G, "", 1), Done),
            (Action::Start, Done),
            (hold(), Done),
            (stop(G), Done),
            (collect(G, 0), WORKED),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a frozen cgroup thaws and goes on",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (spawn(G, "a", 1), Done),
            (freeze("a"), Done),
            (freeze("a"), Done),
            (Action::Start, Done),
            (thaw("a"), Done),
            (thaw("a"), Done),
            (hold(), Done),
            (stop(G), Done),
            (collect(G, 0), WORKED),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a freeze reaches down",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (make("a/b"), Done),
            (spawn(G, "a/b", 1), Done),
            (freeze("a"), Done),
            (Action::Start, Done),
            (hold(), Done),
            (thaw("a"), Done),
            (stop(G), Done),
            (remove("a/b"), Done),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "an empty frozen cgroup is removed",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (freeze("a"), Done),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "payloads end with their code",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (run(P, &TRUE, "a"), Done),
            (run(Q, &FALSE, "a"), Done),
            (wait(P, LONG), Ended(ExitStatus::Exited(0))),
            (wait(Q, LONG), Ended(ExitStatus::Exited(1))),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a payload that runs on is killed",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (run(P, &SLEEP, "a"), Done),
            (procs("a"), Procs(1)),
            (wait(P, MOMENT), TimedOut),
            (remove("a"), Fails(FaultKind::Busy)),
            (kill(P), Ended(ExitStatus::Signalled(15))),
            (procs("a"), Procs(0)),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a payload outside the run's cgroups",
        &[
            (prepare(NONE), Done),
            (run(P, &TRUE, ""), Done),
            (wait(P, LONG), EndedSomehow),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a frozen payload is killed all the same",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (run(P, &SLEEP, "a"), Done),
            (freeze("a"), Done),
            (kill(P), EndedSomehow),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a program that is not there leaves nothing",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (run(P, &NO_SUCH, "a"), Fails(FaultKind::NoProgram)),
            (procs("a"), Procs(0)),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "nothing remains to be killed",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (Action::KillRemaining { path: "a" }, Killed(0)),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    plain(
        "a controller that was not enabled has no files",
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (write("a", Knob::CpuWeight, KnobValue::Number(50)), Fails(FaultKind::Missing)),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    with(
        "workers keep to the CPUs of their cgroup",
        CPUSET,
        &[
            (prepare(CPUSET), Done),
            (enable("", CPUSET), Done),
            (make("a"), Done),
            (write("a", Knob::CpusetCpus, KnobValue::Cpus(FIRST)), Done),
            (spawn(G, "a", 2), Done),
            (Action::Start, Done),
            (hold(), Done),
            (Action::EndCpuWatch { group: G }, CpusWithin(FIRST)),
            (stop(G), Done),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    with(
        "CPUs that are not there are refused",
        CPUSET,
        &[
            (prepare(CPUSET), Done),
            (enable("", CPUSET), Done),
            (make("a"), Done),
            (
                write("a", Knob::CpusetCpus, KnobValue::Cpus(CpuSet::range(1023, 1024))),
                Fails(FaultKind::Invalid),
            ),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    with(
        "a watch begins anew",
        CPUSET,
        &[
            (prepare(CPUSET), Done),
            (enable("", CPUSET), Done),
            (make("a"), Done),
            (spawn(G, "a", 2), Done),
            (Action::Start, Done),
            (hold(), Done),
            (write("a", Knob::CpusetCpus, KnobValue::Cpus(FIRST)), Done),
            (Action::BeginCpuWatch { group: G }, Done),
            (hold(), Done),
            (Action::EndCpuWatch { group: G }, CpusWithin(FIRST)),
            (stop(G), Done),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    with(
        "an affinity holds",
        NONE,
        &[
            (prepare(NONE), Done),
            (make("a"), Done),
            (spawn(G, "a", 1), Done),
            (Action::SetAffinity { group: G, affinity: AffinityPlan::Set(FIRST) }, Done),
            (Action::Start, Done),
            (Action::BeginCpuWatch { group: G }, Done),
            (hold(), Done),
            (Action::EndCpuWatch { group: G }, CpusWithin(FIRST)),
            (stop(G), Done),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    with(
        "weights out of range are refused",
        CPU,
        &[
            (prepare(CPU), Done),
            (enable("", CPU), Done),
            (make("a"), Done),
            (write("a", Knob::CpuWeight, KnobValue::Number(0)), Fails(FaultKind::Invalid)),
            (write("a", Knob::CpuWeight, KnobValue::Number(10_001)), Fails(FaultKind::Invalid)),
            (write("a", Knob::CpuWeight, KnobValue::Number(10_000)), Done),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    with(
        "a limit of tasks stops a spawn and nothing is left of it",
        PIDS,
        &[
            (prepare(PIDS), Done),
            (enable("", PIDS), Done),
            (make("a"), Done),
            (write("a", Knob::PidsMax, KnobValue::Number(1)), Done),
            (spawn(G, "a", 2), Fails(FaultKind::NoRoom)),
            (procs("a"), Procs(0)),
            (spawn(H, "a", 1), Done),
            (stop(H), Done),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
    with(
        "no controllers beside tasks, no tasks beside controllers",
        MEMORY,
        &[
            (prepare(MEMORY), Done),
            (enable("", MEMORY), Done),
            (make("a"), Done),
            (spawn(G, "a", 1), Done),
            (enable("a", MEMORY), Fails(FaultKind::Busy)),
            (stop(G), Done),
            (enable("a", MEMORY), Done),
            (spawn(H, "a", 1), Fails(FaultKind::Busy)),
            (remove("a"), Done),
            (Action::Finish, Done),
        ],
    ),
];
