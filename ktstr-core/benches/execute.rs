//! What the executor costs: nanoseconds for each action, over 10 to 10,000 cgroups with a group of workers
//! each, which a step uses and the end takes down, on a backend that does nothing. Prints a table, with how
//! much dearer an action is than in the smallest scenario.

#[path = "../tests/obliging/mod.rs"]
mod obliging;

use ktstr_core::prelude::*;
use ktstr_core::{Checked, Record, Report, Slot, check, play, slots_to_play};
use obliging::Obliging;
use std::time::{Duration, Instant};

fn main() {
    println!("{:>10} {:>10} {:>12} {:>8}", "cgroups", "actions", "ns/action", "ratio");
    let mut cheapest = f64::INFINITY;
    for cgroups in [10, 100, 1_000, 10_000] {
        let (actions, each) = measure(cgroups);
        cheapest = cheapest.min(each);
        println!("{cgroups:>10} {actions:>10} {each:>12.1} {:>8.2}", each / cheapest);
    }
}

/// How many actions a run takes, and nanoseconds for each, in the best of many runs.
fn measure(cgroups: usize) -> (u32, f64) {
    let names: Vec<String> = (0..cgroups).map(|n| format!("cell_{n:05}")).collect();
    let made = |name| [Op::add_cgroup(name).until_removed(), Op::spawn_in_cgroup(name, WorkType::SpinWait)];
    let setup: Vec<Op<'_>> = names.iter().flat_map(|name| made(name)).collect();
    let used: Vec<Op<'_>> = names.iter().enumerate().flat_map(|(n, name)| uses(n, name)).collect();
    let steps = [Step::new(&used, HoldSpec::FULL)];
    let scenario = Scenario::new("bench")
        .backdrop(Backdrop::new().lend_ops(&setup))
        .steps(&steps)
        .checks(Checks::NONE.not_starved().isolation());
    let topology = Topology::uniform(1, 1, 4, 1);
    let mut slots = vec![Slot::FREE; slots_to_play(&scenario)];
    let checked = check(&scenario, &topology, &mut slots).expect("valid");
    let mut records = vec![Record::FREE; checked.records_needed()];
    let (mut best, mut actions) = (Duration::MAX, 0);
    let end = Instant::now() + Duration::from_millis(800);
    let mut runs = 0;
    while runs < 3 || Instant::now() < end {
        let start = Instant::now();
        let report = run(&checked, &mut records);
        best = best.min(start.elapsed());
        assert_eq!((report.error, report.leftovers), (None, 0));
        actions = report.actions;
        runs += 1;
    }
    (actions, best.as_nanos() as f64 / f64::from(actions))
}

#[inline(never)]
fn run<'a>(checked: &Checked<'_, 'a>, records: &mut [Record<'a>]) -> Report {
    let mut backend = Obliging(*checked.topology());
    play(checked, records, &mut backend, 1, &mut ()).expect("the backend has all that is needed")
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
