//! Spins, one burst an iteration.

use super::Needs;
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(context: &mut Context<'_>) {
    let progress = &mut context.progress;
    while !progress.stopped() {
        progress.burst();
        progress.iterated();
    }
}
