//! The floor: the lives of N cgroups with a sleeping process each, in the fewest system calls that the kernel
//! has for them. What the backend costs is a multiple of it, taken in the same run.

use std::ffi::{CString, c_int, c_long};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const CLONE_PIDFD: u64 = 0x1000;
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// `struct clone_args` of clone3(2).
#[repr(C, align(8))]
#[derive(Default)]
struct CloneArgs {
    flags: u64,
    pidfd: u64,
    child_tid: u64,
    parent_tid: u64,
    exit_signal: u64,
    stack: u64,
    stack_size: u64,
    tls: u64,
    set_tid: u64,
    set_tid_size: u64,
    cgroup: u64,
}

/// One cgroup, and the process in it.
struct Life {
    name: CString,
    dir: c_int,
    pidfd: c_int,
}

/// Cgroups below one directory.
pub(crate) struct Lives {
    parent: c_int,
    lives: Vec<Life>,
}

impl Lives {
    /// Below `parent`, which is a cgroup.
    pub(crate) fn below(parent: &Path) -> Self {
        let path = CString::new(parent.as_os_str().as_bytes()).expect("a path");
        // SAFETY: the path ends with a zero.
        let parent = unsafe { libc::open(path.as_ptr(), libc::O_RDONLY | libc::O_DIRECTORY) };
        assert!(parent >= 0, "{path:?}");
        Self { parent, lives: Vec::new() }
    }

    /// Makes cgroup number `index` with a process that sleeps.
    pub(crate) fn begin(&mut self, index: usize) {
        let name = CString::new(format!("bare-{index}")).expect("a name");
        // SAFETY: the name ends with a zero.
        let dir = unsafe {
            good(libc::mkdirat(self.parent, name.as_ptr(), 0o755).into());
            good(libc::openat(self.parent, name.as_ptr(), libc::O_RDONLY | libc::O_DIRECTORY).into())
        } as c_int;
        let mut pidfd: c_int = -1;
        let args = CloneArgs {
            flags: CLONE_PIDFD | CLONE_INTO_CGROUP,
            pidfd: &raw mut pidfd as u64,
            exit_signal: libc::SIGCHLD as u64,
            cgroup: dir as u64,
            ..CloneArgs::default()
        };
        // SAFETY: a fork; the child calls nothing but pause and _exit.
        unsafe {
            if good(libc::syscall(libc::SYS_clone3, &raw const args, size_of::<CloneArgs>())) == 0 {
                libc::pause();
                libc::_exit(0);
            }
        }
        self.lives.push(Life { name, dir, pidfd });
    }

    /// Ends them all: killed first, then reaped, then removed.
    pub(crate) fn end(&mut self) {
        // SAFETY: the descriptors are ours; the structs are plain data for which zeroes are a value.
        unsafe {
            for life in &self.lives {
                let no_info = std::ptr::null::<libc::siginfo_t>();
                good(libc::syscall(libc::SYS_pidfd_send_signal, life.pidfd, libc::SIGKILL, no_info, 0));
            }
            for life in &self.lives {
                let mut info: libc::siginfo_t = std::mem::zeroed();
                good(libc::waitid(libc::P_PIDFD, life.pidfd as _, &raw mut info, libc::WEXITED).into());
            }
            for life in self.lives.drain(..).rev() {
                libc::close(life.pidfd);
                libc::close(life.dir);
                good(libc::unlinkat(self.parent, life.name.as_ptr(), libc::AT_REMOVEDIR).into());
            }
        }
    }
}

impl Drop for Lives {
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours.
        unsafe { libc::close(self.parent) };
    }
}

fn good(result: c_long) -> c_long {
    assert!(result >= 0, "{}", std::io::Error::last_os_error());
    result
}
