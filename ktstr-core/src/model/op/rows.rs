//! All operations, a row each: what it does, its name in Rust and in scenario files, and its fields with what
//! they hold.
//!
//! `need` fields are the arguments of the constructor, in this order; `may` fields have a value where they
//! are not given. A key in quotes is the one in scenario files, where that is not the field's name. `in`
//! names the constructor that takes a cgroup last, `placed` those for a cgroup and for the runner's, of which
//! the second is also a word of scenario files. `needs` is the controller that it takes.

use super::DEFAULT_GRACE;
use super::table::ops;

ops! {
    /// Makes an empty cgroup.
    AddCgroup = add_cgroup {
        /// Its path; the parent has to exist.
        need name "cgroup": new_cgroup;
        /// Whether a step may remove it; only in the Backdrop.
        may until_removed: flag = false;
        /// Whether it outlives its step, until it is removed or to the end; only in a step.
        may kept: flag = false;
    }
    /// Makes a cgroup with limits and workers.
    AddCgroupDef = add_cgroup_def {
        /// Its path, where that is not the name in the definition.
        may name "cgroup": new_cgroup = def.name;
        /// What to make.
        need def: def;
    }
    /// Stops the workers in a cgroup and collects their reports, kills its payloads, and removes it. Where it
    /// has to fail, nothing in it is ended before.
    RemoveCgroup = remove_cgroup {
        /// Which cgroup.
        need cgroup: cgroup;
    }
    /// Gives a cgroup other CPUs.
    SetCpuset = set_cpuset needs Cpuset {
        /// Which cgroup.
        need cgroup: cgroup;
        /// The CPUs.
        need cpus "cpuset": cpuset;
    }
    /// Takes a cgroup's own cpuset away, so that it has its parent's CPUs. Before Linux 7.0 the kernel
    /// refuses that for a cgroup with tasks (`ENOSPC`); a backend then writes the parent's CPUs, which has
    /// the same effect.
    ClearCpuset = clear_cpuset needs Cpuset {
        /// Which cgroup.
        need cgroup: cgroup;
    }
    /// Exchanges the cpusets of two cgroups; both have to have one.
    SwapCpusets = swap_cpusets needs Cpuset {
        /// One cgroup.
        need a: cgroup;
        /// The other.
        need b: cgroup;
    }
    /// Changes control files of a cgroup while it is in use; those that are not named stay as they are.
    SetLimits = set_limits {
        /// Which cgroup.
        need cgroup: cgroup;
        /// What they are set to, at least one; values and rules are those of definitions.
        need limits: limits;
    }
    /// Starts more workers.
    Spawn = spawn placed spawn_workers spawn_host {
        /// In which cgroup.
        need placement "cgroup": home;
        /// What they do.
        need work: work;
    }
    /// Stops the workers in a cgroup and collects their reports, and kills its payloads; the cgroup stays.
    StopCgroup = stop_cgroup {
        /// Which cgroup.
        need cgroup: cgroup;
    }
    /// Changes the CPU affinity of the workers in a cgroup.
    SetAffinity = set_affinity {
        /// Which cgroup.
        need cgroup: cgroup;
        /// Which CPUs they ask for.
        need affinity: affinity;
    }
    /// Moves all workers from one cgroup to another, with what they have started and whatever else is in that
    /// cgroup; payloads, with what they have started, stay where they are.
    MoveAllTasks = move_all_tasks {
        /// Where they are; an empty path stands for the runner's cgroup.
        need from: placement;
        /// Where they go; only to a cgroup of the scenario.
        need to: placement;
    }
    /// Starts a payload.
    RunPayload = run_payload in run_payload_in_cgroup {
        /// Which payload.
        need payload: payload;
        /// Arguments after the payload's own.
        need args: texts;
        /// Where; the runner's cgroup where not said.
        may cgroup: inside = None;
    }
    /// Waits until a payload has ended, and judges it. If it does not end in time it is killed, and its check
    /// fails.
    WaitPayload = wait_payload in wait_payload_in_cgroup {
        /// The payload's name.
        need name "payload": payload_name;
        /// Where it runs; may be left out when only one of that name runs.
        may cgroup: anywhere = None;
        /// How long; where not said the payload's own timeout, or 10 s.
        may timeout: wait = None;
    }
    /// Ends a payload by SIGTERM, after a grace period by SIGKILL, and judges it.
    KillPayload = kill_payload in kill_payload_in_cgroup {
        /// The payload's name.
        need name "payload": payload_name;
        /// Where it runs; may be left out when only one of that name runs.
        may cgroup: anywhere = None;
        /// How long it has between the two; 1 s where not said.
        may grace: time = DEFAULT_GRACE;
    }
    /// Freezes a cgroup and all below it, and waits until the kernel says that it is frozen.
    FreezeCgroup = freeze_cgroup {
        /// Which cgroup.
        need cgroup: cgroup;
    }
    /// Thaws a cgroup.
    UnfreezeCgroup = unfreeze_cgroup {
        /// Which cgroup.
        need cgroup: cgroup;
    }
    /// Kills all that runs in a cgroup and below it at once, by `cgroup.kill`, and collects what the workers
    /// had measured: that they end by SIGKILL is no failure. The cgroups stay.
    KillCgroup = kill_cgroup {
        /// Which cgroup.
        need cgroup: cgroup;
    }
    /// Writes a text to a control file. Of what is written only the form is judged before the run, and the
    /// kernel says the rest; what has an operation of its own, or is a limit that tasks are counted against,
    /// is refused. A controller that the file is of is enabled, as for a limit.
    WriteFile = write_file {
        /// Whose file it is.
        need cgroup: cgroup;
        /// The name of the file.
        need file: file;
        /// What is written, in one call.
        need text: text;
    }
    /// Has the kernel reclaim memory of a cgroup and of those below it, by `memory.reclaim`. That it frees
    /// less is no failure, unless the operation has to fail with EAGAIN.
    Reclaim = reclaim needs Memory {
        /// Which cgroup.
        need cgroup: cgroup;
        /// How much, at least 1.
        need bytes: bytes;
    }
    /// Changes the nice value of the workers in a cgroup.
    SetNice = set_nice {
        /// Which cgroup.
        need cgroup: cgroup;
        /// From -20, which gets most CPU time, to 19.
        need nice: nice;
    }
    /// Changes the scheduling policy of the workers in a cgroup; under the normal policies they keep their
    /// nice value. Deadlines are given to workers when they are started, and not taken away.
    SetSchedPolicy = set_sched_policy {
        /// Which cgroup.
        need cgroup: cgroup;
        /// Which policy.
        need policy "sched_policy": policy;
    }
    /// Records the processes of a cgroup in the report.
    CaptureCgroupProcs = capture_cgroup_procs {
        /// What the report calls the record.
        need tag: tag;
        /// Which cgroup.
        need cgroup: cgroup;
    }
    /// Holds what a file says against what is expected of it. Where that does not hold the check fails, and
    /// the run goes on. A controller that the file is of is enabled, as for a limit.
    Expect = expect in expect_in_cgroup {
        /// What is expected of which file.
        need check: file_check;
        /// Whose file it is; left out for a path below `/proc` or `/sys`.
        may cgroup: inside = None;
    }
    /// Directs an interrupt to one CPU; it is directed back at the end of the run.
    SteerIrq = steer_irq {
        /// The interrupt's number, as in `/proc/interrupts`.
        need irq: irq;
        /// The CPU.
        need cpu: number;
    }
    /// Attaches a sched_ext scheduler and waits until it is ready: its program runs, and the kernel has
    /// enabled it. It stays attached until an operation detaches it, or to the end of the scenario.
    AttachScheduler = attach_scheduler {
        /// Which scheduler.
        need scheduler: scheduler;
    }
    /// Detaches the scheduler that is attached, and judges how it fared; the kernel's own takes over.
    DetachScheduler = detach_scheduler {}
    /// Detaches the scheduler that is attached, and attaches another.
    ReplaceScheduler = replace_scheduler {
        /// Which scheduler takes over.
        need scheduler: scheduler;
    }
    /// Detaches the scheduler that is attached, and attaches it again.
    RestartScheduler = restart_scheduler {}
}
