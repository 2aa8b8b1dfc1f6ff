//! Sleeps in the state D: as the parent of a child that has its memory on loan, as after `vfork`, until that
//! ends.

use super::Needs;
use crate::clock::now;
use crate::sys::{clone, exec, futex, reap, sched};
use crate::worker::context::Context;
use crate::worker::shared::go;
use std::sync::atomic::Ordering;

pub(super) const NEEDS: Needs = Needs { children: true, ..Needs::NOTHING };

pub(super) fn run(sleep_ms: u32, context: &mut Context<'_>) {
    let own = rustix::process::getpid();
    let (progress, team) = (&mut context.progress, &context.team);
    let Some(slot) = team.slot(team.index()) else { return };
    while !progress.stopped() {
        let (from, frozen) = (now(), progress.frozen_ns());
        let until = from.saturating_add(u64::from(sleep_ms) * 1_000_000);
        let go = progress.go();
        let mut child = || {
            if sched::die_with(own) {
                while go.load(Ordering::Acquire) == go::RUN && now() < until {
                    futex::wait(go, go::RUN, Some(until));
                }
            }
            slot.woken_at.store(now(), Ordering::Release);
            exec::exit_now(0)
        };
        // SAFETY: the child makes system calls and works on the shared region only.
        match unsafe { clone::fork_and_await(&mut child) } {
            Ok(child) => {
                progress.woken_after(from, &slot.woken_at, frozen);
                reap::wait_for(&child);
                progress.worked(1);
                progress.iterated();
            }
            Err(_) => progress.wait_for_stop(Some(1_000_000)),
        }
        progress.checkpoint();
    }
}
