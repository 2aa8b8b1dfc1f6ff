//! The codes of the virtual machine's errors: `V00x` are about kernels, `V01x` the image, `V02x` QEMU, `V03x`
//! the guest, `V04x` the channel between the two.

use ktstr_core::codes;

codes! {
    /// What went wrong, by kind.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub enum VmCode: Vm, "what the host sees of QEMU, the guest and its console" {
        /// No kernel of that name, path or release.
        KernelNotFound = "V001": "there is no such kernel",
            "fetch it (a release as `6.12`, or `sid`), or give the path of a bzImage or of a Debian kernel package";
        /// The file is there but is no kernel that QEMU could start.
        KernelFormat = "V002": "the file is no x86-64 kernel",
            "give an x86-64 bzImage, an uncompressed vmlinux, or a Debian kernel package";
        /// This machine has no Debian mirror to fetch from.
        NoMirror = "V003": "nothing can be fetched here",
            "give the path of a bzImage, with its config beside it as `config-<release>`, instead of a name";
        /// apt or dpkg failed; `detail` has its last words.
        Fetch = "V004": "fetching failed",
            "check the network and the machine's apt sources, then fetch again";
        /// The package does not hold what a kernel package holds.
        PackageContent = "V005": "the package does not hold what it should",
            "give a `linux-image-*` package, or fetch the kernel or QEMU again";
        /// Another kernel runs than the one that was to be booted.
        ReleaseMismatch = "V006": "another kernel runs than the one that was to be booted",
            "run again: what was damaged has been removed; a kernel has to be fetched anew, and one given by a path is yours to look at";
        /// A file of the cache is no longer what was put there, or changed while it was booted.
        Changed = "V007": "a file is no longer what it was",
            "run again: what was damaged has been removed; a kernel has to be fetched anew, and one given by a path is yours to look at";
        /// A kernel tree has options not set that the guest needs.
        KernelOptions = "V008": "the kernel lacks options that the guest needs",
            "run these lines in the tree, then `make olddefconfig` and build it again";
        /// A program that the scenario names is nowhere on `PATH`.
        ProgramNotFound = "V010": "a program of the scenario is not on PATH",
            "install the program on this machine, or put its directory on PATH";
        /// A shared library that a packed program needs is not on this machine.
        LibraryNotFound = "V011": "a library of a program is not on this machine",
            "install the library on this machine, or use a static build of the program";
        /// The image would not fit in the guest's memory.
        ImageTooLarge = "V012": "the image does not fit into the guest's memory",
            "give the guest more memory, or pack fewer files";
        /// A file or directory could not be read or written.
        Io = "V013": "a file or directory could not be read or written",
            "check that the path exists, that it may be used, and that the disk has room";
        /// A directory that we would trust is another user's, or others can write to it.
        NotPrivate = "V014": "a directory is not to be trusted",
            "name a directory of your own by XDG_CACHE_HOME (or HOME), or make this one yours alone with `chown` and `chmod 700`";
        /// There is no QEMU on this machine.
        QemuMissing = "V020": "there is no QEMU here",
            "fetch it, or install it (on Debian: `apt-get install --no-install-recommends qemu-system-x86`)";
        /// QEMU ended with an error of its own.
        QemuFailed = "V021": "QEMU ended with an error of its own",
            "read QEMU's words above; the command line is in the report";
        /// Somebody killed QEMU.
        QemuKilled = "V022": "QEMU was killed",
            "find out who killed it (the host's out-of-memory killer is in its kernel log) and run again";
        /// KVM was asked for and does not get a kernel to start.
        KvmUnusable = "V023": "KVM is not usable",
            "use TCG, which is also the only way to a run that repeats";
        /// A topology that QEMU cannot build.
        Topology = "V024": "a guest cannot have this topology",
            "ask for at most 255 CPUs and 64 nodes, with no number 0";
        /// A saved state could not be made or used.
        State = "V025": "the saved state is unusable",
            "run cold, or delete the saved state and let it be made again";
        /// QEMU itself went wrong: the guest's kernel, or a program in it, died of a state that no CPU can
        /// be in.
        EmulatorFault = "V026": "QEMU executed the guest wrongly",
            "take another seed, or another version of QEMU";
        /// A report that cannot be run again.
        Replay = "V027": "the report cannot be run again",
            "give the JSON report of a run in a virtual machine";
        /// The guest's kernel found no program to start.
        NoInit = "V031": "the guest's kernel found no init",
            "give a kernel with initramfs and ELF support built in";
        /// The guest's kernel could not unpack its image.
        BrokenImage = "V032": "the guest's kernel could not unpack its image",
            "build the image again, and give the guest more memory if it is large";
        /// The guest ran out of memory.
        OutOfMemory = "V033": "the guest ran out of memory",
            "give the guest more memory, or limit the scenario's workers with `memory.max`";
        /// The guest program did not begin in time. One that has begun and gives no answer is a
        /// [`Finding`](crate::Finding).
        NoStart = "V034": "the guest program did not begin in time",
            "run again on a host that does less; if it stays, read the console for what the boot hangs on";
        /// The caller ended the run.
        Interrupted = "V035": "the run was interrupted", "run it again";
        /// The guest sees other CPUs or nodes than were asked for.
        TopologyMismatch = "V036": "the guest sees another machine than was asked for",
            "use another QEMU or a simpler topology";
        /// The guest program could not do its work.
        Guest = "V037": "the guest program failed", "read the reason and the console";
        /// The guest ended without an answer and said nothing of why.
        NoAnswer = "V038": "the guest ended without an answer",
            "read the console; run again with a longer timeout if it is empty";
        /// The guest, as a machine, cannot carry the scenario.
        Scenario = "V039": "the guest cannot carry the scenario",
            "give the guest another topology or kernel, or change the scenario";
        /// The bytes end inside a frame.
        Torn = "V040": "the guest's answer is torn",
            "run again; if it stays, the guest program and the host program are different builds";
        /// The bytes do not begin as a frame does, or the checksum differs.
        Corrupt = "V041": "the guest's answer is corrupt",
            "run again; if it stays, the guest program and the host program are different builds";
        /// The frame promises more than [`MAX_PAYLOAD`].
        Oversized = "V042": "the guest's answer is too large",
            "run again; if it stays, the guest program and the host program are different builds";
        /// The other side speaks another version.
        Version = "V043": "the guest program is another build",
            "run again; if it stays, the guest program and the host program are different builds";
        /// The channel ended before an answer.
        Missing = "V044": "the channel ended without an answer",
            "run again; if it stays, the guest program and the host program are different builds";
        /// The payload is whole but is no message.
        Undecodable = "V045": "the guest's answer is no message",
            "run again; if it stays, the guest program and the host program are different builds";
        /// More came than one guest has to say.
        Flood = "V046": "the guest sent more than one guest has to say",
            "run again; if it stays, the guest program and the host program are different builds";
        /// The message is none that comes at this place.
        OutOfPlace = "V047": "a message of the guest came at the wrong place",
            "run again; if it stays, the guest program and the host program are different builds";
        /// The answer is not to what was asked.
        Forged = "V048": "the guest's answer is not to what was asked",
            "look at what the scenario's programs do with the guest: one of them has written to the host in place of the guest program";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A code that no error has would be explained for nothing; each kind of error has one of its own.
    #[test]
    fn codes_are_in_order_and_each_is_of_one_error() {
        assert!(VmCode::ALL.is_sorted_by(|one, other| one.code() < other.code()));
        let source = [include_str!("../error.rs"), include_str!("../frame.rs")].concat();
        for code in VmCode::ALL {
            let given = source.matches(&format!("=> VmCode::{},", code.info().name)).count();
            assert_eq!(given, 1, "{code:?}");
        }
    }
}
