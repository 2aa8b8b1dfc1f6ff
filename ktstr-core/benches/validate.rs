//! What validation costs: nanoseconds for each operation, from 100 to 100,000 operations, over 10 to 10,000
//! cgroups, without a topology and with one. Prints a table; fails when the cost does not stay linear.

use ktstr_core::prelude::*;
use ktstr_core::{Scratch, Slot, slots_needed, validate};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// A row that costs more than this many times the cheapest row of its table is not linear any more: from 100
/// to 100,000 operations a quadratic cost grows a thousandfold. The slack is for caches, and for whoever else
/// uses the machine: at 100 operations everything lies in the first level, at 100,000 nothing does.
const SLACK: f64 = 30.0;

fn main() {
    let machine = Topology::uniform(2, 2, 4, 2);
    let mut linear = true;
    for (title, topology) in [("without a topology", None), ("with 32 CPUs", Some(&machine))] {
        println!(
            "{title}\n{:>10} {:>10} {:>12} {:>12} {:>8}",
            "ops", "cgroups", "first ns/op", "again ns/op", "ratio"
        );
        let mut cheapest = f64::INFINITY;
        for (ops, cgroups) in [(100, 10), (1_000, 100), (10_000, 1_000), (100_000, 100), (100_000, 10_000)] {
            let (first, again) = measure(ops, cgroups, topology);
            cheapest = cheapest.min(again);
            let ratio = again / cheapest;
            linear &= ratio <= SLACK;
            println!("{ops:>10} {cgroups:>10} {first:>12.1} {again:>12.1} {ratio:>8.2}");
        }
    }
    assert!(linear, "the cost of an operation grows with the size of the scenario");
}

/// Nanoseconds for each operation: with fresh storage, and the best of many runs in the same storage.
fn measure(count: usize, cgroups: usize, topology: Option<&Topology>) -> (f64, f64) {
    let names: Vec<String> = (0..cgroups).map(|n| format!("cell_{n:05}")).collect();
    let ops = mix(count, &names);
    let scenario = Scenario::new("bench").backdrop(Backdrop::new().lend_ops(&ops));
    let start = Instant::now();
    let mut slots = vec![Slot::FREE; slots_needed(&scenario)];
    let mut scratch = Scratch::new(&mut slots);
    validate(&scenario, topology, &mut scratch).expect("the mix is valid");
    let first = start.elapsed();
    let mut best = Duration::MAX;
    let end = Instant::now() + Duration::from_millis(400);
    let mut runs = 0;
    while runs < 5 || Instant::now() < end {
        let start = Instant::now();
        let verdict = validate(black_box(&scenario), topology, &mut scratch);
        best = best.min(start.elapsed());
        black_box(&verdict).as_ref().expect("the mix is valid");
        runs += 1;
    }
    let each = |time: Duration| time.as_nanos() as f64 / count as f64;
    (each(first), each(best))
}

/// `count` operations: each name is made once, then they are visited in a scattered order with a bit of
/// everything.
fn mix(count: usize, names: &[String]) -> Vec<Op<'_>> {
    let mut ops: Vec<Op<'_>> = names.iter().map(|name| Op::add_cgroup(name)).collect();
    let mut visit = 0;
    while ops.len() < count {
        let one = &names[visit * 7919 % names.len()];
        let other = &names[(visit * 7919 + 1) % names.len()];
        match visit % 4 {
            0 => ops.extend([
                Op::spawn_in_cgroup(one, WorkType::SpinWait),
                Op::move_all_tasks(one, other),
                Op::stop_cgroup(other),
            ]),
            1 => ops.extend([Op::set_cpuset(one, CpusetSpec::llc(visit % 2)), Op::clear_cpuset(one)]),
            2 => ops.extend([Op::freeze_cgroup(one), Op::unfreeze_cgroup(one)]),
            _ => ops.extend([
                Op::capture_cgroup_procs("tag", one),
                Op::remove_cgroup(one),
                Op::add_cgroup(one),
            ]),
        }
        visit += 1;
    }
    ops.truncate(count);
    ops
}
