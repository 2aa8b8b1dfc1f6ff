//! One wakes all others, who think for a moment, multiply matrices, and say that they have done; then it
//! wakes them again.

use super::Needs;
use crate::worker::context::{Context, STOP};
use crate::worker::progress::{BURST, Progress};

/// Bytes of a number in a matrix.
const NUMBER: usize = 8;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(
    _fan_out: u32,
    cache_footprint_kib: u32,
    operations: u32,
    sleep_usec: u32,
    context: &mut Context<'_>,
) {
    if context.team.index() == 0 {
        wake(context);
        return;
    }
    let bytes = (cache_footprint_kib as usize).saturating_mul(1024);
    let Some(mut pages) = context.map(bytes) else { return };
    let (progress, team) = (&mut context.progress, &context.team);
    let mut seen = 0;
    while let Some(count) = team.listen(progress, 0, seen) {
        seen = count;
        if sleep_usec > 0 {
            progress.sleep(u64::from(sleep_usec) * 1_000);
        }
        for _ in 0..operations {
            if progress.stopped() {
                return;
            }
            multiply(pages.bytes(), progress);
        }
        progress.iterated();
        progress.checkpoint();
        if !team.ring(team.index()) {
            return;
        }
    }
}

/// The first member's loop: all are woken, and all are waited for.
fn wake(context: &mut Context<'_>) {
    let (progress, team) = (&mut context.progress, &context.team);
    let mut round: u32 = 0;
    while team.ring(0) {
        progress.worked(1);
        progress.iterated();
        for member in 1..team.size() {
            if team.listen(progress, member, round).is_none() {
                return;
            }
        }
        round = round.wrapping_add(1) & !STOP;
        progress.checkpoint();
    }
}

/// Multiplies two square matrices into a third, of which the three fill this buffer. A unit of work is a
/// multiplication of two numbers.
fn multiply(buffer: &mut [u8], progress: &mut Progress<'_>) {
    let side = (buffer.len() / NUMBER / 3).isqrt().max(1);
    let area = side * side * NUMBER;
    if buffer.len() < 3 * area {
        return;
    }
    let (factors, product) = buffer.split_at_mut(2 * area);
    let (left, right) = factors.split_at(area);
    let number = |matrix: &[u8], at: usize| {
        let bytes = matrix.get(at * NUMBER..).and_then(|rest| rest.first_chunk::<NUMBER>());
        u64::from_ne_bytes(bytes.copied().unwrap_or_default())
    };
    let mut since = 0;
    for row in 0..side {
        for column in 0..side {
            let sum = (0..side).fold(1u64, |sum, at| {
                let product = number(left, row * side + at).wrapping_mul(number(right, at * side + column));
                sum.wrapping_add(product)
            });
            if let Some(place) =
                product.get_mut((row * side + column) * NUMBER..).and_then(|rest| rest.first_chunk_mut())
            {
                *place = std::hint::black_box(sum).to_ne_bytes();
            }
            since += side as u64;
            if since >= BURST {
                progress.worked(since);
                since = 0;
                progress.checkpoint();
                if progress.stopped() {
                    return;
                }
            }
        }
    }
    progress.worked(since);
}
