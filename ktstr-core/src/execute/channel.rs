//! What does not fit into an [`Outcome`](crate::execute::outcome::Outcome): what is long comes as evidence,
//! piece by piece and lent, and what nobody asked for as notices, while an action is carried out. Nothing is
//! kept here; who listens decides what to keep, and how long.

use crate::execute::notice::Notice;
use crate::report::last_words::{LAST_WORDS, Stream};
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// How many process ids are sent at once at most.
const PIDS_AT_ONCE: usize = 64;

/// A piece of evidence. All pieces of one kind that come with one action belong together, in the order in
/// which they come; an action whose answer is evidence answers `Done` after the last of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence<'e> {
    /// The next processes of the cgroup that was captured.
    Procs {
        /// Their ids; each process is in one piece only.
        pids: &'e [u32],
    },
    /// The next bytes of what a payload wrote.
    Output {
        /// To which of its streams.
        stream: Stream,
        /// How many bytes of the stream are left out between the piece before and this one, or before the
        /// first.
        cut: u64,
        /// The bytes, as they were written: a character may begin in one piece and end in the next.
        bytes: &'e [u8],
    },
    /// The next bytes of what is known of a scheduler.
    Scheduler {
        /// Who says it.
        source: SchedulerSource,
        /// How many bytes are left out between the piece before and this one, or before the first.
        cut: u64,
        /// The bytes, as they were written.
        bytes: &'e [u8],
    },
}

/// Who says what is known of a scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchedulerSource {
    /// Its program, on both of its streams: the first and the last of it.
    Log,
    /// The kernel's log, the lines about sched_ext.
    Kernel,
    /// The dump that the kernel makes as it ejects a scheduler.
    Dump,
    /// The kernel's counters `SCX_EV_*`, a line each, read before it left.
    Counters,
}

/// Where a backend puts evidence and notices. Functions and closures over evidence are channels that pass
/// notices over, and `()` is one to which nobody listens.
///
/// ```
/// use ktstr_core::{Channel, Evidence};
///
/// let mut all = Vec::new();
/// let mut listener = |piece: &Evidence<'_>| {
///     if let Evidence::Procs { pids } = piece {
///         all.extend_from_slice(pids);
///     }
/// };
/// let channel: &mut dyn Channel = &mut listener;
/// channel.procs(1..=1000);
/// assert_eq!(all.len(), 1000);
/// ```
pub trait Channel {
    /// Takes a piece of evidence. What it lends is not there any more when this returns.
    fn evidence(&mut self, piece: &Evidence<'_>);

    /// Takes a notice. `at` is when it happened, as far as that is known, else when the backend learned of
    /// it, by the backend's clock.
    fn notice(&mut self, at: Duration, notice: &Notice<'_>);
}

impl Channel for () {
    fn evidence(&mut self, _: &Evidence<'_>) {}

    fn notice(&mut self, _: Duration, _: &Notice<'_>) {}
}

impl<F: FnMut(&Evidence<'_>)> Channel for F {
    fn evidence(&mut self, piece: &Evidence<'_>) {
        self(piece);
    }

    fn notice(&mut self, _: Duration, _: &Notice<'_>) {}
}

impl dyn Channel + '_ {
    /// Sends process ids, so many at once as a piece holds.
    pub fn procs(&mut self, pids: impl IntoIterator<Item = u32>) {
        let mut piece = heapless::Vec::<u32, PIDS_AT_ONCE>::new();
        for pid in pids {
            if piece.push(pid).is_err() {
                self.evidence(&Evidence::Procs { pids: &piece });
                piece.clear();
                // There is room now.
                let _ = piece.push(pid);
            }
        }
        if !piece.is_empty() {
            self.evidence(&Evidence::Procs { pids: &piece });
        }
    }

    /// Sends the last words of a stream, of which `kept` are the last bytes that are known, and `lost` were
    /// written before them. Of a stream to which nothing was written nothing is sent.
    pub fn last_words(&mut self, stream: Stream, lost: u64, kept: &[u8]) {
        let (before, bytes) = kept.split_at(kept.len().saturating_sub(LAST_WORDS));
        let cut = lost.saturating_add(before.len() as u64);
        if cut > 0 || !bytes.is_empty() {
            self.evidence(&Evidence::Output { stream, cut, bytes });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    extern crate std;
    use std::vec;
    use std::vec::Vec;

    #[test]
    fn process_ids_come_in_pieces_and_all_of_them() {
        for (count, pieces) in [
            (0, vec![]),
            (1, vec![1]),
            (PIDS_AT_ONCE, vec![PIDS_AT_ONCE]),
            (PIDS_AT_ONCE + 1, vec![PIDS_AT_ONCE, 1]),
            (3 * PIDS_AT_ONCE, vec![PIDS_AT_ONCE; 3]),
        ] {
            let (mut all, mut lengths) = (Vec::new(), Vec::new());
            let mut listener = |piece: &Evidence<'_>| {
                let Evidence::Procs { pids } = piece else { panic!("{piece:?}") };
                all.extend_from_slice(pids);
                lengths.push(pids.len());
            };
            let channel: &mut dyn Channel = &mut listener;
            channel.procs(0..count as u32);
            assert_eq!((all, lengths), ((0..count as u32).collect(), pieces));
        }
    }

    #[test]
    fn of_a_stream_its_end_is_sent_and_what_is_left_out_is_counted() {
        let long = [b'x'; LAST_WORDS + 3];
        for (lost, kept, expected) in [
            (0, &b""[..], None),
            (0, b"why", Some((0, 3))),
            (7, b"why", Some((7, 3))),
            (7, b"", Some((7, 0))),
            (0, &long[3..], Some((0, LAST_WORDS))),
            (0, &long, Some((3, LAST_WORDS))),
            (u64::MAX, &long, Some((u64::MAX, LAST_WORDS))),
        ] {
            let mut sent = None;
            let mut listener = |piece: &Evidence<'_>| {
                let Evidence::Output { stream: Stream::Stderr, cut, bytes } = *piece else { panic!() };
                assert_eq!(sent.replace((cut, bytes.len())), None, "one piece");
            };
            let channel: &mut dyn Channel = &mut listener;
            channel.last_words(Stream::Stderr, lost, kept);
            assert_eq!(sent, expected, "{} after {lost}", kept.len());
        }
    }
}
