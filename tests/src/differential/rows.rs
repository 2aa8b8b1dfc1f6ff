//! The mock's rows of kernel behaviour, played on a real kernel. What a row does is in `ktstr_testkit::rows`;
//! here are the hands, and the waits that a real kernel needs. Rows in which processes fork, exit or have
//! threads are left to the mock.

use super::real::{Hierarchy, Real, pause};
use super::system::{Fate, System};
use ktstr_core::{Controller, Controllers};
use ktstr_mock::errno::Errno;
use ktstr_mock::kernel::SIGKILL;
use ktstr_testkit::rows::{Act, Row, Target, play, steps, table::TABLES};
use std::time::{Duration, Instant};

/// How long the kernel gets to do what a kill or a freeze has begun.
const PATIENCE: Duration = Duration::from_secs(1);

/// How long a process that was killed gets to die.
const DYING: Duration = Duration::from_secs(30);

/// Whether SIGKILL waits for a process.
fn is_killed(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let pending = status.lines().find_map(|line| line.strip_prefix("SigPnd:"));
    let signals = pending.and_then(|signals| u64::from_str_radix(signals.trim(), 16).ok());
    signals.is_some_and(|signals| signals & (1 << (SIGKILL - 1)) != 0)
}

/// A place on a real kernel for one row.
struct Place {
    real: Real,
}

/// The place itself is an empty path in rows.
fn at(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

impl Place {
    /// Waits until a process that was killed is dead. On a busy machine it may get no CPU to die on for a
    /// while.
    fn bury(&mut self, pid: u32) {
        let begin = Instant::now();
        while self.real.fate(pid) == Some(Fate::Live) && is_killed(pid) && begin.elapsed() < DYING {
            pause(begin);
        }
    }

    /// Waits until the tree shows the same three times in a row.
    fn settle(&mut self) {
        let begin = Instant::now();
        let (mut last, mut same) = (String::new(), 0);
        while same < 3 && begin.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
            let now = self.shown(".");
            same = if now == last { same + 1 } else { 0 };
            last = now;
        }
    }

    fn shown(&mut self, path: &str) -> String {
        let files = [
            "cgroup.events",
            "cgroup.threads",
            "cpuset.cpus.effective",
            "cpuset.cpus.partition",
            "pids.current",
        ];
        let mut text: String = files.iter().filter_map(|file| self.real.read(path, file).ok()).collect();
        for name in self.real.children(path) {
            text += &name;
            text += &self.shown(&super::system::join(path, &name));
        }
        text
    }
}

impl Target for Place {
    fn mkdir(&mut self, path: &str) -> Result<(), Errno> {
        self.real.mkdir(at(path))
    }

    fn rmdir(&mut self, path: &str) -> Result<(), Errno> {
        self.real.rmdir(at(path))
    }

    fn write(&mut self, path: &str, file: &str, text: &str) -> Result<(), Errno> {
        let done = self.real.write(at(path), file, text);
        if matches!(file, "cgroup.kill" | "cgroup.freeze" | "cgroup.procs" | "cgroup.subtree_control") {
            self.settle();
        }
        done
    }

    fn read(&mut self, path: &str, file: &str) -> Result<String, Errno> {
        let text = self.real.read(at(path), file)?;
        Ok(match file {
            "cgroup.stat" => {
                text.lines().filter(|line| line.starts_with("nr_d")).collect::<Vec<_>>().join("\n")
            }
            _ => text,
        })
    }

    fn fork(&mut self, _parent: Option<u32>, into: Option<&str>) -> Result<u32, Errno> {
        let made = match into {
            Some(path) => self.real.fork(at(path)),
            None => self.real.fork_here(),
        };
        self.settle();
        made
    }

    fn thread(&mut self, _process: u32) -> Result<u32, Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn kill(&mut self, pid: u32, signal: i32) -> Result<(), Errno> {
        let done = self.real.signal(pid, signal == SIGKILL);
        let begin = Instant::now();
        while signal != SIGKILL && self.real.fate(pid) == Some(Fate::Live) && begin.elapsed() < PATIENCE {
            pause(begin);
        }
        self.bury(pid);
        self.settle();
        done
    }

    fn exit(&mut self, _pid: u32) -> Result<(), Errno> {
        Err(Errno::EOPNOTSUPP)
    }

    fn reap(&mut self, pid: u32) -> Result<(), Errno> {
        let done = self.real.reap(pid);
        self.settle();
        done
    }

    fn is_alive(&mut self, pid: u32) -> bool {
        self.bury(pid);
        self.real.fate(pid) == Some(Fate::Live)
    }

    fn online(&mut self, cpu: usize, online: bool) -> Result<(), Errno> {
        let done = self.real.hotplug(cpu, online);
        // Cpusets follow from a work queue.
        std::thread::sleep(Duration::from_millis(50));
        self.settle();
        done
    }
}

/// What came of the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Played {
    /// Rows that went as they say.
    pub held: u32,
    /// Those of them that are about cpusets and partitions.
    pub cpuset: u32,
    /// Rows that this place cannot play.
    pub left_out: u32,
    /// What went otherwise.
    pub failures: Vec<String>,
}

impl std::fmt::Display for Played {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { held, cpuset, left_out, failures } = self;
        writeln!(
            f,
            "{held} rows held ({cpuset} of cpusets), {} went otherwise, {left_out} left out",
            failures.len()
        )?;
        failures.iter().try_for_each(|failure| writeln!(f, "{failure}"))
    }
}

/// Plays every row that the hierarchy can play: on its root if `at_root`, which has to be ours alone, else
/// those that need no controller, in a cgroup.
#[must_use]
pub fn play_all(hierarchy: &Hierarchy, at_root: bool) -> Played {
    let mut played = Played::default();
    for (table, rows) in TABLES {
        for row in *rows {
            let machine = &hierarchy.machine;
            let fits =
                row.holds_for(machine.version) && row.cpus <= machine.topology.cpus() && !needs_more(row);
            if !fits || (!at_root && !row.needs.is_empty()) {
                played.left_out += 1;
                continue;
            }
            let result = match at_root {
                true => hierarchy.open_root(row.needs),
                false => hierarchy.open().map_err(|error| error.to_string()),
            };
            let mut place = match result {
                Ok(real) => Place { real },
                Err(reason) => {
                    played.failures.push(format!("{table}: {}: {reason}", row.name));
                    continue;
                }
            };
            let result = play(row, &mut place).map_err(|failure| failure.to_string());
            let result = result.and(place.real.clean().map_err(|left| format!("{}: {left}", row.name)));
            // A CPU that is off or lost would fail the next row.
            hierarchy.all_online();
            let _ = hierarchy.restore();
            match result {
                Ok(()) => {
                    played.held += 1;
                    played.cpuset += u32::from(row.needs.has(Controller::Cpuset));
                }
                Err(failure) => played.failures.push(format!("{table}: {failure}")),
            }
        }
    }
    if at_root {
        drop(hierarchy.open_root(Controllers::NONE));
    }
    played
}

/// Whether a row asks for what processes here cannot do.
fn needs_more(row: &Row) -> bool {
    steps(row.script).is_ok_and(|steps| {
        steps.iter().any(|step| {
            matches!(step.act, Act::Thread { .. } | Act::Exit(_) | Act::Fork { parent: Some(_), .. })
        })
    })
}
