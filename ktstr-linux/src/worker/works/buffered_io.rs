//! Writes a file from its beginning to its end into the page cache, then reads it.

use super::Needs;
use crate::worker::context::Context;
use crate::worker::scratch::{self, BYTES};

pub(super) const NEEDS: Needs = Needs { file: true, ..Needs::NOTHING };

pub(super) fn run(block_kib: u32, context: &mut Context<'_>) {
    let block = (block_kib as usize).max(1) * 1024;
    let (Some(mut pages), Some(file)) = (context.map(block), context.team.file()) else { return };
    let progress = &mut context.progress;
    let blocks = (BYTES / block as u64).max(1);
    let units = (block / scratch::BLOCK).max(1) as u64;
    let mut written = false;
    while !progress.stopped() {
        for index in 0..blocks {
            if progress.stopped() {
                return;
            }
            let at = index * block as u64;
            let bytes = pages.bytes();
            let moved =
                if written { scratch::read(file, bytes, at) } else { scratch::write(file, bytes, at) };
            if moved {
                progress.worked(units);
            } else {
                progress.wait_for_stop(Some(scratch::REST));
            }
            progress.checkpoint();
        }
        written = !written;
        progress.iterated();
    }
}
