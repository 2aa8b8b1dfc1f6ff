//! Has memory: touches each page of it once, then again and again, or leaves it alone.

use super::Needs;
use crate::clock::now;
use crate::worker::context::Context;
use crate::worker::progress::Progress;

/// Pages between two checkpoints.
const BETWEEN: u64 = 256;

/// How long it rests where it leaves its memory alone, in nanoseconds.
const REST: u64 = 10_000_000;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(mib: u32, touch_ms: u32, context: &mut Context<'_>) {
    let bytes = (mib as usize).saturating_mul(1 << 20);
    let page = context.page.max(1);
    let Some(mut pages) = context.map(bytes) else { return };
    let progress = &mut context.progress;
    touch(pages.bytes(), page, progress);
    let period = u64::from(touch_ms) * 1_000_000;
    while !progress.stopped() {
        progress.iterated();
        let from = now();
        if period > 0 {
            touch(pages.bytes(), page, progress);
        }
        let rest = if period > 0 { period } else { REST };
        progress.sleep(rest.saturating_sub(now().saturating_sub(from)));
    }
}

/// Changes a byte of each page, as long as it is not time to stop.
fn touch(bytes: &mut [u8], page: usize, progress: &mut Progress<'_>) {
    let mut touched: u64 = 0;
    for byte in bytes.iter_mut().step_by(page) {
        *byte = std::hint::black_box(byte.wrapping_add(1));
        touched = touched.wrapping_add(1);
        if touched.is_multiple_of(BETWEEN) {
            progress.worked(BETWEEN);
            progress.checkpoint();
            if progress.stopped() {
                return;
            }
        }
    }
    progress.worked(touched % BETWEEN);
}
