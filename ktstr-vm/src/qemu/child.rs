//! Starts a program that dies with us, whatever ends us. The crate's `unsafe` for processes is here and nowhere else.

use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// Starts `command` in a process group of its own, so that a terminal's interrupt reaches only us, and has the kernel
/// kill it when the thread that calls this ends.
pub(crate) fn spawn_bound(command: &mut Command) -> std::io::Result<Child> {
    let parent = getpid();
    let bind = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // We may have died before the line above took effect.
        if getppid() == Some(parent) {
            Ok(())
        } else {
            Err(std::io::Error::from_raw_os_error(rustix::io::Errno::SRCH.raw_os_error()))
        }
    };
    // SAFETY: between fork and exec, `bind` makes two system calls and neither allocates nor takes a lock.
    unsafe { command.process_group(0).pre_exec(bind) }.spawn()
}
