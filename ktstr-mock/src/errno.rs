//! Error numbers of the modelled kernel, by the kernel's own names.
//! Turning one into a fault of the core is the backend's work.

/// An error number, as Linux counts them on x86-64 and arm64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Errno(pub i32);

macro_rules! errnos {
    ($($name:ident = $number:literal, $what:literal;)*) => {
        impl Errno {
            $(#[doc = $what] pub const $name: Self = Self($number);)*

            /// The kernel's name for it, `E?` for one that the model never gives.
            pub const fn name(self) -> &'static str {
                match self.0 {
                    $($number => stringify!($name),)*
                    _ => "E?",
                }
            }

            /// The number with this name, if the model ever gives it.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $(stringify!($name) => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

/// For code under test that speaks of files: the mock in place of a cgroup file system.
impl From<Errno> for std::io::Error {
    fn from(errno: Errno) -> Self {
        Self::from_raw_os_error(errno.0)
    }
}

errnos! {
    EPERM = 1, "Not permitted.";
    ENOENT = 2, "No such file, directory or controller.";
    ESRCH = 3, "No such process.";
    EINTR = 4, "A signal came in between.";
    EIO = 5, "Input or output failed.";
    E2BIG = 7, "More text than a control file takes.";
    ENOEXEC = 8, "Not a program.";
    ECHILD = 10, "Not a child of the caller.";
    EAGAIN = 11, "A limit is reached, or the child has not ended.";
    ENOMEM = 12, "No memory.";
    EACCES = 13, "The file does not allow this.";
    EBUSY = 16, "In use.";
    EEXIST = 17, "Exists already.";
    ENODEV = 19, "The cgroup or device is not there any more.";
    ENOTDIR = 20, "Not a directory.";
    EINVAL = 22, "Not a value that is understood.";
    ENOSPC = 28, "Would leave tasks without a CPU or memory node.";
    EROFS = 30, "The file system is read-only.";
    ERANGE = 34, "A number out of range.";
    ENAMETOOLONG = 36, "A name of more than 255 bytes.";
    EOVERFLOW = 75, "A number that does not fit.";
    EOPNOTSUPP = 95, "The cgroup's type does not allow this.";
    ETIMEDOUT = 110, "Not confirmed in time.";
}

impl core::fmt::Debug for Errno {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self.name() {
            "E?" => write!(f, "Errno({})", self.0),
            name => f.write_str(name),
        }
    }
}

impl core::fmt::Display for Errno {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Debug::fmt(self, f)
    }
}

impl core::error::Error for Errno {}
