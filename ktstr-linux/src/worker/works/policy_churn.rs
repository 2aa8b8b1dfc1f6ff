//! Gives itself one scheduling policy after the other, some spinning each.

use super::Needs;
use crate::sys::sched;
use crate::worker::context::Context;
use ktstr_core::SchedPolicy;

/// The policies. Those of real time have the lowest priority and last for a moment only.
const POLICIES: [SchedPolicy; 5] = [
    SchedPolicy::Batch,
    SchedPolicy::Idle,
    SchedPolicy::Fifo(1),
    SchedPolicy::RoundRobin(1),
    SchedPolicy::Normal,
];

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(spin_iters: u32, context: &mut Context<'_>) {
    let progress = &mut context.progress;
    for policy in POLICIES.into_iter().cycle() {
        if progress.stopped() {
            break;
        }
        // Without the right to a policy it stays as it is.
        let _ = sched::change_policy(policy);
        progress.spin(u64::from(spin_iters));
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
    }
    // What is left to do at the end is not to keep others from a CPU.
    let _ = sched::change_policy(SchedPolicy::Normal);
}
