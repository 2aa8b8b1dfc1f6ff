//! Schedulers: whether they can be attached, and which of them is.

use super::names;
use super::walk::Walk;
use crate::base::name::equal;
use crate::model::scheduler::Scheduler;
use crate::validate::invalid::{Invalid, Value};
use crate::validate::rules::ErrorKind;

impl<'a> Walk<'_, '_, 'a> {
    /// Attaches a scheduler.
    pub(super) const fn attach_scheduler(&mut self, scheduler: &'a Scheduler<'a>) {
        self.check_scheduler(scheduler);
        if let Some(attached) = self.scheduler {
            self.report_pair(ErrorKind::SchedulerAttached, scheduler.name, attached);
        }
        self.scheduler = Some(scheduler.name);
    }

    /// Detaches the scheduler that is attached.
    pub(super) const fn detach_scheduler(&mut self) {
        if self.scheduler.is_none() {
            self.report(ErrorKind::SchedulerNone, "");
        }
        self.scheduler = None;
    }

    /// Puts a scheduler in the place of the one that is attached.
    pub(super) const fn replace_scheduler(&mut self, scheduler: &'a Scheduler<'a>) {
        match self.scheduler {
            None => {
                self.report(ErrorKind::SchedulerNone, "");
                self.check_scheduler(scheduler);
            }
            Some(attached) if equal(attached, scheduler.name) => {
                self.report(ErrorKind::SchedulerItself, attached);
            }
            Some(_) => self.check_scheduler(scheduler),
        }
        self.scheduler = Some(scheduler.name);
    }

    /// Detaches the scheduler that is attached, and attaches it again.
    pub(super) const fn restart_scheduler(&mut self) {
        if self.scheduler.is_none() {
            self.report(ErrorKind::SchedulerNone, "");
        }
    }

    /// Judges a scheduler by itself.
    const fn check_scheduler(&mut self, scheduler: &Scheduler<'a>) {
        let name = scheduler.name;
        if !names::is_printable(name) {
            self.report(ErrorKind::SchedulerName, name);
        }
        if scheduler.binary.is_empty() || names::has_nul(scheduler.binary) {
            self.report(ErrorKind::SchedulerBinary, name);
        }
        self.check_texts(scheduler);
        if let Some((argument, placeholder)) = scheduler.unknown_placeholder(&self.scenario.backdrop) {
            let value = Value::Count(argument as u64);
            let invalid = Invalid::new(ErrorKind::SchedulerPlaceholder, self.site(), name);
            self.note(Invalid { other: placeholder, value, ..invalid });
        }
        if scheduler.ready.is_zero() {
            self.report(ErrorKind::SchedulerReady, name);
        }
        self.needs.scheduler = true;
        self.needs.controllers = self.needs.controllers.or(scheduler.controllers);
    }

    /// Judges what its program is given: arguments, environment, files.
    const fn check_texts(&mut self, scheduler: &Scheduler<'a>) {
        let name = scheduler.name;
        let mut i = 0;
        while i < scheduler.args.len() {
            if names::has_nul(scheduler.args[i]) {
                let value = Value::Count(i as u64);
                self.report_value(ErrorKind::SchedulerArgument, name, value, Value::None);
            }
            i += 1;
        }
        let mut i = 0;
        while i < scheduler.env.len() {
            if !is_variable(scheduler.env[i]) {
                let value = Value::Count(i as u64);
                self.report_value(ErrorKind::SchedulerVariable, name, value, Value::None);
            }
            i += 1;
        }
        let mut i = 0;
        while i < scheduler.include_files.len() {
            let file = scheduler.include_files[i];
            if file.is_empty() || names::has_nul(file) {
                let value = Value::Count(i as u64);
                self.report_value(ErrorKind::SchedulerFile, name, value, Value::None);
            }
            i += 1;
        }
    }
}

/// Whether a text is a variable of the environment: a name, an equals sign, a value.
const fn is_variable(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() && bytes[i] != b'=' {
        i += 1;
    }
    i > 0 && i < bytes.len() && !names::has_nul(text)
}
