//! A ring of workers: each waits for the one before, works for a while, and wakes the next.

use super::Needs;
use crate::clock::{duration_ns, now};
use crate::worker::context::{Context, STOP, Team};
use crate::worker::progress::Progress;
use ktstr_core::WakeMechanism;
use std::time::Duration;

pub(super) const NEEDS: Needs = Needs { inboxes: true, ..Needs::NOTHING };

pub(super) fn run(_depth: u32, wake: WakeMechanism, work_per_hop: Duration, context: &mut Context<'_>) {
    let (progress, team) = (&mut context.progress, &context.team);
    let (own, size) = (team.index(), team.size().max(1));
    let work = duration_ns(work_per_hop);
    let mut has_turn = own == 0;
    let mut seen = 0;
    while !progress.stopped() {
        if !has_turn && !await_turn(wake, own, &mut seen, progress, team) {
            return;
        }
        has_turn = false;
        let until = now().saturating_add(work);
        while now() < until && !progress.stopped() {
            progress.burst();
        }
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
        let passed = match wake {
            WakeMechanism::Pipe => team.send(progress, (own + 1) % size),
            WakeMechanism::Futex => team.ring(0),
        };
        if !passed {
            return;
        }
    }
}

/// Waits for its turn; false when it is time to stop. Through the futex all are woken, and go by its number.
fn await_turn(
    wake: WakeMechanism,
    own: usize,
    seen: &mut u32,
    progress: &mut Progress<'_>,
    team: &Team<'_>,
) -> bool {
    match wake {
        WakeMechanism::Pipe => team.receive(progress),
        WakeMechanism::Futex => loop {
            // Its turn may have come while it looked elsewhere.
            let turn = team.count(0);
            if turn & STOP != 0 {
                return false;
            }
            if turn != *seen && turn as usize % team.size().max(1) == own {
                *seen = turn;
                return true;
            }
            if team.listen(progress, 0, turn).is_none() {
                return false;
            }
        },
    }
}
