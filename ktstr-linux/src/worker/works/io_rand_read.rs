//! Reads of one block each at random places of a file, past the page cache where the file system can.

use super::Needs;
use crate::worker::context::Context;
use crate::worker::scratch::{self, BLOCK, BYTES};
use ktstr_core::Rng;

pub(super) const NEEDS: Needs = Needs { file: true, ..Needs::NOTHING };

pub(super) fn run(context: &mut Context<'_>) {
    let mut rng = Rng::new(context.seed);
    let (Some(mut pages), Some(file)) = (context.map(BLOCK), context.team.file()) else { return };
    let progress = &mut context.progress;
    scratch::fill(file, pages.bytes(), progress);
    scratch::go_past_the_cache(file);
    while !progress.stopped() {
        let at = rng.below(BYTES / BLOCK as u64) * BLOCK as u64;
        if scratch::read(file, pages.bytes(), at) {
            progress.worked(1);
        } else {
            progress.wait_for_stop(Some(scratch::REST));
        }
        progress.iterated();
        progress.checkpoint();
    }
}
