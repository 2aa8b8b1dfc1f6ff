//! Two pass a byte back and forth, and each works on a buffer of its own before it sends.

use super::Needs;
use crate::worker::context::Context;
use crate::worker::progress::BURST;

/// Bytes between two that are touched: a line of every cache that there is.
const LINE: usize = 64;

pub(super) const NEEDS: Needs = Needs { inboxes: true, ..Needs::NOTHING };

pub(super) fn run(kib: u32, burst_iters: u32, context: &mut Context<'_>) {
    let bytes = (kib as usize).saturating_mul(1024);
    let Some(mut pages) = context.map(bytes) else { return };
    let (progress, team) = (&mut context.progress, &context.team);
    let first = team.index() == 0;
    let partner = usize::from(first);
    let mut at = 0;
    while !progress.stopped() {
        if !first && !team.receive(progress) {
            return;
        }
        let buffer = pages.bytes();
        for done in 1..=u64::from(burst_iters) {
            if let Some(byte) = buffer.get_mut(at) {
                *byte = std::hint::black_box(byte.wrapping_add(1));
            }
            at = if at + LINE < bytes { at + LINE } else { 0 };
            if done.is_multiple_of(BURST) {
                progress.worked(BURST);
                progress.checkpoint();
                if progress.stopped() {
                    return;
                }
            }
        }
        progress.worked(u64::from(burst_iters) % BURST + 1);
        if !team.send(progress, partner) || first && !team.receive(progress) {
            return;
        }
        progress.iterated();
        progress.checkpoint();
    }
}
