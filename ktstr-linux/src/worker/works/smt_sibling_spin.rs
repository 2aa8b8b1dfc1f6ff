//! Two spin, each on one of two threads of the same core, with the pause that spin loops have.

use super::Needs;
use crate::sys::sched;
use crate::worker::context::Context;
use crate::worker::machine;
use crate::worker::progress::BURST;
use ktstr_core::CpuSet;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(context: &mut Context<'_>) {
    let allowed = context.allowed();
    let siblings = |cpu: usize| machine::siblings(cpu).and(&allowed);
    let pair = allowed.iter().map(siblings).find(|siblings| siblings.len() > 1);
    if let Some(cpu) = pair.and_then(|pair| pair.nth(context.team.index())) {
        // Where it is not allowed any more it spins where it is.
        let _ = sched::set_affinity(0, &CpuSet::of(&[cpu]));
    }
    let progress = &mut context.progress;
    while !progress.stopped() {
        for _ in 0..BURST {
            std::hint::spin_loop();
        }
        progress.worked(BURST);
        progress.iterated();
        progress.checkpoint();
    }
}
