//! What `/proc` says of one process, as far as this crate asks.

use std::collections::{BTreeMap, BTreeSet};

/// A process at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    /// What it does, as `ps` shows it: `R` runs or would, `S` sleeps, `D` is held up in the kernel, `T` is
    /// stopped, `Z` and `X` have ended.
    pub(crate) state: char,
    /// Its parent; 0 where that is outside of this PID namespace.
    pub(crate) parent: i32,
    /// Whether it is one of the kernel's own threads.
    pub(crate) kernel: bool,
    /// CPU time it has used, its children apart, in nanoseconds; the kernel counts in steps of 10 ms.
    pub(crate) cpu_ns: u64,
}

/// The process of this number; `None` when there is none, or it is hidden.
pub(crate) fn stat(pid: i32) -> Option<Stat> {
    parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// How long a process with one thread was ready to run and had no CPU, in nanoseconds; `None` when there is
/// no such process, or the kernel does not count it (CONFIG_SCHED_INFO).
pub(crate) fn run_delay(pid: i32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/schedstat")).ok()?;
    text.split_whitespace().nth(1)?.parse().ok()
}

/// The children of a process that has one thread; `None` when there is no such process, or the kernel does
/// not tell (CONFIG_PROC_CHILDREN).
pub(crate) fn children(pid: i32) -> Option<Vec<i32>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    Some(text.split_whitespace().filter_map(|child| child.parse().ok()).collect())
}

/// The children of all threads of a process, as [`children`].
fn all_children(pid: i32) -> Option<Vec<i32>> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten();
    let mut found = Vec::new();
    for task in tasks {
        match std::fs::read_to_string(task.path().join("children")) {
            Ok(text) => found.extend(text.split_whitespace().filter_map(|child| child.parse::<i32>().ok())),
            // A thread that has just ended has none; a kernel that does not tell has no such file for any.
            Err(_) if task.path().exists() => return None,
            Err(_) => {}
        }
    }
    Some(found)
}

/// All processes below one, which has one thread. None where `/proc` shows another PID namespace than this
/// process's.
pub(crate) fn descendants(pid: i32) -> BTreeSet<i32> {
    let ours = std::fs::read_link("/proc/self")
        .is_ok_and(|own| own.to_str() == Some(&std::process::id().to_string()));
    if !ours {
        return BTreeSet::new();
    }
    // Kernels without CONFIG_PROC_CHILDREN make us look at all processes.
    let by_parent = if children(pid).is_some() { None } else { Some(by_parent()) };
    let below = |pid: i32| match &by_parent {
        Some(lists) => lists.get(&pid).cloned().unwrap_or_default(),
        None => all_children(pid).unwrap_or_default(),
    };
    let mut found = BTreeSet::new();
    let mut unseen = below(pid);
    while let Some(child) = unseen.pop() {
        if found.insert(child) {
            unseen.extend(below(child));
        }
    }
    found
}

fn by_parent() -> BTreeMap<i32, Vec<i32>> {
    let mut lists: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for pid in all_processes() {
        if let Some(stat) = stat(pid) {
            lists.entry(stat.parent).or_default().push(pid);
        }
    }
    lists
}

/// All processes of the machine, as far as they are shown.
pub(crate) fn all_processes() -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// `PF_KTHREAD` among the flags of a process.
const KERNEL_THREAD: u32 = 0x0020_0000;

fn parse(text: &str) -> Option<Stat> {
    // After the name, which may hold anything: state, parent, four others, flags, four others, user and
    // system time.
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    let flags: u32 = fields.nth(4)?.parse().ok()?;
    let (user, system): (u64, u64) = (fields.nth(4)?.parse().ok()?, fields.next()?.parse().ok()?);
    let tick = 1_000_000_000 / rustix::param::clock_ticks_per_second().max(1);
    Some(Stat {
        state,
        parent,
        kernel: flags & KERNEL_THREAD != 0,
        cpu_ns: user.saturating_add(system).saturating_mul(tick),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    #[test]
    fn fields_are_counted_from_behind_the_name() {
        let rest = "S 1 2 77 0 -1 4194304 1 2 3 4 150 50 7 8 20 0 1 0 9";
        let expected = Some(Stat { state: 'S', parent: 1, kernel: false, cpu_ns: 2_000_000_000 });
        for name in ["sh", "a b", ") R 9 9 9 (", ""] {
            assert_eq!(parse(&format!("12 ({name}) {rest}")), expected, "{name:?}");
        }
        for text in ["", "12 (sh", "12 (sh) ", "12 (sh) S x 2 1 0"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        let thread = parse("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 1 0 0").expect("a thread");
        assert!(thread.kernel);
        let own = stat(std::process::id() as i32).expect("this process");
        let parent = rustix::process::getppid().map_or(0, |pid| pid.as_raw_nonzero().get());
        assert_eq!(own.parent, parent);
    }

    #[test]
    fn a_child_is_found() {
        let mut shell = Command::new("sh")
            .args(["-c", "sleep 60 & echo $!; wait"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut line = String::new();
        BufReader::new(shell.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let child: i32 = line.trim().parse().expect("a number");
        let found = children(shell.id() as i32);
        let below = descendants(std::process::id() as i32);
        let listed = by_parent().remove(&(shell.id() as i32));
        let pid = rustix::process::Pid::from_raw(child).expect("a process");
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("killed");
        shell.wait().expect("reaped");
        match found {
            None => println!("SKIP: the kernel does not tell children (CONFIG_PROC_CHILDREN)"),
            Some(found) => assert_eq!(found, [child]),
        }
        assert_eq!(listed, Some(vec![child]));
        assert!(below.contains(&child) && below.contains(&(shell.id() as i32)), "{below:?}");
        assert_eq!(children(-1), None);
    }
}
