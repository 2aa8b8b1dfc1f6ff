//! Goes from node to node: ties itself to the CPUs of one after the other, for a time each.

use super::Needs;
use crate::clock::now;
use crate::sys::sched;
use crate::worker::context::Context;
use crate::worker::machine;

/// The most nodes that a machine has here.
const NODES: usize = 64;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(period_ms: u32, context: &mut Context<'_>) {
    let allowed = context.allowed();
    let period = u64::from(period_ms) * 1_000_000;
    let progress = &mut context.progress;
    let cpus_of = |node: usize| machine::cpus_of_node(node % NODES).and(&allowed);
    let mut node = 0;
    while !progress.stopped() {
        let next = (node..node + NODES).find(|&node| !cpus_of(node).is_empty());
        if let Some(next) = next {
            // Where a cpuset has been changed it stays where it may be.
            let _ = sched::set_affinity(0, &cpus_of(next));
            node = (next + 1) % NODES;
        }
        let until = now().saturating_add(period);
        while now() < until && !progress.stopped() {
            progress.burst();
        }
        progress.iterated();
    }
}
