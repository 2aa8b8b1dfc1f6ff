//! Some spin under `SCHED_FIFO` and never rest, the others want the same CPUs as normal tasks.

use super::Needs;
use crate::worker::context::Context;
use ktstr_core::{SchedPolicy, WorkType};

pub(super) const NEEDS: Needs = Needs { policy, ..Needs::NOTHING };

fn policy(work: &WorkType, member: usize) -> Option<SchedPolicy> {
    match *work {
        WorkType::RtStarvation { rt_workers, rt_priority, .. } if member < rt_workers as usize => {
            Some(SchedPolicy::Fifo(rt_priority as u8))
        }
        _ => None,
    }
}

pub(super) fn run(_rt: u32, _cfs: u32, _priority: u32, burst_iters: u32, context: &mut Context<'_>) {
    let progress = &mut context.progress;
    while !progress.stopped() {
        progress.spin(u64::from(burst_iters));
        progress.iterated();
        progress.checkpoint();
    }
}
