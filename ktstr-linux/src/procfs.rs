//! What `/proc` says of one process, as far as this crate asks.

/// A process at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    /// What it does, as `ps` shows it: `R` runs or would, `S` sleeps, `D` is held up in the kernel, `T` is stopped, `Z`
    /// and `X` have ended.
    pub(crate) state: char,
    /// 0 for the kernel's own threads, and for who shares a session that began outside of this PID namespace, as what
    /// is the first process of a container, or was started into it from outside, does.
    pub(crate) session: i32,
    /// CPU time it has used, its children apart, in nanoseconds; the kernel counts in steps of 10 ms.
    pub(crate) cpu_ns: u64,
}

/// The process of this number; `None` when there is none, or it is hidden.
pub(crate) fn stat(pid: i32) -> Option<Stat> {
    parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The children of a process that has one thread; `None` when there is no such process, or the kernel does not tell
/// (CONFIG_PROC_CHILDREN).
pub(crate) fn children(pid: i32) -> Option<Vec<i32>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
    Some(text.split_whitespace().filter_map(|child| child.parse().ok()).collect())
}

fn parse(text: &str) -> Option<Stat> {
    // After the name, which may hold anything: state, parent, group, session, seven others, user and system time.
    let (_, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let state = fields.next()?.chars().next()?;
    let session = fields.nth(2)?.parse().ok()?;
    let (user, system): (u64, u64) = (fields.nth(7)?.parse().ok()?, fields.next()?.parse().ok()?);
    let tick = 1_000_000_000 / rustix::param::clock_ticks_per_second().max(1);
    Some(Stat { state, session, cpu_ns: user.saturating_add(system).saturating_mul(tick) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    #[test]
    fn fields_are_counted_from_behind_the_name() {
        let rest = "S 1 2 77 0 -1 4194304 1 2 3 4 150 50 7 8 20 0 1 0 9";
        let expected = Some(Stat { state: 'S', session: 77, cpu_ns: 2_000_000_000 });
        for name in ["sh", "a b", ") R 9 9 9 (", ""] {
            assert_eq!(parse(&format!("12 ({name}) {rest}")), expected, "{name:?}");
        }
        for text in ["", "12 (sh", "12 (sh) ", "12 (sh) S 1 2 x 0"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        let own = stat(std::process::id() as i32).expect("this process");
        assert_eq!(own.session, nix::unistd::getsid(None).expect("a session, or 0").as_raw());
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
        let pid = rustix::process::Pid::from_raw(child).expect("a process");
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("killed");
        shell.wait().expect("reaped");
        match found {
            None => println!("SKIP: the kernel does not tell children (CONFIG_PROC_CHILDREN)"),
            Some(found) => assert_eq!(found, [child]),
        }
        assert_eq!(children(-1), None);
    }
}
