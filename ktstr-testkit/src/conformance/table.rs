//! The table of action programs, and short forms of the actions in it.

mod controllers;
mod direct;
mod payloads;
mod workers;

use super::Answer::{
    CpusWithin, Done, Ended, EndedSomehow, Fails, Killed, Procs, Refused, Report, Said, TimedOut,
};
use super::{Answer, Program};
use core::time::Duration;
use ktstr_core::Placement::{self, Cgroup, RunnerCgroup};
use ktstr_core::{
    Action, AffinityPlan, Controller, Controllers, CpuSet, ExitStatus, FaultKind, GroupId, Knob, KnobValue,
    Payload, PayloadId, SchedPolicy, WorkSpec, WorkType, WorkerEnd,
};

/// The programs, by subject. Each ends with nothing left behind.
pub const TABLES: &[&[Program]] =
    &[workers::PROGRAMS, payloads::PROGRAMS, controllers::PROGRAMS, direct::PROGRAMS];

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
const SAYS_WHY: Payload<'static> =
    Payload::binary("says why", "sh").default_args(&["-c", "echo begun; echo reason >&2; exit 3"]);
const NO_SUCH: Payload<'static> = Payload::binary("none", "ktstr-no-such-program");
const STOPPED: Answer = Report { end: WorkerEnd::Stopped, worked: false };
const WORKED: Answer = Report { end: WorkerEnd::Stopped, worked: true };

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
    spawn_at(group, Cgroup(path), workers)
}

const fn spawn_at(group: GroupId, placement: Placement<'static>, workers: u32) -> Action<'static> {
    let work = WorkSpec::new(WorkType::SpinWait);
    Action::Spawn { group, placement, work, workers, affinity: AffinityPlan::Inherit, seed: 1 }
}

const fn spawn_forks(group: GroupId, path: &'static str, workers: u32) -> Action<'static> {
    let work = WorkSpec::new(WorkType::ForkExit);
    let placement = Cgroup(path);
    Action::Spawn { group, placement, work, workers, affinity: AffinityPlan::Inherit, seed: 1 }
}

const fn run(id: PayloadId, payload: &'static Payload<'static>, path: &'static str) -> Action<'static> {
    run_at(id, payload, Cgroup(path))
}

const fn run_at(
    id: PayloadId,
    payload: &'static Payload<'static>,
    placement: Placement<'static>,
) -> Action<'static> {
    Action::StartPayload { id, payload, args: &["60"], placement }
}

const fn hold() -> Action<'static> {
    Action::Hold { length: MOMENT }
}

const fn stop(group: GroupId) -> Action<'static> {
    Action::Stop { group }
}

const fn ask_to_stop(group: GroupId) -> Action<'static> {
    Action::AskToStop { group }
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

const fn output(id: PayloadId) -> Action<'static> {
    Action::ReadOutput { id }
}

const fn freeze(path: &'static str) -> Action<'static> {
    Action::Freeze { path }
}

const fn thaw(path: &'static str) -> Action<'static> {
    Action::Thaw { path }
}

const fn plain(name: &'static str, steps: &'static [(Action<'static>, Answer)]) -> Program {
    Program { name, needs: NONE, cpus: 1, steps }
}

const fn with(
    name: &'static str,
    needs: Controllers,
    steps: &'static [(Action<'static>, Answer)],
) -> Program {
    Program { name, needs, cpus: 2, steps }
}
