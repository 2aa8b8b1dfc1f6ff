//! Who a run is: the boot, the id of the cgroup that is its parent, and a number drawn for it. Paths and
//! process numbers say nothing of that, as other cgroup and process namespaces have the same for other
//! things. The kernel gives the id of a cgroup to no other one before the next boot, and shows the same in
//! all namespaces.

use crate::cgroupfs::Dir;
use rustix::io::Errno;

/// A cgroup of this boot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    boot: String,
    cgroup: u64,
}

impl Origin {
    /// That of the runs below a directory.
    ///
    /// # Errors
    /// Of fstat.
    pub(crate) fn of(parent: &Dir) -> Result<Self, Errno> {
        let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        Ok(Self { boot: boot.trim().to_owned(), cgroup: parent.id()? })
    }

    /// What identifies a run in notes and marks.
    pub(crate) fn run(&self, name: &RunName) -> String {
        format!("{}/{:x}/{:016x}", self.boot, self.cgroup, name.nonce)
    }

    /// The number of the run that left a mark, if it came from here.
    pub(crate) fn run_in_mark(&self, mark: &str) -> Option<u64> {
        let mut parts = mark.split('/');
        let here = parts.next() == Some(self.boot.as_str())
            && parts.next().and_then(|id| u64::from_str_radix(id, 16).ok()) == Some(self.cgroup);
        parts.next().filter(|_| here).and_then(|nonce| u64::from_str_radix(nonce, 16).ok())
    }
}

/// The name of a run's cgroup: it says which process made it, for people, and holds the run's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunName {
    pid: u32,
    pub(crate) nonce: u64,
}

impl RunName {
    /// A name of this process that was never used.
    pub(crate) fn fresh() -> Result<Self, Errno> {
        let mut random = [0u8; 8];
        rustix::rand::getrandom(&mut random, rustix::rand::GetRandomFlags::empty())?;
        Ok(Self { pid: std::process::id(), nonce: u64::from_ne_bytes(random) })
    }

    /// The name, if it is one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (pid, nonce) = text.strip_prefix("ktstr-")?.split_once('-')?;
        let name = Self { pid: pid.parse().ok()?, nonce: u64::from_str_radix(nonce, 16).ok()? };
        (name.to_string() == text).then_some(name)
    }
}

impl std::fmt::Display for RunName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ktstr-{}-{:016x}", self.pid, self.nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_runs_are_told_from_others() {
        let name = RunName { pid: 12, nonce: 0xAB };
        assert_eq!(name.to_string(), "ktstr-12-00000000000000ab");
        assert_eq!(RunName::parse("ktstr-12-00000000000000ab"), Some(name));
        for other in [
            "ktstr",
            "ktstr-12",
            "ktstr-12-ab",
            "ktstr-12-00000000000000AB",
            "ktstr-012-00000000000000ab",
            "ktstr-x-00000000000000ab",
        ] {
            assert_eq!(RunName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_mark_belongs_to_one_boot_and_parent() {
        let origin = |boot: &str, cgroup| Origin { boot: boot.to_owned(), cgroup };
        let here = origin("b-1", 0x77);
        let mark = format!("{}/3", here.run(&RunName { pid: 1, nonce: 0xAB }));
        assert_eq!(mark, "b-1/77/00000000000000ab/3");
        assert_eq!(here.run_in_mark(&mark), Some(0xAB));
        for other in [origin("b-1", 0x78), origin("b-2", 0x77)] {
            assert_eq!(other.run_in_mark(&mark), None, "{other:?}");
        }
        for mark in ["", "/sys/fs/cgroup/ktstr/ktstr-1-ab/0", "b-1/77", "b-1/77/x/0"] {
            assert_eq!(here.run_in_mark(mark), None, "{mark:?}");
        }
    }
}
