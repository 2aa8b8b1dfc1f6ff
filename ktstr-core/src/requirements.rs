//! What a valid scenario needs of whoever runs it; validation finds it on the way.

use crate::controllers::Controllers;
use serde::{Deserialize, Serialize};

/// What a run needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Requirements {
    /// Controllers that have to be enabled.
    pub controllers: Controllers,
    /// The most cgroups that exist at the same time.
    pub cgroups: u32,
    /// The most groups of workers at the same time.
    pub groups: u32,
    /// The most payloads at the same time.
    pub payloads: u32,
    /// Interrupts that are steered.
    pub irqs: u32,
    /// Whether a worker asks for what needs root: real-time policy, negative nice value, another user.
    pub privileged: bool,
}
