//! The wire between guest and host: messages in the core's frames, of a format of their own. It knows nothing
//! of the channel under it, which may tear, cut or garble; each of that is a typed error, never a guess. Who
//! sends is not trusted either: a channel carries a bounded number of frames and bytes.

use crate::error::VmCode;
use ktstr_core::wire::{Format, HEADER, WireError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Version of the messages; both sides must have the same.
pub const VERSION: u16 = 4;
/// The largest payload of a frame, in bytes: an answer.
pub const MAX_PAYLOAD: usize = 32 << 20;
const FORMAT: Format = Format { magic: *b"KTSF", version: VERSION, max_body: MAX_PAYLOAD };
/// The largest text or list in any other message, in bytes or entries.
const MAX_OTHER: usize = 64 << 10;
/// The most frames of one guest beside those of its progress: that it waits, that it has begun, its answer.
pub const MAX_FRAMES: usize = 3;
/// The most that one guest says of its progress, in bytes without headers.
pub const MAX_PROGRESS: usize = 1 << 20;
/// The most bytes of one guest.
pub const MAX_BYTES: u64 = (MAX_PAYLOAD + 2 * MAX_PROGRESS) as u64;

/// A random number that a host gives with a job. Only an answer with the same one is an answer to that job.
pub type Nonce = [u8; 16];

/// What a guest reports to its host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// The guest program runs; this is the machine it sees.
    Started(Machine),
    /// The guest program waits for its state to be saved; a job can be written to these pages, given by their
    /// physical addresses, in this order.
    Parked(Vec<u64>),
    /// The answer, in one piece, with the nonce of the job that it is to.
    Answer(Nonce, Vec<u8>),
    /// The guest program could not do its work.
    Failed(String),
    /// A program in the guest died of its emulator; the kernel's line that shows it.
    EmulatorFault(String),
    /// The job did not end within its bound, by the guest's clock.
    Overdue(Nonce),
    /// A piece of what the guest program has done so far, of use where no answer comes.
    Progress(Vec<u8>),
}

impl Message {
    /// Whether it is as small as honest ones are.
    #[must_use]
    pub fn is_moderate(&self) -> bool {
        match self {
            Self::Started(machine) => machine.release.len() <= MAX_OTHER,
            Self::Parked(pages) => pages.len() <= MAX_OTHER,
            Self::Answer(_, answer) => answer.len() <= MAX_PAYLOAD,
            Self::Failed(reason) | Self::EmulatorFault(reason) => reason.len() <= MAX_OTHER,
            Self::Progress(piece) => piece.len() <= MAX_OTHER,
            Self::Overdue(_) => true,
        }
    }
}

/// The machine as the guest's kernel shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// Kernel release, as in `uname -r`.
    pub release: String,
    /// CPUs that are online.
    pub cpus: u32,
    /// NUMA nodes that are online.
    pub nodes: u32,
    /// Distinct last-level caches.
    pub llcs: u32,
    /// Distinct cores.
    pub cores: u32,
    /// Memory that the kernel has, in MiB.
    pub memory_mib: u32,
}

/// What is wrong with the bytes on the channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// The bytes end inside a frame.
    #[error("torn: {have} bytes of a frame of {want}")]
    Torn {
        /// Bytes that are there.
        have: usize,
        /// Bytes that the header promises, or the size of a header.
        want: usize,
    },
    /// The bytes do not begin as a frame does, or the checksum differs.
    #[error("corrupt at byte {at}")]
    Corrupt {
        /// Offset of the frame.
        at: usize,
    },
    /// The frame promises more than [`MAX_PAYLOAD`].
    #[error("oversized: {len} bytes, and {MAX_PAYLOAD} are allowed")]
    Oversized {
        /// The promised length.
        len: usize,
    },
    /// The other side speaks another version.
    #[error("version {found}, and this side speaks {VERSION}")]
    Version {
        /// Its version.
        found: u16,
    },
    /// The payload is whole but is no message.
    #[error("undecodable message at byte {at}")]
    Undecodable {
        /// Offset of the frame.
        at: usize,
    },
    /// More came than one guest has to say.
    #[error("a flood: more than {MAX_FRAMES} frames, {MAX_PROGRESS} bytes of progress or {MAX_BYTES} bytes")]
    Flood,
    /// The message is none that comes at this place.
    #[error("out of place: {what}")]
    OutOfPlace {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The channel ended before an answer.
    #[error("missing: the channel ended without an answer")]
    Missing,
}

impl FrameError {
    /// Which code it has.
    #[must_use]
    pub fn kind(&self) -> VmCode {
        match self {
            Self::Torn { .. } => VmCode::Torn,
            Self::Corrupt { .. } => VmCode::Corrupt,
            Self::Oversized { .. } => VmCode::Oversized,
            Self::Version { .. } => VmCode::Version,
            Self::Missing => VmCode::Missing,
            Self::Undecodable { .. } => VmCode::Undecodable,
            Self::Flood => VmCode::Flood,
            Self::OutOfPlace { .. } => VmCode::OutOfPlace,
        }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind().code()
    }
}

impl FrameError {
    /// What is wrong with a frame at this offset; `None` where it only is not all there.
    fn of(error: WireError, at: usize) -> Option<Self> {
        match error {
            WireError::Torn { .. } => None,
            WireError::NotAFrame | WireError::Corrupt { .. } => Some(Self::Corrupt { at }),
            WireError::Version { found, .. } => Some(Self::Version { found }),
            WireError::Oversized { length: len, .. } => Some(Self::Oversized { len }),
            WireError::Malformed | WireError::Unencodable | WireError::NoRoom { .. } => {
                Some(Self::Undecodable { at })
            }
        }
    }
}

/// One value as a frame.
///
/// # Errors
/// [`FrameError::Oversized`]; a value that cannot be encoded is [`FrameError::Undecodable`].
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, FrameError> {
    let unencodable = FrameError::Undecodable { at: 0 };
    let mut frame = postcard::to_extend(value, vec![0; HEADER]).map_err(|_| unencodable)?;
    FORMAT.seal(&mut frame).map_err(|error| FrameError::of(error, 0).unwrap_or(unencodable))?;
    Ok(frame)
}

/// Reads frames out of bytes that arrive bit by bit.
#[derive(Debug, Default)]
pub struct Reader {
    /// What has not been read yet.
    bytes: Vec<u8>,
    /// How much has, in bytes.
    at: usize,
}

impl Reader {
    /// Adds what has arrived.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next whole frame's value, or `None` while it is not all there.
    ///
    /// # Errors
    /// Anything but [`FrameError::Torn`] and [`FrameError::Missing`], which only [`end`](Self::end) can tell.
    pub fn read<T: for<'a> Deserialize<'a>>(&mut self) -> Result<Option<T>, FrameError> {
        let at = self.at;
        match FORMAT.decode(&self.bytes) {
            Ok((value, rest)) => {
                let read = self.bytes.len() - rest.len();
                self.at += read;
                self.bytes.drain(..read);
                Ok(Some(value))
            }
            Err(error) => FrameError::of(error, at).map_or(Ok(None), Err),
        }
    }

    /// What it means that nothing more will come: the frame that was begun is torn, or the answer is missing.
    #[must_use]
    pub fn end(&self) -> FrameError {
        match FORMAT.decode::<()>(&self.bytes) {
            _ if self.bytes.is_empty() => FrameError::Missing,
            Err(WireError::Torn { have, need }) => FrameError::Torn { have, want: need },
            _ => FrameError::Torn { have: self.bytes.len(), want: HEADER },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Message {
        Message::Answer([7; 16], (0..200).collect())
    }

    fn read(bytes: &[u8]) -> Result<Option<Message>, FrameError> {
        let mut reader = Reader::default();
        reader.feed(bytes);
        reader.read()
    }

    #[test]
    fn frames_come_back_however_they_are_cut() {
        let mut bytes = encode(&Message::Started(Machine::default())).unwrap();
        bytes.extend(encode(&sample()).unwrap());
        for step in [1, 7, bytes.len()] {
            let (mut reader, mut seen) = (Reader::default(), Vec::new());
            for part in bytes.chunks(step) {
                reader.feed(part);
                while let Some(message) = reader.read::<Message>().unwrap() {
                    seen.push(message);
                }
            }
            assert_eq!(seen, [Message::Started(Machine::default()), sample()]);
            assert_eq!(reader.end(), FrameError::Missing);
        }
    }

    #[test]
    fn every_cut_is_torn_and_no_cut_is_a_message() {
        let bytes = encode(&sample()).unwrap();
        for cut in 1..bytes.len() {
            let mut reader = Reader::default();
            reader.feed(&bytes[..cut]);
            assert_eq!(reader.read::<Message>(), Ok(None), "cut at {cut}");
            assert!(matches!(reader.end(), FrameError::Torn { have, .. } if have == cut), "cut at {cut}");
        }
    }

    #[test]
    fn every_flipped_bit_shows() {
        let bytes = encode(&sample()).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(read(&bad), Ok(Some(sample())), "bit {bit}");
        }
    }

    #[test]
    fn what_honest_guests_say_is_moderate_and_floods_of_text_are_not() {
        let long = "x".repeat(MAX_OTHER + 1);
        for (message, moderate) in [
            (sample(), true),
            (Message::Overdue([0; 16]), true),
            (Message::Progress(vec![0; 200]), true),
            (Message::Progress(vec![0; MAX_OTHER + 1]), false),
            (Message::Parked((0..256).collect()), true),
            (Message::Parked(vec![0; MAX_OTHER + 1]), false),
            (Message::Failed("why".to_owned()), true),
            (Message::Failed(long.clone()), false),
            (Message::EmulatorFault(long.clone()), false),
            (Message::Started(Machine { release: long, ..Machine::default() }), false),
        ] {
            assert_eq!(message.is_moderate(), moderate, "{message:.40?}");
        }
    }

    #[test]
    fn each_fault_has_its_name() {
        let good = encode(&sample()).unwrap();
        let with = |at: usize, value: &[u8]| {
            let mut bytes = good.clone();
            bytes[at..at + value.len()].copy_from_slice(value);
            read(&bytes)
        };
        assert_eq!(with(0, b"X"), Err(FrameError::Corrupt { at: 0 }));
        assert_eq!(with(4, &[9, 0]), Err(FrameError::Version { found: 9 }));
        assert_eq!(with(6, &[255, 255, 255, 255]), Err(FrameError::Oversized { len: u32::MAX as usize }));
        assert_eq!(with(HEADER + 40, &[0xee]), Err(FrameError::Corrupt { at: 0 }));
        let other = encode(&(7u8, 9u8)).unwrap();
        assert_eq!(read(&other), Err(FrameError::Undecodable { at: 0 }));
    }
}
