//! New processes: a fork into a cgroup with a pidfd, and a vfork on a stack of its own for children that only
//! `exec`. Placing happens in the kernel (`CLONE_INTO_CGROUP`), so a child never runs outside its cgroup;
//! where that cannot be used the child writes itself into `cgroup.procs` before it does anything else.

use crate::sys::{exec, signals};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::Pid;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::AtomicU32;

const CLONE_VM: u64 = 0x0000_0100;
const CLONE_FS: u64 = 0x0000_0200;
const CLONE_FILES: u64 = 0x0000_0400;
const CLONE_SIGHAND: u64 = 0x0000_0800;
const CLONE_PIDFD: u64 = 0x0000_1000;
const CLONE_VFORK: u64 = 0x0000_4000;
const CLONE_PARENT: u64 = 0x0000_8000;
const CLONE_THREAD: u64 = 0x0001_0000;
const CLONE_SYSVSEM: u64 = 0x0004_0000;
const CLONE_CHILD_CLEARTID: u64 = 0x0020_0000;
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// What a thread shares with its starter, and that its end is shown.
const THREAD: u64 =
    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_CHILD_CLEARTID;

/// Where a child starts.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    /// In the cgroup of its parent.
    Here,
    /// In the cgroup of this directory, put there by the kernel.
    Into(BorrowedFd<'a>),
    /// In the cgroup of this `cgroup.procs`, by its own first write.
    Join(BorrowedFd<'a>),
}

impl Place<'_> {
    /// The list of the tasks of the cgroup that a child is put into, to be read.
    pub(crate) fn procs(&self) -> Option<OwnedFd> {
        let Self::Into(directory) = self else { return None };
        rustix::fs::openat(directory, c"cgroup.procs", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()
    }
}

/// A child that was started.
#[derive(Debug)]
pub(crate) struct Child {
    pub(crate) pid: Pid,
    pub(crate) pidfd: OwnedFd,
}

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

impl CloneArgs {
    fn new(flags: u64, place: Place<'_>, pidfd: &mut RawFd) -> Self {
        let mut args = Self {
            flags: flags | CLONE_PIDFD,
            pidfd: std::ptr::from_mut(pidfd) as u64,
            // Of a sibling the kernel takes that of its maker.
            exit_signal: if flags & CLONE_PARENT == 0 { libc::SIGCHLD as u64 } else { 0 },
            ..Self::default()
        };
        if let Place::Into(dir) = place {
            args.flags |= CLONE_INTO_CGROUP;
            args.cgroup = dir.as_raw_fd() as u64;
        }
        args
    }
}

/// Forks. The child runs `body` with all signals blocked and exits with the code it returns.
///
/// # Errors
/// What clone3 says: `EAGAIN` at a limit of tasks, `EBUSY` for a cgroup with controllers enabled below it,
/// `EOPNOTSUPP` for an invalid domain, `ENOSYS` where it is not there.
///
/// # Safety
/// `body` runs in a fork of a process that may have other threads: it must not allocate, take a lock, panic
/// or return to code that does.
pub(crate) unsafe fn fork(place: Place<'_>, body: &mut dyn FnMut() -> i32) -> Result<Child, Errno> {
    let _blocked = signals::block_all();
    // SAFETY: the caller's promise.
    unsafe { fork_as_is(place, body) }
}

/// As [`fork`], but signals do to the child what they do to the caller, from its first moment on.
///
/// # Errors
/// As for [`fork`].
///
/// # Safety
/// As for [`fork`], and so must the handlers of signals that are not blocked.
pub(crate) unsafe fn fork_as_is(place: Place<'_>, body: &mut dyn FnMut() -> i32) -> Result<Child, Errno> {
    // SAFETY: the caller's promise.
    unsafe { fork_with(0, place, body) }
}

/// As [`fork_as_is`], but the child has the descriptors of the caller, not a copy of them: copying some
/// thousands is most of what a fork costs.
///
/// # Errors
/// As for [`fork`].
///
/// # Safety
/// As for [`fork`], and `body` has to leave the common table, with
/// [`close_all_but`](super::fds::close_all_but), before it opens or closes anything.
pub(crate) unsafe fn fork_sharing_descriptors(
    place: Place<'_>,
    body: &mut dyn FnMut() -> i32,
) -> Result<Child, Errno> {
    // SAFETY: the caller's promise.
    unsafe { fork_with(CLONE_FILES, place, body) }
}

/// As [`fork_as_is`], or as [`fork_sharing_descriptors`], but the child is one of this process's parent.
///
/// # Errors
/// As for [`fork`].
///
/// # Safety
/// As for those.
pub(crate) unsafe fn fork_for_parent(
    place: Place<'_>,
    shares: bool,
    body: &mut dyn FnMut() -> i32,
) -> Result<Child, Errno> {
    let flags = if shares { CLONE_PARENT | CLONE_FILES } else { CLONE_PARENT };
    // SAFETY: the caller's promise.
    unsafe { fork_with(flags, place, body) }
}

/// A child by the answer of its maker, which has these descriptors in common with this process: its process
/// id and its descriptor, which is nobody else's; or 0 and an errno.
///
/// # Errors
/// That errno.
pub(crate) fn child_of(pid: i32, answer: i32) -> Result<Child, Errno> {
    child(pid.into(), if pid > 0 { answer } else { -1 }, Errno::from_raw_os_error(answer))
}

/// Forks, and waits, not to be interrupted but by a signal that kills, until the child has called `exec` or
/// ended.
///
/// # Errors
/// As for [`fork`].
///
/// # Safety
/// As for [`fork_as_is`].
pub(crate) unsafe fn fork_and_await(body: &mut dyn FnMut() -> i32) -> Result<Child, Errno> {
    // SAFETY: the caller's promise; without CLONE_VM the child works on a copy of this memory.
    unsafe { fork_with(CLONE_VFORK, Place::Here, body) }
}

/// Starts a thread of this process on `stack`, which calls `entry(arg)`; the kernel makes `lives`, which is
/// 1, 0 and wakes who sleeps on it when the thread has ended. False where it could not be started.
///
/// # Safety
/// `entry` must not return, and `arg`, `lives` and `stack` have to outlive the thread, which shares the
/// thread-local memory of its starter and so may use none.
pub(crate) unsafe fn thread(
    stack: &mut [u8],
    lives: &AtomicU32,
    entry: extern "C" fn(*const libc::c_void) -> !,
    arg: *const libc::c_void,
) -> bool {
    // The top has to be aligned.
    let top = (stack.as_mut_ptr() as u64 + stack.len() as u64) & !15;
    let args = CloneArgs {
        flags: THREAD,
        child_tid: std::ptr::from_ref(lives) as u64,
        stack: stack.as_mut_ptr() as u64,
        stack_size: top.saturating_sub(stack.as_mut_ptr() as u64),
        ..CloneArgs::default()
    };
    // SAFETY: the caller's promise.
    unsafe { start_on_stack(&args, entry, arg) > 0 }
}

/// Ends this thread only.
pub(crate) fn exit_thread() -> ! {
    loop {
        // SAFETY: it does not return, and passes no memory.
        unsafe { libc::syscall(libc::SYS_exit, 0) };
    }
}

unsafe fn fork_with(flags: u64, place: Place<'_>, body: &mut dyn FnMut() -> i32) -> Result<Child, Errno> {
    let mut pidfd: RawFd = -1;
    let args = CloneArgs::new(flags, place, &mut pidfd);
    // SAFETY: without CLONE_VM and with no stack given, clone3 is a fork: the child goes on here on its own
    // copy of this stack. `args` and `pidfd` outlive the call.
    let pid = unsafe { libc::syscall(libc::SYS_clone3, &raw const args, size_of::<CloneArgs>()) };
    if pid == 0 {
        if let Place::Join(procs) = place
            && rustix::io::write(procs, b"0").is_err()
        {
            exec::exit_now(exec::NOT_PLACED);
        }
        exec::exit_now(body());
    }
    let failed = Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::INVAL);
    child(pid, pidfd, failed)
}

/// Starts a child that shares this memory, on `stack`, of [`STACK`] words, while this thread waits until the
/// child has called `exec` or exited. The child runs `exec::run(plan)`. Nothing is allocated.
///
/// # Errors
/// As for [`fork`]. Where the machine's calling convention is not known here it forks instead, and does not
/// wait.
pub(crate) fn vfork_exec(
    place: Place<'_>,
    plan: &exec::Plan<'_>,
    stack: &mut [u128],
) -> Result<Child, Errno> {
    let mut pidfd: RawFd = -1;
    let mut args = CloneArgs::new(CLONE_VM | CLONE_VFORK, place, &mut pidfd);
    args.stack = stack.as_mut_ptr() as u64;
    args.stack_size = size_of_val(stack) as u64;
    let blocked = signals::block_all();
    // SAFETY: `args`, the stack and `plan` outlive the child's use of them, because CLONE_VFORK holds this
    // thread until the child has left this memory. `run_plan` never returns, so the child never pops a frame
    // of ours.
    let pid = unsafe { start_on_stack(&args, run_plan, std::ptr::from_ref(plan).cast()) };
    drop(blocked);
    if pid == -i64::from(libc::ENOTSUP) {
        // SAFETY: `exec::run` only makes system calls; `fork` has entered the cgroup then.
        return unsafe { fork(place, &mut || exec::run(&exec::Plan { join: None, ..*plan })) };
    }
    let errno = i32::try_from(-pid).ok().filter(|errno| (1..4096).contains(errno));
    child(pid, pidfd, errno.map_or(Errno::INVAL, Errno::from_raw_os_error))
}

/// Whether [`vfork_exec`] waits for the `exec` on this machine.
pub(crate) const VFORK_WAITS: bool = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));

/// Enough words for `exec::run`, which keeps nothing large on it.
pub(crate) const STACK: usize = 64 * 1024 / size_of::<u128>();

extern "C" fn run_plan(plan: *const libc::c_void) -> ! {
    // SAFETY: `vfork_exec` passes a plan that lives as long as this child shares its memory.
    let plan = unsafe { &*plan.cast::<exec::Plan<'_>>() };
    exec::run(plan)
}

fn child(pid: i64, pidfd: RawFd, failed: Errno) -> Result<Child, Errno> {
    match Pid::from_raw(i32::try_from(pid).unwrap_or(0).max(0)) {
        Some(pid) if pid.as_raw_nonzero().get() > 0 && pidfd >= 0 => {
            // SAFETY: the kernel has just made this descriptor for us, and nobody else has it.
            Ok(Child { pid, pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) } })
        }
        _ => Err(failed),
    }
}

/// clone3, after which the child calls `entry(arg)` on the stack in `args`. Answers the pid or a negative
/// errno.
///
/// # Safety
/// `args` has to be valid with a stack, and `entry` must not return.
#[cfg(target_arch = "x86_64")]
unsafe fn start_on_stack(
    args: &CloneArgs,
    entry: extern "C" fn(*const libc::c_void) -> !,
    arg: *const libc::c_void,
) -> i64 {
    let result: i64;
    // SAFETY: the child begins after `syscall` with rax = 0 on the new stack, which is aligned to 16 bytes at
    // its top, as a call needs; the kernel keeps all other registers. The parent only falls through.
    unsafe {
        core::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r12",
            "call r13",
            "ud2",
            "2:",
            inlateout("rax") libc::SYS_clone3 => result,
            in("rdi") std::ptr::from_ref(args),
            in("rsi") size_of::<CloneArgs>(),
            in("r12") arg,
            in("r13") entry,
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    result
}

/// As above, for aarch64.
///
/// # Safety
/// As above.
#[cfg(target_arch = "aarch64")]
unsafe fn start_on_stack(
    args: &CloneArgs,
    entry: extern "C" fn(*const libc::c_void) -> !,
    arg: *const libc::c_void,
) -> i64 {
    let result: i64;
    // SAFETY: as for x86_64; the new stack pointer is aligned to 16 bytes.
    unsafe {
        core::arch::asm!(
            "svc 0",
            "cbnz x0, 2f",
            "mov x29, xzr",
            "mov x0, x20",
            "blr x21",
            "brk 1",
            "2:",
            in("x8") libc::SYS_clone3,
            inlateout("x0") std::ptr::from_ref(args) => result,
            in("x1") size_of::<CloneArgs>(),
            in("x20") arg,
            in("x21") entry,
        );
    }
    result
}

/// Other machines have no such entry here; the caller forks.
///
/// # Safety
/// None is needed.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
unsafe fn start_on_stack(
    _args: &CloneArgs,
    _entry: extern "C" fn(*const libc::c_void) -> !,
    _arg: *const libc::c_void,
) -> i64 {
    -i64::from(libc::ENOTSUP)
}
