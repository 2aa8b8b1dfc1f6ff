//! Threads that contend for the CPUs, and a log of who ran when: what repeats to the byte shows in it, and
//! what does not.

use std::fmt::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Twelve threads compute and sleep for so many milliseconds; each time one was off its CPU for more than
/// half a millisecond is a line with the thread and the time, in nanoseconds.
pub(crate) fn contend(ms: u64) -> String {
    let (log, begin) = (Mutex::new(String::new()), Instant::now());
    std::thread::scope(|scope| {
        for thread in 0..12u64 {
            let log = &log;
            scope.spawn(move || {
                let (mut value, mut last) = (thread, Instant::now());
                while begin.elapsed() < Duration::from_millis(ms) {
                    value = (0..500)
                        .fold(value, |value, step| value.wrapping_mul(6_364_136_223_846_793_005) ^ step);
                    if last.elapsed() > Duration::from_micros(500) {
                        writeln!(log.lock().unwrap(), "{thread} {}", begin.elapsed().as_nanos()).unwrap();
                    }
                    if value % 97 == 0 {
                        std::thread::sleep(Duration::from_micros(300));
                    }
                    last = Instant::now();
                }
            });
        }
    });
    log.into_inner().unwrap()
}
