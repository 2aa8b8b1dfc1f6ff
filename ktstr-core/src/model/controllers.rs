//! The cgroup v2 controllers that scenarios use, as a set.

use serde::{Deserialize, Serialize};

/// One controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Controller {
    /// CPU and memory node placement.
    Cpuset,
    /// CPU time.
    Cpu,
    /// Memory.
    Memory,
    /// Number of tasks.
    Pids,
    /// Block devices.
    Io,
}

impl Controller {
    /// All of them, in the order in which they are written.
    pub const ALL: [Self; 5] = [Self::Cpuset, Self::Cpu, Self::Memory, Self::Pids, Self::Io];

    /// The kernel's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpuset => "cpuset",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Pids => "pids",
            Self::Io => "io",
        }
    }

    /// The controller that the kernel calls so.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|controller| controller.name() == name)
    }
}

/// A set of controllers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Controllers {
    bits: u8,
}

impl Controllers {
    /// None.
    pub const NONE: Self = Self { bits: 0 };

    /// The set with one more.
    #[must_use]
    pub const fn with(self, controller: Controller) -> Self {
        Self { bits: self.bits | 1 << controller as u8 }
    }

    /// Those in either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self { bits: self.bits | other.bits }
    }

    /// Those here that are not in `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self { bits: self.bits & !other.bits }
    }

    /// Whether it is in the set.
    pub const fn has(self, controller: Controller) -> bool {
        self.bits & 1 << controller as u8 != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// Those in the set, in the order of [`Controller::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Controller> {
        Controller::ALL.into_iter().filter(move |&controller| self.has(controller))
    }
}

impl FromIterator<Controller> for Controllers {
    fn from_iter<I: IntoIterator<Item = Controller>>(controllers: I) -> Self {
        controllers.into_iter().fold(Self::NONE, Self::with)
    }
}

impl core::fmt::Display for Controllers {
    /// Names with a space between, as `cgroup.controllers` shows them.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for (position, controller) in self.iter().enumerate() {
            let gap = if position == 0 { "" } else { " " };
            write!(f, "{gap}{}", controller.name())?;
        }
        Ok(())
    }
}

impl core::fmt::Debug for Controllers {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{{{self}}}")
    }
}
