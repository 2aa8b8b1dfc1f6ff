//! Simulated schedulers: what one does as cgroups come and go. They give nobody CPU time, which the mock
//! shares out fairly under each of them; what they do shows in their log.

use std::collections::BTreeMap;
use std::fmt::Debug;

/// How a simulated scheduler takes cgroups. As in the kernel it hears of those whose parent has the `cpu`
/// controller enabled for its children, as they are made and removed; as it is attached it hears of those
/// that are there, parents first.
pub trait Policy: Debug + Send + Sync {
    /// A cgroup is there; by its path below the run's own. A line for the log, if there is one to write.
    fn enters(&mut self, cgroup: &str) -> Option<String>;

    /// A cgroup was removed.
    fn leaves(&mut self, cgroup: &str) -> Option<String>;
}

/// Treats all alike.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fair;

impl Policy for Fair {
    fn enters(&mut self, _: &str) -> Option<String> {
        None
    }

    fn leaves(&mut self, _: &str) -> Option<String> {
        None
    }
}

/// Gives each cgroup right below the run's own a cell: numbers from 1 in the order in which the cgroups are
/// made; of those that were given back the last first.
#[derive(Debug, Clone, Default)]
pub struct Cells {
    cells: BTreeMap<String, u32>,
    free: Vec<u32>,
    given: u32,
}

impl Policy for Cells {
    fn enters(&mut self, cgroup: &str) -> Option<String> {
        if cgroup.contains('/') {
            return None;
        }
        let cell = self.free.pop().unwrap_or_else(|| {
            self.given += 1;
            self.given
        });
        self.cells.insert(cgroup.to_owned(), cell);
        Some(format!("{cgroup} is cell {cell}"))
    }

    fn leaves(&mut self, cgroup: &str) -> Option<String> {
        let cell = self.cells.remove(cgroup)?;
        self.free.push(cell);
        Some(format!("{cgroup} was cell {cell}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_given_in_order_and_the_last_given_back_comes_first() {
        let mut cells = Cells::default();
        for (cgroup, line) in [("a", "a is cell 1"), ("b", "b is cell 2"), ("c", "c is cell 3")] {
            assert_eq!(cells.enters(cgroup).as_deref(), Some(line));
        }
        assert_eq!(cells.enters("a/x"), None);
        for cgroup in ["a", "b"] {
            assert!(cells.leaves(cgroup).is_some());
        }
        assert_eq!(cells.leaves("b"), None);
        let again = ["d", "e", "f"].map(|cgroup| cells.enters(cgroup).expect("a cell"));
        assert_eq!(again, ["d is cell 2", "e is cell 1", "f is cell 4"]);
    }
}
