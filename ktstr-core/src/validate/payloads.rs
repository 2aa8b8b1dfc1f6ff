//! Payloads: whether they can be started, and which of them runs where.

use super::names;
use super::state::{NONE, Program, Running};
use super::table::{Entry, Key};
use super::walk::Walk;
use crate::model::payload::{OutputKind, Payload, PayloadCheck};
use crate::model::placement::Placement;
use crate::validate::invalid::{Invalid, Value};
use crate::validate::rules::ErrorKind;

/// The kernel keeps 8 bits of an exit status.
const LAST_EXIT_CODE: i32 = 255;

impl<'a> Walk<'_, '_, 'a> {
    /// Starts a payload in a cgroup; `None` for one that is not there, where only the payload itself counts.
    pub(super) const fn start_payload(&mut self, at: Option<u32>, payload: &Payload<'a>, args: &[&'a str]) {
        self.check_payload(payload);
        self.check_arguments(payload, args, payload.default_args.len());
        let Some(at) = at else { return };
        self.check_starts(at, self.name_of(at));
        if self.is_to_fail() {
            self.name_payload(at, payload);
            self.try_tasks(at, 1);
            return;
        }
        let Some(program) = self.program(payload.name) else { return };
        let key = Key::Running { program, cgroup: at };
        let place = match self.table.find(key) {
            NONE => match self.insert(key, payload.name, Entry::Running(Running::new(program, at))) {
                Some(place) => place,
                None => return,
            },
            place if self.table.running(place).live => {
                self.report(ErrorKind::PayloadDuplicate, payload.name);
                return;
            }
            place => place,
        };
        self.add_running(place);
    }

    /// Gives a number to a payload that has to fail to start in the cgroup at a place.
    const fn name_payload(&mut self, cgroup: u32, payload: &Payload<'a>) {
        let Some(program) = self.program(payload.name) else { return };
        let key = Key::Running { program, cgroup };
        if self.table.find(key) == NONE {
            self.insert(key, payload.name, Entry::Running(Running::new(program, cgroup)));
        }
    }

    /// The entry of a payload's name.
    pub(super) const fn program(&mut self, name: &'a str) -> Option<u32> {
        match self.table.find(Key::Program(name)) {
            at if at != NONE => Some(at),
            _ => {
                let entry = Entry::Program(Program { running: 0, first: NONE });
                self.insert(Key::Program(name), name, entry)
            }
        }
    }

    const fn add_running(&mut self, place: u32) {
        let of_step = self.step.is_some() && !self.keeping;
        let Running { program, cgroup, .. } = self.table.running(place);
        let of_name = self.table.program_mut(program);
        let next_of_name = of_name.first;
        (of_name.first, of_name.running) = (place, of_name.running + 1);
        let inside = self.cgroup_mut(cgroup);
        let next_in_cgroup = inside.first_payload;
        (inside.first_payload, inside.payloads) = (place, inside.payloads + 1);
        if next_of_name != NONE {
            self.table.running_mut(next_of_name).previous_of_name = place;
        }
        if next_in_cgroup != NONE {
            self.table.running_mut(next_in_cgroup).previous_in_cgroup = place;
        }
        *self.table.running_mut(place) =
            Running { live: true, of_step, next_of_name, next_in_cgroup, ..Running::new(program, cgroup) };
        self.mark(cgroup);
        self.start_tasks(cgroup, 1);
        self.payloads += 1;
        if self.payloads > self.needs.payloads {
            self.needs.payloads = self.payloads;
        }
    }

    /// Ends a running payload.
    pub(super) const fn end_payload(&mut self, place: u32) {
        let running = self.table.running(place);
        self.table.running_mut(place).live = false;
        if running.previous_of_name == NONE {
            self.table.program_mut(running.program).first = running.next_of_name;
        } else {
            self.table.running_mut(running.previous_of_name).next_of_name = running.next_of_name;
        }
        if running.next_of_name != NONE {
            self.table.running_mut(running.next_of_name).previous_of_name = running.previous_of_name;
        }
        if running.previous_in_cgroup == NONE {
            self.cgroup_mut(running.cgroup).first_payload = running.next_in_cgroup;
        } else {
            self.table.running_mut(running.previous_in_cgroup).next_in_cgroup = running.next_in_cgroup;
        }
        if running.next_in_cgroup != NONE {
            self.table.running_mut(running.next_in_cgroup).previous_in_cgroup = running.previous_in_cgroup;
        }
        self.table.program_mut(running.program).running -= 1;
        self.cgroup_mut(running.cgroup).payloads -= 1;
        self.drop_tasks(running.cgroup, 1);
        self.payloads -= 1;
    }

    /// Ends the payloads in a cgroup: all, or those of the step.
    pub(super) const fn end_payloads(&mut self, at: u32, of_step_only: bool) {
        loop {
            let first = self.cgroup(at).first_payload;
            if first == NONE || of_step_only && !self.table.running(first).of_step {
                return;
            }
            self.end_payload(first);
        }
    }

    /// The one running payload that a wait or a kill means; what is wrong otherwise is noted. `known` is the
    /// place of the cgroup, if it had one when it was looked up.
    pub(super) const fn find_payload(
        &mut self,
        name: &'a str,
        cgroup: Option<Placement<'a>>,
        known: u32,
    ) -> Option<u32> {
        let inside = match cgroup {
            None => None,
            Some(placement) => match self.place(placement, known) {
                Some(at) => Some(at),
                None => return None,
            },
        };
        let program = self.table.find(Key::Program(name));
        if program == NONE {
            self.report(ErrorKind::PayloadUnknown, name);
            return None;
        }
        if let Some(at) = inside {
            return match self.table.find(Key::Running { program, cgroup: at }) {
                NONE => {
                    self.report(ErrorKind::PayloadUnknown, name);
                    None
                }
                place if self.table.running(place).live => Some(place),
                _ => {
                    self.report(ErrorKind::PayloadOver, name);
                    None
                }
            };
        }
        let Program { running, first } = *self.table.program_mut(program);
        match running {
            0 => self.report(ErrorKind::PayloadOver, name),
            1 => return Some(first),
            count => {
                let count = Value::Count(count as u64);
                self.report_value(ErrorKind::PayloadAmbiguous, name, count, Value::None);
            }
        }
        None
    }

    /// Judges a payload by itself.
    const fn check_payload(&mut self, payload: &Payload<'a>) {
        if !names::is_printable(payload.name) {
            self.report(ErrorKind::PayloadName, payload.name);
        }
        if payload.binary.is_empty() || names::has_nul(payload.binary) {
            self.report(ErrorKind::PayloadBinary, payload.name);
        }
        self.check_arguments(payload, payload.default_args, 0);
        let mut i = 0;
        while i < payload.include_files.len() {
            let file = payload.include_files[i];
            if file.is_empty() || names::has_nul(file) {
                let value = Value::Count(i as u64);
                self.report_value(ErrorKind::PayloadFile, payload.name, value, Value::None);
            }
            i += 1;
        }
        let mut i = 0;
        while i < payload.metrics.len() {
            if payload.metrics[i].name.is_empty() {
                let value = Value::Count(i as u64);
                self.report_value(ErrorKind::PayloadMetric, payload.name, value, Value::None);
            }
            i += 1;
        }
        let mut i = 0;
        while i < payload.checks.len() {
            self.check_check(payload, &payload.checks[i], i);
            i += 1;
        }
    }

    /// Judges the arguments of a payload, of which `before` come before these.
    const fn check_arguments(&mut self, payload: &Payload<'a>, args: &[&'a str], before: usize) {
        let mut i = 0;
        while i < args.len() {
            if names::has_nul(args[i]) {
                let value = Value::Count((before + i) as u64);
                self.report_value(ErrorKind::PayloadArgument, payload.name, value, Value::None);
            }
            i += 1;
        }
    }

    /// Judges one of a payload's checks.
    const fn check_check(&mut self, payload: &Payload<'a>, check: &PayloadCheck<'a>, index: usize) {
        if let PayloadCheck::ExitCode(code) = *check
            && !(0 <= code && code <= LAST_EXIT_CODE)
        {
            let (value, last) = (Value::Signed(code as i64), Value::Signed(LAST_EXIT_CODE as i64));
            self.report_value(ErrorKind::PayloadExitCode, payload.name, value, last);
        }
        let Some(metric) = check.metric() else { return };
        if metric.is_empty() {
            let value = Value::Count(index as u64);
            self.report_value(ErrorKind::PayloadMetric, payload.name, value, Value::None);
        } else if matches!(payload.output, OutputKind::ExitCode) {
            self.report_pair(ErrorKind::PayloadOutput, payload.name, metric);
        }
        let fits = match *check {
            PayloadCheck::Min { bound, .. } | PayloadCheck::Max { bound, .. } => bound.is_finite(),
            PayloadCheck::Range { low, high, .. } => low.is_finite() && high.is_finite() && low <= high,
            PayloadCheck::ExitCode(_) | PayloadCheck::Signal(_) | PayloadCheck::Exists { .. } => true,
        };
        if !fits {
            let invalid = Invalid::new(ErrorKind::PayloadBound, self.site(), payload.name);
            self.note(Invalid { other: metric, ..invalid });
        }
    }
}
