//! Operations that go straight to the kernel: `cgroup.kill`, control files as text, memory that is reclaimed,
//! and how workers that run are scheduled.

use super::expect::is_plain_name;
use super::state::{Life, NONE};
use super::walk::Walk;
use crate::base::name::equal;
use crate::model::controllers::{Controller, Controllers};
use crate::model::file_check::FileCheck;
use crate::model::sched_policy::SchedPolicy;
use crate::validate::invalid::Value;
use crate::validate::rules::ErrorKind;

/// The most bytes that the kernel takes in one write to a control file.
const WRITE_MAX: usize = 4096;

/// Files that an account is kept of, and what sets them.
const OWNED: [(&str, &str); 8] = [
    ("cgroup.procs", "move_all_tasks, spawn or run_payload"),
    ("cgroup.threads", "move_all_tasks, spawn or run_payload"),
    ("cgroup.freeze", "freeze_cgroup and unfreeze_cgroup"),
    ("cgroup.kill", "kill_cgroup"),
    ("cgroup.subtree_control", "limits of a cgroup below it, which enable what they need"),
    ("cgroup.type", "cgroups as they are made"),
    ("cpuset.cpus", "set_cpuset"),
    ("pids.max", "set_limits with pids_max"),
];
/// How many of them are refused also where they have to fail: what goes through moves the runner.
const NEVER: usize = 2;

impl<'a> Walk<'_, '_, 'a> {
    /// Kills all in a cgroup and below it.
    pub(super) const fn kill(&mut self, at: u32, name: &'a str) {
        if self.cgroup(at).tasks == 0 {
            self.report(ErrorKind::KillNothing, name);
        }
        if self.is_to_fail() {
            return;
        }
        let mut here = at;
        while here != NONE {
            self.end_all(here, self.name_of(here));
            here = self.next_below(at, here);
        }
    }

    /// The next cgroup at or below `top`, each after the one above it.
    const fn next_below(&self, top: u32, here: u32) -> u32 {
        let below = self.cgroup(here).first_child;
        if below != NONE {
            return below;
        }
        let mut here = here;
        while here != top && here != NONE {
            let cgroup = self.cgroup(here);
            if cgroup.next_sibling != NONE {
                return cgroup.next_sibling;
            }
            here = cgroup.parent;
        }
        NONE
    }

    pub(super) const fn write_file(&mut self, name: &'a str, known: u32, file: &'a str, text: &str) {
        let at = self.live(name, known);
        if !is_plain_name(file) {
            self.report(ErrorKind::ExpectFile, file);
            return;
        }
        let mut i = 0;
        while i < if self.is_to_fail() { NEVER } else { OWNED.len() } {
            if equal(OWNED[i].0, file) {
                self.report_pair(ErrorKind::FileOwned, file, OWNED[i].1);
                return;
            }
            i += 1;
        }
        if !is_whole(text) {
            self.report(ErrorKind::FileText, file);
        }
        if let Some(at) = at {
            self.enable(at, FileCheck::file(file).controllers());
        }
    }

    pub(super) const fn reclaim(&mut self, name: &'a str, known: u32, bytes: u64) {
        if bytes == 0 {
            self.report(ErrorKind::ReclaimNothing, name);
        }
        if let Some(at) = self.live(name, known) {
            self.enable(at, Controllers::NONE.with(Controller::Memory));
        }
    }

    pub(super) const fn set_nice(&mut self, name: &'a str, known: u32, nice: i32) {
        self.check_tunable(name, known);
        if nice < -20 || nice > 19 {
            self.report_value(ErrorKind::Nice, name, Value::Signed(nice as i64), Value::None);
        }
        // Whether it is lower than before is not known here.
        self.needs.privileged = true;
    }

    pub(super) const fn set_policy(&mut self, name: &'a str, known: u32, policy: &SchedPolicy) {
        let at = self.check_tunable(name, known);
        self.check_policy(name, policy);
        if let SchedPolicy::Deadline { .. } = policy {
            self.report(ErrorKind::PolicyDeadline, name);
        }
        self.needs.privileged |= policy.is_realtime();
        if let (Some(at), false) = (at, self.is_to_fail()) {
            let mut i = 0;
            while i < Life::ALL.len() {
                self.deadlines.end(at, Life::ALL[i]);
                i += 1;
            }
        }
    }

    /// The cgroup whose workers are to be scheduled otherwise.
    const fn check_tunable(&mut self, name: &'a str, known: u32) -> Option<u32> {
        let at = self.live(name, known);
        if let Some(at) = at
            && !self.cgroup(at).has_workers()
        {
            self.report(ErrorKind::NoWorkers, name);
        }
        at
    }
}

/// Whether a text goes to the kernel as a whole.
const fn is_whole(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] == 0 {
            return false;
        }
        i += 1;
    }
    i > 0 && i <= WRITE_MAX
}
