//! Memory: what tasks have touched is charged to the cgroup in which they began to, and to all above it. Past
//! a `memory.max` the largest task below that cgroup is killed, with `memory.oom.group` all that belong to
//! it, until the rest fits; `memory.events` counts. Nothing can be taken back otherwise: all memory is
//! anonymous and there is no swap, so `memory.low`, `memory.min` and swap protect nothing, and `memory.high`
//! counts but slows nobody down. Facts: Documentation/admin-guide/cgroup-v2.rst, mm/memcontrol.c and
//! mm/oom_kill.c.

use super::MockKernel;
use super::cgroup::CgroupId;
use super::limits::NO_LIMIT;
use super::signals::SIGKILL;
use super::tasks::{INIT, Pid, TaskState};
use core::fmt::Write;
use ktstr_core::{Controller, ExitStatus, Knob};

/// What `memory.events` counts, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemoryEvent {
    Low,
    High,
    Max,
    Oom,
    OomKill,
    OomGroupKill,
}

impl MemoryEvent {
    const ALL: [Self; 6] = [Self::Low, Self::High, Self::Max, Self::Oom, Self::OomKill, Self::OomGroupKill];

    const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::High => "high",
            Self::Max => "max",
            Self::Oom => "oom",
            Self::OomKill => "oom_kill",
            Self::OomGroupKill => "oom_group_kill",
        }
    }
}

/// What a cgroup knows of its memory apart from its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct MemoryCounts {
    /// Bytes, the most at one time.
    pub(crate) peak: u64,
    /// Here and below.
    events: [u64; MemoryEvent::ALL.len()],
    /// Here only.
    local: [u64; MemoryEvent::ALL.len()],
    /// Kills that a notice was given of: for want of memory here, and here and below.
    noticed: [u64; 2],
}

impl MemoryCounts {
    pub(crate) const NONE: Self = Self { peak: 0, events: [0; 6], local: [0; 6], noticed: [0; 2] };

    pub(crate) fn show(&self, local: bool, out: &mut String) {
        let counts = if local { &self.local } else { &self.events };
        for (event, count) in MemoryEvent::ALL.into_iter().zip(counts) {
            _ = writeln!(out, "{} {count}", event.name());
        }
    }
}

impl MockKernel {
    /// Lets a task have touched so many bytes in all, of which whole pages count; less gives memory back. May
    /// kill it, or others.
    ///
    /// # Errors
    /// `ESRCH` when it is not there or has ended.
    pub fn use_memory(&mut self, pid: Pid, bytes: u64) -> Result<(), crate::errno::Errno> {
        let slot = self.slot(pid)?;
        if self.tasks[slot].state != TaskState::Live {
            return Err(crate::errno::Errno::ESRCH);
        }
        self.charges = true;
        let task = &mut self.tasks[slot];
        if task.memory == 0 {
            task.charged_to = task.cgroup;
        }
        let home = task.charged_to;
        let more = bytes > task.memory;
        task.memory = bytes.div_ceil(4096) * 4096;
        if more {
            self.charged(home);
        }
        Ok(())
    }

    /// What a cgroup and all below it are charged, in bytes.
    pub(crate) fn memory_of(&self, id: CgroupId) -> u64 {
        if !self.charges {
            return 0;
        }
        let live = self.tasks.iter().filter(|task| task.state == TaskState::Live && task.memory > 0);
        live.filter(|task| self.is_below(task.charged_to, id)).map(|task| task.memory).sum()
    }

    /// Holds the cgroup and all above it to their limits, from below: charges meet the lowest limit first.
    fn charged(&mut self, home: CgroupId) {
        let mut at = Some(home);
        while let Some(id) = at {
            let used = self.memory_of(id);
            let limits = &mut self.cg_mut(id).limits;
            let (high, most) = (limits.of(Knob::MemoryHigh), limits.of(Knob::MemoryMax));
            limits.memory.peak = limits.memory.peak.max(used.min(most));
            if high != NO_LIMIT && used.min(most) > high {
                self.count_memory(id, MemoryEvent::High);
            }
            self.hold_to_max(id, MemoryEvent::Max);
            at = self.cg(id).parent;
        }
    }

    /// Kills below a cgroup until what is left fits its `memory.max`. `first` is what is counted when it does
    /// not fit, before the kills.
    pub(crate) fn hold_to_max(&mut self, id: CgroupId, first: MemoryEvent) {
        let most = self.cg(id).limits.of(Knob::MemoryMax);
        if !self.charges || most == NO_LIMIT || self.memory_of(id) <= most {
            return;
        }
        if first == MemoryEvent::Max {
            self.count_memory(id, first);
        }
        while self.memory_of(id) > most {
            self.count_memory(id, MemoryEvent::Oom);
            if !self.kill_for_memory(id) {
                return;
            }
        }
    }

    /// Kills the largest task that is charged below a cgroup, the newest of those that are equal; with
    /// `memory.oom.group` above it, all in the topmost such cgroup. False when there is none.
    fn kill_for_memory(&mut self, domain: CgroupId) -> bool {
        let live = self.tasks.iter().filter(|task| task.state == TaskState::Live && task.memory > 0);
        let below = live.filter(|task| self.is_below(task.charged_to, domain) && task.pid != INIT);
        let victim = below.max_by_key(|task| (task.memory, task.pid));
        let Some((pid, cgroup)) = victim.map(|task| (task.process, task.cgroup)) else { return false };
        let mut together = None;
        let mut at = Some(cgroup).filter(|&cgroup| self.is_below(cgroup, domain));
        while let Some(id) = at {
            if self.cg(id).limits.of(Knob::MemoryOomGroup) == 1 {
                together = Some(id);
            }
            at = self.cg(id).parent.filter(|_| id != domain);
        }
        self.count_memory(cgroup, MemoryEvent::OomKill);
        if let Some(top) = together {
            // The victim is one of them, and counted once more.
            self.count_memory(top, MemoryEvent::OomGroupKill);
            let mut at = Some(top);
            while let Some(id) = at {
                for process in self.procs_of(id) {
                    self.count_memory(id, MemoryEvent::OomKill);
                    self.end(process, ExitStatus::Signalled(SIGKILL));
                }
                at = self.next_below(top, id);
            }
        }
        self.end(pid, ExitStatus::Signalled(SIGKILL));
        true
    }

    /// The kills for want of memory in and below a cgroup since the last time: the paths of the cgroups from
    /// there, and how many; those in cgroups that are no more go to the first itself.
    pub(crate) fn fresh_oom_kills(&mut self, top: CgroupId) -> Vec<(String, u64)> {
        let kill = MemoryEvent::OomKill as usize;
        let counts = &mut self.cg_mut(top).limits.memory;
        let all = counts.events[kill];
        let mut rest = all - core::mem::replace(&mut counts.noticed[1], all);
        let mut fresh = Vec::new();
        let mut at = if rest > 0 { self.next_below(top, top) } else { None };
        while let Some(id) = at {
            let counts = &mut self.cg_mut(id).limits.memory;
            let own = counts.local[kill];
            let more = own - core::mem::replace(&mut counts.noticed[0], own);
            if more > 0 {
                rest = rest.saturating_sub(more);
                let path = self.path_of(id);
                let below = path.strip_prefix(&self.path_of(top)).unwrap_or(&path);
                fresh.push((below.trim_start_matches('/').to_owned(), more));
            }
            at = self.next_below(top, id);
        }
        fresh.extend((rest > 0).then(|| (String::new(), rest)));
        fresh
    }

    /// Counts an event where it happened and above. A cgroup without the controller has no counts: its
    /// parent's are meant.
    fn count_memory(&mut self, id: CgroupId, event: MemoryEvent) {
        let mut home = id;
        while let (false, Some(parent)) =
            (self.controllers_of(home).has(Controller::Memory), self.cg(home).parent)
        {
            home = parent;
        }
        self.cg_mut(home).limits.memory.local[event as usize] += 1;
        self.each_ancestor(home, |above| above.limits.memory.events[event as usize] += 1);
    }

    /// What a removed cgroup is still charged for goes to its parent.
    pub(crate) fn hand_memory_up(&mut self, from: CgroupId, to: CgroupId) {
        if self.charges {
            for task in self.tasks.iter_mut().filter(|task| task.charged_to == from) {
                task.charged_to = to;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ktstr_core::Topology;

    const MIB: u64 = 1 << 20;

    /// `a` with `a/x` and `a/y`, all with memory.
    fn kernel() -> MockKernel {
        let mut kernel = MockKernel::new(&Topology::uniform(1, 1, 2, 1));
        for (path, file, text) in
            [("", "cgroup.subtree_control", "+memory"), ("a", "cgroup.subtree_control", "+memory")]
        {
            if !path.is_empty() {
                kernel.mkdir(path).unwrap();
            }
            kernel.write(path, file, text).unwrap();
        }
        kernel.mkdir("a/x").unwrap();
        kernel.mkdir("a/y").unwrap();
        kernel
    }

    fn start(kernel: &mut MockKernel, path: &str, mib: u64) -> Pid {
        let pid = kernel.fork(INIT, Some(path)).unwrap();
        kernel.use_memory(pid, mib * MIB).unwrap();
        pid
    }

    fn count(kernel: &MockKernel, path: &str, file: &str, event: &str) -> u64 {
        let text = kernel.read(path, file).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(event)?.strip_prefix(' '));
        line.expect("the event").parse().unwrap()
    }

    #[test]
    fn what_is_used_is_charged_upwards_and_given_back() {
        let mut kernel = kernel();
        let pid = start(&mut kernel, "a/x", 3);
        start(&mut kernel, "a/y", 2);
        for (path, mib) in [("a/x", 3), ("a/y", 2), ("a", 5)] {
            assert_eq!(kernel.read(path, "memory.current").unwrap(), format!("{}\n", mib * MIB), "{path}");
        }
        kernel.kill(pid, SIGKILL).unwrap();
        assert_eq!(kernel.read("a", "memory.current").unwrap(), format!("{}\n", 2 * MIB));
        assert_eq!(kernel.read("a", "memory.peak").unwrap(), format!("{}\n", 5 * MIB));
    }

    #[test]
    fn the_largest_is_killed_and_counted_where_it_was_and_above() {
        let mut kernel = kernel();
        kernel.write("a", "memory.max", "10M").unwrap();
        let large = start(&mut kernel, "a/x", 7);
        let small = start(&mut kernel, "a/y", 4);
        assert_eq!((kernel.is_alive(large), kernel.is_alive(small)), (false, true));
        for (path, file, event, expected) in [
            ("a/x", "memory.events.local", "oom_kill", 1),
            ("a/y", "memory.events", "oom_kill", 0),
            ("a", "memory.events", "oom_kill", 1),
            ("a", "memory.events.local", "oom_kill", 0),
            ("a", "memory.events.local", "oom", 1),
            ("a/x", "memory.events", "oom", 0),
            ("a", "memory.events", "oom_group_kill", 0),
        ] {
            assert_eq!(count(&kernel, path, file, event), expected, "{path}/{file} {event}");
        }
        assert!(count(&kernel, "a", "memory.events", "max") > 0);
    }

    #[test]
    fn a_group_dies_as_one() {
        let mut kernel = kernel();
        kernel.write("a/x", "memory.max", "4M").unwrap();
        kernel.write("a/x", "memory.oom.group", "1").unwrap();
        let idle = kernel.fork(INIT, Some("a/x")).unwrap();
        let beside = start(&mut kernel, "a/y", 90);
        let hog = start(&mut kernel, "a/x", 5);
        assert_eq!([idle, hog, beside].map(|pid| kernel.is_alive(pid)), [false, false, true]);
        assert_eq!(count(&kernel, "a", "memory.events", "oom_group_kill"), 1);
        assert_eq!(count(&kernel, "a/x", "memory.events.local", "oom_kill"), 3);
    }

    #[test]
    fn a_limit_below_what_is_used_kills_at_once() {
        let mut kernel = kernel();
        kernel.write("a/x", "memory.high", "1M").unwrap();
        let pids = [1, 3, 2].map(|mib| start(&mut kernel, "a/x", mib));
        assert!(count(&kernel, "a/x", "memory.events", "high") > 0);
        kernel.write("a/x", "memory.max", "3M").unwrap();
        assert_eq!(pids.map(|pid| kernel.is_alive(pid)), [true, false, true]);
        assert_eq!(count(&kernel, "a/x", "memory.events", "oom_kill"), 1);
        kernel.check_invariants().unwrap();
    }
}
