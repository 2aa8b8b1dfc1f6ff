//! Starts a thread that spins for a while and ends, and waits for it.

use super::Needs;
use crate::sys::thread;
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(spin_iters: u32, context: &mut Context<'_>) {
    let Some(mut stack) = context.map(thread::STACK) else { return };
    while !context.progress.stopped() {
        if thread::spin(u64::from(spin_iters), context.progress.go(), stack.bytes()) {
            context.progress.worked(u64::from(spin_iters) + 1);
            context.progress.iterated();
        } else {
            context.rest();
        }
        context.progress.checkpoint();
    }
}
