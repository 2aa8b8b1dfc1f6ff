//! All work by themselves for a while, then for a while with a lock that only one can have.

use super::Needs;
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(_contenders: u32, hold_iters: u32, work_iters: u32, context: &mut Context<'_>) {
    let (progress, team) = (&mut context.progress, &context.team);
    while !progress.stopped() {
        progress.spin(u64::from(work_iters));
        if !team.lock(progress) {
            return;
        }
        progress.spin(u64::from(hold_iters));
        team.unlock();
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
    }
}
