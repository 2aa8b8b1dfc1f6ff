//! Operations, one after the other.

use super::names;
use super::state::{Life, NONE, State};
use super::table::{Entry, Key};
use super::tree::Declared;
use super::walk::Walk;
use crate::base::name;
use crate::model::controllers::{Controller, Controllers};
use crate::model::op::{Mentioned, Op};
use crate::model::placement::Placement;
use crate::model::site::Part;
use crate::validate::invalid::{Invalid, Value};
use crate::validate::rules::ErrorKind;

/// How many operations are looked up ahead.
const AHEAD: usize = 8;

/// The places of the cgroups that an operation names, as far as they were known when it was looked up.
#[derive(Clone, Copy)]
pub(super) struct Named {
    one: u32,
    two: u32,
}

impl Named {
    const NONE: Self = Self { one: NONE, two: NONE };
}

impl<'a> Walk<'_, '_, 'a> {
    /// Carries operations out, in order. Names are looked up in blocks ahead of their use, so that the
    /// processor waits for many places of a large table at once instead of for one after the other.
    /// `first_item` is how many items of the Backdrop or of the step come before.
    pub(super) const fn ops(&mut self, ops: &[Op<'a>], first_item: usize) {
        let mut start = 0;
        while start < ops.len() {
            let left = ops.len() - start;
            let count = if left < AHEAD { left } else { AHEAD };
            let mut named = [Named::NONE; AHEAD];
            let mut i = 0;
            while i < count {
                named[i] = self.look_up(&ops[start + i]);
                i += 1;
            }
            i = 0;
            while i < count && !self.over {
                self.at(Part::Op((start + i) as u32));
                match ops[start + i].expected_failure() {
                    Some(errno) => self.must_fail(&ops[start + i], named[i], errno),
                    None => self.op(&ops[start + i], named[i]),
                }
                self.over |= self.ends;
                i += 1;
            }
            if self.keeps_items() {
                let mut kept = 0;
                while kept < i {
                    let at = start + kept;
                    self.keep_op(first_item + at, &ops[at], named[kept].one, named[kept].two);
                    kept += 1;
                }
            }
            if self.over {
                return;
            }
            start += count;
        }
    }

    #[inline(always)] // the loop around it is what the look-ahead is about
    const fn look_up(&self, op: &Op<'a>) -> Named {
        let Mentioned { one, two } = op.mentioned();
        Named { one: self.place_of(one), two: self.place_of(two) }
    }

    #[inline(always)]
    const fn place_of(&self, name: Option<&str>) -> u32 {
        match name {
            Some(name) => self.table.find(Key::Cgroup(name)),
            None => NONE,
        }
    }

    #[inline]
    pub(super) const fn op(&mut self, op: &Op<'a>, Named { one, two }: Named) {
        match op {
            Op::AddCgroup { name, until_removed, kept, .. } => {
                self.create(name, one, Declared { until_removed: *until_removed, kept: *kept });
            }
            Op::AddCgroupDef { name, def, .. } => self.define(name, one, def),
            Op::RemoveCgroup { cgroup, .. } => {
                if let Some(at) = self.live(cgroup, one) {
                    self.remove(at, cgroup);
                }
            }
            Op::SetCpuset { cgroup, cpus, .. } => {
                self.check_spec(cgroup, cpus);
                if let Some(at) = self.live(cgroup, one) {
                    self.set_cpuset(at);
                }
            }
            Op::ClearCpuset { cgroup, .. } => {
                if let Some(at) = self.live(cgroup, one) {
                    self.clear_cpuset(at, cgroup);
                }
            }
            Op::SwapCpusets { a, b, .. } => self.swap_cpusets(a, one, b, two),
            Op::SetLimits { cgroup, limits, .. } => {
                let at = self.live(cgroup, one);
                self.set_limits(at, cgroup, limits);
            }
            Op::Spawn { placement: Placement::RunnerCgroup, work, .. } => {
                self.start_group(Some(self.runner), Placement::RunnerCgroup.name(), work);
            }
            Op::Spawn { placement: Placement::Cgroup(name), work, .. } => {
                let at = self.live(name, one);
                if let Some(at) = at {
                    self.check_starts(at, name);
                }
                self.start_group(at, name, work);
            }
            Op::StopCgroup { cgroup, .. } => {
                if let Some(at) = self.live(cgroup, one) {
                    self.stop(at, cgroup);
                }
            }
            Op::SetAffinity { cgroup, affinity, .. } => {
                let Some(at) = self.live(cgroup, one) else { return };
                if !self.cgroup(at).has_workers() {
                    self.report(ErrorKind::AffinityNothing, cgroup);
                }
                self.check_affinity(Some(at), cgroup, affinity);
                self.check_deadline_affinity(at, cgroup, affinity);
            }
            Op::MoveAllTasks { from, to, .. } => self.move_all(*from, one, *to, two),
            Op::RunPayload { payload, args, cgroup, .. } => {
                let at = match cgroup {
                    None => Some(self.runner),
                    Some(path) => self.live(path, one),
                };
                self.start_payload(at, payload, args);
            }
            Op::WaitPayload { name, cgroup, .. } => self.wait_payload(name, *cgroup, one),
            Op::KillPayload { name, cgroup, .. } => {
                if let Some(place) = self.find_payload(name, *cgroup, one) {
                    self.end_payload(place);
                }
            }
            Op::FreezeCgroup { cgroup, .. } => {
                if let Some(at) = self.live(cgroup, one) {
                    self.freeze(at, cgroup);
                }
            }
            Op::UnfreezeCgroup { cgroup, .. } => {
                if let Some(at) = self.live(cgroup, one) {
                    self.unfreeze(at, cgroup);
                }
            }
            Op::KillCgroup { cgroup, .. } => {
                if let Some(at) = self.live(cgroup, one) {
                    self.kill(at, cgroup);
                }
            }
            Op::WriteFile { cgroup, file, text, .. } => self.write_file(cgroup, one, file, text),
            Op::Reclaim { cgroup, bytes, .. } => self.reclaim(cgroup, one, *bytes),
            Op::SetNice { cgroup, nice, .. } => self.set_nice(cgroup, one, *nice),
            Op::SetSchedPolicy { cgroup, policy, .. } => self.set_policy(cgroup, one, policy),
            Op::CaptureCgroupProcs { tag, cgroup, .. } => {
                self.live(cgroup, one);
                if !names::is_printable(tag) {
                    self.report(ErrorKind::CaptureTag, cgroup);
                }
            }
            Op::Expect { check, cgroup, .. } => self.expect(check, *cgroup, one),
            Op::SteerIrq { irq, cpu, .. } => self.steer_irq(*irq, *cpu),
            Op::AttachScheduler { scheduler, .. } => self.attach_scheduler(scheduler),
            Op::DetachScheduler { .. } => self.detach_scheduler(),
            Op::ReplaceScheduler { scheduler, .. } => self.replace_scheduler(scheduler),
            Op::RestartScheduler { .. } => self.restart_scheduler(),
        }
    }

    const fn freeze(&mut self, at: u32, name: &'a str) {
        if self.cgroup(at).frozen {
            self.report(ErrorKind::FreezeTwice, name);
        } else if !self.is_to_fail() {
            self.cgroup_mut(at).frozen = true;
            self.frozen += 1;
        }
    }

    const fn unfreeze(&mut self, at: u32, name: &'a str) {
        if self.cgroup(at).frozen {
            if !self.is_to_fail() {
                self.thaw(at);
            }
        } else {
            self.report(ErrorKind::UnfreezeNothing, name);
        }
    }

    const fn remove(&mut self, at: u32, name: &'a str) {
        let children = self.cgroup(at).children;
        if children > 0 {
            self.note(Invalid {
                other: self.name_of(self.cgroup(at).first_child),
                value: Value::Count(children as u64),
                ..Invalid::new(ErrorKind::HasChildren, self.site(), name)
            });
            return;
        }
        if self.is_to_fail() {
            // Nothing in it is ended before.
            if self.cgroup(at).has_tasks() {
                self.report(ErrorKind::HasChildren, name);
            }
            return;
        }
        self.empty(at, name);
        self.bury(at, State::Removed);
    }

    const fn stop(&mut self, at: u32, name: &'a str) {
        if !self.cgroup(at).has_tasks() {
            self.report(ErrorKind::StopNothing, name);
        }
        self.empty(at, name);
    }

    /// Ends what runs in a cgroup, if that may be done here.
    const fn empty(&mut self, at: u32, name: &'a str) {
        if self.cgroup(at).has_workers() && self.frozen_at(at).is_some() {
            self.report(ErrorKind::StopsFrozen, name);
        }
        self.end_all(at, name);
    }

    /// The same, whether it is frozen or not.
    pub(super) const fn end_all(&mut self, at: u32, name: &'a str) {
        let cgroup = self.cgroup(at);
        if self.step.is_some() {
            if matches!(cgroup.life, Life::Scenario) {
                self.report(ErrorKind::NotYours, name);
            } else if cgroup.groups[Life::Scenario as usize] > 0 {
                self.report(ErrorKind::HoldsGuests, name);
            }
        }
        self.end_payloads(at, false);
        if self.cgroup(at).has_workers() {
            let mut i = 0;
            while i < Life::ALL.len() {
                self.drop_groups(at, Life::ALL[i]);
                i += 1;
            }
        }
    }

    const fn set_cpuset(&mut self, at: u32) {
        self.enable(at, Controllers::NONE.with(Controller::Cpuset));
        if self.is_to_fail() {
            return;
        }
        self.cgroup_mut(at).cpus = Some(self.site());
        self.check_place(at);
    }

    const fn clear_cpuset(&mut self, at: u32, name: &'a str) {
        if self.cgroup(at).cpus.is_none() {
            self.report(ErrorKind::ClearNothing, name);
        }
        self.cgroup_mut(at).cpus = None;
    }

    const fn swap_cpusets(&mut self, a: &'a str, one: u32, b: &'a str, two: u32) {
        if name::equal(a, b) {
            self.report(ErrorKind::SwapSelf, a);
            return;
        }
        let (one, other) = (self.live(a, one), self.live(b, two));
        let (Some(one), Some(other)) = (one, other) else { return };
        let (left, right) = (self.cgroup(one).cpus, self.cgroup(other).cpus);
        if left.is_none() {
            self.report(ErrorKind::SwapNothing, a);
        }
        if right.is_none() {
            self.report(ErrorKind::SwapNothing, b);
        }
        if left.is_none() || right.is_none() {
            return;
        }
        self.cgroup_mut(one).cpus = right;
        self.cgroup_mut(other).cpus = left;
        self.check_place(one);
        self.check_place(other);
    }

    const fn wait_payload(&mut self, name: &'a str, cgroup: Option<Placement<'a>>, known: u32) {
        let Some(place) = self.find_payload(name, cgroup, known) else { return };
        let inside = self.table.running(place).cgroup;
        if let Some(frozen) = self.frozen_at(inside) {
            self.report_pair(ErrorKind::WaitFrozen, name, self.name_of(frozen));
        }
        self.end_payload(place);
    }

    const fn steer_irq(&mut self, irq: u32, cpu: u32) {
        if let Some(topology) = self.topology
            && !topology.cpus().contains(cpu as usize)
        {
            self.report_value(ErrorKind::IrqCpu, "", Value::Count(cpu as u64), Value::None);
        }
        if self.table.find(Key::Irq(irq)) == NONE && self.insert(Key::Irq(irq), "", Entry::Irq(irq)).is_some()
        {
            self.needs.irqs += 1;
        }
    }

    /// Ends what the step has started and made.
    pub(super) const fn end_step(&mut self) {
        self.at(Part::End);
        let mut here = self.marked;
        while here != NONE {
            self.check_ends_frozen(here);
            here = self.cgroup(here).next_marked;
        }
        self.check_kept();
        here = self.marked;
        while here != NONE {
            self.end_payloads(here, true);
            self.drop_groups(here, Life::Step);
            let cgroup = self.cgroup(here);
            let next = cgroup.next_marked;
            if cgroup.is_live() && cgroup.life.is_step() {
                self.bury(here, State::Ended);
            }
            here = next;
        }
        self.marked = NONE;
    }

    /// No cgroup that is kept must be below one that goes with the step.
    const fn check_kept(&mut self) {
        if !self.keeps {
            return;
        }
        let mut here = self.marked;
        while here != NONE {
            let cgroup = self.cgroup(here);
            let next = cgroup.next_marked;
            let mut child = if cgroup.is_live() && cgroup.life.is_step() { cgroup.first_child } else { NONE };
            while child != NONE && self.cgroup(child).life.is_step() {
                child = self.cgroup(child).next_sibling;
            }
            if child != NONE {
                self.report_pair(ErrorKind::KeptBelowStep, self.name_of(here), self.name_of(child));
                self.outlive(here);
            }
            here = next;
        }
    }

    /// Lets a cgroup, and those above it, outlive the step as what is kept below does: the walk goes on from
    /// a tree that can be.
    const fn outlive(&mut self, at: u32) {
        let mut here = at;
        while here != NONE && self.cgroup(here).life.is_step() {
            self.cgroup_mut(here).life = Life::UntilRemoved;
            here = self.cgroup(here).parent;
        }
    }

    /// Workers of the step must not sit in what stays frozen: a cgroup of the Backdrop, itself or above.
    const fn check_ends_frozen(&mut self, at: u32) {
        if self.frozen == 0 || self.cgroup(at).groups[Life::Step as usize] == 0 {
            return;
        }
        let mut here = at;
        while here != NONE {
            let cgroup = self.cgroup(here);
            if cgroup.frozen && !cgroup.life.is_step() {
                self.report(ErrorKind::EndsFrozen, self.name_of(at));
                return;
            }
            here = cgroup.parent;
        }
    }
}
