//! Writes a file from its beginning to its end past the page cache, then reads it.

use super::{Needs, buffered_io};
use crate::worker::context::Context;

pub(super) const NEEDS: Needs = Needs { file: true, direct: true, ..Needs::NOTHING };

pub(super) fn run(block_kib: u32, context: &mut Context<'_>) {
    buffered_io::run(block_kib, context);
}
