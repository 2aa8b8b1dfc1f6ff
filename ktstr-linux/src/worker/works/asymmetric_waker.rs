//! Two of different scheduling classes hand a turn to each other through futexes.

use super::Needs;
use crate::worker::context::Context;
use ktstr_core::{SchedClass, SchedPolicy, WorkType};

pub(super) const NEEDS: Needs = Needs { policy, ..Needs::NOTHING };

fn policy(work: &WorkType, member: usize) -> Option<SchedPolicy> {
    let WorkType::AsymmetricWaker { waker_class, wakee_class, .. } = *work else { return None };
    match if member == 0 { waker_class } else { wakee_class } {
        SchedClass::Normal => None,
        SchedClass::Batch => Some(SchedPolicy::Batch),
        SchedClass::Idle => Some(SchedPolicy::Idle),
        SchedClass::Fifo => Some(SchedPolicy::Fifo(1)),
        SchedClass::Ext => Some(SchedPolicy::Ext),
    }
}

pub(super) fn run(_: SchedClass, _: SchedClass, burst_iters: u32, context: &mut Context<'_>) {
    let (progress, team) = (&mut context.progress, &context.team);
    let own = team.index();
    let mut seen = 0;
    while !progress.stopped() {
        if own == 0 {
            progress.spin(u64::from(burst_iters));
            if !team.ring(0) {
                return;
            }
        }
        let Some(count) = team.listen(progress, 1 - own, seen) else { return };
        seen = count;
        if own == 1 && !team.ring(1) {
            return;
        }
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
    }
}
