//! `ktstr timehist`: who ran where, slice by slice.

use crate::args::Timehist;
use crate::exit::{Exit, Failure};
use crate::output::out;
use crate::pictures::read_trace;
use crate::report_file;
use ktstr_picture::{Owners, timehist};

pub(crate) fn run(args: &Timehist) -> Result<Exit, Failure> {
    let trace = read_trace(&args.trace)?;
    let owners = match &args.report {
        Some(report) => Owners::of(&report_file::read(report)?, &trace),
        None => Owners::default(),
    };
    out(&timehist(&trace, &owners, args.most))?;
    Ok(Exit::Pass)
}
