//! Up to four phases, one after the other, again and again.

use super::Needs;
use crate::clock::now;
use crate::sys::alu::{Chain, Lanes};
use crate::worker::context::Context;
use crate::worker::progress::{BURST, Progress};
use crate::worker::scratch::{self, BLOCK, BYTES};
use ktstr_core::WorkPhase;
use std::os::fd::BorrowedFd;

pub(super) const NEEDS: Needs = Needs { file: true, ..Needs::NOTHING };

#[allow(clippy::too_many_arguments, reason = "one each")]
pub(super) fn run(
    first: WorkPhase,
    first_us: u32,
    second: WorkPhase,
    second_us: u32,
    third: WorkPhase,
    third_us: u32,
    fourth: WorkPhase,
    fourth_us: u32,
    context: &mut Context<'_>,
) {
    let phases = [(first, first_us), (second, second_us), (third, third_us), (fourth, fourth_us)];
    let (Some(mut pages), Some(file)) = (context.map(BLOCK), context.team.file()) else { return };
    let mut chain = Chain::new(Lanes::Sixteen, context.seed);
    let progress = &mut context.progress;
    while !progress.stopped() {
        for (phase, us) in phases {
            let ns = u64::from(us) * 1_000;
            match phase {
                WorkPhase::Nothing => {}
                WorkPhase::Sleep => progress.sleep(ns),
                WorkPhase::Spin => repeat(ns, progress, |progress| progress.burst()),
                WorkPhase::Yield => repeat(ns, progress, |progress| {
                    rustix::thread::sched_yield();
                    progress.worked(1);
                    progress.checkpoint();
                }),
                WorkPhase::AluHot => repeat(ns, progress, |progress| {
                    chain.multiply(BURST);
                    progress.worked(BURST);
                    progress.checkpoint();
                }),
                WorkPhase::Io => write_for(ns, file, pages.bytes(), progress),
            }
        }
        progress.iterated();
    }
}

/// Does something again and again for so long.
fn repeat(ns: u64, progress: &mut Progress<'_>, mut once: impl FnMut(&mut Progress<'_>)) {
    let until = now().saturating_add(ns);
    while now() < until && !progress.stopped() {
        once(progress);
    }
}

/// Writes for so long, each block onto the device before the next one.
fn write_for(ns: u64, file: BorrowedFd<'_>, block: &mut [u8], progress: &mut Progress<'_>) {
    let mut at = 0;
    repeat(ns, progress, |progress| {
        if scratch::write_through(file, block, at) {
            progress.worked(1);
        } else {
            progress.wait_for_stop(Some(scratch::REST));
        }
        at = (at + BLOCK as u64) % BYTES;
        progress.checkpoint();
    });
}
