//! Phases that keep the pipeline of a CPU full, and phases that wait for memory.

use super::Needs;
use crate::worker::context::Context;
use crate::worker::progress::{BURST, Progress};
use ktstr_core::Rng;

/// Size of the buffer that the cold phases touch at random: more than the caches next to a CPU hold.
const BYTES: usize = 512 * 1024;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(hot_iters: u32, cold_iters: u32, period_iters: u32, context: &mut Context<'_>) {
    let mut rng = Rng::new(context.seed);
    let Some(mut pages) = context.map(BYTES) else { return };
    let progress = &mut context.progress;
    while !progress.stopped() {
        for _ in 0..period_iters {
            progress.spin(u64::from(hot_iters));
            touch(pages.bytes(), cold_iters, &mut rng, progress);
            progress.checkpoint();
            if progress.stopped() {
                break;
            }
        }
        progress.iterated();
    }
}

/// Changes so many bytes at random, each of which is to be found by the one before.
fn touch(buffer: &mut [u8], count: u32, rng: &mut Rng, progress: &mut Progress<'_>) {
    let mut left = u64::from(count);
    let mut last = 0;
    while left > 0 && !progress.stopped() {
        let part = left.min(BURST);
        for _ in 0..part {
            let at = (rng.next_u64() as usize ^ usize::from(last)) % buffer.len().max(1);
            if let Some(byte) = buffer.get_mut(at) {
                *byte = std::hint::black_box(byte.wrapping_add(1));
                last = *byte;
            }
        }
        progress.worked(part);
        progress.checkpoint();
        left -= part;
    }
}
