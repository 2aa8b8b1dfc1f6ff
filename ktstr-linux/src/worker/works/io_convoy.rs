//! Writes in order and reads at random in turn, and a flush now and then for which both wait.

use super::Needs;
use crate::worker::context::Context;
use crate::worker::scratch::{self, BLOCK, BYTES};
use ktstr_core::Rng;

/// Pairs of a write and a read between two flushes.
const BETWEEN: u32 = 16;

pub(super) const NEEDS: Needs = Needs { file: true, ..Needs::NOTHING };

pub(super) fn run(context: &mut Context<'_>) {
    let mut rng = Rng::new(context.seed);
    let (Some(mut pages), Some(file)) = (context.map(BLOCK), context.team.file()) else { return };
    let progress = &mut context.progress;
    scratch::fill(file, pages.bytes(), progress);
    scratch::go_past_the_cache(file);
    let (mut at, mut pairs) = (0, 0u32);
    while !progress.stopped() {
        let written = scratch::write(file, pages.bytes(), at);
        let random = rng.below(BYTES / BLOCK as u64) * BLOCK as u64;
        if written && scratch::read(file, pages.bytes(), random) {
            progress.worked(2);
        } else {
            progress.wait_for_stop(Some(scratch::REST));
        }
        at = (at + BLOCK as u64) % BYTES;
        pairs = pairs.wrapping_add(1);
        if pairs.is_multiple_of(BETWEEN) {
            // Whether it fails shows in the next write.
            let _ = rustix::fs::fdatasync(file);
        }
        progress.iterated();
        progress.checkpoint();
    }
}
