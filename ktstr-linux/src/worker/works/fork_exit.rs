//! Forks a child that exits at once, and waits for it.

use super::Needs;
use crate::sys::{clone, exec, reap};
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs { children: true, ..Needs::NOTHING };

pub(super) fn run(context: &mut Context<'_>) {
    while !context.progress.stopped() {
        // SAFETY: the child does nothing but exit.
        match unsafe { clone::fork(clone::Place::Here, &mut || exec::exit_now(0)) } {
            Ok(child) => {
                reap::wait_for(&child);
                context.progress.worked(1);
                context.progress.iterated();
            }
            Err(_) => context.rest(),
        }
        context.progress.checkpoint();
    }
}
