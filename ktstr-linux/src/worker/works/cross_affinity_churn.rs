//! Changes the affinity of the others in its cgroup: each round, of all of them, between all CPUs that it may
//! use and all but one.

use super::Needs;
use crate::sys::sched;
use crate::worker::context::Context;
use ktstr_core::CpuSet;

pub(super) const NEEDS: Needs = Needs { neighbours: true, ..Needs::NOTHING };

pub(super) fn run(spin_iters: u32, context: &mut Context<'_>) {
    let allowed = context.allowed();
    let fewer = if allowed.len() > 1 { without_first(&allowed) } else { allowed };
    let team = context.team;
    let progress = &mut context.progress;
    let mut round: usize = 0;
    while !progress.stopped() {
        progress.spin(u64::from(spin_iters));
        round = round.wrapping_add(1);
        let cpus = if round.is_multiple_of(2) { &allowed } else { &fewer };
        team.with_neighbours(|pid| {
            if !progress.stopped() {
                // Whoever has ended is passed over, and so is one whose cpuset has been changed.
                let _ = sched::set_affinity(pid, cpus);
                progress.worked(1);
            }
        });
        progress.iterated();
        progress.checkpoint();
    }
}

fn without_first(cpus: &CpuSet) -> CpuSet {
    let mut fewer = *cpus;
    if let Some(first) = cpus.first() {
        fewer.remove(first);
    }
    fewer
}
