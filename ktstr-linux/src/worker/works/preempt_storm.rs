//! One wakes again and again under `SCHED_FIFO`, spins for a moment and sleeps; the others spin as normal
//! tasks.

use super::Needs;
use crate::worker::context::Context;
use ktstr_core::{SchedPolicy, WorkType};

pub(super) const NEEDS: Needs = Needs { policy, ..Needs::NOTHING };

fn policy(_: &WorkType, member: usize) -> Option<SchedPolicy> {
    (member == 0).then_some(SchedPolicy::Fifo(1))
}

pub(super) fn run(_cfs: u32, rt_burst_iters: u32, rt_sleep_us: u32, context: &mut Context<'_>) {
    let is_first = context.team.index() == 0;
    let progress = &mut context.progress;
    while !progress.stopped() {
        if is_first {
            progress.spin(u64::from(rt_burst_iters));
            progress.iterated();
            progress.sleep(u64::from(rt_sleep_us) * 1_000);
        } else {
            progress.burst();
            progress.iterated();
        }
    }
}
