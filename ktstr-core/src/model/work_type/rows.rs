//! The rows of work types by kind, beside the first ones in the table itself. Each of these macros puts its
//! rows behind those it is given and hands all to the next one; the last one makes the table.

mod cpu;
mod io;
mod scheduling;
mod teams;

pub(super) use cpu::cpu_rows;
pub(super) use io::io_rows;
pub(super) use scheduling::scheduling_rows;
pub(super) use teams::team_rows;
