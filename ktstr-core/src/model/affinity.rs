//! Which CPUs a worker asks for (`sched_setaffinity`), said as an intent and resolved against topology and
//! cpuset.

use crate::base::rng::Rng;
use crate::model::cpuset::{CpuSet, MAX_CPUS};
use crate::model::topology::Topology;
use serde::{Deserialize, Serialize};

/// What a worker's affinity is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum AffinityIntent {
    /// Whatever the cgroup gives.
    #[default]
    Inherit,
    /// `count` CPUs out of `from`, drawn for each worker by the seed; a `count` above the pool takes all of
    /// it.
    RandomSubset {
        /// The pool; empty means the CPUs of the cgroup.
        from: CpuSet,
        /// How many, at least 1.
        count: u32,
    },
    /// The LLC that shares most CPUs with the cpuset, and only those in the cpuset.
    LlcAligned,
    /// All CPUs of the machine, which the kernel then limits to the cpuset.
    CrossCgroup,
    /// The lowest CPU of the cgroup.
    SingleCpu,
    /// These CPUs, as far as they are in the cpuset; at least one has to be.
    Exact(CpuSet),
    /// The first two CPUs of one core in the cpuset.
    SmtSiblingPair,
}

/// An intent resolved for one group of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AffinityPlan {
    /// No call.
    Inherit,
    /// This set for each worker.
    Set(CpuSet),
    /// `count` CPUs out of `pool`, drawn for each worker from `seed`.
    Draw {
        /// The pool, not empty.
        pool: CpuSet,
        /// How many, from 1 to the size of the pool.
        count: u32,
        /// What the draw of worker `n` starts from, together with `n`.
        seed: u64,
    },
}

impl AffinityIntent {
    /// `RandomSubset`.
    pub const fn random_subset(from: CpuSet, count: u32) -> Self {
        Self::RandomSubset { from, count }
    }

    /// `Exact`.
    pub const fn exact(cpus: CpuSet) -> Self {
        Self::Exact(cpus)
    }

    /// The plan for workers whose cgroup may use `allowed`; `None` when no CPU is left, or no core has two
    /// CPUs there.
    pub const fn plan(&self, topology: &Topology, allowed: &CpuSet, seed: u64) -> Option<AffinityPlan> {
        let set = match *self {
            Self::Inherit => return Some(AffinityPlan::Inherit),
            Self::RandomSubset { from, count } => {
                let pool = if from.is_empty() { *allowed } else { from.and(allowed) };
                if count == 0 || pool.is_empty() {
                    return None;
                }
                let most = pool.len() as u32;
                let count = if count > most { most } else { count };
                return Some(AffinityPlan::Draw { pool, count, seed });
            }
            Self::LlcAligned => best_llc(topology, allowed),
            Self::CrossCgroup => *topology.cpus(),
            Self::SingleCpu => match allowed.first() {
                Some(cpu) => CpuSet::EMPTY.with(cpu),
                None => CpuSet::EMPTY,
            },
            Self::Exact(cpus) => cpus.and(allowed),
            Self::SmtSiblingPair => sibling_pair(topology, allowed),
        };
        if set.is_empty() { None } else { Some(AffinityPlan::Set(set)) }
    }
}

impl AffinityPlan {
    /// The set to give a worker that may have asked for another before: all CPUs where it asks for nothing
    /// any more, as nothing else takes an affinity back (sched_setaffinity(2)).
    pub const fn anew_for_worker(&self, worker: u32) -> CpuSet {
        match self.for_worker(worker) {
            Some(cpus) => cpus,
            None => CpuSet::range(0, MAX_CPUS),
        }
    }

    /// The set for a new worker with this number in its group; `None` for no call.
    pub const fn for_worker(&self, worker: u32) -> Option<CpuSet> {
        match *self {
            Self::Inherit => None,
            Self::Set(cpus) => Some(cpus),
            Self::Draw { pool, count, seed } => {
                let mut rng = Rng::new(seed ^ ((worker as u64 + 1) << 32));
                let mut left = pool;
                let mut drawn = CpuSet::EMPTY;
                let mut i = 0;
                while i < count {
                    if let Some(cpu) = left.nth(rng.below(left.len() as u64) as usize) {
                        left.remove(cpu);
                        drawn.insert(cpu);
                    }
                    i += 1;
                }
                Some(drawn)
            }
        }
    }
}

const fn best_llc(topology: &Topology, allowed: &CpuSet) -> CpuSet {
    let mut best = CpuSet::EMPTY;
    let mut llc = 0;
    while llc < topology.llc_count() {
        let shared = topology.llc_cpus(llc).and(allowed);
        if shared.len() > best.len() {
            best = shared;
        }
        llc += 1;
    }
    best
}

const fn sibling_pair(topology: &Topology, allowed: &CpuSet) -> CpuSet {
    let mut at = allowed.first();
    while let Some(cpu) = at {
        let siblings = topology.siblings(cpu).and(allowed);
        if let (Some(first), Some(second)) = (siblings.nth(0), siblings.nth(1)) {
            return CpuSet::EMPTY.with(first).with(second);
        }
        at = allowed.next_from(cpu + 1);
    }
    CpuSet::EMPTY
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMT: Topology = Topology::uniform(2, 1, 2, 2);

    #[test]
    fn intents_stay_in_the_cpuset() {
        let allowed = CpuSet::of(&[1, 2, 3, 4]);
        for (intent, plan) in [
            (AffinityIntent::Inherit, Some(AffinityPlan::Inherit)),
            (AffinityIntent::LlcAligned, Some(AffinityPlan::Set(CpuSet::range(1, 4)))),
            (AffinityIntent::SingleCpu, Some(AffinityPlan::Set(CpuSet::of(&[1])))),
            (AffinityIntent::SmtSiblingPair, Some(AffinityPlan::Set(CpuSet::of(&[2, 3])))),
            (AffinityIntent::exact(CpuSet::of(&[4, 5])), Some(AffinityPlan::Set(CpuSet::of(&[4])))),
            (AffinityIntent::exact(CpuSet::of(&[5])), None),
            (AffinityIntent::CrossCgroup, Some(AffinityPlan::Set(CpuSet::range(0, 8)))),
            (AffinityIntent::random_subset(CpuSet::EMPTY, 0), None),
        ] {
            assert_eq!(intent.plan(&SMT, &allowed, 1), plan, "{intent:?}");
        }
    }

    #[test]
    fn a_draw_depends_on_seed_and_worker_only() {
        let allowed = CpuSet::range(0, 8);
        let plan = AffinityIntent::random_subset(CpuSet::EMPTY, 3).plan(&SMT, &allowed, 9).expect("a pool");
        let sets: [CpuSet; 8] = core::array::from_fn(|n| plan.for_worker(n as u32).expect("a draw"));
        assert!(sets.iter().all(|set| set.len() == 3 && set.is_subset(&allowed)));
        assert!(sets.iter().any(|set| *set != sets[0]));
        assert_eq!(plan.for_worker(0), Some(sets[0]));
    }
}
