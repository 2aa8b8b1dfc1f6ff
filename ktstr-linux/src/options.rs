//! How a run on Linux is set up, apart from the scenario.

use crate::interrupt::Flag;
use std::path::PathBuf;
use std::time::Duration;

/// Settings of a [`LinuxBackend`](crate::LinuxBackend). The defaults are right for a run by root.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cgroup below which each run makes its own: an absolute path below the mount of cgroup v2, made
    /// where it is missing and removed again by the last run. `None`: `ktstr` below the mount for root, below
    /// the highest cgroup delegated to the user for others.
    pub parent: Option<PathBuf>,
    /// Each worker spins for less than this before it begins, drawn from the seed: under instruction-counted
    /// time this is what makes seeds differ. Zero for none.
    pub start_jitter: Duration,
    /// How many bytes of each stream of a payload are kept, half from its beginning and half from its end.
    pub capture_limit: usize,
    /// Ends holds and waits early when it is raised.
    pub interrupt: Option<Flag>,
}

impl Default for Options {
    fn default() -> Self {
        Self { parent: None, start_jitter: Duration::ZERO, capture_limit: 1024 * 1024, interrupt: None }
    }
}
