//! CPUs and memory nodes: what a cgroup may use, and whether cpusets and affinities can be met.

use super::state::{Cgroup, NONE};
use super::walk::Walk;
use crate::model::affinity::AffinityIntent;
use crate::model::cpuset::{CpuSet, NodeSet};
use crate::model::cpuset_spec::CpusetSpec;
use crate::model::op::Op;
use crate::model::site::{Part, Site};
use crate::model::topology::Topology;
use crate::validate::invalid::{Invalid, Value};
use crate::validate::rules::ErrorKind;

impl<'w, 'a> Walk<'w, '_, 'a> {
    /// Judges a description of CPUs by itself and, where there is one, against the topology.
    pub(super) const fn check_spec(&mut self, name: &'a str, spec: &CpusetSpec) {
        let fault = match check_shape(spec) {
            None => match self.topology {
                Some(topology) => check_on(spec, topology),
                None => None,
            },
            found => found,
        };
        if let Some((kind, value, limit)) = fault {
            self.report_value(kind, name, value, limit);
        }
    }

    /// The nearest cgroup from here up that has a cpuset of its own, and where that was said.
    const fn own_set(&self, at: u32) -> Option<(u32, Site)> {
        let mut here = at;
        while here != NONE {
            let cgroup = self.cgroup(here);
            if let Some(site) = cgroup.cpus {
                return Some((here, site));
            }
            here = cgroup.parent;
        }
        None
    }

    /// The description of CPUs at a place of the scenario.
    const fn spec_at(&self, site: Site) -> Option<&'w CpusetSpec> {
        let scenario: &'w _ = self.scenario;
        let (ops, defs, part): (&'w [Op<'a>], &'w [_], _) = match site {
            Site::Backdrop(part) => {
                (scenario.backdrop.ops.as_slice(), scenario.backdrop.cgroups.as_slice(), part)
            }
            Site::Step { step, part } => {
                let step = &scenario.steps[step as usize];
                (step.ops, step.setup, part)
            }
            _ => return None,
        };
        match part {
            Part::Cgroup(index) => defs[index as usize].limits.cpuset.as_ref(),
            Part::Op(index) => ops[index as usize].cpuset(),
            _ => None,
        }
    }

    /// The CPUs said at a place; `None` when that depends on a machine that is not given, or is in error.
    const fn cpus_at(&self, site: Site) -> Option<CpuSet> {
        let cpus = match (self.spec_at(site), self.topology) {
            (Some(CpusetSpec::Exact(cpus)), _) => *cpus,
            (Some(spec), Some(topology)) => spec.resolve(topology),
            _ => return None,
        };
        if cpus.is_empty() { None } else { Some(cpus) }
    }

    /// Whether a cgroup or one above it has a cpuset.
    pub(super) const fn has_set(&self, at: u32) -> bool {
        self.own_set(at).is_some()
    }

    /// The CPUs that a cgroup may use, as far as that is known.
    pub(super) const fn allowed(&self, at: u32) -> Option<CpuSet> {
        match (self.own_set(at), self.topology) {
            (Some((_, site)), _) => self.cpus_at(site),
            (None, Some(topology)) => Some(*topology.cpus()),
            (None, None) => None,
        }
    }

    /// Whether a cgroup's own cpuset lies within what the cgroups above it leave, and covers those below it.
    #[inline]
    pub(super) const fn check_place(&mut self, at: u32) {
        let Cgroup { parent, first_child, .. } = self.cgroup(at);
        let (above, below) = (*parent != NONE, *first_child != NONE);
        if above {
            self.check_within(at);
        }
        if below {
            self.check_below(at);
        }
    }

    /// Whether a cgroup's own cpuset lies within what the cgroups above it leave.
    const fn check_within(&mut self, at: u32) {
        let Cgroup { cpus: Some(own), parent, .. } = *self.cgroup(at) else { return };
        let Some((above, site)) = self.own_set(parent) else { return };
        if let (Some(cpus), Some(bound)) = (self.cpus_at(own), self.cpus_at(site))
            && let Some(first) = cpus.minus(&bound).first()
        {
            self.report_set(ErrorKind::CpusetOutsideParent, at, above, first);
        }
    }

    /// Whether a cgroup's own cpuset still covers those of the cgroups below it.
    const fn check_below(&mut self, top: u32) {
        let Cgroup { cpus: Some(own), first_child, .. } = *self.cgroup(top) else { return };
        let Some(bound) = self.cpus_at(own) else { return };
        let mut here = first_child;
        loop {
            let Cgroup { cpus, first_child, .. } = *self.cgroup(here);
            if let Some(site) = cpus {
                if let Some(cpus) = self.cpus_at(site)
                    && let Some(first) = cpus.minus(&bound).first()
                {
                    self.report_set(ErrorKind::ChildLeftOutside, top, here, first);
                    return;
                }
            } else if first_child != NONE {
                here = first_child;
                continue;
            }
            while self.cgroup(here).next_sibling == NONE {
                here = self.cgroup(here).parent;
                if here == top || here == NONE {
                    return;
                }
            }
            here = self.cgroup(here).next_sibling;
        }
    }

    #[cold]
    const fn report_set(&mut self, kind: ErrorKind, at: u32, other: u32, cpu: usize) {
        self.note(Invalid {
            other: self.name_of(other),
            value: Value::Count(cpu as u64),
            ..Invalid::new(kind, self.site(), self.name_of(at))
        });
    }

    /// Judges memory nodes of a cgroup.
    pub(super) const fn check_mems(&mut self, name: &'a str, nodes: &NodeSet) {
        if nodes.is_empty() {
            self.report(ErrorKind::MemsEmpty, name);
        } else if let Some(topology) = self.topology
            && let Some(node) = nodes.minus(&topology.node_ids()).first()
        {
            self.report_value(ErrorKind::MemsNotThere, name, Value::Count(node as u64), Value::None);
        }
    }

    /// The memory nodes that a cgroup may use, as far as that is known.
    pub(super) const fn allowed_mems(&self, at: u32) -> Option<NodeSet> {
        let mut here = at;
        while here != NONE {
            let cgroup = self.cgroup(here);
            if !cgroup.mems.is_empty() {
                return Some(cgroup.mems);
            }
            here = cgroup.parent;
        }
        match self.topology {
            Some(topology) => Some(topology.node_ids()),
            None => None,
        }
    }

    /// Judges what workers ask for against the CPUs that they may use.
    pub(super) const fn check_affinity(&mut self, at: Option<u32>, name: &'a str, intent: &AffinityIntent) {
        let empty = match intent {
            AffinityIntent::Inherit | AffinityIntent::CrossCgroup => return,
            AffinityIntent::RandomSubset { count, .. } => *count == 0,
            AffinityIntent::Exact(cpus) => cpus.is_empty(),
            AffinityIntent::LlcAligned | AffinityIntent::SingleCpu | AffinityIntent::SmtSiblingPair => false,
        };
        if empty {
            self.report(ErrorKind::AffinityEmpty, name);
            return;
        }
        let Some(at) = at else { return };
        let Some(allowed) = self.allowed(at) else { return };
        let met = match (intent, self.topology) {
            (AffinityIntent::RandomSubset { from, .. }, _) => {
                from.is_empty() || !from.and(&allowed).is_empty()
            }
            (AffinityIntent::Exact(cpus), _) => !cpus.and(&allowed).is_empty(),
            (_, Some(topology)) => intent.plan(topology, &allowed, 0).is_some(),
            _ => true,
        };
        if !met {
            self.report(ErrorKind::AffinityUnmet, name);
        }
    }
}

type Fault = Option<(ErrorKind, Value, Value)>;

/// What is wrong with a description on every machine.
const fn check_shape(spec: &CpusetSpec) -> Fault {
    let (index, of) = match *spec {
        CpusetSpec::Exact(cpus) => {
            return if cpus.is_empty() {
                Some((ErrorKind::CpusetEmpty, Value::None, Value::None))
            } else {
                None
            };
        }
        CpusetSpec::Range { start, end } => {
            let fits = start >= 0.0 && start < end && end <= 1.0;
            return if fits {
                None
            } else {
                Some((ErrorKind::CpusetRange, Value::Real(start), Value::Real(end)))
            };
        }
        CpusetSpec::Disjoint { index, of } | CpusetSpec::Overlap { index, of, .. } => (index, of),
        CpusetSpec::Llc(_) | CpusetSpec::Numa(_) => return None,
    };
    if of == 0 {
        return Some((ErrorKind::CpusetOfZero, Value::None, Value::None));
    }
    if index >= of {
        return Some((ErrorKind::CpusetIndex, Value::Count(index as u64), Value::Count(of as u64)));
    }
    if let CpusetSpec::Overlap { frac, .. } = *spec
        && !(frac >= 0.0 && frac <= 1.0)
    {
        return Some((ErrorKind::CpusetOverlap, Value::Real(frac), Value::None));
    }
    None
}

/// What is wrong with a well-formed description on this machine.
const fn check_on(spec: &CpusetSpec, topology: &Topology) -> Fault {
    match *spec {
        CpusetSpec::Exact(cpus) => {
            if let Some(cpu) = cpus.minus(topology.cpus()).first() {
                return Some((ErrorKind::CpusetNotThere, Value::Count(cpu as u64), Value::None));
            }
        }
        CpusetSpec::Llc(index) => {
            let count = topology.llc_count();
            if index >= count {
                let (value, limit) = (Value::Count(index as u64), Value::Count(count as u64));
                return Some((ErrorKind::LlcMissing, value, limit));
            }
        }
        CpusetSpec::Numa(index) => {
            let count = topology.node_count();
            if index >= count {
                let (value, limit) = (Value::Count(index as u64), Value::Count(count as u64));
                return Some((ErrorKind::NumaMissing, value, limit));
            }
        }
        CpusetSpec::Range { .. } | CpusetSpec::Disjoint { .. } | CpusetSpec::Overlap { .. } => {}
    }
    if !has_cpu(spec, topology) {
        let usable = Value::Count(topology.usable().len() as u64);
        return Some((ErrorKind::CpusetNothing, usable, Value::None));
    }
    None
}

/// Whether a well-formed description leaves a CPU on this machine; for caches and nodes one CPU is proof.
const fn has_cpu(spec: &CpusetSpec, topology: &Topology) -> bool {
    let (llc, node) = match *spec {
        CpusetSpec::Exact(_) => return true, // not empty, and all of it is there
        CpusetSpec::Llc(index) => (Some(index), None),
        CpusetSpec::Numa(index) => (None, Some(index)),
        CpusetSpec::Range { .. } | CpusetSpec::Disjoint { .. } | CpusetSpec::Overlap { .. } => {
            return !spec.resolve(topology).is_empty();
        }
    };
    let mut at = topology.cpus().first();
    while let Some(cpu) = at {
        match (topology.place(cpu), llc, node) {
            (Some(place), Some(llc), _) if place.llc as usize == llc => return true,
            (Some(place), _, Some(node)) if place.node as usize == node => return true,
            _ => {}
        }
        at = topology.cpus().next_from(cpu + 1);
    }
    false
}
