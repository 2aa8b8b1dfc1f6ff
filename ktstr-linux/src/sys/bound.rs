//! Starts a program that dies with us, whatever ends us. It is a plain program, no payload: nobody supervises
//! it here.

use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// Starts `command` in a process group of its own, so that a terminal's interrupt reaches only us, and has
/// the kernel kill it when the thread that calls this ends.
///
/// # Errors
/// As for [`Command::spawn`]; `ESRCH` where this process has died meanwhile.
pub fn spawn_bound(command: &mut Command) -> std::io::Result<Child> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;

    #[test]
    fn it_leads_a_group_of_its_own_and_dies_with_the_thread_that_started_it() {
        let start = || spawn_bound(Command::new("sleep").arg("100"));
        let mut child = std::thread::spawn(start).join().unwrap().unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(9));
        let mut child = start().unwrap();
        let pid = rustix::process::Pid::from_child(&child);
        let group = rustix::process::getpgid(Some(pid));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(group, Ok(pid));
    }

    #[test]
    fn a_program_that_is_not_there_is_not_found() {
        let error = spawn_bound(&mut Command::new("no-such-program-anywhere")).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    }
}
