//! A worker that the scheduler passes over. A file of its own, as no other test likes to run beside it. Which
//! workers are killed is a table in `worker/turn.rs`; here is only whether what is looked at leads there.

mod common;

use common::*;
use ktstr_core::Placement::RunnerCgroup;
use ktstr_core::{
    Action, AffinityPlan, Backend, CpuSet, FaultKind, GroupId, Outcome, SchedPolicy, WorkerEnd,
};
use std::time::{Duration, Instant};

/// How long a worker has to stop when it gets its turn, and until when it is waited for if it gets none.
const PATIENCE: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(60)];

#[test]
fn a_worker_that_gets_no_cpu_is_waited_for() {
    let Some(place) = Place::new() else { return };
    let mut backend = place.prepared(&[]);
    let cpu = backend.topology().cpus().iter().next().expect("a CPU");
    let here = AffinityPlan::Set(CpuSet::of(&[cpu]));
    // Beside one of nice -4 one of SCHED_IDLE gets 3 parts of 2,504, a slice in 2 to 3 s.
    for (group, work) in [(0, spin().nice(-4)), (1, spin().sched_policy(SchedPolicy::Idle))] {
        let group = GroupId(group);
        let action =
            Action::Spawn { group, placement: RunnerCgroup, work, workers: 1, affinity: here, seed: 0 };
        match backend.perform(&action, &mut ()) {
            Outcome::Failed(fault) if fault.kind == FaultKind::TimedOut => {
                return println!("SKIP: others leave this CPU to nobody: {fault}");
            }
            outcome => assert_eq!(outcome, Outcome::Done, "{action}"),
        }
    }
    done(&mut backend, Action::Start);
    hold(&mut backend, 50);
    let asked = Instant::now();
    let end = stop(&mut backend, 1, 1)[0].end;
    let took = asked.elapsed();
    // Where others are after this CPU as well it may be passed over for the whole minute, and is killed then.
    assert!(end == WorkerEnd::Stopped || end == WorkerEnd::Killed && took >= PATIENCE[1], "{end:?} {took:?}");
    match end {
        WorkerEnd::Stopped if took < PATIENCE[0] => {
            println!("SKIP: it was not passed over, it stopped after {took:?}")
        }
        _ => println!("{end:?} after {took:?}"),
    }
}
