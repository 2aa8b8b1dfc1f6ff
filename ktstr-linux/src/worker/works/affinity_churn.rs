//! Ties itself to one CPU after the other, drawn from those that it may use.

use super::Needs;
use crate::sys::sched;
use crate::worker::context::Context;
use ktstr_core::{CpuSet, MAX_CPUS, Rng};

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(spin_iters: u32, context: &mut Context<'_>) {
    let mut rng = Rng::new(context.seed);
    let mut allowed = context.allowed();
    let progress = &mut context.progress;
    while !progress.stopped() {
        progress.spin(u64::from(spin_iters));
        let cpu = allowed.nth(rng.below(allowed.len() as u64) as usize);
        let tied = cpu.is_some_and(|cpu| sched::set_affinity(0, &CpuSet::of(&[cpu])).is_ok());
        if !tied {
            // Its cpuset has been changed: what it may use now is what is left of all.
            let _ = sched::set_affinity(0, &CpuSet::range(0, MAX_CPUS));
            allowed = sched::affinity(0).unwrap_or(allowed);
        }
        progress.worked(1);
        progress.iterated();
        progress.checkpoint();
    }
}
