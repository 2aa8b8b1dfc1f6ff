//! Reads and writes a buffer with a stride; one pass over it is an iteration.

use super::Needs;
use crate::worker::context::{Context, Team};
use crate::worker::progress::{BURST, Progress};

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(kib: u32, stride: u32, context: &mut Context<'_>) {
    passes(kib, stride, context, |_, _| true);
}

/// Pass after pass over a buffer, each followed by `then`, until that is false or it is time to stop.
pub(super) fn passes(
    kib: u32,
    stride: u32,
    context: &mut Context<'_>,
    mut then: impl FnMut(&mut Progress<'_>, &Team<'_>) -> bool,
) {
    let stride = (stride as usize).max(1);
    let Some(mut pages) = context.map((kib as usize).saturating_mul(1024)) else { return };
    let (progress, team) = (&mut context.progress, &context.team);
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
        if !then(progress, team) {
            return;
        }
    }
}
