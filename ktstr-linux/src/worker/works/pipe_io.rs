//! Two pass a byte back and forth: the first sends it and waits for it to come back, the second waits and
//! sends it back.

use super::Needs;
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs { inboxes: true, ..Needs::NOTHING };

pub(super) fn run(iters: u32, context: &mut Context<'_>) {
    let (progress, team) = (&mut context.progress, &context.team);
    let first = team.index() == 0;
    let partner = usize::from(first);
    let mut rounds: u32 = 0;
    while !progress.stopped() {
        if first && !team.send(progress, partner) {
            return;
        }
        if !team.receive(progress) {
            return;
        }
        if !first && !team.send(progress, partner) {
            return;
        }
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
        rounds = rounds.wrapping_add(1);
        if rounds >= iters {
            rounds = 0;
            progress.burst();
        }
    }
}
