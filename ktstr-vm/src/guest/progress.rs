//! What the child reports while it works: pieces that reach the host at once, so that they are there when the
//! kernel ends. The port to the host is the child's standard input; process 1 has it too, for the answer.

use super::PART;
use crate::frame::{MAX_PROGRESS, Message, encode};
use std::fs::File;
use std::io::Write;
use std::os::fd::AsFd;

/// A way to the host for pieces of progress.
pub(crate) struct Progress {
    port: File,
    /// How much was sent, in bytes.
    sent: usize,
}

impl Progress {
    /// The way to the host; `None` outside of a guest's child.
    pub(crate) fn of_child() -> Option<Self> {
        std::env::var_os(PART)?;
        let port = std::io::stdin().as_fd().try_clone_to_owned().ok()?;
        Some(Self { port: port.into(), sent: 0 })
    }

    /// Sends a piece. What would be too much is left out, and so is all after it.
    pub(crate) fn send(&mut self, piece: Vec<u8>) {
        self.sent = self.sent.saturating_add(piece.len());
        if self.sent > MAX_PROGRESS {
            return;
        }
        let Ok(frame) = encode(&Message::Progress(piece)) else { return };
        if self.port.write_all(&frame).is_err() {
            // Half a frame may be out: nothing may follow it. The run itself goes on.
            self.sent = usize::MAX;
        }
    }
}
