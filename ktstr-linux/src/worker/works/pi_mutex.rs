//! All work by themselves, then with a lock whose owner inherits the priority of those that wait for it.

use super::Needs;
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(_contenders: u32, hold_iters: u32, work_iters: u32, context: &mut Context<'_>) {
    let (progress, team) = (&mut context.progress, &context.team);
    while !progress.stopped() {
        progress.spin(u64::from(work_iters));
        if !team.lock_pi(progress) {
            return;
        }
        progress.spin(u64::from(hold_iters));
        team.unlock_pi();
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
    }
}
