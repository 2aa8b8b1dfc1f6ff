//! Sleeps until each tick of a clock of its own, and measures how late it wakes.

use super::Needs;
use crate::clock::now;
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(interval_us: u32, context: &mut Context<'_>) {
    let interval = u64::from(interval_us).max(1) * 1_000;
    let progress = &mut context.progress;
    let mut tick = now();
    while !progress.stopped() {
        // Ticks that it has slept through are left out.
        let missed = now().saturating_sub(tick) / interval;
        tick = tick.saturating_add(interval.saturating_mul(missed + 1));
        progress.sleep(tick.saturating_sub(now()));
        progress.worked(1);
        progress.iterated();
    }
}
