//! The scenario as a whole: its own values, the Backdrop, the steps, and how their holds share the duration
//! out.

use super::items::{items_of, items_of_backdrop};
use super::names;
use super::state::{Cgroup, Life, NONE};
use super::table::{Entry, Key};
use super::walk::Walk;
use super::works::MAX_WORKERS;
use crate::model::cgroup_def::CgroupDef;
use crate::model::checks::{BoundKind, CheckBound, CheckKind, Checks, RangeEnd};
use crate::model::cpuset::{MAX_CPUS, MAX_NODES};
use crate::model::needs::Counted;
use crate::model::payload::Payload;
use crate::model::site::Part;
use crate::model::step::{HoldSpec, Step};
use crate::validate::invalid::{Invalid, Value};
use crate::validate::rules::ErrorKind;
use core::time::Duration;

/// Longest name of a scenario, and of a step, in bytes.
const MAX_TITLE: usize = 64;
/// Longest duration: times are counted in nanoseconds in 64 bits.
const MAX_DURATION: Duration = Duration::from_nanos(u64::MAX);

impl<'a> Walk<'_, '_, 'a> {
    /// Plays the whole scenario.
    pub(super) const fn scenario(&mut self) {
        self.check_values();
        self.check_bounds(&self.scenario.checks);
        let runner = Cgroup::new(NONE, Life::Scenario);
        match self.insert(Key::Cgroup(""), "", Entry::Cgroup(runner)) {
            Some(at) => self.runner = at,
            None => return,
        }
        let backdrop = &self.scenario.backdrop;
        self.at(Part::Scheduler);
        if let Some(scheduler) = backdrop.scheduler {
            self.attach_scheduler(scheduler);
        }
        self.at(Part::Whole);
        self.defs(backdrop.cgroups.as_slice());
        self.ops(backdrop.ops.as_slice(), backdrop.cgroups.len());
        self.payloads(backdrop.payloads.as_slice());
        self.first_item = items_of_backdrop(self.scenario);
        let mut i = 0;
        while i < self.scenario.steps.len() && !self.over {
            self.play(i as u32, &self.scenario.steps[i]);
            self.first_item += items_of(&self.scenario.steps[i]);
            i += 1;
        }
        if !self.over {
            self.comparisons();
        }
    }

    const fn defs(&mut self, defs: &[CgroupDef<'a>]) {
        let mut i = 0;
        while i < defs.len() && !self.over {
            self.at(Part::Cgroup(i as u32));
            self.define(defs[i].name, NONE, &defs[i]);
            self.keep_def(i, defs[i].name, defs[i].payload);
            self.over |= self.ends;
            i += 1;
        }
    }

    const fn payloads(&mut self, payloads: &[&'a Payload<'a>]) {
        let mut i = 0;
        while i < payloads.len() && !self.over {
            self.at(Part::Payload(i as u32));
            self.start_in_runner(payloads[i]);
            let backdrop = &self.scenario.backdrop;
            self.keep_payload(backdrop.cgroups.len() + backdrop.ops.len() + i, payloads[i]);
            self.over |= self.ends;
            i += 1;
        }
    }

    const fn play(&mut self, number: u32, step: &Step<'a>) {
        self.step = Some(number);
        self.marked = NONE;
        self.at(Part::Whole);
        if self.ended {
            self.report(ErrorKind::StepAfterEnd, "");
        }
        if let Some(name) = step.name {
            self.name_step(name);
        }
        if let HoldSpec::Loop { interval } = step.hold {
            self.defs(step.setup);
            self.step_payload(step);
            self.rounds(step, interval);
        } else {
            self.ops(step.ops, step.setup.len());
            self.defs(step.setup);
            self.step_payload(step);
        }
        if self.over {
            return;
        }
        self.at(Part::Hold);
        self.hold(&step.hold);
        self.end_step();
    }

    /// Judges the name of the step.
    const fn name_step(&mut self, name: &'a str) {
        if name.len() > MAX_TITLE || !names::is_printable(name) {
            let (length, most) = (Value::Count(name.len() as u64), Value::Count(MAX_TITLE as u64));
            self.report_value(ErrorKind::StepName, name, length, most);
        } else if self.table.find(Key::Step(name)) != NONE {
            self.report(ErrorKind::StepNameTwice, name);
        } else {
            self.insert(Key::Step(name), name, Entry::Step);
        }
    }

    const fn start_in_runner(&mut self, payload: &Payload<'a>) {
        self.start_payload(Some(self.runner), payload, &[]);
    }

    const fn step_payload(&mut self, step: &Step<'a>) {
        if let Some(payload) = step.payload
            && !self.over
        {
            self.at(Part::Payload(0));
            self.start_in_runner(payload);
            self.keep_payload(step.setup.len() + step.ops.len(), payload);
            self.over |= self.ends;
        }
    }

    /// Takes a hold from what is left of the duration.
    const fn hold(&mut self, hold: &HoldSpec) {
        let duration = self.scenario.duration;
        let left = duration.saturating_sub(self.spent);
        match *hold {
            HoldSpec::Frac(fraction) if !(fraction > 0.0 && fraction <= 1.0) => {
                self.report_value(ErrorKind::HoldFraction, "", Value::Real(fraction), Value::None);
                return;
            }
            HoldSpec::Loop { interval } if interval.is_zero() => {
                self.report(ErrorKind::LoopZero, "");
            }
            HoldSpec::Loop { interval } if interval.as_nanos() > left.as_nanos() && !self.ended => {
                let (value, limit) = (Value::Time(interval), Value::Time(left));
                self.report_value(ErrorKind::LoopTooLong, "", value, limit);
            }
            _ => {}
        }
        let length = hold.length(duration, self.spent);
        if length.as_nanos() > left.as_nanos() && !self.ended {
            let (value, limit) = (Value::Time(length), Value::Time(left));
            self.report_value(ErrorKind::HoldOverBudget, "", value, limit);
        }
        self.spent = self.spent.saturating_add(length);
        self.ended |= match *hold {
            HoldSpec::Frac(fraction) => fraction == 1.0,
            HoldSpec::Loop { .. } => true,
            HoldSpec::Fixed(_) => false,
        };
    }

    /// Judges the scenario's own values.
    const fn check_values(&mut self) {
        let name = self.scenario.name;
        if name.len() > MAX_TITLE || !names::is_printable(name) {
            let (length, most) = (Value::Count(name.len() as u64), Value::Count(MAX_TITLE as u64));
            self.report_value(ErrorKind::ScenarioName, name, length, most);
        }
        let duration = self.scenario.duration;
        if duration.is_zero() || duration.as_nanos() > MAX_DURATION.as_nanos() {
            let (value, most) = (Value::Time(duration), Value::Time(MAX_DURATION));
            self.report_value(ErrorKind::ScenarioDuration, name, value, most);
        }
        let workers = self.scenario.workers_per_cgroup;
        if workers < 1 || workers > MAX_WORKERS {
            let (value, most) = (Value::Count(workers as u64), Value::Count(MAX_WORKERS as u64));
            self.report_value(ErrorKind::ScenarioWorkers, name, value, most);
        }
        self.check_needs();
        let mut i = 0;
        while i < self.scenario.permit.len() {
            let rule = self.scenario.permit[i].rule();
            if !rule.can_be_permitted() {
                self.report(ErrorKind::NotPermitted, rule.code);
            }
            i += 1;
        }
        if let Some(shape) = &self.scenario.topology
            && !shape.is_valid()
        {
            let (value, most) = (Value::Count(shape.cpus() as u64), Value::Count(MAX_CPUS as u64));
            self.report_value(ErrorKind::ScenarioTopology, name, value, most);
        }
    }

    /// Judges what the scenario needs: no more than any machine can have.
    const fn check_needs(&mut self) {
        let needs = &self.scenario.needs;
        let mut i = 0;
        while i < Counted::ALL.len() {
            let what = Counted::ALL[i];
            let most = match what {
                Counted::Cpus | Counted::Llcs => MAX_CPUS,
                Counted::Nodes => MAX_NODES,
            };
            if needs.count(what) as usize > most {
                let (value, most) = (Value::Count(needs.count(what) as u64), Value::Count(most as u64));
                self.report_value(ErrorKind::NeedsTooMuch, what.key(), value, most);
            }
            i += 1;
        }
    }

    /// Judges the bounds of checks.
    pub(super) const fn check_bounds(&mut self, checks: &Checks) {
        let mut i = 0;
        while i < CheckKind::COUNT {
            let kind = CheckKind::ALL[i];
            if let (Some(CheckBound::Number(bound)), BoundKind::Number(range)) =
                (checks.bound(kind), kind.info().bound)
            {
                let above =
                    match (kind.info().range, checks.bound(CheckKind::ALL[(i + 1) % CheckKind::COUNT])) {
                        (Some((_, RangeEnd::Min)), Some(CheckBound::Number(most))) => bound > most,
                        _ => false,
                    };
                let other = if !range.admits(bound) {
                    range.text()
                } else if above {
                    "that is at most the upper end of its range"
                } else {
                    i += 1;
                    continue;
                };
                let invalid = Invalid::new(ErrorKind::CheckBound, self.site(), kind.info().file_key());
                self.note(Invalid { other, value: Value::Real(bound), ..invalid });
            }
            i += 1;
        }
    }
}
