//! Fair shares: each task gets CPU time by its weight, until it has what it can use, until the CPUs it may
//! run on are used up, or until a quota above it is.
//!
//! Shares rise together, in proportion to the weights, and stop one after the other as bounds are met. CPU
//! sets that overlap in part are bounded one by one and as their union, which is exact for disjoint and
//! nested sets.

use crate::kernel::{CgroupId, MockKernel};
use ktstr_core::CpuSet;

/// Past this many kinds of tasks, shares are worked out in one pass, each CPU set by itself.
const EXACT: usize = 128;

/// Who goes first. A class leaves to the next what it cannot use, real-time tasks also what the fair server
/// is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// `SCHED_DEADLINE`: each gets its runtime in each period, no more.
    Deadline,
    /// `SCHED_FIFO`: the highest priority first, of equal ones that which came first.
    Fifo,
    /// `SCHED_RR`: the highest priority first, equal ones in turn.
    RoundRobin,
    /// All others, by weight.
    Fair,
}

impl Class {
    pub(crate) const fn is_realtime(self) -> bool {
        matches!(self, Self::Fifo | Self::RoundRobin)
    }
}

/// By how much more a class or a priority weighs than the one after it, so that it goes first.
const RANK: f64 = 1e12;
/// The most ranks of real-time tasks that are kept apart.
const RANKS: i32 = 16;
/// Less than this is nothing: the weight of tasks that never get their turn.
const LEAST: f64 = 1e-9;

/// What the fair server of each CPU leaves to fair tasks, in CPUs: `runtime` over `period` in
/// `/sys/kernel/debug/sched/fair_server`, 50 ms in 1 s, since Linux 6.12.
pub(super) const FAIR_SERVER: f64 = 0.05;
/// How long fair tasks wait at the longest until it lets them run, in nanoseconds: it is put off as long as
/// it can be.
pub(super) const FAIR_SERVER_STALL_NS: f64 = 950e6;

/// Tasks that are alike in everything that matters here.
#[derive(Debug, Clone)]
pub(crate) struct Kind {
    pub(crate) cgroup: CgroupId,
    pub(crate) cpus: CpuSet,
    /// How many.
    pub(crate) count: f64,
    /// The weight of one within its cgroup.
    pub(crate) weight: f64,
    pub(crate) class: Class,
    /// The most that one can use.
    pub(crate) cap: f64,
    /// What one gets, in CPUs. A result.
    pub(crate) rate: f64,
    /// How long one has to wait for its next period, once it has used up its runtime; 0 where it does not.
    throttled_ns: f64,
    /// How long one waits at the longest while a quota above it is used up, or while real-time tasks have its
    /// CPUs, in nanoseconds. A result.
    pub(crate) stall_ns: f64,
    /// Whether it runs by the fair server alone: not before it has waited for that long. A result.
    pub(crate) is_served: bool,
    /// Of a real-time kind what one gets while the fair server waits, and while it runs. A result; nothing
    /// where there is nobody to serve.
    pub(crate) beside_server: Option<[f64; 2]>,
    share: f64,
    /// The most that one gets: what it can use, less what the fair server takes.
    most: f64,
    done: bool,
}

impl Kind {
    pub(crate) fn new(
        cgroup: CgroupId,
        cpus: CpuSet,
        count: f64,
        (weight, class): (f64, Class),
        cap: f64,
    ) -> Self {
        Self {
            cgroup,
            cpus,
            count,
            weight,
            class,
            cap,
            rate: 0.0,
            throttled_ns: 0.0,
            stall_ns: 0.0,
            is_served: false,
            beside_server: None,
            share: 0.0,
            most: cap,
            done: false,
        }
    }
}

/// No more than `most` CPUs for these kinds together.
#[derive(Debug)]
struct Bound {
    most: f64,
    over: Over,
}

#[derive(Debug)]
enum Over {
    /// Kinds that may run on no other CPUs than these.
    Cpus(CpuSet),
    /// Real-time kinds that may run on no other CPUs than these.
    Realtime(CpuSet),
    /// Fair kinds in or below this cgroup.
    Below(CgroupId),
}

/// Buffers that are kept from one computation to the next.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    pub(crate) kinds: Vec<Kind>,
    bounds: Vec<Bound>,
    sums: Vec<f64>,
    touched: Vec<CgroupId>,
}

impl Shares {
    /// Works out `rate` of every kind.
    pub(crate) fn solve(&mut self, kernel: &MockKernel) {
        self.weigh(kernel);
        self.find_bounds(kernel);
        if self.kinds.len() > EXACT {
            self.solve_roughly();
        } else {
            while self.raise(kernel) {}
            self.find_stalls(kernel);
            self.find_servers();
        }
    }

    /// Turns weights within cgroups into shares of the machine.
    fn weigh(&mut self, kernel: &MockKernel) {
        self.sums.resize(kernel.cgroups.len().max(self.sums.len()), 0.0);
        self.touched.clear();
        for kind in self.kinds.iter().filter(|kind| kind.class == Class::Fair) {
            let (mut at, mut weight) = (kernel.cpu_home(kind.cgroup), kind.weight * kind.count);
            loop {
                let sum = &mut self.sums[at.index()];
                let fresh = *sum == 0.0;
                *sum += weight;
                if !fresh {
                    break;
                }
                self.touched.push(at);
                let Some(parent) = kernel.cg(at).parent else { break };
                weight = kernel.cpu_weight(at) * 10.24;
                at = kernel.cpu_home(parent);
            }
        }
        for place in 0..self.kinds.len() {
            let kind = &self.kinds[place];
            let share = match kind.class {
                Class::Deadline => RANK.powi(RANKS + 2),
                Class::Fifo | Class::RoundRobin => RANK.powi(1 + self.rank(place)),
                Class::Fair => self.fair_share(kind, kernel).max(1e-12),
            };
            let kind = &mut self.kinds[place];
            kind.share = share;
            (kind.stall_ns, kind.rate, kind.beside_server) = (kind.throttled_ns, 0.0, None);
            (kind.is_served, kind.most) = (false, kind.cap);
            kind.done = kind.cpus.is_empty();
        }
        for id in self.touched.drain(..) {
            self.sums[id.index()] = 0.0;
        }
    }

    /// The share of the machine of one task, from the weights at all levels.
    fn fair_share(&self, kind: &Kind, kernel: &MockKernel) -> f64 {
        let (mut at, mut share) = (kernel.cpu_home(kind.cgroup), kind.weight);
        loop {
            share /= self.sums[at.index()];
            let Some(parent) = kernel.cg(at).parent else { return share };
            share *= kernel.cpu_weight(at) * 10.24;
            at = kernel.cpu_home(parent);
        }
    }

    /// How many real-time kinds come after this one: those of lower priority, and of equal priority those
    /// that came later, unless they take turns.
    fn rank(&self, place: usize) -> i32 {
        let kind = &self.kinds[place];
        let behind = |(at, other): &(usize, &Kind)| {
            let takes_turns = kind.class == Class::RoundRobin && other.class == Class::RoundRobin;
            let is_later = *at > place && !takes_turns;
            other.class.is_realtime()
                && (other.weight < kind.weight || other.weight == kind.weight && is_later)
        };
        RANKS.min(self.kinds.iter().enumerate().filter(behind).count() as i32)
    }

    fn find_bounds(&mut self, kernel: &MockKernel) {
        self.bounds.clear();
        for place in 0..self.kinds.len() {
            let kind = &self.kinds[place];
            if kind.class.is_realtime() {
                let served = FAIR_SERVER * self.squeezed(&kind.cpus) / kind.cpus.len().max(1) as f64;
                self.kinds[place].most = kind.cap.min(1.0 - served);
            }
        }
        for kind in &self.kinds {
            self.bounds.push(Bound { most: kind.cpus.len() as f64, over: Over::Cpus(kind.cpus) });
            if kind.class.is_realtime() {
                let most = kind.cpus.len() as f64 - FAIR_SERVER * self.squeezed(&kind.cpus);
                self.bounds.push(Bound { most, over: Over::Realtime(kind.cpus) });
            }
            let mut at = Some(kind.cgroup).filter(|_| kind.class == Class::Fair);
            while let Some(id) = at {
                if let Some(most) = kernel.cpu_quota(id) {
                    self.bounds.push(Bound { most, over: Over::Below(id) });
                }
                at = kernel.cg(id).parent;
            }
            if self.kinds.len() > EXACT {
                continue;
            }
            let mut union = kind.cpus;
            while let Some(more) = self
                .kinds
                .iter()
                .find(|other| !other.cpus.and(&union).is_empty() && !other.cpus.is_subset(&union))
            {
                union = union.or(&more.cpus);
            }
            if union != kind.cpus {
                self.bounds.push(Bound { most: union.len() as f64, over: Over::Cpus(union) });
            }
        }
        let mut kept: usize = 0;
        for place in 0..self.bounds.len() {
            let twice = self.bounds[..kept].iter().any(|bound| bound.over.is(&self.bounds[place].over));
            if !twice {
                self.bounds.swap(kept, place);
                kept += 1;
            }
        }
        self.bounds.truncate(kept);
    }

    /// How many of these CPUs fair tasks ask for that can run nowhere else.
    fn squeezed(&self, cpus: &CpuSet) -> f64 {
        let fair = self.kinds.iter().filter(|kind| kind.class == Class::Fair && kind.cpus.is_subset(cpus));
        let (asked, on) = fair.fold((0.0, CpuSet::EMPTY), |(asked, on), kind| {
            (asked + kind.cap * kind.count, on.or(&kind.cpus))
        });
        f64::min(asked.ceil(), on.len() as f64)
    }

    /// How long each kind waits at the longest for a quota to be filled up again, or for the fair server.
    fn find_stalls(&mut self, kernel: &MockKernel) {
        for place in 0..self.kinds.len() {
            let kind = &self.kinds[place];
            if kind.class != Class::Fair || kind.rate >= kind.cap * (1.0 - 1e-9) {
                continue;
            }
            let quotas = self.bounds.iter().filter(|bound| bound.over.covers(kind, kernel));
            let mut stall = quotas.map(|bound| self.quota_stall(bound, kernel)).fold(0.0, f64::max);
            let served = |other: &Kind| other.class.is_realtime() && kind.cpus.is_subset(&other.cpus);
            let taken: f64 =
                self.kinds.iter().filter(|other| served(other)).map(|other| other.rate * other.count).sum();
            if taken >= kind.cpus.len() as f64 * (1.0 - FAIR_SERVER) - 1e-9 {
                stall = FAIR_SERVER_STALL_NS.max(stall);
                self.kinds[place].is_served = true;
            }
            self.kinds[place].stall_ns = stall;
        }
    }

    /// What real-time kinds get before fair tasks are served, and meanwhile: over a second that comes to
    /// their rate.
    fn find_servers(&mut self) {
        for place in 0..self.kinds.len() {
            let kind = &self.kinds[place];
            let (cpus, served) = (kind.cpus.len() as f64, self.squeezed(&kind.cpus));
            if kind.class.is_realtime() && served > 0.0 {
                let before = (kind.rate * cpus / (cpus - FAIR_SERVER * served)).min(kind.cap);
                self.kinds[place].beside_server = Some([before, before * (cpus - served) / cpus]);
            }
        }
    }

    /// What is left of a period once the tasks below a quota have used it up, as many side by side as can.
    fn quota_stall(&self, bound: &Bound, kernel: &MockKernel) -> f64 {
        let Over::Below(id) = bound.over else { return 0.0 };
        let below = self.kinds.iter().filter(|kind| bound.over.covers(kind, kernel));
        let (used, asked, on) = below.fold((0.0, 0.0, CpuSet::EMPTY), |(used, asked, on), kind| {
            (used + kind.rate * kind.count, asked + kind.cap * kind.count, on.or(&kind.cpus))
        });
        let side_by_side = f64::min(asked, on.len() as f64);
        if used < bound.most - 1e-9 || side_by_side <= bound.most {
            return 0.0;
        }
        kernel.cpu_period_ns(id) * (1.0 - bound.most / side_by_side)
    }

    /// Raises all shares that can still rise to the next bound that is met; false when none can.
    fn raise(&mut self, kernel: &MockKernel) -> bool {
        let rising = || self.kinds.iter().filter(|kind| !kind.done);
        let Some(mut level) = rising().map(|kind| kind.most / kind.share).reduce(f64::min) else {
            return false;
        };
        for bound in &self.bounds {
            let (mut used, mut shares) = (0.0, 0.0);
            for kind in self.kinds.iter().filter(|kind| bound.over.covers(kind, kernel)) {
                if kind.done {
                    used += kind.rate * kind.count;
                } else {
                    shares += kind.share * kind.count;
                }
            }
            if shares > 0.0 {
                level = level.min((bound.most - used).max(0.0) / shares);
            }
        }
        for bound in &self.bounds {
            let under = |kind: &&Kind| bound.over.covers(kind, kernel);
            let total: f64 = self.kinds.iter().filter(under).map(|kind| kind.at(level) * kind.count).sum();
            if total >= bound.most - 1e-9 {
                for kind in self.kinds.iter_mut().filter(|kind| !kind.done && bound.over.covers(kind, kernel))
                {
                    kind.rate = kind.at(level);
                    kind.done = true;
                }
            }
        }
        for kind in
            self.kinds.iter_mut().filter(|kind| !kind.done && kind.most / kind.share <= level * (1.0 + 1e-9))
        {
            kind.rate = kind.most;
            kind.done = true;
        }
        self.kinds.iter_mut().filter(|kind| kind.rate < LEAST).for_each(|kind| kind.rate = 0.0);
        true
    }

    fn solve_roughly(&mut self) {
        let all: f64 = self.kinds.iter().map(|kind| kind.share * kind.count).sum();
        for kind in &mut self.kinds {
            kind.rate = (kind.share / all * kind.cpus.len() as f64).min(kind.cap);
        }
    }
}

impl Kind {
    /// The same, with so long without a CPU in each of its own periods.
    pub(crate) fn throttled(mut self, ns: f64) -> Self {
        self.throttled_ns = ns;
        self
    }

    /// Whether a task of the other kind could be counted here. Those under `SCHED_FIFO` come one after the
    /// other.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.class != Class::Fifo && self.cgroup == other.cgroup && self.cpus == other.cpus
    }

    /// What one gets when shares have risen to `level`.
    fn at(&self, level: f64) -> f64 {
        if self.done { self.rate } else { (self.share * level).min(self.most) }
    }
}

impl Over {
    fn covers(&self, kind: &Kind, kernel: &MockKernel) -> bool {
        match self {
            Self::Cpus(cpus) => kind.cpus.is_subset(cpus),
            Self::Realtime(cpus) => kind.class.is_realtime() && kind.cpus.is_subset(cpus),
            Self::Below(top) => kind.class == Class::Fair && kernel.is_below(kind.cgroup, *top),
        }
    }

    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Cpus(a), Self::Cpus(b)) | (Self::Realtime(a), Self::Realtime(b)) => a == b,
            (Self::Below(a), Self::Below(b)) => a == b,
            (Self::Cpus(_) | Self::Realtime(_) | Self::Below(_), _) => false,
        }
    }
}
