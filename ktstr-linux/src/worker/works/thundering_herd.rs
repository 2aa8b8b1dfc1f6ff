//! One wakes a whole herd at once, then rests while all lie down again.

use super::Needs;
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(_waiters: u32, batches: u32, inter_batch_ms: u32, context: &mut Context<'_>) {
    let (progress, team) = (&mut context.progress, &context.team);
    if team.index() == 0 {
        for _ in 0..batches {
            progress.sleep(u64::from(inter_batch_ms) * 1_000_000);
            if progress.stopped() || !team.ring(0) {
                return;
            }
            progress.worked(1);
            progress.iterated();
        }
        progress.sleep_to_the_end();
        return;
    }
    let mut seen = 0;
    while let Some(count) = team.listen(progress, 0, seen) {
        seen = count;
        progress.worked(1);
        progress.iterated();
    }
}
