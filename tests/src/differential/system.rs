//! What a program runs on, seen the same way whether it is the model or a kernel: actions with error numbers,
//! and what can be seen after each. Process ids are shown by the names of the program's tasks, since they
//! differ from run to run.

use super::program::RawOp;
use ktstr_core::{Controller, Controllers};
use ktstr_mock::errno::Errno;
use std::collections::BTreeMap;

/// A process id that no machine has.
const NO_PID: u32 = 1 << 30;

/// What became of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It lives.
    Live,
    /// It exited with this code.
    Exited(i32),
    /// This signal ended it.
    Signalled(i32),
}

/// A hierarchy with a cgroup for one program in it.
pub trait System {
    /// `mkdir`. The path is relative to the program's cgroup, as everywhere here.
    fn mkdir(&mut self, path: &str) -> Result<(), Errno>;
    /// `rmdir`.
    fn rmdir(&mut self, path: &str) -> Result<(), Errno>;
    /// Opens, writes once, closes.
    fn write(&mut self, path: &str, file: &str, text: &str) -> Result<(), Errno>;
    /// The text of a file.
    fn read(&mut self, path: &str, file: &str) -> Result<String, Errno>;
    /// Starts an idle process in a cgroup.
    fn fork(&mut self, path: &str) -> Result<u32, Errno>;
    /// SIGKILL or SIGTERM to a process.
    fn signal(&mut self, pid: u32, kill: bool) -> Result<(), Errno>;
    /// Takes the status of a process.
    fn reap(&mut self, pid: u32) -> Result<(), Errno>;
    /// What became of a process that was not reaped.
    fn fate(&mut self, pid: u32) -> Option<Fate>;
    /// The names of a cgroup's children, sorted.
    fn children(&mut self, path: &str) -> Vec<String>;
}

/// The tasks of a program by name; `None` once reaped.
pub type Tasks = BTreeMap<char, Option<u32>>;

/// Carries an action out; what it read, if it reads.
///
/// # Errors
/// The kernel's error. A name that is taken gives `EEXIST`, a task that is not there `ESRCH`, without an
/// action.
pub fn apply(system: &mut dyn System, tasks: &mut Tasks, op: &RawOp) -> Result<String, Errno> {
    let pid = |task: &char| tasks.get(task).copied().flatten().ok_or(Errno::ESRCH);
    let done = match op {
        RawOp::Mkdir { path } => system.mkdir(path),
        RawOp::Rmdir { path } => system.rmdir(path),
        RawOp::Write { path, file, text } => system.write(path, file, &fill(text, tasks)),
        RawOp::Read { path, file } => return read(system, tasks, path, file),
        RawOp::Fork { task, .. } if tasks.get(task).is_some_and(Option::is_some) => Err(Errno::EEXIST),
        RawOp::Fork { task, path } => system.fork(path).map(|pid| _ = tasks.insert(*task, Some(pid))),
        RawOp::Signal { task, kill } => pid(task).and_then(|pid| system.signal(pid, *kill)),
        RawOp::Reap { task } => {
            pid(task).and_then(|pid| system.reap(pid)).map(|()| _ = tasks.insert(*task, None))
        }
    };
    done.map(|()| String::new())
}

/// The text with process ids for `@p`; a task that is not there gets an id that is not there either.
fn fill(text: &str, tasks: &Tasks) -> String {
    let mut parts = text.split('@');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut letters = part.chars();
        let pid = letters.next().and_then(|task| tasks.get(&task).copied().flatten());
        out.push_str(&pid.unwrap_or(NO_PID).to_string());
        out.push_str(letters.as_str());
    }
    out
}

/// Reads a file and takes out what differs between machines.
fn read(system: &mut dyn System, tasks: &Tasks, path: &str, file: &str) -> Result<String, Errno> {
    let text = system.read(path, file)?;
    Ok(match file {
        "cgroup.procs" | "cgroup.threads" => names(&text, tasks),
        "cgroup.stat" => keep(&text, &["nr_descendants"]),
        "cgroup.controllers" | "cgroup.subtree_control" => known_controllers(&text),
        _ => text,
    })
}

fn names(pids: &str, tasks: &Tasks) -> String {
    let name = |line: &str| {
        let pid = line.parse().ok();
        tasks.iter().find(|(_, known)| **known == pid && pid.is_some()).map_or('?', |(&task, _)| task)
    };
    let mut names: Vec<char> = pids.lines().map(name).collect();
    names.sort_unstable();
    names.into_iter().collect()
}

fn keep(text: &str, keys: &[&str]) -> String {
    let wanted = |line: &&str| line.split(' ').next().is_some_and(|key| keys.contains(&key));
    text.lines().filter(wanted).collect::<Vec<_>>().join("\n")
}

/// The listed controllers that the model has, in the order in which they are listed.
fn known_controllers(text: &str) -> String {
    text.split_whitespace().filter(|name| Controller::from_name(name).is_some()).collect::<Vec<_>>().join(" ")
}

/// Everything that can be seen: for each cgroup and file its text or error, for each task its fate.
pub type Snapshot = BTreeMap<String, String>;

/// The files that are looked at after each action, by controller.
const FILES: &[(Option<Controller>, &[&str])] = &[
    (
        None,
        &[
            "cgroup.type",
            "cgroup.procs",
            "cgroup.threads",
            "cgroup.controllers",
            "cgroup.subtree_control",
            "cgroup.events",
            "cgroup.max.descendants",
            "cgroup.max.depth",
            "cgroup.stat",
            "cgroup.freeze",
        ],
    ),
    (
        Some(Controller::Cpuset),
        &[
            "cpuset.cpus",
            "cpuset.mems",
            "cpuset.cpus.effective",
            "cpuset.mems.effective",
            "cpuset.cpus.partition",
            "cpuset.cpus.exclusive",
            "cpuset.cpus.exclusive.effective",
        ],
    ),
    (Some(Controller::Cpu), &["cpu.weight", "cpu.idle", "cpu.max"]),
    (Some(Controller::Memory), &["memory.min", "memory.low", "memory.high", "memory.max", "memory.swap.max"]),
    (Some(Controller::Io), &["io.weight"]),
    (Some(Controller::Pids), &["pids.max", "pids.current", "pids.peak", "pids.events"]),
];

/// Looks at everything, files of the `available` controllers only.
pub fn snapshot(system: &mut dyn System, tasks: &Tasks, available: Controllers) -> Snapshot {
    let mut seen = Snapshot::new();
    let mut left = vec![String::from(".")];
    while let Some(path) = left.pop() {
        for (controller, files) in FILES {
            if controller.is_some_and(|controller| !available.has(controller)) {
                continue;
            }
            for file in *files {
                let text = read(system, tasks, &path, file).unwrap_or_else(|errno| format!("! {errno}"));
                seen.insert(format!("{path} {file}"), text.trim_end().replace('\n', " "));
            }
        }
        let children = system.children(&path);
        left.extend(children.into_iter().map(|name| join(&path, &name)));
    }
    if available.has(Controller::Cpuset) {
        let above = read(system, tasks, "..", "cpuset.cpus.effective");
        seen.insert(".. cpuset.cpus.effective".to_owned(), above.unwrap_or_default().trim_end().to_owned());
    }
    for (task, pid) in tasks {
        let fate = pid.and_then(|pid| system.fate(pid));
        seen.insert(
            format!("task {task}"),
            fate.map_or_else(|| "reaped".to_owned(), |fate| format!("{fate:?}")),
        );
    }
    seen
}

/// The path of a child.
pub(super) fn join(path: &str, name: &str) -> String {
    if path == "." { name.to_owned() } else { format!("{path}/{name}") }
}
