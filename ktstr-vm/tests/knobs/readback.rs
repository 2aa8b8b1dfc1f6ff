//! A backend that carries each action out on Linux and then reads back from the kernel, without the backend's
//! help, whether it came about. What it read is kept as lines; what it read and should not have, as faults.

use ktstr_core::prelude::*;
use ktstr_core::{
    Action, AffinityPlan, Backend, Channel, Controllers, Evidence, Fault, GroupId, Knob, KnobKind, KnobValue,
    Outcome, PayloadId, Placement,
};
use ktstr_linux::{LinuxBackend, Options};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::time::Duration;

type Pids = BTreeSet<i32>;

/// The CPUs that a cgroup has.
const EFFECTIVE: &str = "cpuset.cpus.effective";

/// The cgroup whose workers have to come round at least once.
pub(crate) const WORKS: &str = "works";

pub(crate) struct ReadBack {
    linux: LinuxBackend,
    run: PathBuf,
    runner: PathBuf,
    groups: BTreeMap<GroupId, (PathBuf, Pids)>,
    /// What the groups do that have to come round, those of [`WORKS`].
    work_types: BTreeMap<GroupId, WorkType>,
    payloads: BTreeMap<PayloadId, Pids>,
    irqs: BTreeMap<u32, String>,
    pub(crate) lines: Vec<String>,
    pub(crate) faults: Vec<String>,
}

/// Whether a control file that reads `text` holds `value`, as the kernel writes such values out: whole pages
/// of memory, lists of CPUs in ranges, the default line of a list of devices.
pub(crate) fn holds(knob: Knob, value: KnobValue, text: &str) -> bool {
    let text = text.trim();
    match (knob, value) {
        (_, KnobValue::Cpus(cpus)) => CpuSet::parse(text).is_ok_and(|read| read == cpus),
        (_, KnobValue::Nodes(nodes)) => NodeSet::parse(text).is_ok_and(|read| read == nodes),
        (Knob::IoWeight, value) => text.lines().next() == Some(&format!("default {value}")),
        (knob, KnobValue::Number(bytes)) if is_size(knob) => text == (bytes / 4096 * 4096).to_string(),
        (_, value) => text == value.to_string(),
    }
}

const fn is_size(knob: Knob) -> bool {
    matches!(knob.info().kind, KnobKind::Bytes | KnobKind::BytesOrMax)
}

fn read(path: &Path) -> String {
    read_to_string(path)
        .map_or_else(|error| format!("{}: {error}", path.display()), |text| text.trim().into())
}

/// The processes of a cgroup, without the kernel's own threads, which come and go in the root as the kernel
/// likes.
fn pids(cgroup: &Path) -> Pids {
    let text = read_to_string(cgroup.join("cgroup.procs")).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).filter(|&pid| status(pid, "PPid") != KTHREADD).collect()
}

/// The process whose children are the kernel's threads.
const KTHREADD: &str = "2";

fn lives(pid: i32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

/// The name of a process that has just passed `exec`: the kernel lets the parent go on a moment before it
/// gives the child its new name, so that for that moment it has ours.
fn name_after_exec(pid: i32) -> String {
    let ours = read(Path::new("/proc/self/comm"));
    let name = || read(Path::new(&format!("/proc/{pid}/comm")));
    for _ in 0..100 {
        let seen = name();
        if seen != ours {
            return seen;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    name()
}

/// The rest of a line of `/proc/<pid>/status`.
fn status(pid: i32, name: &str) -> String {
    let text = read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap_or_default().trim().to_owned()
}

/// An id as `status` shows it: real, effective, saved, of the file system.
fn ids(id: u32) -> String {
    format!("{id}\t{id}\t{id}\t{id}")
}

/// A field of `/proc/<pid>/stat`, numbered as in proc(5), from 3.
fn stat(pid: i32, field: usize) -> String {
    let text = read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    rest.split_whitespace().nth(field - 3).unwrap_or_default().to_owned()
}

impl ReadBack {
    pub(crate) fn new() -> Result<Self, Fault> {
        let linux = LinuxBackend::new(Options::default())?;
        Ok(Self {
            runner: linux.runner_directory().unwrap_or_default(),
            linux,
            run: PathBuf::new(),
            groups: BTreeMap::new(),
            work_types: BTreeMap::new(),
            payloads: BTreeMap::new(),
            irqs: BTreeMap::new(),
            lines: Vec::new(),
            faults: Vec::new(),
        })
    }

    /// Keeps what was read of something, and whether it is as it should be.
    fn see(&mut self, what: &str, text: &str, right: bool) {
        let line = format!("{what} = {text}");
        if !right {
            self.faults.push(line.clone());
        }
        self.lines.push(line);
    }

    /// Where tasks are placed.
    fn place(&self, placement: Placement<'_>) -> PathBuf {
        match placement {
            Placement::RunnerCgroup => self.runner.clone(),
            Placement::Cgroup(path) => self.run.join(path),
        }
    }

    fn enabled(&mut self, path: &str, controllers: Controllers) {
        let text = read(&self.run.join(path).join("cgroup.subtree_control"));
        let has = |name: &str| text.split_whitespace().any(|word| word == name);
        let right = controllers.iter().all(|one| has(one.name()));
        self.see(&format!("{path}/cgroup.subtree_control"), &text, right);
    }

    fn written(&mut self, path: &str, knob: Knob, value: KnobValue) {
        let directory = self.run.join(path);
        let text = read(&directory.join(knob.file()));
        let effective = |directory: &Path| read(&directory.join(EFFECTIVE));
        let (own, above) = (effective(&directory), effective(&directory.join("..")));
        // Kernels that refuse to clear a set under tasks are given the parent's CPUs, as `ClearCpuset` says.
        let cleared =
            value == KnobValue::Cpus(CpuSet::EMPTY) && text == above && !pids(&directory).is_empty();
        let right = cleared || holds(knob, value, &text);
        self.see(&format!("{path}/{}", knob.file()), &text, right);
        let (KnobValue::Cpus(cpus), Knob::CpusetCpus) = (value, knob) else { return };
        let wanted = if cpus.is_empty() { CpuSet::parse(&above) } else { Ok(cpus) };
        self.see(&format!("{path}/cpuset.cpus.effective"), &own, CpuSet::parse(&own) == wanted);
    }

    fn spawned(
        &mut self,
        group: GroupId,
        at: Placement<'_>,
        work: &WorkSpec<'_>,
        workers: u32,
        before: &Pids,
    ) {
        let place = self.place(at);
        let fresh: Pids = pids(&place).difference(before).copied().collect();
        let count = fresh.len();
        self.see(
            &format!("{}/cgroup.procs of group {}", at.path(), group.0),
            &count.to_string(),
            count == workers as usize,
        );
        for &pid in &fresh {
            let name = read(Path::new(&format!("/proc/{pid}/comm")));
            let policy = match work.sched_policy {
                // Each member of its team has one of its own.
                _ if work.work_type.profile().privileged => None,
                SchedPolicy::Batch => Some("3"),
                SchedPolicy::Fifo(_) => Some("1"),
                _ => Some("0"),
            };
            let rows = [
                ("nice", stat(pid, 19), work.nice.map(|nice| nice.to_string())),
                ("comm", name, work.comm.map(str::to_owned)),
                ("uid", status(pid, "Uid"), work.uid.map(ids)),
                ("gid", status(pid, "Gid"), work.gid.map(ids)),
                ("policy", stat(pid, 41), policy.map(str::to_owned)),
                ("memory", memory_policy(pid), memory_words(work)),
            ];
            for (what, text, wanted) in rows {
                if let Some(wanted) = wanted {
                    self.see(&format!("{what} of a worker of group {}", group.0), &text, text == wanted);
                }
            }
        }
        self.groups.insert(group, (place, fresh));
    }

    fn affinity(&mut self, group: GroupId, plan: AffinityPlan) {
        let Some((place, members)) = self.groups.get(&group).cloned() else { return };
        // Without the controller a cgroup has the CPUs of the nearest one above that has it.
        let known = |at: &&Path| at.join(EFFECTIVE).exists();
        let nearest = place.ancestors().find(known).unwrap_or(&place);
        let effective = CpuSet::parse(&read(&nearest.join(EFFECTIVE))).unwrap_or(CpuSet::EMPTY);
        for pid in members {
            let text = status(pid, "Cpus_allowed_list");
            let seen = CpuSet::parse(&text).unwrap_or(CpuSet::EMPTY);
            let right = match plan {
                AffinityPlan::Inherit => seen == effective,
                AffinityPlan::Set(cpus) => seen == cpus.and(&effective),
                AffinityPlan::Draw { pool, count, .. } => {
                    seen.is_subset(&pool) && seen.len() == count as usize
                }
            };
            self.see(&format!("affinity of a worker of group {}", group.0), &text, right);
        }
    }

    /// A field of `/proc/<pid>/stat` of each worker of a group.
    fn tuned(&mut self, group: GroupId, what: &str, field: usize, wanted: &str) {
        let members = self.groups.get(&group).map(|(_, members)| members.clone()).unwrap_or_default();
        for pid in members {
            let text = stat(pid, field);
            self.see(&format!("{what} of a worker of group {}", group.0), &text, text == wanted);
        }
    }

    fn moved(&mut self, group: GroupId, at: Placement<'_>) {
        let to = self.place(at);
        let Some((place, members)) = self.groups.get_mut(&group) else { return };
        let (from, members) = (std::mem::replace(place, to.clone()), members.clone());
        let right = members.is_subset(&pids(&to)) && members.is_disjoint(&pids(&from));
        self.see(&format!("{}/cgroup.procs has group {}", at.path(), group.0), &right.to_string(), right);
    }

    fn ended(&mut self, what: &str, members: &Pids) {
        let left = members.iter().filter(|&&pid| lives(pid)).count();
        self.see(&format!("processes left of {what}"), &left.to_string(), left == 0);
    }

    /// Whether a worker has done something; of the cgroup that has them all each has to.
    fn collected(&mut self, group: GroupId, worker: u32, outcome: &Outcome) {
        let Some(&work_type) = self.work_types.get(&group) else { return };
        let text = match outcome {
            Outcome::Report(report) if report.iterations > 0 && report.work_units > 0 => {
                "has worked".to_owned()
            }
            other => format!("{other:?}"),
        };
        let right = text == "has worked";
        self.see(&format!("{} by worker {worker}", work_type.name()), &text, right);
    }

    fn frozen(&mut self, path: &str, wanted: &str) {
        let events = read(&self.run.join(path).join("cgroup.events"));
        let text = events.lines().find_map(|line| line.strip_prefix("frozen ")).unwrap_or_default();
        self.see(&format!("{path}/cgroup.events frozen"), text, text == wanted);
        let text = read(&self.run.join(path).join("cgroup.freeze"));
        self.see(&format!("{path}/cgroup.freeze"), &text, text == wanted);
    }

    /// `found` is what the backend has captured.
    fn look(&mut self, action: &Action<'_>, outcome: &Outcome, before: &Pids, found: &Pids) {
        match *action {
            Action::Prepare { controllers } => {
                self.run = self.linux.run_directory().unwrap_or_default();
                self.enabled("", controllers);
            }
            Action::EnableControllers { path, controllers } => self.enabled(path, controllers),
            Action::CreateCgroup { path } => {
                let text = read(&self.run.join(path).join("cgroup.events"));
                self.see(&format!("{path}/cgroup.events"), &text, text.starts_with("populated 0"));
            }
            Action::Write { path, knob, value } => self.written(path, knob, value),
            Action::Spawn { group, placement, ref work, workers, affinity, .. } => {
                if placement == Placement::Cgroup(WORKS) {
                    self.work_types.insert(group, work.work_type);
                }
                self.spawned(group, placement, work, workers, before);
                self.affinity(group, affinity);
            }
            Action::SetAffinity { group, affinity } => self.affinity(group, affinity),
            Action::Move { group, to } => self.moved(group, to),
            Action::Stop { group } => {
                let members = self.groups.get(&group).map(|(_, members)| members.clone()).unwrap_or_default();
                self.ended(&format!("group {}", group.0), &members);
            }
            Action::Collect { group, worker } => self.collected(group, worker, outcome),
            Action::StartPayload { id, payload, placement, .. } => {
                let fresh: Pids = pids(&self.place(placement)).difference(before).copied().collect();
                // A short one may have ended already, also while it is looked at. Beside one in the runner's
                // cgroup stands the process that guards it.
                let mut names: Vec<String> = fresh.iter().map(|&pid| name_after_exec(pid)).collect();
                names.retain(|name| name != "ktstr-guard" && !name.starts_with("/proc/"));
                let right = names.iter().all(|name| name == payload.binary);
                self.see(
                    &format!("{}/cgroup.procs of payload {}", placement.path(), id.0),
                    &names.join(" "),
                    right,
                );
                self.payloads.insert(id, fresh);
            }
            Action::WaitPayload { id, .. } | Action::KillPayload { id, .. } => {
                let members = self.payloads.get(&id).cloned().unwrap_or_default();
                self.ended(&format!("payload {}", id.0), &members);
            }
            Action::Freeze { path } => self.frozen(path, "1"),
            Action::Thaw { path } => self.frozen(path, "0"),
            Action::ReadProcs { path, .. } => {
                let seen = pids(&self.run.join(path));
                self.see(&format!("{path}/cgroup.procs captured"), &seen.len().to_string(), *found == seen);
            }
            Action::KillCgroup { path } => {
                let text = read(&self.run.join(path).join("cgroup.events"));
                self.see(
                    &format!("{path}/cgroup.events after the kill"),
                    &text,
                    text.starts_with("populated 0"),
                );
            }
            Action::WriteFile { path, file, text } => {
                let read = read(&self.run.join(path).join(file));
                self.see(&format!("{path}/{file}"), &read, read == text);
            }
            Action::SetNice { group, nice } => self.tuned(group, "nice", 19, &nice.to_string()),
            Action::SetSchedPolicy { group, policy } => {
                let wanted = if policy == SchedPolicy::Idle { "5" } else { "?" };
                self.tuned(group, "policy", 41, wanted);
            }
            Action::SteerIrq { irq, cpu } => {
                let text = read(&irq_file(irq));
                self.see(&format!("irq {irq}"), &text, text == cpu.to_string());
            }
            Action::RestoreIrq { irq } => {
                let text = read(&irq_file(irq));
                let right = self.irqs.get(&irq) == Some(&text);
                self.see(&format!("irq {irq} restored"), &text, right);
            }
            Action::CheckFile { path, check } => {
                let Outcome::Seen(seen) = outcome else { return };
                let what = format!("{path}/{} {}", check.file, check.key.unwrap_or_default());
                self.see(&what, seen.text.as_str(), seen.held);
            }
            Action::KillRemaining { path } => {
                let left = pids(&self.run.join(path)).len();
                self.see(&format!("{path}/cgroup.procs at the end"), &left.to_string(), left == 0);
            }
            Action::RemoveCgroup { path } => {
                let there = self.run.join(path).exists();
                self.see(&format!("{path} is there"), &there.to_string(), !there);
            }
            Action::Finish => {
                let there = self.run.exists();
                self.see("the run's cgroup is there", &there.to_string(), !there);
            }
            Action::Start
            | Action::Reclaim { .. }
            | Action::EndCpuWatch { .. }
            | Action::BeginCpuWatch { .. }
            | Action::AskToStop { .. }
            | Action::ReadMetric { .. }
            | Action::ReadOutput { .. }
            | Action::NoteFile { .. }
            | Action::AttachScheduler { .. }
            | Action::DetachScheduler { .. }
            | Action::Hold { .. } => {}
        }
    }
}

fn irq_file(irq: u32) -> PathBuf {
    PathBuf::from(format!("/proc/irq/{irq}/smp_affinity_list"))
}

/// The task's memory policy, as `numa_maps` shows it for memory that has none of its own.
fn memory_policy(pid: i32) -> String {
    let text = read_to_string(format!("/proc/{pid}/numa_maps")).unwrap_or_default();
    let stack = text.lines().find(|line| line.contains(" stack")).or(text.lines().next());
    stack.and_then(|line| line.split_whitespace().nth(1)).unwrap_or_default().to_owned()
}

fn memory_words(work: &WorkSpec<'_>) -> Option<String> {
    let flags = if work.mpol_flags.has(MpolFlags::STATIC_NODES) { "=static" } else { "" };
    match work.mem_policy {
        MemPolicy::Bind(nodes) => Some(format!("bind{flags}:{nodes}")),
        MemPolicy::Interleave(nodes) => Some(format!("interleave{flags}:{nodes}")),
        _ => None,
    }
}

impl Backend for ReadBack {
    ktstr_core::forward_backend!(|this| this.linux);

    fn perform(&mut self, action: &Action<'_>, channel: &mut dyn Channel) -> Outcome {
        let before = action.cgroup().map(|at| pids(&self.place(at))).unwrap_or_default();
        if let Action::SteerIrq { irq, .. } = *action {
            self.irqs.entry(irq).or_insert_with(|| read(&irq_file(irq)));
        }
        let mut found = Pids::new();
        let mut listen = |piece: &Evidence<'_>| {
            if let Evidence::Procs { pids } = piece {
                found.extend(pids.iter().map(|pid| *pid as i32));
            }
            channel.evidence(piece);
        };
        let outcome = self.linux.perform(action, &mut listen);
        if let Outcome::Failed(fault) = &outcome {
            self.faults.push(format!("{action}: {fault}"));
        } else {
            self.look(action, &outcome, &before, &found);
        }
        outcome
    }
}
