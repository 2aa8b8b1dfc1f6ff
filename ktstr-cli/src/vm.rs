//! The virtual machine as the program uses it: which kernel, whether there is one, and what its errors come
//! to.

use crate::args::VmArgs;
use crate::exit::{Exit, Failure};
use crate::hint;
use ktstr_linux::interrupt::Flag;
use ktstr_vm::emulator::resolve as resolve_emulator;
use ktstr_vm::{Cache, Kernel, VmError, resolve_or_newest};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The kernel that is asked for, or the newest that was fetched.
///
/// # Errors
/// When there is none.
pub(crate) fn kernel(spec: Option<&str>) -> Result<Kernel, VmError> {
    resolve_or_newest(spec, &Cache::of_user())
}

/// Why there can be no virtual machine here; `None` if there can.
pub(crate) fn lacks(args: &VmArgs) -> Option<String> {
    let emulator = resolve_emulator(args.qemu.as_deref(), &Cache::of_user()).err();
    let error = emulator.or_else(|| kernel(args.kernel.as_deref()).err());
    error.map(|error| format!("[{}] {error}", error.code()))
}

/// What an error of the virtual machine comes to.
pub(crate) fn failure(error: &VmError) -> Failure {
    let message = format!("[{}] {error}; {}", error.code(), error.cure());
    let mut message = hint::with(message, error.code());
    if let Some(console) = error.console().filter(|console| !console.trim().is_empty()) {
        let lines: Vec<_> = console.lines().collect();
        message.push_str("\nthe guest's last words:");
        for line in &lines[lines.len().saturating_sub(20)..] {
            message.push_str(&format!("\n  {line}"));
        }
    }
    let exit = match error {
        VmError::Scenario { invalid: true, .. } | VmError::Replay { .. } => Exit::Invalid,
        VmError::Interrupted => Exit::Inconclusive,
        _ => Exit::Environment,
    };
    Failure { exit, ..Failure::environment(message) }
}

/// A flag for the virtual machine that is set once a signal has come.
pub(crate) fn cancel_with(flag: Flag) -> Arc<AtomicBool> {
    let cancel = Arc::new(AtomicBool::new(false));
    let setter = Arc::downgrade(&cancel);
    // The thread ends with the machine, or with the program.
    std::thread::spawn(move || {
        while let Some(cancel) = setter.upgrade() {
            if flag.count() > 0 {
                cancel.store(true, Ordering::Release);
                return;
            }
            drop(cancel);
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    cancel
}
