//! The guest's side: the same program as the host's, started by the kernel as process 1. It mounts what a
//! Linux system has, reports to the host what machine it sees, runs the job in a child process, hands the
//! answer over in one piece and ends the machine. What the job means is the caller's affair.

mod facts;
mod init;
mod log;
pub(crate) mod park;
pub(crate) mod progress;
pub(crate) mod trace;

use crate::frame::Reader;
use crate::job::Job;
use std::path::Path;
use std::time::{Duration, Instant};

/// The job's place in the image, as one frame.
pub(crate) const JOB: &str = "/ktstr/job";
/// Where the child leaves its answer.
const ANSWER: &str = "/run/ktstr.answer";
/// Set for the child, so that the same program knows its part.
const PART: &str = "KTSTR_GUEST_PART";

/// Whether this process is the guest program: process 1 of a guest, or the child that it starts for the job.
/// A program that builds guests calls [`guest_main`] first thing when this is so.
#[must_use]
pub fn is_guest_init() -> bool {
    Path::new("/ktstr").is_dir() && (std::process::id() == 1 || std::env::var_os(PART).is_some())
}

/// Does the guest program's part. `run` carries out the job and returns the answer; it runs in a process of
/// its own, whose death by a signal or a panic becomes an error on the host.
pub fn guest_main(run: impl FnOnce(Job) -> Vec<u8>) -> ! {
    if std::process::id() == 1 {
        init::main()
    }
    match read_job()
        .map(run)
        .and_then(|answer| std::fs::write(ANSWER, answer).map_err(|error| error.to_string()))
    {
        Ok(()) => std::process::exit(0),
        Err(reason) => {
            use std::io::Write;
            // Read back by process 1; if it cannot be written, the exit status still says.
            drop(writeln!(std::io::stderr(), "{reason}"));
            std::process::exit(1)
        }
    }
}

fn read_job() -> Result<Job, String> {
    let bytes = std::fs::read(JOB).map_err(|error| format!("reading {JOB}: {error}"))?;
    let mut reader = Reader::default();
    reader.feed(&bytes);
    match reader.read() {
        Ok(Some(job)) => Ok(job),
        Ok(None) => Err(format!("reading {JOB}: {}", reader.end())),
        Err(error) => Err(format!("reading {JOB}: {error}")),
    }
}

/// Lets guest time pass by computing. A sleep would end on a timer like any other; and no pause instruction,
/// at which QEMU ends the CPU's turn and goes round all others, asleep or not.
fn compute_for(time: Duration) {
    let (begin, mut value) = (Instant::now(), 1u64);
    while begin.elapsed() < time {
        value = std::hint::black_box((0..100).fold(value, |value, step| value.wrapping_mul(5) ^ step));
    }
}
