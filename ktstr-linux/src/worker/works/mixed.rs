//! A burst of spinning, then `sched_yield`.

use super::Needs;
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(context: &mut Context<'_>) {
    let progress = &mut context.progress;
    while !progress.stopped() {
        progress.burst();
        rustix::thread::sched_yield();
        progress.iterated();
    }
}
