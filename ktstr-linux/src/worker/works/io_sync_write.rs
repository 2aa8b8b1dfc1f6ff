//! Small writes to a file, each of which is on the device before the next one, and a flush behind each round.

use super::Needs;
use crate::worker::context::Context;
use crate::worker::scratch::{self, BLOCK, BYTES};

/// Writes in a round.
const WRITES: u64 = 16;

pub(super) const NEEDS: Needs = Needs { file: true, ..Needs::NOTHING };

pub(super) fn run(context: &mut Context<'_>) {
    let (Some(mut pages), Some(file)) = (context.map(BLOCK), context.team.file()) else { return };
    let progress = &mut context.progress;
    let mut at = 0;
    while !progress.stopped() {
        for _ in 0..WRITES {
            if progress.stopped() {
                break;
            }
            if scratch::write_through(file, pages.bytes(), at) {
                progress.worked(1);
            } else {
                progress.wait_for_stop(Some(scratch::REST));
            }
            at = (at + BLOCK as u64) % BYTES;
            progress.checkpoint();
        }
        // Whether it fails shows in the next write.
        let _ = rustix::fs::fdatasync(file);
        progress.iterated();
        progress.checkpoint();
    }
}
