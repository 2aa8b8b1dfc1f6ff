//! All short programs over small alphabets: after an opening that makes something to act on, every sequence
//! of a length.

use super::program::{Program, RawOp, parse_line};

/// An alphabet, and how long the words are.
#[derive(Debug, Clone, Copy)]
pub struct Alphabet {
    /// What it is about.
    pub name: &'static str,
    /// Whether it needs every controller.
    pub controllers: bool,
    opening: &'static [&'static str],
    letters: &'static [&'static str],
    length: u32,
}

/// What is enumerated.
pub const ALPHABETS: &[Alphabet] = &[
    Alphabet {
        name: "tree",
        controllers: false,
        opening: &[],
        letters: &[
            "mkdir a",
            "mkdir b",
            "mkdir a/c",
            "rmdir a",
            "rmdir a/c",
            "write a cgroup.max.descendants 0",
            "write . cgroup.max.depth 1",
            "fork p a",
        ],
        length: 4,
    },
    Alphabet {
        name: "tasks",
        controllers: false,
        opening: &["mkdir a", "mkdir b"],
        letters: &[
            "fork p a",
            "fork q b",
            "write b cgroup.procs @p",
            "kill p",
            "term p",
            "reap p",
            "write a cgroup.kill 1",
            "rmdir a",
        ],
        length: 4,
    },
    Alphabet {
        name: "freeze",
        controllers: false,
        opening: &["mkdir a", "mkdir a/c", "fork p a/c"],
        letters: &[
            "write a cgroup.freeze 1",
            "write a cgroup.freeze 0",
            "write a/c cgroup.freeze 1",
            "write a/c cgroup.freeze 0",
            "fork q a/c",
            "write a cgroup.procs @p",
            "term p",
            "write a cgroup.kill 1",
        ],
        length: 4,
    },
    Alphabet {
        name: "threaded",
        controllers: false,
        opening: &["mkdir a", "mkdir a/c"],
        letters: &[
            "write a cgroup.type threaded",
            "write a/c cgroup.type threaded",
            "mkdir a/d",
            "rmdir a/c",
            "fork p a",
            "fork q a/c",
            "write a/c cgroup.procs @p",
            "write a/c cgroup.threads @p",
        ],
        length: 4,
    },
    Alphabet {
        name: "controllers",
        controllers: true,
        opening: &["mkdir a", "mkdir a/c"],
        letters: &[
            "write . cgroup.subtree_control +pids",
            "write . cgroup.subtree_control +memory",
            "write . cgroup.subtree_control -pids",
            "write a cgroup.subtree_control +pids",
            "write a cgroup.subtree_control +memory",
            "fork p a",
            "write a/c cgroup.type threaded",
        ],
        length: 3,
    },
    Alphabet {
        name: "cpuset",
        controllers: true,
        opening: &[
            "write . cgroup.subtree_control +cpuset",
            "mkdir a",
            "write a cgroup.subtree_control +cpuset",
            "mkdir a/c",
        ],
        letters: &[
            "write a cpuset.cpus 0-1",
            "write a cpuset.cpus 2",
            "write a/c cpuset.cpus 1-2",
            "write a/c cpuset.cpus 3",
            "write a cpuset.cpus \"\\n\"",
            "fork p a/c",
            "write . cpuset.cpus 1-3",
        ],
        length: 3,
    },
    Alphabet {
        name: "partition",
        controllers: true,
        opening: &[
            "write . cgroup.subtree_control +cpuset",
            "mkdir a",
            "mkdir b",
            "write . cpuset.cpus.exclusive 0-3",
        ],
        letters: &[
            "write a cpuset.cpus 0-1",
            "write a cpuset.cpus.exclusive 0-1",
            "write a cpuset.cpus.partition root",
            "write a cpuset.cpus.partition isolated",
            "write a cpuset.cpus.partition member",
            "write b cpuset.cpus 1-2",
            "write b cpuset.cpus.partition root",
            "fork p a",
        ],
        length: 3,
    },
];

impl Alphabet {
    /// How many programs it makes.
    #[must_use]
    pub fn count(&self) -> usize {
        self.letters.len().pow(self.length)
    }

    /// Its programs. Shorter ones are the beginnings of these, and are compared on the way.
    ///
    /// # Panics
    /// If a letter is no action.
    pub fn programs(&self) -> impl Iterator<Item = Program> {
        let read = |lines: &[&str]| -> Vec<RawOp> {
            lines.iter().map(|line| parse_line(line).expect("letters are actions").0).collect()
        };
        let (opening, letters, length) = (read(self.opening), read(self.letters), self.length);
        (0..self.count()).map(move |mut number| {
            let mut ops = opening.clone();
            for _ in 0..length {
                ops.push(letters[number % letters.len()].clone());
                number /= letters.len();
            }
            Program(ops)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn each_word_comes_once() {
        for alphabet in ALPHABETS {
            let words: HashSet<Program> = alphabet.programs().collect();
            assert_eq!(words.len(), alphabet.count(), "{}", alphabet.name);
        }
    }
}
