//! Chains of multiplications, each of which needs the one before, side by side in registers of some width.

use super::Needs;
use crate::sys::alu::{self, Lanes};
use crate::worker::context::Context;
use crate::worker::progress::BURST;
use ktstr_core::AluWidth;

pub(super) const NEEDS: Needs = Needs::NOTHING;

pub(super) fn run(width: AluWidth, context: &mut Context<'_>) {
    let lanes = match width {
        AluWidth::Scalar => Lanes::One,
        AluWidth::Vec128 => Lanes::Four,
        AluWidth::Vec256 => Lanes::Eight,
        AluWidth::Vec512 | AluWidth::Widest => Lanes::Sixteen,
    };
    let progress = &mut context.progress;
    let mut chain = alu::Chain::new(lanes, context.seed);
    while !progress.stopped() {
        chain.multiply(BURST);
        progress.worked(BURST);
        progress.iterated();
        progress.checkpoint();
    }
}
