//! What a step of the mock costs: a program of 64 cgroup actions without time passing, and one with workers
//! and holds. Run with `cargo bench -p ktstr-mock`.

use core::hint::black_box;
use core::time::Duration;
use ktstr_core::Placement::Cgroup;
use ktstr_core::{
    Action, AffinityPlan, Backend, Controller, Controllers, CpuSet, GroupId, Knob, KnobValue, Outcome,
    Topology, WorkSpec, WorkType,
};
use ktstr_mock::MockBackend;
use std::time::Instant;

const CPUSET: Controllers = Controllers::NONE.with(Controller::Cpuset);
const BATCHES: usize = 200;
const ROUNDS: usize = 100;
const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

fn cgroups() -> Vec<Action<'static>> {
    let mut actions = vec![Action::Prepare { controllers: CPUSET }];
    for path in NAMES {
        let value = KnobValue::Cpus(CpuSet::range(0, 2));
        actions.push(Action::CreateCgroup { path });
        actions.push(Action::Write { path, knob: Knob::CpusetCpus, value });
        actions.push(Action::Freeze { path });
        actions.push(Action::ReadProcs { path, tag: "bench" });
        actions.push(Action::Thaw { path });
    }
    actions.extend(NAMES.map(|path| Action::KillRemaining { path }));
    actions.extend(NAMES.map(|path| Action::RemoveCgroup { path }));
    actions.push(Action::Finish);
    actions
}

fn workers() -> Vec<Action<'static>> {
    let mut actions = vec![Action::Prepare { controllers: Controllers::NONE }];
    for (number, path) in (0..).zip(NAMES) {
        let (work, affinity) = (WorkSpec::new(WorkType::SpinWait), AffinityPlan::Inherit);
        actions.push(Action::CreateCgroup { path });
        actions.push(Action::Spawn {
            group: GroupId(number),
            placement: Cgroup(path),
            work,
            workers: 2,
            affinity,
            seed: 1,
        });
    }
    actions.push(Action::Start);
    actions.extend([Action::Hold { length: Duration::from_millis(10) }; 8]);
    for (number, path) in (0..).zip(NAMES) {
        actions.push(Action::Stop { group: GroupId(number) });
        actions.extend([0, 1].map(|worker| Action::Collect { group: GroupId(number), worker }));
        actions.push(Action::RemoveCgroup { path });
    }
    actions.push(Action::Finish);
    actions
}

fn measure(name: &str, actions: &[Action<'_>]) {
    let mut mock = MockBackend::new(Topology::uniform(1, 1, 8, 1));
    let mut round = || {
        for action in actions {
            let outcome = mock.perform(black_box(action), &mut ());
            assert!(!matches!(outcome, Outcome::Failed(_)), "{action}: {outcome:?}");
        }
        mock.reset();
    };
    let mut best = f64::INFINITY;
    for _ in 0..BATCHES {
        let start = Instant::now();
        (0..ROUNDS).for_each(|_| round());
        best = best.min(start.elapsed().as_nanos() as f64 / (ROUNDS * actions.len()) as f64);
    }
    println!("{name}: {best:.1} ns for each of {} actions, the best of {BATCHES} batches", actions.len());
}

fn main() {
    measure("cgroups", &cgroups());
    measure("workers", &workers());
}
