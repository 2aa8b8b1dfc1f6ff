//! The end of what a payload wrote: how much of it is asked for, and of which streams. Keeping it is a
//! backend's work, making it text that of whoever hears it.

use serde::{Deserialize, Serialize};

/// How many bytes of the end of each stream are sent at most, and how long the text of each is at most in a
/// report, in bytes.
pub const LAST_WORDS: usize = 1024;

/// One of the streams that a payload writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Its standard output.
    Stdout,
    /// Its standard error.
    Stderr,
}

impl Stream {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Stdout, Self::Stderr];

    /// Its short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}
