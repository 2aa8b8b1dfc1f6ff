//! What the executor costs: nanoseconds for each action, over 10 to 10,000 cgroups with a group of workers each, which a
//! step uses and the end takes down, on a backend that does nothing. Prints a table. The cost grows with how much there
//! is: the executor looks for things in the order in which they were made.

use ktstr_core::prelude::*;
use ktstr_core::{
    Action, Backend, Controllers, Executor, Fault, LARGE_ROOM, LARGE_STACK, Outcome, Report, Requirements,
    WorkerReport, execute_unchecked,
};
use std::time::{Duration, Instant};

/// Answers every action with the success that it promises.
struct Nothing(Topology);

impl Backend for Nothing {
    fn name(&self) -> &str {
        "nothing"
    }

    fn topology(&self) -> &Topology {
        &self.0
    }

    fn controllers(&self) -> Controllers {
        Controllers::NONE
    }

    fn preflight(&mut self, _: &Requirements) -> Result<(), Fault> {
        Ok(())
    }

    fn now(&mut self) -> Duration {
        Duration::ZERO
    }

    fn perform(&mut self, action: &Action<'_>) -> Outcome {
        match action {
            Action::EndCpuWatch { .. } => Outcome::Cpus(CpuSet::of(&[0])),
            Action::Collect { .. } => {
                Outcome::Report(WorkerReport { iterations: 1, ..WorkerReport::default() })
            }
            Action::ReadProcs { .. } => Outcome::Procs { count: 1 },
            Action::KillRemaining { .. } => Outcome::Killed { count: 0 },
            _ => Outcome::Done,
        }
    }
}

fn main() {
    let thread = std::thread::Builder::new().stack_size(LARGE_STACK);
    thread.spawn(table).expect("a thread can be started").join().expect("the runs pass");
}

fn table() {
    println!("{:>10} {:>10} {:>16} {:>12}", "cgroups", "actions", "executor, bytes", "ns/action");
    row::<128>(10);
    row::<128>(100);
    row::<1024>(1_000);
    row::<LARGE_ROOM>(10_000);
}

/// Prints nanoseconds for each action, the best of many runs.
fn row<const N: usize>(cgroups: usize) {
    let names: Vec<String> = (0..cgroups).map(|n| format!("cell_{n:05}")).collect();
    let made = |name| [Op::add_cgroup(name), Op::spawn_in_cgroup(name, WorkType::SpinWait)];
    let setup: Vec<Op<'_>> = names.iter().flat_map(|name| made(name)).collect();
    let used: Vec<Op<'_>> = names.iter().enumerate().flat_map(|(n, name)| uses(n, name)).collect();
    let steps = [Step::new(&used, HoldSpec::FULL)];
    let scenario = Scenario::new("bench")
        .backdrop(Backdrop::new().lend_ops(&setup))
        .steps(&steps)
        .checks(Checks::NONE.not_starved().isolation());
    let (mut best, mut actions) = (Duration::MAX, 0);
    let end = Instant::now() + Duration::from_millis(400);
    let mut runs = 0;
    while runs < 3 || Instant::now() < end {
        let start = Instant::now();
        let report = run::<N>(&scenario);
        best = best.min(start.elapsed());
        assert_eq!((report.error, report.leftovers), (None, 0));
        actions = report.actions;
        runs += 1;
    }
    let each = best.as_nanos() as f64 / f64::from(actions);
    println!("{cgroups:>10} {actions:>10} {:>16} {each:>12.1}", size_of::<Executor<'_, N>>());
}

#[inline(never)] // so that only one executor lies on the stack
fn run<const N: usize>(scenario: &Scenario<'_>) -> Report {
    let mut backend = Nothing(Topology::uniform(1, 1, 4, 1));
    let mut executor = Executor::<N>::new(scenario, &Topology::uniform(1, 1, 4, 1), 1);
    execute_unchecked(&mut executor, &mut backend, &mut ())
}

/// A bit of everything, by turns.
fn uses(n: usize, name: &str) -> Vec<Op<'_>> {
    match n % 5 {
        0 => vec![Op::set_cpuset(name, CpusetSpec::disjoint(0, 2)), Op::clear_cpuset(name)],
        1 => vec![Op::freeze_cgroup(name), Op::unfreeze_cgroup(name)],
        2 => vec![Op::set_affinity(name, AffinityIntent::SingleCpu)],
        3 => vec![Op::capture_cgroup_procs("tag", name)],
        _ => vec![Op::stop_cgroup(name)],
    }
}
