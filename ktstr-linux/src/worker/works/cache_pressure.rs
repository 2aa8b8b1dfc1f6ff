//! Reads and writes a buffer with a stride; one pass over it is an iteration.

use super::Needs;
use crate::worker::context::Context;
use crate::worker::progress::BURST;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(kib: u32, stride: u32, context: &mut Context<'_>) {
    let stride = (stride as usize).max(1);
    let Some(mut pages) = context.map((kib as usize).saturating_mul(1024)) else { return };
    let progress = &mut context.progress;
    while !progress.stopped() {
        let mut touched: u64 = 0;
        for byte in pages.bytes().iter_mut().step_by(stride) {
            *byte = std::hint::black_box(byte.wrapping_add(1));
            touched = touched.wrapping_add(1);
            if touched.is_multiple_of(BURST) {
                progress.worked(BURST);
                progress.checkpoint();
                if progress.stopped() {
                    return;
                }
            }
        }
        progress.worked(touched % BURST);
        progress.iterated();
        progress.checkpoint();
    }
}
