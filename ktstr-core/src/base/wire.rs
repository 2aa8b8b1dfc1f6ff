//! Frames that carry a value over a byte stream or into a file: a header, and the value in postcard's
//! encoding. A frame is checked before it is believed; finding the next frame after a bad one is left to the
//! transport.
//!
//! | Bytes | Content |
//! |---|---|
//! | 0..4 | [`MAGIC`] |
//! | 4..6 | [`VERSION`], little endian like all numbers here |
//! | 6..10 | length of the body in bytes, at most [`MAX_BODY`] |
//! | 10..14 | CRC-32 (IEEE 802.3) of bytes 4..10 and of the body |
//! | 14.. | the body |

mod crc;
mod record;

pub use crc::crc32;
pub use record::EventRecord;

use serde::{Deserialize, Serialize};

/// How every frame starts.
pub const MAGIC: [u8; 4] = *b"ktsw";
/// The version of the encoding; it goes up with every change of a type that is carried.
pub const VERSION: u16 = 4;
/// How long the header of a frame is, in bytes.
pub const HEADER: usize = 14;
/// How long the body of a frame is at most, in bytes.
pub const MAX_BODY: usize = 1 << 16;

const CHECKED: core::ops::Range<usize> = 4..10;

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
    /// The bytes do not start with [`MAGIC`].
    #[error("this is no frame; start reading where one starts")]
    NotAFrame,
    /// The frame was written in another version of the encoding.
    #[error(
        "the frame is of version {found}, this program reads version {VERSION}; use the same build on both sides"
    )]
    Version {
        /// Its version.
        found: u16,
    },
    /// The body is longer than [`MAX_BODY`].
    #[error("the body has {length} bytes, more than {MAX_BODY}; send less in one frame")]
    Oversized {
        /// Its length.
        length: usize,
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
    #[error("the frame does not fit into {capacity} bytes; lend a buffer of up to HEADER + MAX_BODY bytes")]
    NoRoom {
        /// How long the buffer is.
        capacity: usize,
    },
    /// The value cannot be encoded: its type asks for what postcard has not, such as a list of unknown
    /// length.
    #[error("the value cannot be encoded; use types of known length")]
    Unencodable,
}

/// Writes `value` as one frame to the start of `buffer`; returns the frame.
///
/// # Errors
/// [`WireError::NoRoom`], [`WireError::Oversized`] or [`WireError::Unencodable`]; what the buffer holds then
/// has no meaning.
pub fn encode<'b, T: Serialize + ?Sized>(value: &T, buffer: &'b mut [u8]) -> Result<&'b [u8], WireError> {
    let no_room = WireError::NoRoom { capacity: buffer.len() };
    let (header, rest) = buffer.split_at_mut_checked(HEADER).ok_or(no_room)?;
    let length = match postcard::to_slice(value, rest) {
        Ok(body) => body.len(),
        Err(postcard::Error::SerializeBufferFull) => return Err(no_room),
        Err(_) => return Err(WireError::Unencodable),
    };
    let count =
        u32::try_from(length).ok().filter(|_| length <= MAX_BODY).ok_or(WireError::Oversized { length })?;
    header[..4].copy_from_slice(&MAGIC);
    header[4..6].copy_from_slice(&VERSION.to_le_bytes());
    header[6..10].copy_from_slice(&count.to_le_bytes());
    let sum = crc32(&[&header[CHECKED], &rest[..length]]);
    header[10..].copy_from_slice(&sum.to_le_bytes());
    Ok(&buffer[..HEADER + length])
}

/// Reads one frame from the start of `bytes`; returns its value and what follows the frame.
///
/// # Errors
/// [`WireError::Torn`], [`WireError::NotAFrame`], [`WireError::Version`], [`WireError::Oversized`],
/// [`WireError::Corrupt`] or [`WireError::Malformed`].
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), WireError> {
    let there = bytes.len().min(MAGIC.len());
    if bytes[..there] != MAGIC[..there] {
        return Err(WireError::NotAFrame);
    }
    let torn = |need| WireError::Torn { have: bytes.len(), need };
    let (header, rest) = bytes.split_first_chunk::<HEADER>().ok_or(torn(HEADER))?;
    let [_, _, _, _, v0, v1, l0, l1, l2, l3, c0, c1, c2, c3] = *header;
    let found = u16::from_le_bytes([v0, v1]);
    if found != VERSION {
        return Err(WireError::Version { found });
    }
    let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    if length > MAX_BODY {
        return Err(WireError::Oversized { length });
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

#[cfg(test)]
mod tests;
