//! Frames that carry a value over a byte stream or into a file: a header, and the value in postcard's
//! encoding. A frame is checked before it is believed; finding the next frame after a bad one is left to the
//! transport.
//!
//! | Bytes | Content |
//! |---|---|
//! | 0..4 | the magic of the [`Format`] |
//! | 4..6 | its version, little endian like all numbers here |
//! | 6..10 | length of the body in bytes |
//! | 10..14 | CRC-32 (IEEE 802.3) of bytes 4..10 and of the body |
//! | 14.. | the body |

mod crc;
mod record;

pub use crc::crc32;
pub use record::EventRecord;

use serde::{Deserialize, Serialize};

/// How every frame of the core's own values starts.
pub const MAGIC: [u8; 4] = *b"ktsw";
/// The version of their encoding; it goes up with every change of a type that is carried.
pub const VERSION: u16 = 6;
/// How long the header of a frame is, in bytes.
pub const HEADER: usize = 14;
/// How long the body of such a frame is at most, in bytes.
pub const MAX_BODY: usize = 1 << 16;

const CHECKED: core::ops::Range<usize> = 4..10;

/// What frames of one kind have in common. Another kind of values than the core's, such as what a guest says
/// to its host, has a format of its own, so that neither is taken for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// How each frame starts.
    pub magic: [u8; 4],
    /// The version of the encoding.
    pub version: u16,
    /// How long a body is at most, in bytes; less than 4 GiB.
    pub max_body: usize,
}

/// The format of [`encode`] and [`decode`].
pub const CORE: Format = Format { magic: MAGIC, version: VERSION, max_body: MAX_BODY };

/// Why a frame was not written or not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The bytes end before the frame does. Reading more of the stream can mend it.
    #[error("the frame is torn: {have} of {need} bytes are there; read on, or see why the sender stopped")]
    Torn {
        /// How many bytes there are.
        have: usize,
        /// How many are needed to get on: the header, or the whole frame.
        need: usize,
    },
    /// The bytes do not start with the magic.
    #[error("this is no frame; start reading where one starts")]
    NotAFrame,
    /// The frame was written in another version of the encoding.
    #[error(
        "the frame is of version {found}, this program reads version {known}; use the same build on both sides"
    )]
    Version {
        /// Its version.
        found: u16,
        /// The version of the format.
        known: u16,
    },
    /// The body is longer than the format allows.
    #[error("the body has {length} bytes, more than {most}; send less in one frame")]
    Oversized {
        /// Its length.
        length: usize,
        /// The most that is allowed.
        most: usize,
    },
    /// The checksum does not match.
    #[error("the frame is corrupt: its checksum is {found:08x}, not {expected:08x}; have it sent again")]
    Corrupt {
        /// The checksum in the header.
        expected: u32,
        /// The checksum of what arrived.
        found: u32,
    },
    /// The body is whole but is not the value that was asked for.
    #[error("the body is no such value; read the type that was written")]
    Malformed,
    /// The buffer is too small for the frame.
    #[error(
        "the frame does not fit into {capacity} bytes; lend a buffer for the header and the longest body"
    )]
    NoRoom {
        /// How long the buffer is.
        capacity: usize,
    },
    /// The value cannot be encoded: its type asks for what postcard has not, such as a list of unknown
    /// length.
    #[error("the value cannot be encoded; use types of known length")]
    Unencodable,
}

/// Writes `value` as one frame of the [`CORE`] format to the start of `buffer`; returns the frame.
///
/// # Errors
/// As for [`Format::encode`].
pub fn encode<'b, T: Serialize + ?Sized>(value: &T, buffer: &'b mut [u8]) -> Result<&'b [u8], WireError> {
    CORE.encode(value, buffer)
}

/// Reads one frame of the [`CORE`] format from the start of `bytes`; returns its value and what follows.
///
/// # Errors
/// As for [`Format::decode`].
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), WireError> {
    CORE.decode(bytes)
}

impl Format {
    /// Writes `value` as one frame to the start of `buffer`; returns the frame.
    ///
    /// # Errors
    /// [`WireError::NoRoom`], [`WireError::Oversized`] or [`WireError::Unencodable`]; what the buffer holds
    /// then has no meaning.
    pub fn encode<'b, T: Serialize + ?Sized>(
        &self,
        value: &T,
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], WireError> {
        let no_room = WireError::NoRoom { capacity: buffer.len() };
        let (_, rest) = buffer.split_at_mut_checked(HEADER).ok_or(no_room)?;
        let length = match postcard::to_slice(value, rest) {
            Ok(body) => body.len(),
            Err(postcard::Error::SerializeBufferFull) => return Err(no_room),
            Err(_) => return Err(WireError::Unencodable),
        };
        let frame = &mut buffer[..HEADER + length];
        self.seal(frame)?;
        Ok(frame)
    }

    /// Writes the header of a frame whose body is in its place already.
    ///
    /// # Errors
    /// [`WireError::NoRoom`] where `frame` is shorter than a header, [`WireError::Oversized`].
    pub fn seal(&self, frame: &mut [u8]) -> Result<(), WireError> {
        let no_room = WireError::NoRoom { capacity: frame.len() };
        let (header, body) = frame.split_at_mut_checked(HEADER).ok_or(no_room)?;
        let (length, most) = (body.len(), self.max_body);
        let count = u32::try_from(length).ok().filter(|_| length <= most);
        let count = count.ok_or(WireError::Oversized { length, most })?;
        header[..4].copy_from_slice(&self.magic);
        header[4..6].copy_from_slice(&self.version.to_le_bytes());
        header[6..10].copy_from_slice(&count.to_le_bytes());
        let sum = crc32(&[&header[CHECKED], body]);
        header[10..].copy_from_slice(&sum.to_le_bytes());
        Ok(())
    }

    /// Reads one frame from the start of `bytes`; returns its value and what follows the frame.
    ///
    /// # Errors
    /// [`WireError::Torn`], [`WireError::NotAFrame`], [`WireError::Version`], [`WireError::Oversized`],
    /// [`WireError::Corrupt`] or [`WireError::Malformed`].
    pub fn decode<'a, T: Deserialize<'a>>(&self, bytes: &'a [u8]) -> Result<(T, &'a [u8]), WireError> {
        let there = bytes.len().min(self.magic.len());
        if bytes[..there] != self.magic[..there] {
            return Err(WireError::NotAFrame);
        }
        let torn = |need| WireError::Torn { have: bytes.len(), need };
        let (header, rest) = bytes.split_first_chunk::<HEADER>().ok_or(torn(HEADER))?;
        let [_, _, _, _, v0, v1, l0, l1, l2, l3, c0, c1, c2, c3] = *header;
        let found = u16::from_le_bytes([v0, v1]);
        if found != self.version {
            return Err(WireError::Version { found, known: self.version });
        }
        let (length, most) = (u32::from_le_bytes([l0, l1, l2, l3]) as usize, self.max_body);
        if length > most {
            return Err(WireError::Oversized { length, most });
        }
        let (body, rest) = rest.split_at_checked(length).ok_or(torn(HEADER + length))?;
        let expected = u32::from_le_bytes([c0, c1, c2, c3]);
        let found = crc32(&[&header[CHECKED], body]);
        if found != expected {
            return Err(WireError::Corrupt { expected, found });
        }
        match postcard::take_from_bytes(body) {
            Ok((value, [])) => Ok((value, rest)),
            _ => Err(WireError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests;
