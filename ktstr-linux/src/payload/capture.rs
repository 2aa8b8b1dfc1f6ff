//! What a payload has written, within bounds: the beginning and the end are kept, what was between is
//! counted.

use rustix::io::Errno;
use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

/// How much is taken at once: whoever writes without a pause is not to hold up the supervisor.
const AT_ONCE: usize = 256 * 1024;

/// What is left of a stream that has ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// The beginning, and after it the end.
    pub(crate) bytes: Vec<u8>,
    /// How many bytes between the two were not kept.
    pub(crate) cut: u64,
    /// How long the beginning is.
    head: usize,
}

impl Kept {
    /// What was written last, in one piece.
    pub(crate) fn end(&self) -> &[u8] {
        let from = if self.cut > 0 { self.head } else { 0 };
        self.bytes.get(from..).unwrap_or(&[])
    }

    /// How many bytes were written.
    pub(crate) fn written(&self) -> u64 {
        self.bytes.len() as u64 + self.cut
    }
}

/// One stream of a payload.
#[derive(Debug)]
pub(crate) struct Stream {
    pipe: Option<OwnedFd>,
    head: Vec<u8>,
    tail: VecDeque<u8>,
    half: usize,
    total: u64,
}

impl Stream {
    /// Reads from the non-blocking `pipe` and keeps at most `limit` bytes.
    pub(crate) fn new(pipe: OwnedFd, limit: usize) -> Self {
        Self { pipe: Some(pipe), head: Vec::new(), tail: VecDeque::new(), half: limit / 2, total: 0 }
    }

    /// What to poll, until the stream has ended.
    pub(crate) fn pipe(&self) -> Option<BorrowedFd<'_>> {
        self.pipe.as_ref().map(AsFd::as_fd)
    }

    /// Takes what is there, without waiting, at most [`AT_ONCE`].
    pub(crate) fn drain(&mut self) {
        self.take(AT_ONCE);
    }

    /// Takes what is there, without waiting, at most `most` bytes.
    fn take(&mut self, most: usize) {
        let mut buffer = [0u8; 16 * 1024];
        let mut left = most;
        while let Some(pipe) = &self.pipe {
            if left == 0 {
                return;
            }
            let room = left.min(buffer.len());
            match rustix::io::read(pipe, buffer.get_mut(..room).unwrap_or(&mut [])) {
                Ok(0) => self.pipe = None,
                Ok(count) => {
                    left -= count;
                    self.keep(buffer.get(..count).unwrap_or(&[]));
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Err(_) => self.pipe = None,
            }
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let (first, rest) = bytes.split_at(bytes.len().min(self.half - self.head.len()));
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let excess = self.tail.len().saturating_sub(self.half);
        self.tail.drain(..excess);
    }

    /// Ends the stream, and gives what was kept of it. What is in the pipe now belongs to it; what somebody
    /// whom nobody has found writes from now on does not.
    pub(crate) fn finish(mut self) -> Kept {
        let there = self.pipe.as_ref().and_then(|pipe| rustix::io::ioctl_fionread(pipe).ok());
        self.take(usize::try_from(there.unwrap_or(0)).unwrap_or(usize::MAX));
        let (mut bytes, head) = (self.head, self.half);
        bytes.extend(self.tail);
        let cut = self.total - bytes.len() as u64;
        Kept { bytes, cut, head }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::pipe::{PipeFlags, pipe_with};

    #[test]
    fn beginning_and_end_are_kept_and_the_cut_is_counted() {
        for (written, kept, cut, last) in [
            (&b"abc"[..], &b"abc"[..], 0, &b"abc"[..]),
            (b"abcdefgh", b"abcdefgh", 0, b"abcdefgh"),
            (b"abcdefghij", b"abcdghij", 2, b"ghij"),
            (b"", b"", 0, b""),
        ] {
            let (from, to) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).expect("a pipe");
            let mut stream = Stream::new(from, 8);
            for byte in written {
                rustix::io::write(&to, &[*byte]).expect("room");
                stream.drain();
            }
            let ended = stream.finish();
            assert_eq!((&ended.bytes[..], ended.cut, ended.end()), (kept, cut, last));
            assert_eq!(ended.written(), written.len() as u64);
        }
    }

    /// A pipe that is always full stands for a writer that never rests.
    #[test]
    fn who_writes_without_a_pause_holds_nobody_up() {
        use rustix::pipe::fcntl_setpipe_size;
        let (from, to) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK).expect("a pipe");
        if fcntl_setpipe_size(&to, 4 * AT_ONCE).is_err() {
            println!("SKIP: pipes may not be that large for this user");
            return;
        }
        let fill = |bytes: usize| rustix::io::write(&to, &vec![7u8; bytes]).expect("room");
        assert_eq!(fill(3 * AT_ONCE), 3 * AT_ONCE);
        let mut stream = Stream::new(from, 8);
        stream.drain();
        assert_eq!(stream.total, AT_ONCE as u64);
        let ended = stream.finish();
        assert_eq!(ended.written(), 3 * AT_ONCE as u64, "what was written is not lost");
    }
}
