//! Playing rows: the hands that a kernel has to lend, and the model's own.

use super::step::{Act, Step, steps};
use super::{Malformed, Row};
use ktstr_mock::MockKernel;
use ktstr_mock::errno::Errno;
use ktstr_mock::kernel::{INIT, Pid};

/// A kernel that rows can be played on. Paths are relative to a cgroup made for the row.
pub trait Target {
    /// Makes a cgroup.
    ///
    /// # Errors
    /// What the kernel says; so everywhere here.
    fn mkdir(&mut self, path: &str) -> Result<(), Errno>;
    /// Removes a cgroup.
    ///
    /// # Errors
    /// What the kernel says.
    fn rmdir(&mut self, path: &str) -> Result<(), Errno>;
    /// Writes a control file.
    ///
    /// # Errors
    /// What the kernel says.
    fn write(&mut self, path: &str, file: &str, text: &str) -> Result<(), Errno>;
    /// Reads a control file.
    ///
    /// # Errors
    /// What the kernel says.
    fn read(&mut self, path: &str, file: &str) -> Result<String, Errno>;
    /// Makes a process that does nothing, as a child of another or of the player, outside or in a cgroup.
    ///
    /// # Errors
    /// What the kernel says.
    fn fork(&mut self, parent: Option<Pid>, into: Option<&str>) -> Result<Pid, Errno>;
    /// Makes a thread of a process.
    ///
    /// # Errors
    /// What the kernel says.
    fn thread(&mut self, process: Pid) -> Result<Pid, Errno>;
    /// Sends a signal.
    ///
    /// # Errors
    /// What the kernel says.
    fn kill(&mut self, pid: Pid, signal: i32) -> Result<(), Errno>;
    /// Lets a process exit with 0.
    ///
    /// # Errors
    /// What the kernel says.
    fn exit(&mut self, pid: Pid) -> Result<(), Errno>;
    /// Lets the parent of a process take its status.
    ///
    /// # Errors
    /// What the kernel says.
    fn reap(&mut self, pid: Pid) -> Result<(), Errno>;
    /// Whether a process runs. A real kernel needs a moment to end one, which it has to be given before the
    /// answer is yes.
    fn is_alive(&mut self, pid: Pid) -> bool;
    /// Takes a CPU offline or brings it back.
    ///
    /// # Errors
    /// What the kernel says.
    fn online(&mut self, cpu: usize, online: bool) -> Result<(), Errno>;
    /// Called after each step; an `Err` ends the row. Does nothing unless it is written.
    ///
    /// # Errors
    /// What is wrong with the target.
    fn check(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// A step that did not go as the row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The row.
    pub row: String,
    /// The step.
    pub step: String,
    /// What happened instead.
    pub found: String,
}

impl core::fmt::Display for Failure {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: `{}`: {}", self.row, self.step, self.found)
    }
}

impl core::error::Error for Failure {}

/// Plays a row to its end or to the first step that goes otherwise.
///
/// # Errors
/// That step.
pub fn play<T: Target>(row: &Row, target: &mut T) -> Result<(), Failure> {
    let failure =
        |step: &str, found: String| Failure { row: row.name.to_owned(), step: step.to_owned(), found };
    let steps = steps(row.script).map_err(|Malformed(step)| failure(&step, "not a step".to_owned()))?;
    let mut player = Player { target, names: Vec::new() };
    for step in &steps {
        player.step(step).map_err(|found| failure(step.words, found))?;
        player.target.check().map_err(|found| failure(step.words, found))?;
    }
    Ok(())
}

struct Player<'t, 'a, T> {
    target: &'t mut T,
    names: Vec<(&'a str, Pid)>,
}

impl<'a, T: Target> Player<'_, 'a, T> {
    fn pid(&self, name: &str) -> Result<Pid, String> {
        let found = self.names.iter().rev().find(|(known, _)| *known == name);
        found.map(|&(_, pid)| pid).ok_or_else(|| format!("no process {name}"))
    }

    fn step(&mut self, step: &Step<'a>) -> Result<(), String> {
        let done = match step.act {
            Act::Shows { path, file, text } => return self.shows(path, file, text, step.gives),
            Act::Procs { path, names } => return self.procs(path, names),
            Act::Alive(name) => return self.lives(name, true),
            Act::Dead(name) => return self.lives(name, false),
            Act::Mkdir(path) => self.target.mkdir(path),
            Act::Rmdir(path) => self.target.rmdir(path),
            Act::Write { path, file, text } => self.target.write(path, file, &text.replace("\\n", "\n")),
            Act::Fork { name, parent, into } => {
                let parent = parent.map(|parent| self.pid(parent)).transpose()?;
                let made = self.target.fork(parent, into);
                made.map(|pid| self.names.push((name, pid)))
            }
            Act::Thread { name, process } => {
                let made = self.target.thread(self.pid(process)?);
                made.map(|pid| self.names.push((name, pid)))
            }
            Act::Move { name, path } => self.target.write(path, "cgroup.procs", &self.pid(name)?.to_string()),
            Act::MoveThread { name, path } => {
                self.target.write(path, "cgroup.threads", &self.pid(name)?.to_string())
            }
            Act::Kill { name, signal } => self.target.kill(self.pid(name)?, signal),
            Act::Exit(name) => self.target.exit(self.pid(name)?),
            Act::Reap(name) => self.target.reap(self.pid(name)?),
            Act::Cpu { cpu, online } => self.target.online(cpu, online),
        };
        if done == step.gives { Ok(()) } else { Err(format!("gave {done:?}, not {:?}", step.gives)) }
    }

    fn shows(&mut self, path: &str, file: &str, text: &str, gives: Result<(), Errno>) -> Result<(), String> {
        let read = self.target.read(path, file);
        match (read, gives) {
            (Ok(shown), Ok(())) => {
                let shown = shown.trim_end().replace('\n', "|");
                if shown == text { Ok(()) } else { Err(format!("shows `{shown}`")) }
            }
            (Err(error), Err(expected)) if error == expected => Ok(()),
            (read, _) => Err(format!("gave {read:?}")),
        }
    }

    fn procs(&mut self, path: &str, names: &str) -> Result<(), String> {
        let path = if path == "." { "" } else { path };
        let shown = self.target.read(path, "cgroup.procs").map_err(|error| format!("gave {error}"))?;
        let mut shown: Vec<Pid> = shown.lines().filter_map(|line| line.parse().ok()).collect();
        let mut expected =
            names.split_whitespace().map(|name| self.pid(name)).collect::<Result<Vec<_>, _>>()?;
        shown.sort_unstable();
        expected.sort_unstable();
        if shown == expected { Ok(()) } else { Err(format!("shows {shown:?}, not {expected:?}")) }
    }

    fn lives(&mut self, name: &str, alive: bool) -> Result<(), String> {
        let pid = self.pid(name)?;
        if self.target.is_alive(pid) == alive { Ok(()) } else { Err(format!("alive: {}", !alive)) }
    }
}

/// The process that plays: one of its own, since the first process reaps its children at once.
fn player(kernel: &mut MockKernel) -> Result<Pid, Errno> {
    if kernel.current() == INIT {
        let player = MockKernel::fork(kernel, INIT, None)?;
        kernel.set_current(player);
    }
    Ok(kernel.current())
}

/// The model, played on from its root. Invariants are checked after each step.
impl Target for MockKernel {
    fn mkdir(&mut self, path: &str) -> Result<(), Errno> {
        Self::mkdir(self, path).map(|_| ())
    }

    fn rmdir(&mut self, path: &str) -> Result<(), Errno> {
        Self::rmdir(self, path)
    }

    fn write(&mut self, path: &str, file: &str, text: &str) -> Result<(), Errno> {
        Self::write(self, path, file, text)
    }

    fn read(&mut self, path: &str, file: &str) -> Result<String, Errno> {
        Self::read(self, path, file)
    }

    fn fork(&mut self, parent: Option<Pid>, into: Option<&str>) -> Result<Pid, Errno> {
        let player = player(self)?;
        Self::fork(self, parent.unwrap_or(player), into)
    }

    fn thread(&mut self, process: Pid) -> Result<Pid, Errno> {
        self.clone_thread(process)
    }

    fn kill(&mut self, pid: Pid, signal: i32) -> Result<(), Errno> {
        Self::kill(self, pid, signal)
    }

    fn exit(&mut self, pid: Pid) -> Result<(), Errno> {
        Self::exit(self, pid, 0)
    }

    fn reap(&mut self, pid: Pid) -> Result<(), Errno> {
        let parent = self.parent_of(pid).unwrap_or(INIT);
        Self::reap(self, parent, pid).map(|_| ())
    }

    fn is_alive(&mut self, pid: Pid) -> bool {
        Self::is_alive(self, pid)
    }

    fn online(&mut self, cpu: usize, online: bool) -> Result<(), Errno> {
        self.set_online(cpu, online)
    }

    fn check(&mut self) -> Result<(), String> {
        self.check_invariants().map_err(|broken| broken.to_string())
    }
}
