//! Maps memory, touches each page, unmaps it.

use super::Needs;
use crate::worker::context::Context;

/// Pages between two checkpoints.
const BETWEEN: u64 = 256;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(kib: u32, context: &mut Context<'_>) {
    let (bytes, page) = ((kib as usize).saturating_mul(1024), context.page.max(1));
    while !context.progress.stopped() {
        let Some(mut pages) = context.map(bytes) else { return };
        let progress = &mut context.progress;
        let mut touched: u64 = 0;
        for byte in pages.bytes().iter_mut().step_by(page) {
            *byte = 1;
            touched = touched.wrapping_add(1);
            if touched.is_multiple_of(BETWEEN) {
                progress.worked(BETWEEN);
                progress.checkpoint();
                if progress.stopped() {
                    return; // in the middle of an iteration
                }
            }
        }
        drop(pages);
        progress.worked(touched % BETWEEN);
        progress.iterated();
        progress.checkpoint();
    }
}
