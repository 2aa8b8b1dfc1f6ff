//! Programs from a seed. Each has a theme, so that actions meet: half the draws go to paths and tasks that
//! the program has made, the rest anywhere.

use super::program::{Program, RawOp};
use super::values;
use ktstr_core::{Controllers, Rng};

/// Paths that programs use, parents before children.
const PATHS: [&str; 6] = [".", "a", "b", "a/c", "a/d", "a/c/e"];
const TASKS: [char; 3] = ['p', 'q', 'r'];
/// Programs have 4 to 15 actions.
const LENGTHS: (u64, u64) = (4, 12);

/// What a program of this theme writes, with how often among 16 writes a file of its own comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Tree, tasks, freezing, killing, bounds.
    Core,
    /// Threaded cgroups and controllers.
    Control,
    /// `cpuset.cpus` and `cpuset.mems`.
    Cpuset,
    /// Partitions.
    Partition,
    /// Limits of cpu, memory, io and pids, with odd values.
    Limits,
}

impl Theme {
    /// Those that make sense with these controllers.
    #[must_use]
    pub fn with(controllers: Controllers) -> &'static [Self] {
        if controllers.is_empty() {
            &[Self::Core, Self::Core, Self::Control]
        } else {
            &[Self::Core, Self::Control, Self::Cpuset, Self::Partition, Self::Partition, Self::Limits]
        }
    }

    fn files(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::Core => values::CORE,
            Self::Control => values::CONTROL,
            Self::Cpuset => values::CPUSET,
            Self::Partition => values::PARTITION,
            Self::Limits => values::LIMITS,
        }
    }

    /// What is done first, so that the theme's files are there.
    fn opening(self, draw: &mut Draw) -> Vec<RawOp> {
        let mut ops = Vec::new();
        let enable = match self {
            Self::Core => return ops,
            Self::Control => return vec![RawOp::Mkdir { path: "a".to_owned() }],
            Self::Cpuset | Self::Partition => "+cpuset",
            Self::Limits => "+cpu +memory +io +pids",
        };
        if draw.one_in(8) {
            return ops;
        }
        ops.push(RawOp::write(".", "cgroup.subtree_control", enable));
        ops.push(RawOp::Mkdir { path: "a".to_owned() });
        if !draw.one_in(3) {
            ops.push(RawOp::write("a", "cgroup.subtree_control", enable));
            ops.push(RawOp::Mkdir { path: "a/c".to_owned() });
        }
        if self == Self::Partition && draw.one_in(2) {
            ops.push(RawOp::write(".", "cpuset.cpus.exclusive", "0-3"));
        }
        ops
    }
}

struct Draw {
    rng: Rng,
}

impl Draw {
    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.rng.below(from.len() as u64) as usize]
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.rng.below(n) == 0
    }
}

/// The program of a seed.
#[must_use]
pub fn program(seed: u64, controllers: Controllers) -> Program {
    let mut draw = Draw { rng: Rng::new(seed) };
    let theme = *draw.pick(Theme::with(controllers));
    let mut ops = theme.opening(&mut draw);
    let length = LENGTHS.0 + draw.rng.below(LENGTHS.1);
    for _ in 0..length {
        let op = action(&mut draw, theme, &ops);
        ops.push(op);
    }
    Program(ops)
}

fn action(draw: &mut Draw, theme: Theme, before: &[RawOp]) -> RawOp {
    let task = *draw.pick(&TASKS);
    match draw.rng.below(if theme == Theme::Core { 20 } else { 32 }) {
        0..=2 => RawOp::Mkdir { path: (*draw.pick(&PATHS[1..])).to_owned() },
        3 => RawOp::Rmdir { path: path(draw, before) },
        4..=6 => RawOp::Fork { task, path: path(draw, before) },
        7..=8 => RawOp::Write {
            path: path(draw, before),
            file: if draw.one_in(3) { "cgroup.threads" } else { "cgroup.procs" }.to_owned(),
            text: format!("@{task}"),
        },
        9 => RawOp::Signal { task, kill: !draw.one_in(3) },
        10 => RawOp::Reap { task },
        _ => {
            let (file, texts) = *draw.pick(theme.files());
            let (path, text) = (path(draw, before), *draw.pick(texts));
            RawOp::write(&path, file, text)
        }
    }
}

/// A cgroup that was made, most often, else any.
fn path(draw: &mut Draw, before: &[RawOp]) -> String {
    let made: Vec<&String> = before
        .iter()
        .filter_map(|op| if let RawOp::Mkdir { path } = op { Some(path) } else { None })
        .collect();
    if made.is_empty() || draw.one_in(6) {
        return (*draw.pick(&PATHS)).to_owned();
    }
    (*draw.pick(&made)).clone()
}
