//! Where tasks are: in a cgroup of the scenario, or in the one that the runner sits in. Who may be placed
//! where is judged in `validate`; finding the directory is a backend's.

use crate::base::name;
use serde::Serialize;

/// Where workers and payloads are, or go.
///
/// ```
/// use ktstr_core::Placement;
///
/// assert_eq!(Placement::Cgroup("cell").to_string(), "cell");
/// assert_eq!(Placement::RunnerCgroup.to_string(), "the runner's cgroup");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub enum Placement<'a> {
    /// The cgroup that the runner itself sits in, which is not the run's own.
    RunnerCgroup,
    /// A cgroup of the scenario, by its path below the run's own cgroup.
    Cgroup(&'a str),
}

impl<'a> Placement<'a> {
    /// What a path stands for where it may be left empty, as in scenario files: the runner's cgroup then.
    pub const fn of_path(path: &'a str) -> Self {
        if path.is_empty() { Self::RunnerCgroup } else { Self::Cgroup(path) }
    }

    /// The path as scenario files, events on the wire and reports write it: empty for the runner's cgroup.
    pub const fn path(self) -> &'a str {
        match self {
            Self::RunnerCgroup => "",
            Self::Cgroup(path) => path,
        }
    }

    /// The path, if it is a cgroup of the scenario.
    pub const fn cgroup(self) -> Option<&'a str> {
        match self {
            Self::RunnerCgroup => None,
            Self::Cgroup(path) => Some(path),
        }
    }

    /// Whether both are one place; as `==`, but `const`.
    pub const fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::RunnerCgroup, Self::RunnerCgroup) => true,
            (Self::Cgroup(one), Self::Cgroup(other)) => name::equal(one, other),
            _ => false,
        }
    }

    /// What messages call it, which is also how it displays: the path, or `the runner's cgroup`.
    pub const fn name(self) -> &'a str {
        match self {
            Self::RunnerCgroup => "the runner's cgroup",
            Self::Cgroup(path) => path,
        }
    }
}

impl<'a> From<Option<&'a str>> for Placement<'a> {
    /// The cgroup with this path, or the runner's.
    fn from(cgroup: Option<&'a str>) -> Self {
        cgroup.map_or(Self::RunnerCgroup, Self::Cgroup)
    }
}

impl core::fmt::Display for Placement<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_path_stands_for_the_runners_cgroup_where_one_may_be_empty() {
        for (path, placement, cgroup, name) in [
            ("", Placement::RunnerCgroup, None, "the runner's cgroup"),
            ("a/b", Placement::Cgroup("a/b"), Some("a/b"), "a/b"),
        ] {
            assert_eq!((Placement::of_path(path), Placement::from(cgroup)), (placement, placement));
            assert_eq!((placement.path(), placement.cgroup(), placement.name()), (path, cgroup, name));
        }
        assert_eq!(Placement::Cgroup("").cgroup(), Some(""), "an empty name is not the runner's cgroup");
    }
}
