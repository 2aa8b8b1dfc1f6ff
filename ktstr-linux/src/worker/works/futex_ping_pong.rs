//! Two wake each other through a futex. The word counts turns: even ones are the first's, odd ones the
//! second's.

use super::Needs;
use crate::clock::now;
use crate::sys::futex;
use crate::worker::context::{Context, STOP};
use std::sync::atomic::Ordering;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(iters: u32, context: &mut Context<'_>) {
    let (progress, team) = (&mut context.progress, &context.team);
    let first = team.index() == 0;
    let Some(shared) = team.slot(0) else { return };
    let word = &shared.word;
    while !progress.stopped() {
        let turn = word.load(Ordering::Acquire);
        if turn & STOP != 0 {
            return;
        }
        if turn.is_multiple_of(2) != first {
            let frozen = progress.frozen_ns();
            futex::wait(word, turn, None);
            if word.load(Ordering::Acquire) & !STOP != turn {
                progress.woken(&shared.woken_at, frozen);
            }
            continue;
        }
        progress.spin(u64::from(iters));
        shared.woken_at.store(now(), Ordering::Release);
        let next = turn.wrapping_add(1) & !STOP;
        // Fails when the supervisor has said stop.
        let _ = word.compare_exchange(turn, next, Ordering::AcqRel, Ordering::Relaxed);
        futex::wake_all(word);
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
    }
}
