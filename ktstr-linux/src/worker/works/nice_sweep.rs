//! Gives itself one nice value after the other, from the least it may have up to 19, a burst of spinning
//! each.

use super::Needs;
use crate::sys::sched;
use crate::worker::context::Context;

/// The nice values.
const LEAST: i32 = -20;
const MOST: i32 = 19;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(context: &mut Context<'_>) {
    let progress = &mut context.progress;
    let mut nice = LEAST;
    while !progress.stopped() {
        // Without the right to it a value cannot be lowered: then it stays what it is.
        let _ = sched::set_nice(nice);
        nice = if nice < MOST { nice + 1 } else { LEAST };
        progress.burst();
        progress.iterated();
    }
}
