//! Touches its memory all the time, and has it moved to the next node now and then.

use super::Needs;
use crate::clock::now;
use crate::worker::context::Context;

/// The most nodes that a machine has here.
const NODES: u32 = 64;

/// Pages between two checkpoints.
const BETWEEN: u64 = 256;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(region_kib: u32, sweep_period_ms: u32, context: &mut Context<'_>) {
    let (bytes, page) = ((region_kib as usize).saturating_mul(1024), context.page.max(1));
    let period = u64::from(sweep_period_ms) * 1_000_000;
    let Some(mut pages) = context.map(bytes) else { return };
    let progress = &mut context.progress;
    // Each begins with another node.
    let mut node = (context.seed % u64::from(NODES)) as u32;
    let mut sweep_at = now();
    while !progress.stopped() {
        if now() >= sweep_at {
            // Nodes that are not there, or not allowed, are passed over.
            let next = (node..node + NODES).map(|node| node % NODES).find(|&node| pages.bind(node));
            node = next.map_or(node, |next| (next + 1) % NODES);
            sweep_at = now().saturating_add(period);
        }
        let mut touched: u64 = 0;
        for byte in pages.bytes().iter_mut().step_by(page) {
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
        progress.iterated();
        progress.checkpoint();
    }
}
