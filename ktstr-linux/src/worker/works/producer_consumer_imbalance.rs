//! Some put items into a queue at a rate of their own, others take them out and work on each: a queue that
//! fills, or one that is empty.

use super::Needs;
use crate::clock::now;
use crate::worker::context::{Context, Team};
use crate::worker::progress::Progress;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(
    producers: u32,
    _consumers: u32,
    produce_rate_hz: u32,
    consume_iters: u32,
    queue_depth_target: u32,
    context: &mut Context<'_>,
) {
    let (progress, team) = (&mut context.progress, &context.team);
    if team.index() < producers as usize {
        produce(1_000_000_000 / u64::from(produce_rate_hz.max(1)), queue_depth_target, progress, team);
    } else {
        while team.take(progress) {
            progress.spin(u64::from(consume_iters));
            progress.worked(1);
            progress.iterated();
            progress.checkpoint();
        }
    }
}

/// Puts an item into the queue at each tick; those for which there is no room are dropped.
fn produce(interval: u64, most: u32, progress: &mut Progress<'_>, team: &Team<'_>) {
    let mut tick = now();
    while !progress.stopped() {
        tick = tick.saturating_add(interval);
        // Whoever is behind puts the next ones in at once, one second of them at most.
        tick = tick.max(now().saturating_sub(1_000_000_000));
        if tick > now() {
            progress.sleep(tick.saturating_sub(now()));
        }
        team.put(most);
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
    }
}
