//! Runs ktstr scenarios on a stock Linux kernel in a virtual machine, without KVM and without root, so that a run repeats
//! to the byte from its seed.
//!
//! [`resolve`] and [`fetch`] find a kernel, [`Image`] packs the guest's file system, [`Vm`] boots both under QEMU and
//! brings back the guest program's answer. The guest program is the same program: it calls [`guest_main`] first thing when
//! [`is_guest_init`] says so. This crate never prints; what is to be said is in [`VmRun`] and [`VmError`].

pub mod error;
pub mod frame;
pub mod guest;
pub mod image;
pub mod job;
pub mod kernel;
pub mod qemu;
pub mod vm;

mod elf;
mod state;

pub use error::VmError;
pub use guest::{guest_main, is_guest_init};
pub use image::{Archive, Image};
pub use job::{Job, Repeat, VmRun};
pub use kernel::{Cache, Kernel, fetch, resolve};
pub use qemu::Accel;
pub use vm::Vm;
