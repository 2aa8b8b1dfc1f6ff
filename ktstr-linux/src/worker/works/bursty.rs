//! Spins for one time, sleeps for another.

use super::Needs;
use crate::clock::{duration_ns, now};
use crate::worker::context::Context;
use std::time::Duration;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(burst: Duration, sleep: Duration, context: &mut Context<'_>) {
    let (burst, sleep) = (duration_ns(burst), duration_ns(sleep));
    let progress = &mut context.progress;
    while !progress.stopped() {
        let until = now().saturating_add(burst);
        while now() < until && !progress.stopped() {
            progress.burst();
        }
        progress.iterated();
        progress.sleep(sleep);
    }
}
