//! A worker that the scheduler passes over. A file of its own, as no other test likes to run beside it.

mod common;

use common::*;
use ktstr_core::action::{Action, GroupId};
use ktstr_core::affinity::AffinityPlan;
use ktstr_core::backend::Backend;
use ktstr_core::cpuset::CpuSet;
use ktstr_core::sched_policy::SchedPolicy;
use ktstr_core::worker_report::WorkerEnd;
use std::time::Instant;

#[test]
fn a_worker_that_gets_no_cpu_is_waited_for() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.backend();
    prepare(&mut backend);
    let cpu = backend.topology().cpus().iter().next().expect("a CPU");
    let here = AffinityPlan::Set(CpuSet::of(&[cpu]));
    // Beside one of nice -4 one of SCHED_IDLE gets 3 parts of 2,504, a slice in 2 to 3 s.
    for (group, work) in [(0, spin().nice(-4)), (1, spin().sched_policy(SchedPolicy::Idle))] {
        let group = GroupId(group);
        done(&mut backend, Action::Spawn { group, path: "", work, workers: 1, affinity: here, seed: 0 });
    }
    done(&mut backend, Action::Start);
    hold(&mut backend, 50);
    let asked = Instant::now();
    assert_eq!(stop(&mut backend, 1, 1)[0].end, WorkerEnd::Stopped);
    println!("it had its turn after {:?}", asked.elapsed());
    assert_eq!(stop(&mut backend, 0, 1)[0].end, WorkerEnd::Stopped);
}
