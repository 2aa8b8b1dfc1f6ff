//! One works and wakes all others through one futex, again and again; these sleep on it.

use super::Needs;
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(_fan_out: u32, spin_iters: u32, context: &mut Context<'_>) {
    let (progress, team) = (&mut context.progress, &context.team);
    let mut seen = 0;
    while !progress.stopped() {
        if team.index() == 0 {
            progress.spin(u64::from(spin_iters));
            if !team.ring(0) {
                return;
            }
        } else {
            let Some(count) = team.listen(progress, 0, seen) else { return };
            seen = count;
        }
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
    }
}
